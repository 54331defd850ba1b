"""Loads the compiled HPO of one release, compiling it first where the cache does not have it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from osler.data.arrays import Arrays
from osler.data.cache import cached_arrays
from osler.data.progress import progress
from osler.errors import InputError, UsageError
from osler.ontology.hpo import FORMAT, PHENOTYPIC_ROOT, Ontology, compile_ontology, compile_texts
from osler.ontology.obo import OntologyFile, TermRecord, read_ontology
from osler.ontology.releases import ReleaseFiles, find_release, rows_release

# Term records, and the question text of those that have one.
Reader = Callable[[], tuple[Sequence[TermRecord], Mapping[str, str]]]


def load_ontology(spec: str = "hpo") -> Ontology:
    """The HPO named by `spec` ("hpo", "hpo@2023-01-27"); see `find_release` for where releases are looked for."""
    name, _, release = spec.partition("@")
    if name != "hpo":
        raise UsageError(f"{spec!r} is no ontology; it is hpo or hpo@RELEASE.")
    return ontology_of(find_release(release))


@lru_cache(maxsize=4)
def ontology_of(files: ReleaseFiles) -> Ontology:
    """The ontology of these files; one object per process."""
    release = rows_release(files.rows)
    return compiled_ontology("hpo", release, files.checksum(), lambda: (read_terms(files).terms, {}))


def compiled_ontology(name: str, release: str, checksum: str, read: Reader) -> Ontology:
    """An ontology from the cache; `read` is called at most once, and only when something has to be compiled."""
    memory: list[tuple[Sequence[TermRecord], Mapping[str, str]]] = []

    def once() -> tuple[Sequence[TermRecord], Mapping[str, str]]:
        if not memory:
            with progress(f"Reading the terms of {name} {release}", None):
                memory.append(read())
        return memory[0]

    def terms() -> Arrays:
        try:
            return compile_ontology(
                once()[0], name=name, release=release, checksum=checksum, root=PHENOTYPIC_ROOT
            )
        except ValueError as error:
            raise InputError(
                f"The terms of {name} {release} are damaged ({error}); fetch them again."
            ) from None

    key = f"{name}-{checksum}-f{FORMAT}"
    arrays = cached_arrays(f"{key}-terms", terms)
    ontology = Ontology(arrays, lambda: cached_arrays(f"{key}-texts", lambda: compile_texts(*once())))
    if memory:  # the texts will be wanted too, and the file is in memory now
        ontology.definition(0)
        memory.clear()
    return ontology


def read_terms(files: ReleaseFiles) -> OntologyFile:
    """The terms file, checked to be the HPO and of the same release as the annotations beside it."""
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
