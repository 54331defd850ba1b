"""Knowledge editing: efficacy (the edited question), generality (the same in other words), locality (others are left alone).

Terms of MedREK and RECIPE (Xia et al. 2025; Chen et al. 2024). Efficacy and generality: the share of answers that are the edit's new
answer. Locality: the share of unrelated questions that no edit reached, so that they are answered as by the unedited method;
`unchanged` compares two sets of answers word by word, where both are at hand. Knows nothing of models.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from osler.registry import scorer
from osler.scoring.choice import failures, state_of
from osler.scoring.resampling import estimate
from osler.trace import Answer

Aspect = Literal["efficacy", "generality", "locality"]
ASPECTS: tuple[Aspect, ...] = ("efficacy", "generality", "locality")
_WORD = re.compile(r"[^\W_]+")
_ARTICLES = {"a", "an", "the"}


@dataclass(frozen=True, slots=True)
class EditReference:
    """What an answer should be: `target` is the new answer (for locality the one that holds without any edit)."""

    aspect: Aspect
    target: str

    @property
    def answer(self) -> str:
        """The right reply."""
        return self.target


@scorer("editing", source="Xia et al. 2025 (MedREK); Chen et al. 2024 (RECIPE)")
class EditingScorer:
    """Efficacy, generality and locality of knowledge edits."""

    primary: ClassVar[str] = "kept"

    @staticmethod
    def score(reference: EditReference, answer: Answer) -> dict[str, Any]:
        """`kept` (the aspect holds), `correct` (the answer is the target), `touched` (an edit was adopted)."""
        said = None if answer.unreadable or answer.abstained else answer.text
        right, touched = same(said or "", reference.target), bool(answer.acquired)
        return {
            "kept": float(not touched if reference.aspect == "locality" else right),
            "correct": float(right),
            "touched": float(touched),
            "aspect": reference.aspect,
            **state_of(answer, said is None),
        }

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[Hashable],
        cases: Sequence[Hashable] | None = None,
    ) -> dict[str, Any]:
        """`efficacy`, `generality`, `locality` with intervals, their mean as `average`, `locality_accuracy`, and failures."""
        figures: dict[str, Any] = {"n": len(rows) if cases is None else len(set(cases)), "ci": {}}
        for aspect in ASPECTS:
            places = [place for place, row in enumerate(rows) if row["aspect"] == aspect]
            if places:
                own = [cases[place] for place in places] if cases is not None else None
                found = estimate(
                    [rows[place]["kept"] for place in places], [groups[place] for place in places], own
                )
                figures[aspect], figures["ci"][aspect] = found.value, list(found.ci)
        there = [figures[aspect] for aspect in ASPECTS if aspect in figures]
        figures["average"] = sum(there) / len(there) if there else None
        apart = [row["correct"] for row in rows if row["aspect"] == "locality"]
        figures["locality_accuracy"] = sum(apart) / len(apart) if apart else None
        return {**figures, **failures(rows)}


def same(said: str, target: str) -> bool:
    """Whether an answer is the target: the same words in any layout, or the target's words in a row in a longer answer.

    A longer answer counts only where nothing denies the target right before it (no, not, never, rather than).
    """
    words, wanted = _words(said), _words(target)
    if not wanted:
        return not words
    for start in range(len(words) - len(wanted) + 1):
        if words[start : start + len(wanted)] == wanted:
            return not {"no", "not", "never", "than"} & set(words[max(0, start - 2) : start])
    return False


def unchanged(before: Sequence[Answer], after: Sequence[Answer]) -> float:
    """The share of answers that are the same before and after the edits; nan without any."""
    pairs = [(_said(one), _said(other)) for one, other in zip(before, after, strict=True)]
    return sum(one == other for one, other in pairs) / len(pairs) if pairs else float("nan")


def table(figures: Mapping[str, Mapping[str, Any]]) -> str:
    """Figures by name (a method, a number of edits) as a Markdown table: efficacy, generality, locality, average."""
    lines = ["| | efficacy | generality | locality | average |", "| --- | --- | --- | --- | --- |"]
    for name, found in figures.items():
        cells = [found.get(column) for column in (*ASPECTS, "average")]
        lines.append(f"| {name} | {' | '.join('–' if c is None else f'{100 * c:.1f}' for c in cells)} |")
    return "\n".join(lines)


def _said(answer: Answer) -> Any:
    return answer.model_dump(exclude={"acquired", "note", "logprob", "confidence"})


def _words(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.casefold()) if word not in _ARTICLES]
