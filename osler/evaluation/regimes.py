"""The regimes: how much of the knowledge was written from the very publication that a case comes from.

    as-is            every case, the knowledge as it stands (includes what leaks)
    not-cited        cases whose publication no row of the true disease's profile cites
    not-cited-clean  of those, the ones where every row of that profile names its publications, so that "not cited"
                     is known; elsewhere some rows have unknown provenance (they cite only OMIM, for instance)
    leave-out        rows that cite the case's publication are taken away from every disease; a profile that is
                     emptied by this is a miss

A regime is a set of cases together with a view of the knowledge ("full" or "leave-out"). A case that names no
publication is only in as-is. The true disease is the merged one (all its ids); its profile is all its rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np

from osler.benchmarks.items import Reference
from osler.knowledge.profiles import Knowledge, P

Regime = Literal["as-is", "not-cited", "not-cited-clean", "leave-out"]
View = Literal["full", "leave-out"]
REGIMES: tuple[Regime, ...] = get_args(Regime)


def view_of(regime: Regime) -> View:
    """The view of the knowledge that a regime ranks with."""
    return "leave-out" if regime == "leave-out" else "full"


@dataclass(frozen=True)
class Standing:
    """Where a case's diagnosis stands in the knowledge; what decides which regimes the case belongs to.

    `listed`: has a profile in the packaged default release. `profile`: has one in the knowledge in use. `cited`: a
    row of it cites the case's publication (None: the case names none). `clean`: every row of it names a publication.
    `emptied`: without the rows that cite the case's publication nothing is left of it.
    """

    listed: bool
    profile: bool
    cited: bool | None
    clean: bool
    emptied: bool


class RegimeView:
    """Tells the standing of cases in one knowledge base. `listed` is `packaged_disease_ids()`."""

    def __init__(self, knowledge: Knowledge, listed: frozenset[str]) -> None:
        self.knowledge = knowledge
        self.listed = listed
        named = np.array([reference.startswith("PMID:") for reference in knowledge.references], dtype=bool)
        hits = np.r_[0, np.cumsum(named[knowledge.ref_indices])] if len(named) else np.zeros(1, int)
        self._names_publication = hits[knowledge.ref_indptr[1:]] > hits[knowledge.ref_indptr[:-1]]

    def true_diseases(self, reference: Reference) -> list[int]:
        """Positions of the accepted diagnoses that the knowledge has a phenotype row of."""
        found = (self.knowledge.disease_index(name) for name in reference.diseases)
        return sorted({i for i in found if i is not None and self._phenotype(i).any()})

    def series_members(self, diseases: list[int]) -> np.ndarray:
        """Positions of all members of the series that the given diseases belong to, themselves included."""
        return np.flatnonzero(np.isin(self.knowledge.series, self.knowledge.series[diseases]))

    def standing(self, reference: Reference) -> Standing:
        """Where a case's diagnosis stands; see `Standing`. Several accepted diagnoses count together."""
        true = self.true_diseases(reference)
        citing = self.citing_rows(reference)
        rows = [np.r_[self.knowledge.rows_of(disease)] for disease in true]
        left = (np.setdiff1d(mine[self._phenotype(d)], citing) for d, mine in zip(true, rows, strict=True))
        profile = np.concatenate(rows) if rows else np.empty(0, int)
        return Standing(
            listed=any(name in self.listed for name in reference.diseases),
            profile=bool(true),
            cited=bool(np.isin(profile, citing).any()) if reference.publications else None,
            clean=bool(self._names_publication[profile].all()),
            emptied=not any(map(len, left)),
        )

    def citing_rows(self, reference: Reference) -> np.ndarray:
        """Rows of any disease that cite the case's publications."""
        rows = [self.knowledge.citing(publication) for publication in reference.publications]
        return np.unique(np.concatenate(rows)) if rows else np.empty(0, int)

    def _phenotype(self, disease: int) -> np.ndarray:
        part = self.knowledge.rows_of(disease)
        return (self.knowledge.rows.aspect[part] == P) & ~self.knowledge.rows.negated[part]


def in_regime(standing: dict, regime: Regime) -> bool:
    """Whether a case of that standing (as stored in its record) belongs to the regime.

    A diagnosis without a profile is cited by no row, so such a case is in every regime (where `all` counts it missed).
    """
    if regime == "as-is":
        return True
    if standing["cited"] is None:
        return False
    if regime == "leave-out":
        return True
    return not standing["cited"] and (regime == "not-cited" or standing["clean"])
