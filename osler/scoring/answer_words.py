"""Answers in words against a published answer: precision, recall and F1 of their words, and ROUGE-L. No model judges.

Words as in ROUGE (rouge.py), each counted as often as both have it. Precision is the share of the answer's words that the
published answer has, recall the share of its words that the answer has. Words in common are no proof of sense: a wrong dose
or a "not" changes little, so these figures compare systems on one set and say nothing of safety.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from osler.registry import scorer
from osler.scoring.choice import failures, state_of
from osler.scoring.references import TextReference
from osler.scoring.resampling import estimate
from osler.scoring.rouge import rouge_l, words
from osler.trace import Answer

FIGURES = ("precision", "recall", "f1", "rouge_l")


@scorer("answer-words", source="token precision, recall and F1 (Rajpurkar et al. 2016); ROUGE-L (Lin 2004)")
class AnswerWords:
    """Precision, recall and F1 of an answer's words against the published answer, and ROUGE-L."""

    primary: ClassVar[str] = "f1"

    @staticmethod
    def score(reference: TextReference, answer: Answer) -> dict[str, Any]:
        """The figures of one answer; all 0 for one that was withheld or could not be read."""
        said = answer.text or ""
        precision, recall, f1 = overlap(said, reference.text)
        figures = {
            "precision": precision,
            "recall": recall,
            "f1": f1,
            "rouge_l": rouge_l(said, reference.text),
        }
        return {**figures, **state_of(answer, not said)}

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[Hashable],
        cases: Sequence[Hashable] | None = None,
    ) -> dict[str, Any]:
        """Means with their intervals, clustered by group."""
        found = {name: estimate([row[name] for row in rows], groups, cases) for name in FIGURES}
        return {
            "n": len(rows) if cases is None else len(set(cases)),
            **{name: one.value for name, one in found.items()},
            "ci": {name: list(one.ci) for name, one in found.items()},
            "interval": found["f1"].how,
            **failures(rows),
        }


def overlap(candidate: str, reference: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of words; 0 where either text has none."""
    said, right = Counter(words(candidate)), Counter(words(reference))
    both = sum((said & right).values())
    if not both:
        return 0.0, 0.0, 0.0
    precision, recall = both / sum(said.values()), both / sum(right.values())
    return precision, recall, 2 * precision * recall / (precision + recall)
