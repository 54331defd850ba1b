"""Loads a knowledge base by name, compiling it first where the cache does not have it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal

from osler.data.arrays import Arrays
from osler.data.cache import cached_arrays, digest
from osler.data.checksums import file_checksum
from osler.data.paths import data_dir
from osler.data.progress import progress
from osler.data.store import used_paths
from osler.errors import UsageError
from osler.knowledge.compile import FORMAT, compile_knowledge
from osler.knowledge.hpoa import Annotation, read_hpoa
from osler.knowledge.profiles import Knowledge
from osler.knowledge.supplement import read_supplement, supplement_file
from osler.ontology.hpo import Ontology
from osler.ontology.load import ontology_of
from osler.ontology.mondo import mondo_files, read_equivalents
from osler.ontology.releases import ReleaseFiles, find_release

Supplement = Literal["diseases", "all", "none"]


def load_knowledge(
    spec: str = "hpo", *, supplement: Supplement = "diseases", mondo: bool = True
) -> Knowledge:
    """The knowledge base that `spec` names: "hpo" (the packaged release), "hpo@2023-01-27", "ddxplus", "hpo+ddxplus".

    `supplement` says what a later release without frequencies (the hpo3 package) adds to the packaged one: "diseases"
    that it lacks, "all" (also rows of diseases it has), or "none". A release named with @ is never supplemented.
    `mondo=False` merges disease ids by name even where Mondo's mappings are there. Raises UsageError for an unknown
    name, SourceError when files are missing, InputError when they are damaged.
    """
    parts = spec.split("+")
    if len(set(parts)) != len(parts) or not all(
        part.partition("@")[0] in ("hpo", "ddxplus") for part in parts
    ):
        raise UsageError(
            f"{spec!r} is no knowledge base; there are hpo, hpo@RELEASE, ddxplus and hpo+ddxplus."
        )
    return _load_hpo(find_release(parts[0].partition("@")[2]), "none" if "@" in spec else supplement, mondo)


def packaged_disease_ids() -> frozenset[str]:
    """Original ids (OMIM:…, ORPHA:…, DECIPHER:…) of the diseases with a phenotype in the packaged release alone.

    Fixed by that release: neither OSLER_DATA, nor a supplement, nor merging changes it.
    """
    knowledge = load_knowledge("hpo", supplement="none", mondo=False)
    rows = knowledge.rows
    profiled = rows.source_id[(rows.aspect == 0) & ~rows.negated]
    ids = knowledge.source_ids
    return frozenset(ids[int(i)] for i in set(profiled.tolist()))


def _load_hpo(files: ReleaseFiles, supplement: Supplement, mondo: bool) -> Knowledge:
    folder = _mondo_folder() if mondo else None
    return _cached(files, supplement if supplement_file() else "none", folder)


@lru_cache(maxsize=4)
def _cached(files: ReleaseFiles, supplement: Supplement, folder: Path | None) -> Knowledge:
    ontology = ontology_of(files)
    extra = supplement_file() if supplement != "none" else None
    parts: list[object] = [ontology.checksum, FORMAT, supplement]
    parts += [file_checksum(extra)] if extra else []
    parts += [file_checksum(path) for path in mondo_files(folder)] if folder else []
    checksum = digest(*parts)

    def build() -> Arrays:
        with progress(f"Compiling disease profiles of HPO {ontology.release}", 4) as advance:
            rows = read_hpoa(files.rows).rows
            advance(1)
            added, source = [], ""
            if extra:
                found = read_supplement(extra, ontology)
                added = _new_rows(found.rows, rows, supplement, ontology)
                source = f"hpo3 {found.release}"
            advance(1)
            meta = {"name": "hpo", "release": ontology.release, "checksum": checksum, "supplement": source}
            equivalent = read_equivalents(folder) if folder else None
            advance(1)
            return compile_knowledge(rows, ontology, supplement=added, equivalent=equivalent, meta=meta)

    return Knowledge(cached_arrays(f"knowledge-hpo-{checksum}", build), ontology)


def _new_rows(
    found: Sequence[Annotation], rows: Sequence[Annotation], supplement: Supplement, ontology: Ontology
) -> list[Annotation]:
    """The supplement's rows that say something new: of diseases without rows, and for "all" of unstated terms too."""
    own = {row.disease for row in rows}
    if supplement != "all":
        return [row for row in found if row.disease not in own]
    stated = {(row.disease, ontology.resolve(row.term).id) for row in rows}
    return [row for row in found if (row.disease, row.term) not in stated]


def _mondo_folder() -> Path | None:
    """Where Mondo's mappings are: what `osler data use mondo` recorded, else OSLER_DATA/mondo, else nowhere."""
    root = data_dir()
    candidates = [*used_paths("mondo"), *([root / "mondo"] if root else [])]
    return next((path for path in candidates if path.exists() and mondo_files(path)), None)
