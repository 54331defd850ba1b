"""Loads the compiled HPO of one release, compiling it first where the cache does not have it."""

from __future__ import annotations

from functools import lru_cache

from osler.data.arrays import Arrays
from osler.data.cache import cached_arrays
from osler.data.progress import progress
from osler.errors import InputError
from osler.ontology.hpo import FORMAT, PHENOTYPIC_ROOT, Ontology, compile_ontology, compile_texts
from osler.ontology.obo import OntologyFile, read_ontology
from osler.ontology.releases import ReleaseFiles, find_release, rows_release


def load_ontology(spec: str = "hpo") -> Ontology:
    """The HPO named by `spec` ("hpo", "hpo@2023-01-27"); see `find_release` for where releases are looked for."""
    name, _, release = spec.partition("@")
    if name != "hpo":
        raise InputError(f"{spec!r} is no ontology; it is hpo or hpo@RELEASE.")
    return ontology_of(find_release(release))


@lru_cache(maxsize=4)
def ontology_of(files: ReleaseFiles) -> Ontology:
    """The ontology of these files; one object per process."""
    checksum = files.checksum()
    parsed: list[OntologyFile] = []

    def read() -> OntologyFile:
        if not parsed:
            with progress(f"Reading {files.terms.name}", None):
                parsed.append(_read(files))
        return parsed[0]

    def compile_terms() -> Arrays:
        file = read()
        try:
            return compile_ontology(
                file.terms, name="hpo", release=file.release, checksum=checksum, root=PHENOTYPIC_ROOT
            )
        except ValueError as error:
            raise InputError(f"{files.terms.name} is damaged ({error}); fetch it again.") from None

    key = f"hpo-{checksum}-f{FORMAT}"
    arrays = cached_arrays(f"{key}-terms", compile_terms)
    ontology = Ontology(arrays, lambda: cached_arrays(f"{key}-texts", lambda: compile_texts(read().terms)))
    if parsed:  # both are wanted sooner or later, and the file is in memory now
        ontology.definition(0)
    return ontology


def _read(files: ReleaseFiles) -> OntologyFile:
    """The terms file, checked to be of the same release as the annotations beside it."""
    file = read_ontology(files.terms)
    rows = rows_release(files.rows)
    if file.release and rows and file.release != rows:
        raise InputError(
            f"{files.terms.name} is release {file.release} but {files.rows.name} is release {rows}; "
            "put the two files of one HPO release in the folder."
        )
    terms = [term for term in file.terms if term.id.startswith("HP:")]
    if not any(term.id == PHENOTYPIC_ROOT for term in terms):
        raise InputError(
            f"{files.terms.name} has no term {PHENOTYPIC_ROOT}; it is not the Human Phenotype Ontology."
        )
    return OntologyFile(file.release or rows, terms)
