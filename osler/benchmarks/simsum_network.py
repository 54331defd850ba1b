"""Draws SimSUM-like visits: a small Bayesian network for the table, templates for the note, a planted effect.

The graph follows the paper's description (Rabaey et al. 2024): smoking → COPD; season, asthma, COPD → pneumonia;
season → cold; diseases and conditions → symptoms (noisy or); symptoms and policy → antibiotics (logistic);
symptoms, self-employment and antibiotics → days at home (Poisson). All numbers and all sentences are Osler's own.
Antibiotics are given to the sicker, who stay at home longer: a naive comparison therefore gets the effect wrong.

Symptoms are stated, denied, hinted at, or left out. A hint ("tightness when hurrying") is also written, now and then,
about a patient without the symptom: only what else is known of the patient can tell the two apart.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from osler.benchmarks.simsum import SYMPTOMS, SymptomSpan, Visit

# Planted effect of antibiotics on the logarithm of the expected days at home.
EFFECT = -0.5

# Noisy or: chance that each cause alone brings the symptom; "leak" is without any cause.
_CAUSES: dict[str, dict[str, float]] = {
    "dysp": {"leak": 0.03, "asthma": 0.6, "smoking": 0.1, "COPD": 0.5, "hay_fever": 0.1, "pneu": 0.4},
    "cough": {"leak": 0.06, "asthma": 0.3, "smoking": 0.3, "COPD": 0.4, "pneu": 0.85, "cold": 0.7},
    "pain": {"leak": 0.03, "COPD": 0.15, "pneu": 0.45, "cold": 0.1},
    "nasal": {"leak": 0.05, "hay_fever": 0.85, "cold": 0.7},
}
_ANTIBIOTICS = {"policy": 0.8, "dysp": 0.7, "cough": 0.6, "pain": 0.9, "low": 1.0, "high": 2.2}
_DAYS = {"dysp": 0.5, "cough": 0.25, "pain": 0.4, "low": 0.4, "high": 0.8, "nasal": 0.15, "self_empl": -0.5}

# Span in braces. Stated, denied and hinted ways of saying each symptom.
_STATED = {
    "dysp": ("Reports {shortness of breath} on climbing stairs.", "There is {dyspnea} on minor exertion."),
    "cough": ("Has had a {productive cough} for several days.", "Troubled by {coughing}, worse at night."),
    "pain": ("Describes {pleuritic chest pain} on deep breaths.", "Mentions {chest pain} since yesterday."),
    "fever": ("Measured a {fever} at home, {degrees}.", "Came in with {fever} ({degrees})."),
    "nasal": ("Complains of a {runny nose}.", "There is {nasal congestion}."),
}
_DENIED = {
    "dysp": ("No {dyspnea}.", "Denies {shortness of breath}."),
    "cough": ("No {cough}.", "Denies {coughing}."),
    "pain": ("No {chest pain}.", "Denies {chest pain}."),
    "fever": ("No {fever}.", "Afebrile at home, denies {fever}."),
    "nasal": ("No {nasal congestion}.", "Denies a {runny nose}."),
}
_HINTED = {
    "dysp": (
        "Has to {stop to catch up} when walking with others.",
        "{Cannot keep pace} on the way to the shop.",
    ),
    "cough": ("{Clears the throat all day}.", "The partner is {kept awake by the barking at night}."),
    "pain": ("Notices {tightness when hurrying}.", "Feels {a stitch in the side} at times."),
    "fever": ("{Felt hot and cold in bed}.", "Woke up {drenched} last night."),
    "nasal": ("Goes through {a box of tissues a day}.", "The voice sounds {stuffed up}."),
}
_FILLER = (
    "Works in an office and lives with family.",
    "No recent travel.",
    "Sleeps poorly because of worries at work.",
    "Eats and drinks normally.",
    "Appears well nourished; skin without rash.",
    "Abdomen soft, bowel sounds normal.",
)


@dataclass(frozen=True)
class Chances:
    """How a symptom gets into the note: stated or denied, only hinted at, else left out; and hints that mean nothing."""

    explicit: float = 0.6
    hinted: float = 0.3
    misleading: float = 0.25


def draw_visits(n: int, seed: int, effect: float = EFFECT, chances: Chances = Chances()) -> list[Visit]:
    """`n` visits with notes and spans; the same for the same seed. `effect` is planted on log expected days."""
    rng = np.random.default_rng(seed)
    return [_draw(rng, effect, chances) for _ in range(n)]


def expected_days(on: dict[str, bool], fever: str, treated: bool, effect: float = EFFECT) -> float:
    """Expected days at home of a patient, treated or not: what the planted effect acts on."""
    state = {**on, "low": fever == "low", "high": fever == "high"}
    log = 0.2 + sum(weight for name, weight in _DAYS.items() if state[name]) + effect * treated
    return float(np.exp(log))


def _draw(rng: np.random.Generator, effect: float, chances: Chances) -> Visit:
    on, fever = _patient(rng)
    state = {**on, "low": fever == "low", "high": fever == "high"}
    logit = -3.2 + sum(weight for name, weight in _ANTIBIOTICS.items() if state[name])
    treated = bool(rng.random() < 1 / (1 + np.exp(-logit)))
    days = int(rng.poisson(expected_days(on, fever, treated, effect)))
    table = {name: "yes" if value else "no" for name, value in on.items()}
    table |= {"season": "winter" if on["season"] else "summer", "fever": fever}
    text, spans = _note(rng, on | {"fever": fever != "none"}, fever, chances)
    return Visit({**table, "antibiotics": "yes" if treated else "no"}, days, text, _compact(text), spans)


def _patient(rng: np.random.Generator) -> tuple[dict[str, bool], str]:
    def flip(chance: float) -> bool:
        return bool(rng.random() < chance)

    on = {"policy": flip(0.5), "self_empl": flip(0.12), "season": flip(0.5), "asthma": flip(0.12)}
    on |= {"smoking": flip(0.25), "hay_fever": flip(0.18)}
    on["COPD"] = flip(0.2 if on["smoking"] else 0.03)
    on["pneu"] = flip(0.06 + 0.06 * on["season"] + 0.06 * on["asthma"] + 0.15 * on["COPD"])
    on["cold"] = flip(0.4 if on["season"] else 0.15)
    for symptom, causes in _CAUSES.items():
        silent = np.prod([1 - chance for cause, chance in causes.items() if cause == "leak" or on[cause]])
        on[symptom] = flip(float(1 - silent))
    weights = np.array([0.93, 0.05, 0.02])
    if on["cold"]:
        weights = np.array([0.55, 0.38, 0.07])
    if on["pneu"]:
        weights = np.array([0.15, 0.3, 0.55])
    return on, ("none", "low", "high")[int(rng.choice(3, p=weights))]


def _note(
    rng: np.random.Generator, on: dict[str, bool], fever: str, chances: Chances
) -> tuple[str, tuple[SymptomSpan, ...]]:
    """History sentences in random order with filler, then the examination; spans are those of braces in templates."""
    degrees = f"{rng.uniform(39, 40.2):.1f} °C" if fever == "high" else f"{rng.uniform(37.8, 38.6):.1f} °C"
    sentences: list[tuple[str, str]] = [("", filler) for filler in rng.choice(_FILLER, size=2, replace=False)]
    for symptom in SYMPTOMS:
        way = rng.random()
        if way < chances.explicit:
            templates = _STATED if on[symptom] else _DENIED
            sentences.append((symptom, str(rng.choice(templates[symptom]))))
        elif way < chances.explicit + chances.hinted and on[symptom]:
            sentences.append((symptom, str(rng.choice(_HINTED[symptom]))))
        elif not on[symptom] and rng.random() < chances.misleading:
            sentences.append(("", str(rng.choice(_HINTED[symptom])).replace("{", "").replace("}", "")))
    order = rng.permutation(len(sentences))
    text, spans = "**History**\n", []
    for symptom, sentence in (sentences[i] for i in order):
        sentence = sentence.replace("{degrees}", degrees)
        opening = sentence.find("{")
        plain = sentence.replace("{", "").replace("}", "")
        if symptom:
            start = len(text) + opening
            spans.append(SymptomSpan(symptom, start, start + sentence.find("}") - opening - 1))
        text += plain + " "
    exam = f"**Physical Examination**\nHeart rate {int(rng.integers(62, 104))}/min. Oxygen saturation normal."
    return f"{text.rstrip()}\n\n{exam}", tuple(spans)


def _compact(text: str) -> str:
    """A shorter version in the manner of quick notes, as the second note of the layout."""
    short = {
        "**History**\n": "Hx: ",
        "**Physical Examination**\n": "PE: ",
        "shortness of breath": "SOB",
        "Heart rate": "HR",
    }
    for long, abbreviation in short.items():
        text = text.replace(long, abbreviation)
    return text.replace("Oxygen saturation normal", "sat nl").replace("\n\n", " ")
