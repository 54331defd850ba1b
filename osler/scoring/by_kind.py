"""For files that mix kinds of questions: each row is scored as its reference asks, the share right stands at the top."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any, ClassVar

from osler.registry import scorer
from osler.scoring.answer_words import AnswerWords
from osler.scoring.choice import ChoiceScorer, failures
from osler.scoring.choices import ChoicesScorer
from osler.scoring.nli import by_task
from osler.scoring.ranked_names import RankedNames
from osler.scoring.references import ChoiceReference, ChoicesReference, DiagnosisReference, TextReference
from osler.scoring.resampling import estimate
from osler.scoring.selective import calibration_figures
from osler.trace import Answer

_SCORERS: dict[str, Any] = {
    "choice": ChoiceScorer,
    "choices": ChoicesScorer,
    "differential": RankedNames,
    "text": AnswerWords,
}
_KINDS = {
    ChoiceReference: "choice",
    ChoicesReference: "choices",
    DiagnosisReference: "differential",
    TextReference: "text",
}


@scorer("by-kind", source="each kind by its own scorer; accuracy over all")
class ByKind:
    """Choice, several choices and diagnoses in one run: accuracy over all, every kind's own figures beside."""

    primary: ClassVar[str] = "correct"

    @staticmethod
    def score(reference: Any, answer: Answer) -> dict[str, Any]:
        """The values of the reference's kind; `task` says which."""
        kind = _KINDS[type(reference)]
        return {"task": kind, **_SCORERS[kind].score(reference, answer)}

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[Hashable],
        cases: Sequence[Hashable] | None = None,
    ) -> dict[str, Any]:
        """The figures of the one kind there is; of several, `accuracy` over all rows and `tasks` with each kind's own."""
        kinds = {row["task"] for row in rows}
        if len(kinds) == 1:
            return _SCORERS[kinds.pop()].summarise(rows, groups, cases)
        # An answer in words is neither right nor wrong: it stands in its own figures only.
        rated = [place for place, row in enumerate(rows) if "correct" in row]
        found = estimate(
            [rows[place]["correct"] for place in rated],
            [groups[place] for place in rated],
            cases and [cases[place] for place in rated],
        )
        return {
            "n": len(rows) if cases is None else len(set(cases)),
            "accuracy": found.value,
            "ci": {"accuracy": list(found.ci)},
            "interval": found.how,
            "tasks": by_task(rows, groups, cases, _SCORERS)["tasks"],
            **failures(rows),
            **calibration_figures(rows),
        }
