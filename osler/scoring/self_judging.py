"""Does a model judge its own answers better than others do? Grades by judge and author, and each judge's bias towards itself.

Source: "narcissistic evaluation" of Kothari and Gupta 2025 (arXiv 2501.13687), known from its abstract. The bias of a judge is how
much better it finds its own answers than the others' answers, less what the other judges find of the same difference: a model whose
answers are better in everybody's eyes has no bias. Knows nothing of how grades come about.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from osler.registry import scorer


@dataclass(frozen=True)
class SelfJudging:
    """Mean grades by (judge, author), and of each judge that is an author too its `preference` (own minus others' answers, in its
    own eyes), what the other judges find of that difference, and `bias`, the one less the other (None without other judges)."""

    grades: dict[tuple[str, str], float]
    counts: dict[tuple[str, str], int]
    preference: dict[str, float]
    others: dict[str, float | None]
    bias: dict[str, float | None]

    def table(self) -> list[list[str]]:
        """Rows for people: a head, then a judge a row with its grade of each author, and its bias."""
        judges = list(dict.fromkeys(judge for judge, _ in self.grades))
        authors = list(dict.fromkeys(author for _, author in self.grades))
        rows = [["judge", *authors, "bias"]]
        for judge in judges:
            cells = [f"{self.grades[judge, a]:.2f}" if (judge, a) in self.grades else "–" for a in authors]
            bias = self.bias.get(judge)
            rows.append([judge, *cells, "–" if bias is None else f"{bias:+.2f}"])
        return rows


@scorer("self-judging", source="Kothari and Gupta 2025: models judge their own and others' answers")
def self_judging(graded: Iterable[tuple[str, str, float]]) -> SelfJudging:
    """From (judge, author, grade) of single answers."""
    found: dict[tuple[str, str], list[float]] = {}
    for judge, author, grade in graded:
        found.setdefault((judge, author), []).append(grade)
    grades = {pair: sum(values) / len(values) for pair, values in found.items()}
    judges = list(dict.fromkeys(judge for judge, _ in grades))
    gaps = {
        (judge, author): gap
        for judge in judges
        for author in judges
        if (gap := _gap(grades, judge, author)) is not None
    }
    preference = {judge: gaps[judge, judge] for judge in judges if (judge, judge) in gaps}
    others = {
        author: _mean(
            [gaps[judge, author] for judge in judges if judge != author and (judge, author) in gaps]
        )
        for author in preference
    }
    bias = {one: None if (seen := others[one]) is None else gap - seen for one, gap in preference.items()}
    return SelfJudging(
        grades, {pair: len(values) for pair, values in found.items()}, preference, others, bias
    )


def _gap(grades: dict[tuple[str, str], float], judge: str, author: str) -> float | None:
    """How much better a judge finds one author's answers than those of the others."""
    rest = _mean([grade for (who, of), grade in grades.items() if who == judge and of != author])
    own = grades.get((judge, author))
    return None if own is None or rest is None else own - rest


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
