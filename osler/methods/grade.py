"""GRADE: the certainty of a body of evidence, worked out from the design of its studies and the judged domains.

Source: Guyatt et al. 2008 (BMJ 336:924) and the GRADE handbook: randomised trials begin high, observational studies low; each of five domains
lowers it by one level (serious) or two (very serious); for observational evidence that nothing lowers, a large effect (one or
two levels), a dose–response gradient and confounding that would lessen the effect (one each) raise it. Knows nothing of models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

LEVELS = ("very low", "low", "moderate", "high")
DOMAINS = ("risk_of_bias", "inconsistency", "indirectness", "imprecision", "publication_bias")
CONCERNS: Mapping[str, int] = {"none": 0, "serious": 1, "very serious": 2}
RAISES: Mapping[str, int] = {
    "none": 0,
    "large effect": 1,
    "very large effect": 2,
    "dose-response": 1,
    "confounding": 1,
}
DESIGNS: Mapping[str, int] = {
    "systematic review of trials": 3, "randomised trial": 3, "non-randomised trial": 1, "cohort": 1, "case-control": 1,
    "cross-sectional": 1, "case series": 0, "other": 0,
}  # fmt: skip


def start(designs: Sequence[str]) -> int:
    """The level that evidence of these designs begins with: that of the best of them; an unknown design counts as `other`."""
    return max((DESIGNS.get(design, 0) for design in designs), default=0)


def certainty(designs: Sequence[str], concerns: Mapping[str, str], raised: str = "none") -> str:
    """The certainty of one outcome: `high`, `moderate`, `low` or `very low`.

    `concerns` gives each domain's concern (`none`, `serious`, `very serious`; a domain that is missing has none); `raised` one
    reason to raise, which counts for observational evidence without any concern alone.
    """
    begun = start(designs)
    lowered = sum(CONCERNS.get(concerns.get(domain, "none"), 0) for domain in DOMAINS)
    higher = RAISES.get(raised, 0) if begun == DESIGNS["cohort"] and not lowered else 0
    return LEVELS[min(3, max(0, begun - lowered + higher))]


def overall(certainties: Sequence[str]) -> str:
    """The certainty over several critical outcomes: the lowest; `very low` where there is no evidence at all."""
    return LEVELS[min((LEVELS.index(one) for one in certainties), default=0)]
