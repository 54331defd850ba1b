"""Likelihood ratios: how much likelier is each finding in the disease than among all diseases?"""

from __future__ import annotations

import numpy as np

from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model
from osler.diagnosis.ranker import Contribution, PerDisease, present_contributions, stated_frequency
from osler.registry import ranker

# No profile is complete: a finding that it lacks is given at least this frequency.
FLOOR = 0.02
CEILING = 0.95
# Reports leave out what was not looked for, and their lists of excluded findings hold what the disease often has: both
# count little. What was denied when asked counts more.
MISSING_WEIGHT = 0.03
LISTED_WEIGHT = 0.1
STATED_WEIGHT = 0.5


@ranker(
    "likelihood-ratio",
    source="Robinson et al. 2020 (LIRICAL, phenotype part); back-off and the penalty for missing findings are Osler's",
    fidelity="paper",
)
class LikelihoodRatio(PerDisease):
    """Log likelihood ratios with back-off to ancestors and a penalty for frequent findings that are missing.

    score(d) = Σ over present q of ln( f(a, d) / b(a) ),  a the most informative ancestor of q in d's closed profile,
                f(a, d) its frequency there (at least 0.02), b(a) its mean frequency over all diseases;
             + 0.03 · Σ over profile terms t that no finding reaches of ln(1 − f(t, d))
             + Σ over absent e of w · ln( (1 − f(e, d)) / (1 − b(e)) ),  w = 0.1 for what a case report lists as
                excluded, 0.5 for what was said or asked one by one.
    Backing off from q to a gives f(a,d) · P(q|a) / b(q) = f(a,d) / b(a) when q is as common below a as elsewhere.
    """

    score_unit = "nats (log likelihood ratio)"
    contribution_unit = "nats (log likelihood ratio)"
    additive = True

    def scores(self, matching: Matching) -> np.ndarray:
        """Summed log likelihood ratio of each disease in nats (float64[n])."""
        found = matching.best_sum("log_ratio", log_ratios(matching.model))
        missing = MISSING_WEIGHT * missing_penalty(matching)
        return found + missing + absent_ratio(matching)

    def explain(self, matching: Matching, disease: int) -> list[Contribution]:
        """The three sums term by term; they add up to the score."""
        model = matching.model
        found = present_contributions(matching, disease, matching.best_of(log_ratios(model), disease))
        for term, weight in absent_weights(matching):
            posting = posting_of(model, term, disease)
            share = model.post_frequency[posting] if posting >= 0 else 0.0
            value = float(weight * _log_absent(np.array([share]), float(model.background[term]))[0])
            frequency = stated_frequency(matching, disease, term) if posting >= 0 else None
            found.append(Contribution(term, value, "absent", term if posting >= 0 else -1, frequency))
        part = slice(int(model.prof_indptr[disease]), int(model.prof_indptr[disease + 1]))
        terms, known = model.prof_term[part], model.prof_known[part]
        missed = MISSING_WEIGHT * log_missed(model)[part].astype(np.float64)
        for i in np.flatnonzero(~matching.in_closure[terms]).tolist():
            frequency = float(model.prof_stated[part][i]) if known[i] else None
            found.append(Contribution(int(terms[i]), float(missed[i]), "missing", int(terms[i]), frequency))
        return found


def log_ratios(model: Model) -> np.ndarray:
    """ln(f / b) of every posting (float32), computed once per model."""
    return model.derived("log_ratios", _log_ratios)


def _log_ratios(model: Model) -> np.ndarray:
    return np.log(np.maximum(model.post_frequency, FLOOR) / model.background[model.post_term])


def log_missed(model: Model) -> np.ndarray:
    """ln(1 − f) of every profile entry (float32), computed once per model."""
    return model.derived("log_missed", lambda m: np.log1p(-np.minimum(m.prof_frequency, CEILING)))


def missing_penalty(matching: Matching) -> np.ndarray:
    """Σ ln(1 − f) over the profile terms outside the query's closure (float64[n])."""
    model = matching.model
    table = model.derived("log_missed_table", lambda m: m.by_profile(log_missed(m)))
    return (table @ (~matching.in_closure).astype(np.float32)).astype(np.float64)


def absent_ratio(matching: Matching) -> np.ndarray:
    """Σ over absent findings of w · ln((1 − f) / (1 − b)) (float64[n])."""
    model = matching.model
    total = np.zeros(model.n)
    for term, weight in absent_weights(matching):
        part, usual = model.posting(term), float(model.background[term])
        without = _log_absent(np.zeros(1), usual)[0]
        total += weight * without
        held = _log_absent(model.post_frequency[part], usual)
        total[model.post_disease[part]] += weight * (held - without)
    return total


def absent_weights(matching: Matching) -> list[tuple[int, float]]:
    """The absent findings, each with the weight it counts at."""
    listed = set(matching.query.looked_for.tolist())
    return [(t, LISTED_WEIGHT if t in listed else STATED_WEIGHT) for t in matching.absent.tolist()]


def posting_of(model: Model, term: int, disease: int) -> int:
    """The posting of a term in a disease's closed profile, -1 where the profile does not hold it."""
    part = model.posting(term)
    at = part.start + int(np.searchsorted(model.post_disease[part], disease))
    return at if at < part.stop and int(model.post_disease[at]) == disease else -1


def _log_absent(frequency: np.ndarray, background: float) -> np.ndarray:
    share = np.minimum(np.asarray(frequency, np.float64), CEILING)
    return np.log1p(-share) - np.log1p(-min(background, CEILING))
