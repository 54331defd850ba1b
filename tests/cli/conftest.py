"""Runs `osler …` in process and gives back exit code, standard output and standard error."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "letter.txt"


@dataclass
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON object it must be."""
        return json.loads(self.out)


@pytest.fixture
def osler(capfd, monkeypatch):
    """`osler("diagnose", "letter.txt", "--json")` → Ran."""
    from osler.cli.main import main
    from osler.cli.output import settings

    def run(*words: str, stdin: bytes | None = None) -> Ran:
        if stdin is not None:
            read_end, write_end = os.pipe()
            os.write(write_end, stdin)
            os.close(write_end)
            monkeypatch.setattr("sys.stdin", os.fdopen(read_end, encoding="utf-8"))
        settings.quiet = settings.debug = False
        capfd.readouterr()
        with pytest.raises(SystemExit) as stopped:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        return Ran(int(stopped.value.code or 0), out, err)

    return run


@pytest.fixture
def letter() -> Path:
    """The example letter of `make run`."""
    return EXAMPLE
