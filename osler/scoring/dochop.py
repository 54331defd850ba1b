"""Questions over several documents: which blocks hold the evidence, whether two documents were joined, and what is answered.

Source: Park et al. 2025 (DocHop-QA, arXiv 2508.15851; from its abstract): structured index prediction and generative answering.
Figures: precision, recall and F1 of the evidence indices, pooled and per item; `joined`, the share of items that need several documents
whose prediction has right evidence in each of them; `answer_f1` and `rouge_l` of the answer's words.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from osler.registry import scorer
from osler.scoring.choice import failures, state_of
from osler.scoring.choices import micro_figures
from osler.scoring.medrgb import token_f1
from osler.scoring.resampling import means
from osler.scoring.rouge import rouge_l
from osler.scoring.spans import count
from osler.trace import Answer

MEANS = ("evidence_f1", "joined", "answer_f1", "rouge_l")
_FORM = re.compile(r"evidence:(?P<evidence>.*?)\nanswer:(?P<answer>.*)", re.S)


@dataclass(frozen=True)
class HopReference:
    """The answer, the indices of the blocks that hold its evidence, and the document that each index is of."""

    text: str
    evidence: tuple[int, ...]
    documents: Mapping[int, str]

    @property
    def answer(self) -> str:
        """The right reply in its form."""
        return f"evidence: {', '.join(map(str, self.evidence))}\nanswer: {self.text}"


@scorer("dochop", source="Park et al. 2025 (DocHop-QA)")
class DocHopScorer:
    """Evidence indices by F1, documents joined, and the words of the answer."""

    primary: ClassVar[str] = "evidence_f1"

    @staticmethod
    def score(reference: HopReference, answer: Answer) -> dict[str, Any]:
        """`evidence_f1` with counts, `joined` where several documents are needed, `answer_f1`, `rouge_l`."""
        said, words = read(answer)
        counts = count(said, reference.evidence)
        needed = {reference.documents[one] for one in reference.evidence}
        held = {reference.documents[one] for one in set(said) & set(reference.evidence)}
        row: dict[str, Any] = {
            "evidence_f1": counts.f1,
            "answer_f1": token_f1(words, reference.text) if words else 0.0,
            "rouge_l": rouge_l(words, reference.text) if words else 0.0,
            "counts": [counts.true, counts.false, counts.missed],
        }
        row |= {"joined": float(held == needed)} if len(needed) > 1 else {}
        return {**row, **state_of(answer, not said and not words)}

    @staticmethod
    def summarise(
        rows: Sequence[Mapping[str, Any]],
        groups: Sequence[Hashable],
        cases: Sequence[Hashable] | None = None,
    ) -> dict[str, Any]:
        """Means over items, and `P`, `R`, `F1` of the indices pooled."""
        pooled, intervals = micro_figures([row["counts"] for row in rows], groups)
        values, own = means(rows, MEANS, groups, cases)
        n = len(rows) if cases is None else len(set(cases))
        return {"n": n, **values, **pooled, "ci": {**own, **intervals}, **failures(rows)}


def read(answer: Answer) -> tuple[list[int], str]:
    """The indices and the words of an answer in its form; an answer without the form has words alone."""
    if answer.unreadable or answer.abstained:
        return [], ""
    text = answer.text or ""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        return [], text.strip()
    return list(dict.fromkeys(map(int, re.findall(r"\d+", found["evidence"])))), found["answer"].strip()
