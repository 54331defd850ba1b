"""The made-up knowledge base as a fixture, and engines over it."""

import pytest
from diagnosis_toy import make_knowledge

from osler.diagnosis.engine import Engine


@pytest.fixture(scope="session")
def toy(tmp_path_factory):
    """The made-up knowledge base."""
    return make_knowledge()


@pytest.fixture(scope="session")
def toy_cache(tmp_path_factory):
    """A cache folder of the toy's own, set while its engines are made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="session")
def toy_engine(toy, toy_cache):
    """Makes engines over the toy, one per method."""
    made = {}

    def make(method="embedded", **options):
        if options:
            return Engine(toy, method, **options)
        if method not in made:
            made[method] = Engine(toy, method)
        return made[method]

    return make
