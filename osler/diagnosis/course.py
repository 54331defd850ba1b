"""When diseases begin and how they are inherited: small tables compiled from the profiles' rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osler.knowledge.profiles import C as COURSE
from osler.knowledge.profiles import I as INHERITANCE
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology

# Bins of age at onset: an HPO term, and the last day (from birth) that belongs to it.
ONSETS = (
    ("HP:0030674", -1.0),  # antenatal
    ("HP:0003577", 0.0),  # congenital
    ("HP:0003623", 28.0),  # neonatal
    ("HP:0003593", 365.25),  # infantile
    ("HP:0011463", 5 * 365.25),  # childhood
    ("HP:0003621", 16 * 365.25),  # juvenile
    ("HP:0003581", float("inf")),  # adult
)
MODES = ("HP:0000006", "HP:0000007", "HP:0001419", "HP:0001423", "HP:0001417", "HP:0001427")
DOMINANT, RECESSIVE, X_RECESSIVE, X_DOMINANT, X_LINKED, MITOCHONDRIAL = range(6)


@dataclass(frozen=True)
class CourseTables:
    """What compiling needs of the whole ontology: which terms lie under each onset bin and each mode of inheritance."""

    onset: np.ndarray
    modes: np.ndarray


def course_tables(knowledge: Knowledge) -> CourseTables:
    """The tables of a knowledge base (bool[terms, 7], bool[terms, 6])."""
    return CourseTables(
        _memberships(knowledge.ontology, tuple(term for term, _ in ONSETS)),
        _memberships(knowledge.ontology, MODES),
    )


def compile_course(
    knowledge: Knowledge, tables: CourseTables, rows: np.ndarray, diseases: np.ndarray
) -> dict[str, np.ndarray]:
    """Course of some diseases from their rows.

    `onset` (float32[n, 7]): weight of reported onsets per bin, a row counting like its patients up to twenty;
    `modes` (bool[n, 6]): modes of inheritance in the order of `MODES`.
    """
    table, n = knowledge.rows, len(diseases)
    owner = np.searchsorted(diseases, table.disease[rows])
    onset = np.zeros((n, len(ONSETS)), np.float32)
    modes = np.zeros((n, len(MODES)), bool)
    usable = ~table.negated[rows]
    at = np.flatnonzero(usable & (table.aspect[rows] == COURSE))
    share = tables.onset[table.term[rows[at]]].astype(np.float32)
    share /= np.maximum(share.sum(1, keepdims=True), 1)
    weight = np.where(table.num[rows[at]] > 0, np.minimum(table.num[rows[at]], 20), 1)
    np.add.at(onset, owner[at], share * weight[:, None])
    at = np.flatnonzero(usable & (table.aspect[rows] == INHERITANCE))
    np.logical_or.at(modes, owner[at], tables.modes[table.term[rows[at]]])
    return {"onset": onset, "modes": modes}


def onset_bin(days: float | None, term: int, ontology: Ontology) -> int:
    """The bin of an age of onset in days, or of an onset term; -1 where neither says."""
    if days is not None:
        return next(i for i, (_, last) in enumerate(ONSETS) if days <= last)
    if term >= 0:
        for i, (root, _) in enumerate(ONSETS):
            if root in ontology and ontology.is_a(term, ontology.index(root)):
                return i
    return -1


def _memberships(ontology: Ontology, roots: tuple[str, ...]) -> np.ndarray:
    """Which terms lie under each of the roots (bool[terms, roots])."""
    result = np.zeros((len(ontology), len(roots)), bool)
    for i, root in enumerate(roots):
        if root in ontology:
            result[ontology.descendants.row(ontology.index(root)), i] = True
    return result
