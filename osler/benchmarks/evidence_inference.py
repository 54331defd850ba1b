"""Evidence Inference 2.0: did the intervention raise, lower or not change the outcome against its comparator, and where is it said?

Layout: `prompts_merged.csv` (PromptID, PMCID, Outcome, Intervention, Comparator), `v2_annotations.csv` or
`annotations_merged.csv` (label, evidence offsets, validity) and articles: `txt_files/PMC*.txt` in full or `PMC*.abst` as
abstracts. Offsets count from the beginning of the article, which is its abstract; evidence past the text at hand is left out,
and with abstracts only, so are prompts whose evidence lies in the body (the paper's abstract-only setting). The label is the
majority of valid annotations; prompts without one are left out. Two tasks: `label` and `evidence`. Prompts of one article
form a group.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from osler.benchmarks.choices import as_example, choice_case
from osler.benchmarks.files import Files, Row, pick, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Case, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference, SpanReference
from osler.services import Example

NEEDS = "the folder of Evidence Inference 2.0 (prompts, annotations, articles)"
TASKS = ["label", "evidence"]
LABELS = {
    "increased": "significantly increased",
    "decreased": "significantly decreased",
    "no difference": "no significant difference",
}
_CODES = {"1": "increased", "-1": "decreased", "0": "no difference"}
Reference = ChoiceReference | SpanReference


@dataclass
class _Marks:
    """What the valid annotations of a prompt say."""

    labels: Counter[str] = field(default_factory=Counter)
    spans: set[tuple[int, int]] = field(default_factory=set)

    def label(self) -> str | None:
        """The majority, None for a tie."""
        best = self.labels.most_common(2)
        if not best or (len(best) > 1 and best[0][1] == best[1][1]):
            return None
        return best[0][0]


@benchmark(
    "evidence-inference",
    source="DeYoung et al. 2020 (Evidence Inference 2.0)",
    needs=(f"--data {NEEDS}",),
    scorer="evidence",
    splits=("train", "validation", "test"),
)
class EvidenceInference:
    """Direction of a trial's effect, and the words of the report that say so."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[Reference]]:
        """Both tasks for every prompt, or one (`subset`); `split` needs the published lists of article ids."""
        tasks = pick(subset, TASKS, "task")
        with Files(path, NEEDS) as files:
            marks = _marks(files)
            wanted = _articles(files, split)
            articles = _Articles(files)
            rows = files.rows(files.only("prompts_merged.csv"))
            yield from distinct(
                item
                for where, row in rows
                if str(row.get("PromptID")) in marks
                and (wanted is None or str(row.get("PMCID")).removeprefix("PMC") in wanted)
                for item in _items(row, marks[str(row.get("PromptID"))], articles, where, tasks)
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The two tasks."""
        return list(TASKS)

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Labelled prompts of the training articles."""
        return [as_example(item) for item in EvidenceInference.items(path, subset="label", split="train")]


def _marks(files: Files) -> dict[str, _Marks]:
    """Valid annotations by prompt."""
    marks: dict[str, _Marks] = defaultdict(_Marks)
    for where, row in files.rows(files.only("v2_annotations.csv", "annotations_merged.csv")):
        if str(row.get("Valid Label")).lower() != "true":
            continue
        code = str(row.get("Label Code")).removesuffix(".0")
        if code not in _CODES:
            raise InputError(f"{where}, column 'Label Code': must be -1, 0 or 1")
        mark = marks[words_of(row, "PromptID", where)]
        mark.labels[_CODES[code]] += 1
        if str(row.get("Valid Reasoning")).lower() == "true":
            start, end = _offset(row, "Evidence Start", where), _offset(row, "Evidence End", where)
            if 0 <= start < end:
                mark.spans.add((start, end))
    return marks


def _offset(row: Row, name: str, where: str) -> int:
    value = str(row.get(name)).removesuffix(".0")
    if not re.fullmatch(r"-?\d+", value):
        raise InputError(f"{where}, column {name!r}: is no offset")
    return int(value)


class _Articles:
    """Articles by number: the full text where it is there, else the abstract. Read when needed; the last few are kept."""

    def __init__(self, files: Files) -> None:
        self.names: dict[str, str] = {}
        for name in [*files.like("PMC*.abst"), *files.like("txt_files/PMC*.txt")]:
            self.names[re.sub(r"\D", "", name.rsplit("/", 1)[-1].rsplit("!", 1)[-1])] = name
        if not self.names:
            raise InputError(f"{files.path} holds no articles (PMC*.abst or txt_files/PMC*.txt)")
        self._read = lru_cache(maxsize=64)(lambda number: files.text(self.names[number]))

    def text(self, number: str) -> str | None:
        """The text of an article, None where it is not in the data."""
        return self._read(number) if number in self.names else None


def _articles(files: Files, split: str | None) -> set[str] | None:
    if split is None:
        return None
    name = files.only(f"{split}_article_ids.txt")
    return {line.strip().removeprefix("PMC") for line in files.text(name).splitlines() if line.strip()}


def _items(
    row: Row, marks: _Marks, articles: _Articles, where: str, tasks: list[str]
) -> Iterator[Item[Reference]]:
    number = words_of(row, "PMCID", where).removeprefix("PMC")
    text, label = articles.text(number), marks.label()
    if text is None or label is None:
        return
    spans = tuple(sorted(span for span in marks.spans if span[1] <= len(text)))
    if not spans:
        return
    outcome, one, other = (
        words_of(row, "Outcome", where),
        words_of(row, "Intervention", where),
        words_of(row, "Comparator", where),
    )
    group = opaque_id(number)
    if "label" in tasks:
        asked = f"With respect to {outcome}, how does {one} compare with {other}?"
        case = choice_case(asked, list(LABELS.items()), where, text, kind="label")
        yield Item(case.id, case, ChoiceReference(label, tuple(LABELS)), group, subset="label")
    if "evidence" in tasks:
        asked = f"Quote the words of the report that say how {one} compares with {other} with respect to {outcome}."
        key = opaque_id(asked, text)
        case = Case(id=key, text=text, question=asked, answer_kind="spans")
        yield Item(key, case, SpanReference(spans, text), group, subset="evidence")
