"""SimSUM: symptom spans found with and without the table's help, and the treatment effect by adjustment.

Spans come from Osler's own matcher and, beside it, from hints: phrases that annotators marked but no dictionary has.
Half of the visits teach the hints, how often each means its symptom, and how the table moves the odds of a symptom;
the other half is scored. Without the table a hint counts when it usually means the symptom; with it, when it does so
for a patient like this one (Bayes' rule on the odds). The symptom columns themselves are never shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from osler.benchmarks.simsum import SYMPTOMS, SymptomSpan, Visit
from osler.findings.text import find_findings
from osler.ontology.hpo import Ontology
from osler.scoring.spans import Counts, count

# What the mentions of each symptom are coded as; terms below these count too.
SYMPTOM_TERMS: Mapping[str, tuple[str, ...]] = {
    "dysp": ("HP:0002094",),
    "cough": ("HP:0012735",),
    "pain": ("HP:0100749", "HP:0033771"),
    "fever": ("HP:0001945",),
    "nasal": ("HP:0001742", "HP:0031417"),
}
CONTEXT = ("season", "asthma", "smoking", "COPD", "hay_fever", "pneu", "cold")
BOOTSTRAPS = 200


@dataclass(frozen=True)
class Effect:
    """Antibiotics on days at home: log rate ratio and mean change in days, each with a 95 % interval."""

    log_ratio: float
    log_ratio_ci: tuple[float, float]
    days: float
    days_ci: tuple[float, float]


def evaluate_simsum(visits: Sequence[Visit], ontology: Ontology) -> dict[str, Any]:
    """Span and presence F1 on the second half of the visits, with and without the table; effects on all of them."""
    half = len(visits) // 2
    train, test = visits[:half], visits[half:]
    found_in = {id(visit): dictionary_spans(visit, ontology) for visit in visits}
    hints = Hints(train, [found_in[id(visit)] for visit in train])
    result: dict[str, Any] = {"n": len(visits), "n_scored": len(test)}
    for name, with_table in (("without_table", False), ("with_table", True)):
        spans = [found_in[id(visit)] | hints.spans(visit, with_table) for visit in test]
        gold = [set(visit.spans) for visit in test]
        result[name] = {"span": _pooled(gold, spans), "symptom": _by_symptom(gold, spans)}
    adjusted = estimate_effect(visits, (*SYMPTOMS, "self_empl"))
    result["effect"] = {"naive": asdict(estimate_effect(visits, ())), "adjusted": asdict(adjusted)}
    return result


def dictionary_spans(visit: Visit, ontology: Ontology) -> set[SymptomSpan]:
    """Mentions of the five symptoms that the matcher finds in the note, stated or denied, not those of relatives."""
    wanted = {ontology.index(term): name for name, terms in SYMPTOM_TERMS.items() for term in terms}
    found: set[SymptomSpan] = set()
    for finding in find_findings(visit.text):
        if finding.status == "family" or finding.id not in ontology:
            continue
        above = ontology.ancestors.row(ontology.index(finding.id)).tolist()
        for name in {wanted[term] for term in above if term in wanted}:
            found |= {
                SymptomSpan(name, span.start, span.end) for span in finding.spans or [finding.span] if span
            }
    return found


class Hints:
    """Phrases learned from annotated visits, the chance that each means its symptom, and what the table adds."""

    def __init__(self, visits: Sequence[Visit], found: Sequence[set[SymptomSpan]]) -> None:
        marked: Counter[tuple[str, str]] = Counter()
        for visit, spans in zip(visits, found, strict=True):
            for span in visit.spans:
                if not any(_overlap(span, other) for other in spans):
                    marked[visit.text[span.start : span.end].lower(), span.symptom] += 1
        written = {phrase: sum(_count(visit.text, phrase) for visit in visits) for phrase, _ in marked}
        # Add-one smoothing, so that a phrase seen once is not certain.
        self._logit = {
            key: float(np.log((hits + 1) / (max(written[key[0]] - hits, 0) + 1)))
            for key, hits in marked.items()
        }
        self._context = {
            symptom: _fit_logistic(_design(visits, CONTEXT), _on(visits, symptom)) for symptom in SYMPTOMS
        }
        self._usual = {s: _logit(float(_on(visits, s).mean())) if visits else 0.0 for s in SYMPTOMS}

    def spans(self, visit: Visit, with_table: bool) -> set[SymptomSpan]:
        """Hints in the note that are taken to mean their symptom."""
        text, found = visit.text.lower(), set()
        for (phrase, symptom), odds in self._logit.items():
            if with_table:
                odds = (
                    odds
                    + float((_design([visit], CONTEXT) @ self._context[symptom])[0])
                    - self._usual[symptom]
                )
            start = text.find(phrase)
            while odds > 0 and start >= 0:
                found.add(SymptomSpan(symptom, start, start + len(phrase)))
                start = text.find(phrase, start + 1)
        return found


def estimate_effect(visits: Sequence[Visit], adjust_for: Sequence[str], seed: int = 0) -> Effect:
    """Effect of antibiotics on days at home by Poisson regression and the g-formula (Robins 1986).

    Every patient's days are predicted as treated and as untreated, the other variables as they are; the mean
    difference is the effect in days. `adjust_for` must close the back doors: here symptoms and self-employment.
    Intervals are percentiles over resampled patients.
    """
    design = np.column_stack([_on(visits, "antibiotics"), _design(visits, adjust_for)])
    days = np.array([visit.days_at_home for visit in visits], dtype=float)
    rng = np.random.default_rng(seed)
    estimate = _g_formula(design, days)
    draws = np.array(
        [_g_formula(design[i], days[i]) for i in rng.integers(len(days), size=(BOOTSTRAPS, len(days)))]
    )
    low, high = np.percentile(draws, [2.5, 97.5], axis=0).tolist()
    return Effect(estimate[0], (low[0], high[0]), estimate[1], (low[1], high[1]))


def _g_formula(design: np.ndarray, days: np.ndarray) -> tuple[float, float]:
    weights = _fit_poisson(design, days)
    treated, untreated = design.copy(), design.copy()
    treated[:, 0], untreated[:, 0] = 1, 0
    return float(weights[0]), float((np.exp(treated @ weights) - np.exp(untreated @ weights)).mean())


def _design(visits: Sequence[Visit], names: Sequence[str]) -> np.ndarray:
    """Intercept and 0/1 columns; fever by its two levels."""
    columns = [np.ones(len(visits))]
    for name in names:
        if name == "fever":
            columns += [
                np.array([v.table["fever"] == level for v in visits], float) for level in ("low", "high")
            ]
        else:
            columns.append(_on(visits, name))
    return np.column_stack(columns)


def _on(visits: Sequence[Visit], name: str) -> np.ndarray:
    return np.array([visit.has(name) for visit in visits], dtype=float)


def _fit_poisson(design: np.ndarray, count: np.ndarray, steps: int = 25) -> np.ndarray:
    """Maximum likelihood of a log-linear Poisson model by Newton's method, with a trace of ridge for stability."""
    weights = np.zeros(design.shape[1])
    ridge = 1e-6 * np.eye(design.shape[1])
    for _ in range(steps):
        mean = np.exp(np.clip(design @ weights, -20, 20))
        step = np.linalg.solve(design.T @ (design * mean[:, None]) + ridge, design.T @ (count - mean))
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _fit_logistic(design: np.ndarray, outcome: np.ndarray, steps: int = 25) -> np.ndarray:
    """Ridge logistic regression (penalty 1, intercept free) by Newton's method."""
    weights = np.zeros(design.shape[1])
    penalty = np.eye(design.shape[1])
    penalty[0, 0] = 1e-6
    for _ in range(steps):
        p = 1 / (1 + np.exp(-design @ weights))
        gradient = design.T @ (outcome - p) - penalty @ weights
        step = np.linalg.solve(design.T @ (design * (p * (1 - p))[:, None]) + penalty, gradient)
        weights += np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    return weights


def _pooled(gold: Sequence[set[SymptomSpan]], found: Sequence[set[SymptomSpan]]) -> dict[str, float]:
    """Precision, recall and F1 of exact spans with their symptom, pooled over notes."""
    return sum((count(f, g) for f, g in zip(found, gold, strict=True)), Counts()).figures()


def _by_symptom(gold: Sequence[set[SymptomSpan]], found: Sequence[set[SymptomSpan]]) -> dict[str, float]:
    """F1 of exact spans for each symptom."""

    def only(spans: set[SymptomSpan], symptom: str) -> set[SymptomSpan]:
        return {span for span in spans if span.symptom == symptom}

    return {s: _pooled([only(g, s) for g in gold], [only(f, s) for f in found])["F1"] for s in SYMPTOMS}


def _overlap(a: SymptomSpan, b: SymptomSpan) -> bool:
    return a.symptom == b.symptom and a.start < b.end and b.start < a.end


def _count(text: str, phrase: str) -> int:
    return text.lower().count(phrase)


def _logit(p: float) -> float:
    p = min(max(p, 1e-6), 1 - 1e-6)
    return float(np.log(p / (1 - p)))
