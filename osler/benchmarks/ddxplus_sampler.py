"""Draws DDXPlus-like patients from the published P(evidence | condition), for use where no patient file is at hand.

A condition is drawn by its share among the published patients, each yes/no evidence by its probability given the
condition, and its details (place, colour, intensity …) uniformly among their values, since those distributions are
not published. The differential of a drawn patient is the Bayes posterior over all conditions given all its yes/no
evidences, cut at 1 %. So a drawn set tests the machinery and is easier than the real patients: evidences are
independent given the condition, and the engine may hold the same probabilities.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from osler.benchmarks.ddxplus import VALUE, Definitions, Patient
from osler.errors import InputError

PROBABILITIES = "symptom_condition_probs.json"
CUT = 0.01
# A probability of 0 in the table means "not in the condition's list"; a small chance keeps posteriors defined.
_UNLISTED = 1e-3


class PatientSampler:
    """The condition model over yes/no evidences. Raises InputError when the probabilities are missing or do not fit."""

    def __init__(self, folder: Path, definitions: Definitions) -> None:
        table = _read_table(folder)
        self.definitions = definitions
        self.conditions = sorted(definitions.conditions)
        self.codes = [
            c for c in sorted(definitions.evidences) if definitions.evidences[c]["data_type"] == "B"
        ]
        try:
            weights = np.array([table["condition_counts"][name] for name in self.conditions], dtype=float)
            rows = [[table["probabilities"][name][code] for code in self.codes] for name in self.conditions]
        except KeyError as error:
            raise InputError(
                f"{PROBABILITIES} has nothing for {error}; it belongs to another release"
            ) from None
        self.priors = weights / weights.sum()
        self.chance = np.array(rows)

    def draw(self, n: int, seed: int) -> list[Patient]:
        """`n` patients; the same for the same seed. Each has at least one yes/no evidence."""
        rng = np.random.default_rng(seed)
        return [self._patient(int(rng.choice(len(self.conditions), p=self.priors)), rng) for _ in range(n)]

    def _patient(self, condition: int, rng: np.random.Generator) -> Patient:
        present = rng.random(len(self.codes)) < self.chance[condition]
        while not present.any():
            present = rng.random(len(self.codes)) < self.chance[condition]
        codes = [self.codes[i] for i in np.flatnonzero(present)]
        openers = [code for code in codes if not self.definitions.evidences[code]["is_antecedent"]] or codes
        return Patient(
            age=int(rng.integers(1, 90)),
            sex="MF"[int(rng.integers(2))],
            pathology=self.conditions[condition],
            differential=self._posterior(present),
            evidences=(*codes, *self._details(codes, rng)),
            initial=str(rng.choice(openers)),
        )

    def _posterior(self, present: np.ndarray) -> dict[str, float]:
        chance = np.clip(self.chance, _UNLISTED, 1 - _UNLISTED)
        log = np.log(self.priors) + np.where(present, np.log(chance), np.log1p(-chance)).sum(axis=1)
        posterior = np.exp(log - log.max())
        posterior /= posterior.sum()
        kept = [i for i in np.argsort(-posterior) if posterior[i] >= CUT]
        total = posterior[kept].sum()
        return {self.conditions[i]: float(posterior[i] / total) for i in kept}

    def _details(self, codes: list[str], rng: np.random.Generator) -> list[str]:
        """One value for each question that follows a present evidence; the value that means nothing is left out."""
        found = []
        for code, evidence in sorted(self.definitions.evidences.items()):
            if evidence["data_type"] != "B" and evidence["code_question"] in codes:
                value = evidence["possible-values"][int(rng.integers(len(evidence["possible-values"])))]
                if value != evidence["default_value"]:
                    found.append(f"{code}{VALUE}{value}")
        return found


def _read_table(folder: Path) -> Mapping[str, Mapping]:
    path = next(
        (p for p in (folder / PROBABILITIES, *sorted(folder.glob(f"*/{PROBABILITIES}"))) if p.is_file()), None
    )
    if path is None:
        raise InputError(
            f"{folder} has no {PROBABILITIES}, so patients cannot be drawn; give a patient file instead"
        )
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise InputError(f"{path} is not valid JSON; fetch it again") from None
