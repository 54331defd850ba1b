"""No key, address, price table or cache of the machine's own reaches a test of language models."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _nothing_of_the_machine(monkeypatch, tmp_path):
    for name in ("OPENAI_API_KEY", "OSLER_API_KEY", "OPENAI_BASE_URL", "OSLER_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
