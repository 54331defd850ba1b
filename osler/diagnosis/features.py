"""What the fused ranking sees of a candidate disease: a fixed list of numbers, each with its name and its sign.

A sign of +1 or -1 is a promise that the fit keeps: a better match never lowers a score, and a typical finding that is
absent never raises it. 0 leaves the weight free. No feature names a disease: two diseases with the same profile and
the same kinds of sources get the same numbers.
"""

from __future__ import annotations

import numpy as np

from osler.diagnosis.boqa import log_odds
from osler.diagnosis.course import MODES, RECESSIVE, X_LINKED, X_RECESSIVE, onset_bin
from osler.diagnosis.likelihood_ratio import CEILING, log_missed, log_ratios
from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model
from osler.diagnosis.resnik import DISEASE_WEIGHT
from osler.diagnosis.tfidf import norms

FEATURES: tuple[tuple[str, int], ...] = (
    ("resnik_disease", 1),  # mean information that the profile's terms share with the findings, by frequency
    ("ratio_mean", 1),  # mean log likelihood ratio of the findings
    ("ratio_sum", 1),  # their sum
    ("mixture", 1),  # the sum when a tenth of the findings is taken to be unrelated
    ("exact", 1),  # share of the findings in the closed profile
    ("annotated", 1),  # share of the findings that the profile names itself
    ("worst", 1),  # share of its information that the worst explained finding keeps
    ("missing", 1),  # log probability that the profile's other terms are all absent
    ("profile_reached", 1),  # share of the profile's information that the findings reach
    ("profile_explained", 1),  # information of the profile's terms that the findings imply
    ("tfidf", 1),
    ("boqa", 1),
    ("absent", 1),  # log probability that the listed absent findings are absent
    ("onset", 1),  # log ratio of the age of onset
    ("age", 1),  # log ratio of having begun by this age, where the onset is not known
    ("sex", 1),  # X-linked recessive: for a male, against a female
    ("omim", 1),  # the disease has an OMIM id, as the diagnoses of published Mendelian cases have
    ("looked_share", 1),  # share of the listed absent findings that the closed profile holds
    ("looked_mixture", 1),  # log likelihood ratio of having looked for them
)
# Counted at a set weight, since the published cases cannot tell it: they state no mode of inheritance, and what they
# exclude comes as a list. Nats per unit.
FIXED: tuple[tuple[str, float], ...] = (
    ("inheritance", 1.0),  # 1 where the stated mode of inheritance is one of the disease's
    ("denied", 0.5),  # log probability that what was said to be absent is absent
)
# Features that exist only where a case report lists what it excluded; see docs/engine.md on what they measure.
LOOKED = ("looked_share", "looked_mixture")
NAMES = tuple(name for name, _ in FEATURES)
FIXED_NAMES = tuple(name for name, _ in FIXED)
_SHARE = 0.9


def first_stage(matching: Matching) -> np.ndarray:
    """The quick score that chooses the candidates: Resnik both ways plus a damped likelihood ratio (float64[n])."""
    model, k = matching.model, max(len(matching.present), 1)
    ratio = matching.best_sum("log_ratio", log_ratios(model))
    shared = matching.best_sum("information", model.post_information) / k
    return shared + DISEASE_WEIGHT * (model.weights @ matching.reach) + DISEASE_WEIGHT * ratio / np.sqrt(k)


def features(matching: Matching, diseases: np.ndarray) -> np.ndarray:
    """The features of some diseases of the model (float32[len(diseases), features]).

    Columns are those of `FEATURES`, then those of `FIXED`.
    """
    model = matching.model
    found: dict[str, np.ndarray] = {}
    found |= _query_side(matching, diseases)
    profile, closed = _gather(model.prof_indptr, diseases), _gather(model.closed_indptr, diseases)
    found |= _profile_side(matching, *profile, len(diseases))
    found |= _closure_side(matching, diseases, *closed)
    found |= _absence(matching, *profile, len(diseases))
    found |= _looked_for(matching, *closed, len(diseases))
    found |= _person(matching, diseases)
    found["omim"] = model.full.derived("omim", _in_omim)[model.diseases[diseases]]
    return np.stack([np.asarray(found[name], np.float32) for name in NAMES + FIXED_NAMES], axis=1)


