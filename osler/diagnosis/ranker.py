"""The protocol of a ranker, and what one says about a disease. Knows nothing of any formula."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from osler.diagnosis.matching import Matching


@dataclass(frozen=True, slots=True)
class Contribution:
    """How much one finding moves one disease's score, in the ranker's unit.

    `term` is the finding: of the patient (`kind` "present" or "absent"), or of the profile and not mentioned
    ("missing"). `matched` is the profile's term, or the common ancestor, that it met; -1 where there is none.
    `frequency` is that term's in the disease, None where no row states one.
    """

    term: int
    value: float
    kind: Literal["present", "absent", "missing"] = "present"
    matched: int = -1
    frequency: float | None = None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Diseases (positions in the full model) whose profiles are to be read from another matching, rows withheld."""

    diseases: np.ndarray
    matching: Matching


class Ranker(Protocol):
    """Scores all diseases of a model for one query; a larger score is a better fit.

    `score_unit` says what scores are measured in, `contribution_unit` what `explain` gives; where `additive`, the
    contributions sum to the score.
    """

    score_unit: str
    contribution_unit: str
    additive: bool

    def scores(self, matching: Matching) -> np.ndarray:
        """Score of each disease (float64[n])."""
        ...

    def scores_without(self, matching: Matching, left_out: LeftOut) -> np.ndarray:
        """The same where some diseases are scored with rows withheld (float64[n])."""
        ...

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """What each finding contributes to one disease."""
        ...


class PerDisease(ABC):
    """A ranker whose score of a disease depends on that disease's profile alone, so that columns can be replaced."""

    @abstractmethod
    def scores(self, matching: Matching) -> np.ndarray:
        """Score of each disease (float64[n])."""

    def scores_without(self, matching: Matching, left_out: LeftOut) -> np.ndarray:
        """The scores, those of the left-out diseases recomputed from what is left of them (float64[n])."""
        scores = self.scores(matching)
        scores[left_out.diseases] = self.scores(left_out.matching)
        return scores


def present_contributions(matching: Matching, disease: int, values: np.ndarray) -> list[Contribution]:
    """Contributions of the present findings, each with the term that it met best in the disease."""
    model = matching.model
    found = []
    postings = [int(model.best_posting(term)[disease]) for term in matching.present.tolist()]
    for term, posting, value in zip(matching.present.tolist(), postings, values.tolist(), strict=True):
        matched = int(model.post_term[posting]) if posting >= 0 else -1
        frequency = stated_frequency(matching, disease, matched) if posting >= 0 else None
        found.append(Contribution(term, value, "present", matched, frequency))
    return found


def stated_frequency(matching: Matching, disease: int, term: int) -> float | None:
    """Largest frequency that the profile states for a term or one below it; None where it states none."""
    model = matching.model
    part = slice(int(model.prof_indptr[disease]), int(model.prof_indptr[disease + 1]))
    below = matching.below(term)[model.prof_term[part]] & model.prof_known[part]
    return float(model.prof_stated[part][below].max()) if below.any() else None


def spread(matching: Matching, terms: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Share out values of closure terms among the present findings at or below them, in equal parts (float64[k])."""
    total = np.zeros(len(matching.present))
    holders = [np.isin(terms, matching.model.climb.row(int(t))) for t in matching.present]
    if not holders:
        return total
    inside = np.stack(holders)
    return (inside * (values / np.maximum(inside.sum(0), 1))).sum(1)
