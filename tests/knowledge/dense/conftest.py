"""A data folder of the test's own, and two corpora."""

from __future__ import annotations

from pathlib import Path

import pytest
from dense_rows import write_rows

from osler.knowledge.corpus.ingest import add


@pytest.fixture(autouse=True)
def own_data(tmp_path, monkeypatch) -> Path:
    """Where corpora are kept: `tmp_path/share/osler/corpora`."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share" / "osler" / "corpora"


@pytest.fixture
def small(tmp_path) -> Path:
    """The corpus `small` of five documents; gives its source."""
    source = write_rows(tmp_path / "small.jsonl")
    add("small", source)
    return source


@pytest.fixture
def many(tmp_path) -> Path:
    """The corpus `many` of 700 short documents, more than two blocks; gives its source."""
    rows = [
        (
            str(n),
            f"Topic {n}",
            f"Case {n} has finding{n % 37} and sign{n % 11}.",
            f"S{n % 5}",
            str(2000 + n % 20),
        )
        for n in range(700)
    ]
    source = write_rows(tmp_path / "many.jsonl", rows)
    add("many", source)
    return source
