"""Newer profiles from the installed hpo3 package, which carries a later HPO release without frequencies or citations.

hpo3's compiled module is loaded by its file, so that the Python package of the same import name (pyhpo) is never run.
Every row made here cites only the release, as "hpo3 2025-11-24": its publication is unknown.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from osler.knowledge.hpoa import Annotation
from osler.ontology.hpo import Ontology

# Roots of the branches that are not phenotypic abnormalities, with the aspect letter of annotations to them.
_ASPECT_ROOTS = {
    "HP:0000118": "P",
    "HP:0000005": "I",
    "HP:0031797": "C",
    "HP:0012823": "M",
    "HP:0032443": "H",
}


@dataclass(frozen=True, slots=True)
class Supplement:
    """The later release's name and its profiles as annotation rows, in the order of disease ids and terms."""

    release: str
    rows: list[Annotation]


def supplement_file() -> Path | None:
    """The compiled module of the installed hpo3, None where hpo3 is not installed."""
    spec = importlib.util.find_spec("pyhpo")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for suffix in importlib.machinery.EXTENSION_SUFFIXES:
            path = Path(folder) / f"pyhpo{suffix}"
            if path.is_file():
                return path
    return None


def read_supplement(path: Path, ontology: Ontology) -> Supplement:
    """All OMIM and ORPHA profiles of hpo3 with terms of `ontology`; about 1.2 s.

    A term that `ontology` does not know becomes its nearest known ancestors in hpo3's own hierarchy.
    """
    module = _load(path)
    graph = module.Ontology
    try:
        len(graph)
    except NameError:  # not built yet; building twice would print a warning
        graph()
    release = str(graph.version())
    translate = _translation(graph, ontology)
    rows = []
    for prefix, diseases in (("OMIM", graph.omim_diseases), ("ORPHA", graph.orpha_diseases)):
        for disease in sorted(diseases, key=lambda d: d.id):
            terms = sorted({known for term in disease.hpo for known in translate.get(term, ())})
            for index, aspect in terms:
                rows.append(_row(f"{prefix}:{disease.id:06d}" if prefix == "OMIM" else f"{prefix}:{disease.id}",
                                 disease.name, ontology.ids[index], aspect, release))  # fmt: skip
    return Supplement(release, rows)


def _load(path: Path) -> ModuleType:
    name = "osler_hpo3.pyhpo"  # the last part must be the name that the module was built under
    loader = importlib.machinery.ExtensionFileLoader(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    if spec is None:
        raise ImportError(f"{path} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def _translation(graph: Iterable, ontology: Ontology) -> dict[int, list[tuple[int, str]]]:
    """hpo3's term number → known terms (index, aspect): itself, or its nearest known ancestors."""
    parents = {int(term): [int(parent) for parent in term.parents] for term in graph}
    roots = {ontology.index(root): letter for root, letter in _ASPECT_ROOTS.items() if root in ontology}

    def known(term: int) -> set[int]:
        index = ontology.resolve(f"HP:{term:07d}").index
        if index >= 0:
            return {index}
        return {found for parent in parents.get(term, ()) for found in known(parent)}

    def aspect(index: int) -> str:
        above = set(ontology.ancestors.row(index).tolist())
        return next((letter for root, letter in roots.items() if root in above), "")

    found = {term: [(index, aspect(index)) for index in known(term)] for term in parents}
    return {term: [pair for pair in pairs if pair[1]] for term, pairs in found.items()}


def _row(disease: str, name: str, term: str, aspect: str, release: str) -> Annotation:
    return Annotation(
        disease=disease, name=name, term=term, negated=False, references=(f"hpo3 {release}",), evidence="", onset="",
        frequency=math.nan, num=0, den=0, frequency_class="", sex="", modifiers=(), aspect=aspect, curated="",
    )  # fmt: skip