def _query_side(matching: Matching, diseases: np.ndarray) -> dict[str, np.ndarray]:
    """How well each finding is met by the disease."""
    model = matching.model
    if not len(matching.present):
        names = ("ratio_mean", "ratio_sum", "mixture", "exact", "annotated", "worst")
        return dict.fromkeys(names, np.zeros(len(diseases)))
    posting = matching.postings[:, diseases]
    met = posting >= 0
    shared = np.where(met, model.post_information[posting], 0)
    ratio = np.where(met, log_ratios(model)[posting], 0)
    exact = met & (model.post_term[posting] == matching.present[:, None])
    own = np.maximum(model.information[matching.present], 1e-3)[:, None]
    lift = np.where(met, np.exp(ratio), 0)
    return {
        "ratio_mean": ratio.mean(0),
        "ratio_sum": ratio.sum(0),
        "mixture": np.log(_SHARE * lift + 1 - _SHARE).sum(0),
        "exact": exact.mean(0),
        "annotated": (exact & model.post_exact[posting]).mean(0),
        "worst": (shared / own).min(0),
    }


def _profile_side(matching: Matching, entry: np.ndarray, row: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """How much of the disease's profile the patient shows."""
    model = matching.model
    term, share = model.prof_term[entry], model.prof_frequency[entry]
    information, reach = model.information[term], matching.reach[term]
    shown = matching.in_closure[term]

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(row, values, n)

    weight = total(share * information) + 1e-6
    return {
        "resnik_disease": total(share * reach) / (total(share) + 1e-6),
        "missing": total(np.where(shown, 0, log_missed(model)[entry])),
        "profile_reached": total(share * reach) / weight,
        "profile_explained": total(np.where(shown, share * information, 0)),
    }


def _closure_side(
    matching: Matching, diseases: np.ndarray, entry: np.ndarray, row: np.ndarray
) -> dict[str, np.ndarray]:
    """Overlap of the closed sets of terms."""
    model, n = matching.model, len(diseases)
    shown = matching.in_closure[model.closed_term[entry]]
    lift, miss = model.derived("closed_boqa", _boqa_tables)
    product = model.derived("closed_tfidf", lambda m: m.information[m.closed_term] ** 2 * m.closed_frequency)
    own = np.sqrt((model.information[matching.closure].astype(np.float64) ** 2).sum()) + 1e-9
    seen = entry[shown]
    return {
        "tfidf": np.bincount(row[shown], product[seen], n) / (norms(model)[diseases] * own),
        "boqa": np.bincount(row, miss[entry], n) + np.bincount(row[shown], lift[seen], n),
    }


def _boqa_tables(model: Model) -> tuple[np.ndarray, np.ndarray]:
    """Per entry of the closed profiles: what observing the term adds to not observing it, and the latter (float32)."""
    hit, miss = log_odds(model.closed_frequency)
    return (hit - miss).astype(np.float32), miss.astype(np.float32)


def _absence(matching: Matching, entry: np.ndarray, row: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """What is known not to be there: against a disease by its frequency; a report's list also tells what was suspected."""
    model = matching.model
    if not len(matching.absent):
        return dict.fromkeys(("absent", "denied"), np.zeros(n))
    term = model.prof_term[entry]
    unlikely = np.log1p(-np.minimum(model.prof_frequency[entry], CEILING))
    return {
        "absent": np.bincount(row, np.where(matching.looked_for[term], unlikely, 0), n),
        "denied": np.bincount(row, np.where(matching.stated_absent[term], unlikely, 0), n),
    }


def _looked_for(matching: Matching, entry: np.ndarray, row: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """How the list of what a report excluded fits the disease: authors list what they had reason to look for.

    looked_mixture = Σ over the list of ln( 0.9 · [in the closed profile] / share of diseases that hold it + 0.1 ), each
    summand at most 3.
    """
    model, listed = matching.model, matching.query.looked_for
    if not len(listed):
        return dict.fromkeys(LOOKED, np.zeros(n))
    inside = np.zeros(model.terms, bool)
    inside[listed] = True
    met = inside[model.closed_term[entry]]
    row, term = row[met], model.closed_term[entry][met]
    lift = np.minimum(np.log(_SHARE * np.exp(model.information[term]) + 1 - _SHARE), 3.0)
    nothing = np.log(1 - _SHARE)
    return {
        "looked_share": np.bincount(row, minlength=n) / len(listed),
        "looked_mixture": np.bincount(row, lift - nothing, n) + nothing * len(listed),
    }


def _person(matching: Matching, diseases: np.ndarray) -> dict[str, np.ndarray]:
    """Agreement of onset, age, sex and family history, each 0 where nothing is known."""
    model, query, n = matching.model, matching.query, len(diseases)
    seen = model.course["onset"][diseases].astype(np.float64)
    usual = model.full.derived("usual_onset", _usual_onset)
    chance = (seen + 2 * usual) / (seen.sum(1, keepdims=True) + 2)
    begins = onset_bin(query.onset_days, query.onset_term, model.ontology)
    now = onset_bin(query.age_days, -1, model.ontology)
    none = np.zeros(n)
    modes = model.course["modes"][diseases]
    linked = modes[:, X_RECESSIVE] | (modes[:, X_LINKED] & ~modes[:, RECESSIVE])
    way = {"male": 1.0, "female": -1.0}.get(query.sex or "", 0.0)
    told = [_modes_of(model, term) for term in query.inheritance]
    agrees = np.any([modes[:, mode].any(1) for mode in told if mode], axis=0) if any(told) else none
    return {
        "onset": np.log(chance[:, begins] / usual[begins]) if begins >= 0 else none,
        "age": _not_later(chance, usual, now) if now >= 0 and begins < 0 else none,
        "sex": way * linked,
        "inheritance": agrees,
    }


def _not_later(chance: np.ndarray, usual: np.ndarray, now: int) -> np.ndarray:
    """ln of how much likelier than usual the disease has begun by now."""
    begun = np.maximum(chance[:, : now + 1].sum(1), 0.01)
    return np.log(begun / usual[: now + 1].sum())


def _in_omim(model: Model) -> np.ndarray:
    """Whether each disease has an OMIM id (bool[n]).

    This works as a prior: it reflects which diseases published Mendelian cases are coded to, nothing of how common they are.
    """
    mine = np.array([source.startswith("OMIM:") for source in model.knowledge.source_ids], dtype=bool)
    has = np.zeros(model.n, bool)
    has[model.knowledge.source_disease[mine]] = True
    return has


def _usual_onset(model: Model) -> np.ndarray:
    """Mean distribution of onset over the diseases that state any, smoothed to be positive."""
    table = model.course["onset"].astype(np.float64)
    known = table.sum(1) > 0
    share = table[known] / table[known].sum(1, keepdims=True) if known.any() else np.ones((1, table.shape[1]))
    mean = share.mean(0) + 1e-3
    return mean / mean.sum()


def _modes_of(model: Model, term: int) -> list[int]:
    ontology = model.ontology
    return [
        i for i, mode in enumerate(MODES) if mode in ontology and ontology.is_a(term, ontology.index(mode))
    ]


def _gather(indptr: np.ndarray, diseases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Entries of some rows of a compressed table, and for each the position of its row among `diseases`."""
    counts = indptr[diseases + 1] - indptr[diseases]
    row = np.repeat(np.arange(len(diseases)), counts)
    start = np.repeat(indptr[diseases] - (np.cumsum(counts) - counts), counts)
    return start + np.arange(len(row)), row
