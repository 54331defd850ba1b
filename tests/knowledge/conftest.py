"""A hand-written HPO release of ten terms and four diseases, and Knowledge compiled from it."""

from pathlib import Path

import pytest

from osler.data.arrays import Arrays
from osler.knowledge.compile import compile_knowledge
from osler.knowledge.hpoa import read_hpoa
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology, compile_ontology, compile_texts
from osler.ontology.obo import read_ontology

SMALL = Path(__file__).parent.parent / "fixtures" / "hpo-small"


@pytest.fixture(scope="session")
def small_folder() -> Path:
    """The folder with hp.obo and phenotype.hpoa."""
    return SMALL


@pytest.fixture(scope="session")
def small_ontology() -> Ontology:
    records = read_ontology(SMALL / "hp.obo").terms
    arrays = compile_ontology(records, name="hpo", release="2030-02-03", checksum="x", root="HP:0000118")
    return Ontology(arrays, lambda: compile_texts(records))


@pytest.fixture(scope="session")
def small_rows():
    return read_hpoa(SMALL / "phenotype.hpoa").rows


@pytest.fixture(scope="session")
def build(small_ontology, small_rows):
    """Compile Knowledge over the small ontology; keyword arguments as `compile_knowledge`."""

    def make(rows=None, **options) -> Knowledge:
        meta = {"name": "hpo", "release": "2030-02-03", "checksum": "y"}
        arrays: Arrays = compile_knowledge(
            small_rows if rows is None else rows, small_ontology, meta=meta, **options
        )
        return Knowledge(arrays, small_ontology)

    return make


@pytest.fixture(scope="session")
def small(build) -> Knowledge:
    return build()
