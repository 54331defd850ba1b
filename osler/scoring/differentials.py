"""Graded differentials and asked evidence, by the DDXPlus paper (Fansi Tchango et al. 2022, section 5 and its code).

    DDR, DDP, DDF1   recall, precision and F1 of the set of conditions with probability above the threshold
    GTPA, GTPA@k     the true pathology is in the predicted set (and among its k most probable)
    PER, PEP, PEF1   recall, precision and F1 of the patient's evidences among those inquired about

The threshold is 0.01 on both sides, as released. Means are over patients, F1 per patient before averaging.
"""

from __future__ import annotations

from collections.abc import Mapping, Set

from osler.registry import scorer

THRESHOLD = 0.01


@scorer("DDXPlus differential", source="Fansi Tchango et al. 2022", fidelity="code")
def differential_scores(
    predicted: Mapping[str, float], truth: Mapping[str, float], pathology: str, threshold: float = THRESHOLD
) -> dict[str, float]:
    """DDR, DDP, DDF1, GTPA and GTPA@1, @3, @5 of one patient; equal probabilities rank by name."""
    said = {name for name, chance in predicted.items() if chance > threshold}
    wanted = {name for name, chance in truth.items() if chance > threshold}
    ranked = sorted(said, key=lambda name: (-predicted[name], name))
    recall, precision = _share(len(said & wanted), len(wanted)), _share(len(said & wanted), len(said))
    scores = {
        "DDR": recall,
        "DDP": precision,
        "DDF1": f1(precision, recall),
        "GTPA": float(pathology in said),
    }
    return scores | {f"GTPA@{k}": float(pathology in ranked[:k]) for k in (1, 3, 5)}


@scorer("DDXPlus evidence", source="Fansi Tchango et al. 2022", fidelity="code")
def evidence_scores(inquired: Set[str], present: Set[str]) -> dict[str, float]:
    """PER, PEP and PEF1 of one patient; the evidence the patient opened with counts as inquired, as in the release."""
    hits = len(inquired & present)
    recall, precision = _share(hits, len(present)), _share(hits, len(inquired))
    return {"PER": recall, "PEP": precision, "PEF1": f1(precision, recall)}


def f1(precision: float, recall: float) -> float:
    """Harmonic mean; 0 when both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0
