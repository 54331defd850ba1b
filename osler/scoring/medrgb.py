"""MedRGB: answers over contexts of known make-up: sufficiency, integration of sub-questions, robustness to planted errors.

Source: Ngo et al. 2024 (arXiv 2411.09213) and its released evaluation. Figures, each over the cases that have it: `accuracy`;
`insufficient` (share that said the information does not suffice); `noise_detected` (share of noise documents named irrelevant)
and `noise_false_alarms` (share of the documents that bear on the question named irrelevant, so that naming all earns nothing);
`sub_exact` and `sub_f1` (sub-answers against the published ones, articles and punctuation aside); `false_detected` (share of edited
documents named false) and `false_alarms` (share of true ones named false). `credit` (of sufficiency) is Osler's: 1 for the right answer, and for
"insufficient" where no document bears on the question; so abstaining earns where evidence lacks, and only there. Departures from
the released code: an answer is read from its own field (the first of that name), never from a capital letter in prose;
sub-answers go by their number.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from osler.registry import scorer
from osler.scoring.choice import failures, state_of
from osler.scoring.resampling import means
from osler.trace import Answer

Scenario = Literal["standard", "sufficiency", "integration", "robustness"]
SCENARIOS: tuple[Scenario, ...] = ("standard", "sufficiency", "integration", "robustness")
INSUFFICIENT = "insufficient"
FIGURES = (
    "accuracy", "credit", "insufficient", "noise_detected", "noise_false_alarms", "sub_exact", "sub_f1", "false_detected", "false_alarms",
)  # fmt: skip
_FIELD = re.compile(r"^(answer|relevant|irrelevant|false|sub-answers):[ \t]*", re.M)
_SUB = re.compile(r"^\s*(\d+)\s*[.):]\s*(.*?)\s*(?:\[(\d+)\])?\s*$")
_ARTICLES = re.compile(r"\b(a|an|the)\b")


@dataclass(frozen=True)
class MedRgbReference:
    """What is right, and what the context is made of: numbers of the documents (from 1) that bear on it, that do not, and that
    were edited; sub-questions with their answers and the document each is from.
    """

    key: str
    options: tuple[str, ...]
    scenario: Scenario
    share: int
    signal: tuple[int, ...] = ()
    noise: tuple[int, ...] = ()
    false: tuple[int, ...] = ()
    sub_answers: tuple[tuple[str, int], ...] = ()

    @property
    def answer(self) -> str:
        """The right reply: the key; in the other scenarios with its fields."""
        if self.scenario == "standard":
            return self.key
        parts = [f"answer: {self.key}"]
        if self.scenario == "sufficiency":
            parts += [f"relevant: {_listed(self.signal)}", f"irrelevant: {_listed(self.noise)}"]
        else:
            parts += [f"false: {_listed(self.false)}"] if self.scenario == "robustness" else []
            parts.append(
                "sub-answers: " + "\n".join(f"{n}. {a} [{d}]" for n, (a, d) in enumerate(self.sub_answers, 1))
            )
        return "\n".join(parts)


@dataclass(frozen=True)
class Said:
    """What a reply holds: the option (or insufficient), the documents it sorted, and its sub-answers by number."""

    key: str | None
    relevant: frozenset[int] = frozenset()
    irrelevant: frozenset[int] = frozenset()
    false: frozenset[int] = frozenset()
    sub_answers: Mapping[int, str] | None = None


@scorer("medrgb", source="Ngo et al. 2024 (MedRGB)")
class MedRgbScorer:
    """Accuracy, abstention that is earned, noise and errors told from the rest, sub-answers: by scenario and share."""

    primary: ClassVar[str] = "correct"

    @staticmethod
    def score(reference: MedRgbReference, answer: Answer) -> dict[str, Any]:
        """`correct` and the figures of the scenario; `cell` names scenario and share."""
        said = read(answer, reference.options)
        right = float(said.key == reference.key)
        withheld = said.key == INSUFFICIENT
        row: dict[str, Any] = {
            "correct": right,
            "cell": f"{reference.scenario}/{reference.share}",
        }
        if reference.scenario == "sufficiency":
            row["credit"] = max(right, float(withheld and not reference.signal))
            row["insufficient"] = float(withheld)
            row |= _share("noise_detected", said.irrelevant, reference.noise)
            row |= _share("noise_false_alarms", said.irrelevant, reference.signal)
        if reference.scenario == "robustness":
            row |= _share("false_detected", said.false, reference.false)
            row |= _share("false_alarms", said.false, reference.signal)
        if reference.scenario in ("integration", "robustness") and reference.sub_answers:
            given = said.sub_answers or {}
            pairs = [(given.get(n, ""), text) for n, (text, _) in enumerate(reference.sub_answers, 1)]
            row["sub_exact"] = sum(normal(a) == normal(b) for a, b in pairs) / len(pairs)
            row["sub_f1"] = sum(token_f1(a, b) for a, b in pairs) / len(pairs)
        return {**row, "gold": reference.key, "said": said.key, **state_of(answer, said.key is None)}

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]], groups: Sequence[Hashable], cases: Sequence[Hashable] | None = None
    ) -> dict[str, Any]:
        """Figures over all rows, and under `cells` for each scenario and share of documents that bear on the question."""
        found = _figures(rows, groups, cases)
        cells = {
            name: _figures(
                [rows[i] for i in own], [groups[i] for i in own], cases and [cases[i] for i in own]
            )
            for name in sorted({row["cell"] for row in rows}, key=_order)
            if (own := [i for i, row in enumerate(rows) if row["cell"] == name])
        }
        return {**found, "cells": cells if len(cells) > 1 else {}, **failures(rows)}


def read(answer: Answer, options: Sequence[str]) -> Said:
    """What an answer holds. An abstention counts as insufficient; a key that is no option counts as unreadable."""
    if answer.unreadable:
        return Said(None)
    if answer.abstained:
        return Said(INSUFFICIENT)
    if answer.choice is not None:
        return Said(answer.choice)
    parts = _FIELD.split(answer.text or "")
    fields: dict[str, str] = {}
    for name, part in zip(parts[1::2], parts[2::2], strict=False):
        fields.setdefault(
            name, part.strip()
        )  # a field that stands again, as within a sub-answer, is not the reply's own
    word = fields.get("answer", "").strip(" .()").casefold()
    key = (
        INSUFFICIENT
        if word.startswith(INSUFFICIENT)
        else next((k for k in options if k.casefold() == word), None)
    )
    subs = {}
    for line in fields.get("sub-answers", "").splitlines():
        if found := _SUB.match(line):
            subs[int(found[1])] = found[2]
    sorted_ = {
        name: frozenset(map(int, re.findall(r"\d+", fields.get(name, ""))))
        for name in ("relevant", "irrelevant", "false")
    }
    return Said(key, sub_answers=subs, **sorted_)


def normal(text: str) -> str:
    """Lower case, without punctuation and articles, blanks joined (SQuAD's way)."""
    plain = text.lower().translate(str.maketrans("", "", string.punctuation))
    return " ".join(_ARTICLES.sub(" ", plain).split())


def token_f1(said: str, right: str) -> float:
    """F1 of the words in common, each counted as often as both have it."""
    a, b = normal(said).split(), normal(right).split()
    same = sum((Counter(a) & Counter(b)).values())
    return 2 * same / (len(a) + len(b)) if same else float(not a and not b)


def _share(name: str, said: frozenset[int], there: Sequence[int]) -> dict[str, float]:
    return {name: len(said & set(there)) / len(there)} if there else {}


def _figures(
    rows: Sequence[Mapping[str, Any]], groups: Sequence[Hashable], cases: Sequence[Hashable] | None
) -> dict[str, Any]:
    named = {"correct" if name == "accuracy" else name: name for name in FIGURES}
    values, intervals = means(rows, named, groups, cases)
    n = len(rows) if cases is None else len(set(cases))
    return {"n": n, **{named[key]: value for key, value in values.items()}} | {
        "ci": {named[key]: ci for key, ci in intervals.items()}
    }


def _order(cell: str) -> tuple[int, int]:
    scenario, _, share = cell.partition("/")
    return SCENARIOS.index(scenario), int(share)  # type: ignore[arg-type]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers)) or "none"
