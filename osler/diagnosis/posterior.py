"""From scores to probabilities: a calibrated softmax, with a separate mass for "none of the known diseases fits".

The probabilities are conditional: if one of the profiled diseases is present. What the none-fits mass does not cover
(a disease without a profile that looks like one with a profile) no formula here can see.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from osler.diagnosis.likelihood_ratio import log_ratios
from osler.diagnosis.model import Model
from osler.diagnosis.query import Query

# The softmax runs over this many best diseases; the mass outside is fitted, and shared by the rest.
HEAD = 200
SIGNS = (
    "top",
    "margin",
    "margin_ten",
    "spread",
    "share",
    "series_share",
    "findings",
    "information",
    "explained",
    "ratio",
    "exact",
    "worst",
)
# Where nothing was fitted: a softmax of unit slope, and the share of published cases without a profile.
DEFAULTS: dict[str, Any] = {"slope": 1.0, "outside": 0.05, "none": None, "none_prior": 0.08}
# A complete table is a closed world, and its log likelihoods are what they say.
CLOSED: dict[str, Any] = {"slope": 1.0, "outside": 0.0, "none": None, "none_prior": 0.0}


def posterior(
    scores: np.ndarray,
    query: Query,
    model: Model,
    parameters: dict[str, Any],
    log_prior: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """Probabilities of the diseases (float64[n]) and of none of them; together they sum to one.

    `scores` -inf takes a disease out. p(d) = (1 − p_none) · ((1 − o) · softmax_head(slope · score) or, outside the 200
    best, o · softmax_rest). `log_prior` is added to slope · score where the knowledge base states priors.
    """
    finite = np.flatnonzero(np.isfinite(scores))
    probability = np.zeros(len(scores))
    if not len(finite):
        return probability, 1.0
    none_fits = none_of_them(scores, query, model, parameters)
    value = parameters["slope"] * scores[finite]
    if log_prior is not None:
        value = value + log_prior[finite]
    count = min(HEAD, len(finite))
    head = np.argpartition(-value, count - 1)[:count]
    rest = np.setdiff1d(np.arange(len(finite)), head)
    outside = parameters["outside"] if len(rest) else 0.0
    probability[finite[head]] = (1 - outside) * _softmax(value[head])
    if len(rest):
        # The rest was never scored finely: a gentle slope, so that none of them rises above the others.
        probability[finite[rest]] = outside * _softmax(0.25 * value[rest])
    return probability * (1 - none_fits), none_fits


def none_of_them(scores: np.ndarray, query: Query, model: Model, parameters: dict[str, Any]) -> float:
    """Probability that none of the scored diseases is the patient's: a logistic regression on `signs`."""
    fitted = parameters.get("none")
    if fitted is None or not len(query.present):
        return float(parameters["none_prior"])
    values = (signs(scores, query, model) - np.array(fitted["mean"])) / np.array(fitted["scale"])
    logit = float(np.clip(values, -5, 5) @ np.array(fitted["weights"]) + fitted["bias"])
    return float(1 / (1 + np.exp(-np.clip(logit, -30, 30))))


def signs(scores: np.ndarray, query: Query, model: Model) -> np.ndarray:
    """What tells whether the best disease fits at all, in the order of `SIGNS` (float64[12]).

    From the fifty best: the best score, its lead over the second and the tenth, how many come near it (ln Σ exp), how
    much of exp(score) the best and its whole series hold. From the query: ln of the number of findings and their mean
    information. From the best disease: share of that information it explains, mean log likelihood ratio, share of
    exact matches, the worst match.
    """
    count = min(50, int(np.isfinite(scores).sum()))
    best = np.argpartition(-scores, count - 1)[:count]
    ordered = np.sort(scores[best])[::-1]
    winner = int(best[np.argmax(scores[best])])
    near = np.exp(scores[best] - ordered[0])
    kin = model.knowledge.series[best] == model.knowledge.series[winner]
    posting = np.array([model.best_posting(int(term))[winner] for term in query.present])
    met, own = posting >= 0, np.maximum(model.information[query.present], 1e-3)
    shared = np.where(met, model.post_information[posting], 0)
    exact = met & (model.post_term[posting] == query.present)
    return np.array(
        [
            ordered[0],
            ordered[0] - ordered[min(1, count - 1)],
            ordered[0] - ordered[min(9, count - 1)],
            np.log(near.sum()),
            1 / near.sum(),
            near[kin].sum() / near.sum(),
            np.log(len(query.present)),
            own.mean(),
            shared.sum() / own.sum(),
            np.where(met, log_ratios(model)[posting], 0).mean(),
            exact.mean(),
            (shared / own).min(),
        ]
    )


def _softmax(values: np.ndarray) -> np.ndarray:
    grown = np.exp(values - values.max())
    return grown / grown.sum()
