"""Which FHIR resources bear on a question: by words and cues, or by a tiny model that was tuned on marked pairs. No network.

The tiny model is logistic regression over a dozen hundred numbers: how well the words fit, and each pair of a question's word and
a resource's type, hashed. `osler.training.resource_selector` tunes one; it is a file of a few kilobytes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from osler.case import Document
from osler.errors import InputError
from osler.methods import by_words
from osler.passages import Passage

BUCKETS = 1024
_DENSE = 4
# Words of a question, and the types of resource that answer it.
TYPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"medic(?:ines?|ations?)|drugs?|prescri\w+|tak(?:es?|ing)|dos(?:es?|age)", ("MedicationRequest", "MedicationStatement", "Medication", "MedicationAdministration")),
    (r"allerg\w+|intoleran\w+", ("AllergyIntolerance",)),
    (r"conditions?|diagnos\w+|problems?|diseases?|illness\w*|disorders?", ("Condition",)),
    (r"vaccin\w+|immuni[sz]\w+|shots?", ("Immunization",)),
    (r"surger\w+|operat\w+|procedures?", ("Procedure",)),
    (r"lab\w*|results?|levels?|blood|pressure|weight|height|measure\w*|bmi|glucose|cholesterol|values?", ("Observation", "DiagnosticReport")),
    (r"visits?|encounters?|admi\w+|hospital\w*|appointments?", ("Encounter",)),
    (r"famil\w+|mother|father", ("FamilyMemberHistory",)),
    (r"plans?|goals?", ("CarePlan", "Goal")),
    (r"old|born|birth\w*|age|gender|sex", ("Patient",)),
)  # fmt: skip


@dataclass(frozen=True)
class Selector:
    """A tuned model: weights float64 [4 + BUCKETS], a bias, and the probability from which a resource counts."""

    weights: np.ndarray
    bias: float
    threshold: float = 0.5

    def probabilities(self, question: str, resources: Sequence[Document]) -> np.ndarray:
        """How probably each resource bears on the question."""
        return 1 / (1 + np.exp(-(features(question, resources) @ self.weights + self.bias)))

    def save(self, path: Path) -> None:
        """Write the model as JSON; weights that are zero are left out."""
        rows = {str(at): round(float(self.weights[at]), 6) for at in np.flatnonzero(self.weights)}
        path.write_text(
            json.dumps({"weights": rows, "bias": self.bias, "threshold": self.threshold}), "utf-8"
        )

    @classmethod
    def load(cls, path: Path) -> Selector:
        """Read what `save` wrote. Raises InputError for anything else."""
        try:
            kept = json.loads(path.read_text("utf-8"))
            weights = np.zeros(_DENSE + BUCKETS)
            for at, weight in kept["weights"].items():
                weights[int(at)] = float(weight)
            return cls(weights, float(kept["bias"]), float(kept["threshold"]))
        except (OSError, ValueError, KeyError, TypeError, IndexError):
            raise InputError(f"{path} is no model that chooses resources") from None


def by_cues(question: str, resources: Sequence[Document]) -> list[float]:
    """How well each resource fits, 0 to 1, by its words and by the type that the question asks for; no model."""
    rows = features(question, resources)
    return [
        float(min(1.0, 0.55 * cue + 0.55 * share + 0.25 * relative * (share > 0)))
        for relative, share, cue in rows[:, :3]
    ]


def features(question: str, resources: Sequence[Document]) -> np.ndarray:
    """float64 [resources, 4 + BUCKETS]: BM25 over the best, coverage, whether the type is asked for, that times coverage, pairs."""
    fits = by_words.fits(question, [_passage(one) for one in resources])
    best = max((fit.score for fit in fits), default=0.0) or 1.0
    asked = {
        kind for words, kinds in TYPES if re.search(rf"\b(?:{words})\b", question, re.I) for kind in kinds
    }
    stems = sorted(set(by_words.content(question)))
    found = np.zeros((len(resources), _DENSE + BUCKETS))
    for row, (one, fit) in enumerate(zip(resources, fits, strict=True)):
        cue = float((one.section or "") in asked)
        held = set(by_words.content(one.text))
        share = sum(word in held for word in stems) / len(stems) if stems else 0.0
        found[row, :_DENSE] = fit.score / best, share, cue, cue * share
        for word in stems:
            found[row, _DENSE + crc32(f"{word}|{one.section}".encode()) % BUCKETS] = 1.0
    return found


def _passage(one: Document) -> Passage:
    return Passage(one.text, one.id, 0, len(one.text), "record", 0.0, title=one.title)
