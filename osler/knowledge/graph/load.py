"""Loads a graph: Osler's own from what is at hand, or one in another's layout, compiled once into the cache."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from osler import registry
from osler.data.arrays import Arrays
from osler.data.cache import cached_arrays, digest
from osler.data.checksums import file_checksum
from osler.data.paths import data_dir
from osler.data.progress import progress
from osler.data.store import used_paths
from osler.errors import InputError, SourceError
from osler.knowledge.graph.action_sources import add_loinc2hpo, add_maxo, add_pharmacotherapy
from osler.knowledge.graph.build import FORMAT, Builder
from osler.knowledge.graph.code_sources import add_calculators, add_icd10cm, add_mondo_codes
from osler.knowledge.graph.disease_sources import add_disease_ontology, add_mondo
from osler.knowledge.graph.hpo_source import add_genes, add_profiles, add_terms
from osler.knowledge.graph.importers import add_edge_list, add_hetionet, add_primekg, files_of, layout_of
from osler.knowledge.graph.qkg_source import add_qkg
from osler.knowledge.graph.store import Graph
from osler.knowledge.graph.umls_source import add_umls
from osler.knowledge.load import load_knowledge

OWN = "osler"
# In this order: later sources name nodes that earlier ones made.
_OPTIONAL: dict[str, tuple[Callable[[Builder, Path], None], tuple[str, ...]]] = {
    "mondo": (add_mondo, ("*.zip", "*.tsv")),
    "disease-ontology": (add_disease_ontology, ("*.zip",)),
    "pharmacotherapydb": (add_pharmacotherapy, ("catalog.xlsx",)),
    "maxo": (add_maxo, ("maxo.obo",)),
    "loinc2hpo": (add_loinc2hpo, ("**/*annotations*.tsv", "**/LoincTableCore*.csv")),
    "icd10cm": (add_icd10cm, ("*.zip", "**/icd10cm*order*.txt")),
}
_LAYOUTS = {
    "primekg": add_primekg, "hetionet": add_hetionet, "umls": add_umls, "qkg": add_qkg, "edges": add_edge_list,
}  # fmt: skip


def load_graph(spec: str = OWN) -> Graph:
    """The graph that `spec` names: "osler" (built from what is at hand), or the path of a graph file or folder.

    A path is PrimeKG's kg.csv, a folder with it and QKG's facts, a folder with the tables of Hetionet or the UMLS, QKG's facts
    alone, or an edge list (docs/graph.md). Compiled on first use,
    and again when a file changes. Raises InputError where a named file cannot be read.
    """
    return (
        _own(_at_hand()) if spec == OWN else _imported(Path(spec).expanduser().resolve(), _stamp(Path(spec)))
    )


def _stamp(path: Path) -> tuple[int, ...]:
    """Something that changes when a file of the graph does, so that a long-lived process sees it."""
    path = path.expanduser().resolve()
    return tuple(
        file.stat().st_mtime_ns for file in (files_of(path) if path.exists() else ()) if file.exists()
    )


def _at_hand() -> tuple[tuple[str, Path | None], ...]:
    """Each optional source and its folder, None where it is not there."""
    found = []
    for name, (_, patterns) in _OPTIONAL.items():
        root = data_dir()
        places = [*used_paths(name), *([root / name] if root else [])]
        there = next(
            (p for p in places if p.is_dir() and any(any(p.glob(pattern)) for pattern in patterns)), None
        )
        found.append((name, there))
    return tuple(found)


@lru_cache(maxsize=2)
def _own(folders: tuple[tuple[str, Path | None], ...]) -> Graph:
    knowledge = load_knowledge("hpo")
    parts: list[object] = [FORMAT, knowledge.checksum, registry.checksum("calculator")]
    for name, folder in folders:
        files = sorted({f for pattern in _OPTIONAL[name][1] for f in folder.glob(pattern)}) if folder else []
        parts += [name, *(file_checksum(file) for file in files if file.is_file())]
    checksum = digest(*parts)

    def build() -> Arrays:
        builder = Builder()
        with progress("Building the graph", 4 + len(folders)) as advance:
            add_terms(builder, knowledge.ontology)
            advance(1)
            add_profiles(builder, knowledge)
            advance(1)
            add_genes(builder, knowledge.release)
            for name, folder in folders:
                if name == "icd10cm" and folder is not None and (mondo := dict(folders)["mondo"]) is not None:
                    add_mondo_codes(builder, mondo)
                _add_optional(builder, name, folder)
                advance(1)
            add_calculators(builder)
            advance(1)
            return builder.compile({"name": OWN, "checksum": checksum})

    return Graph(cached_arrays(f"graph-{OWN}-{checksum}", build))


def _add_optional(builder: Builder, name: str, folder: Path | None) -> None:
    """One optional source; where it is missing or broken the graph is built without it and says so."""
    if folder is None:
        builder.notices.append(
            f"{name}: not at hand, so left out (OSLER_DATA/{name}, or osler data use {name} PATH)"
        )
        return
    try:
        _OPTIONAL[name][0](builder, folder)
    except (InputError, SourceError) as error:
        builder.notices.append(f"{name}: not whole ({error})")


@lru_cache(maxsize=2)
def _imported(path: Path, stamp: tuple[int, ...]) -> Graph:
    layout = layout_of(path)
    checksum = digest(FORMAT, layout, *(file_checksum(file) for file in files_of(path)))

    def build() -> Arrays:
        builder = Builder()
        with progress(f"Reading the graph {path.name}", None):
            _LAYOUTS[layout](builder, path)
            if not len(builder.tail):
                raise InputError(f"{path} holds no edge")
            return builder.compile({"name": path.name, "checksum": checksum})

    return Graph(cached_arrays(f"graph-{layout}-{checksum}", build))
