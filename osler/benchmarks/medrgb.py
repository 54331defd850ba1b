"""MedRGB: choice questions with contexts built at set shares of documents that bear on them: four scenarios, 17 cells.

Source: Ngo et al. 2024 (arXiv 2411.09213); layout and building checked against the authors' code (github.com/ngotrnghia1811/MedRGB).
Layout: a JSONL of questions (`question_id`, `question`, `options`, `answer`), signal_docs.json (id → documents with `id`, `title`,
`content`), and for the last two scenarios subqa_pairs.json (id → `doc_id`, `question`, `answer`) and counterfactual_docs.json
(id → `original_id`, `edited_document`). Scenarios, each with `p` percent of ten documents that bear on the question:
- standard/100: those alone; sufficiency/0 … 100: the rest is noise (documents of other questions), and "insufficient" may be said;
- integration/20 … 100: the same, with one sub-question for each document that bears on it;
- robustness/0 … 100: all bear on it, and the rest of them were edited to say something false.
Contexts follow the question's id alone, so every run sees the same. Departures: where a question has too few documents for a share,
the context is shorter and the share stays (the released code keeps what there is, so its share drifts); a document never stands
beside its own edited form. What a question is asked is told by its form, so any method can answer.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import options_of, right_key, with_text
from osler.benchmarks.files import Files, words_of
from osler.benchmarks.items import Item
from osler.benchmarks.vignette import vignette_hash
from osler.case import AnswerField, AnswerForm, Case, Document, Option, opaque_id
from osler.data.cache import digest
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.medrgb import INSUFFICIENT, SCENARIOS, MedRgbReference, Scenario

NEEDS = "a folder with MedRGB's questions (JSONL), signal_docs.json, subqa_pairs.json and counterfactual_docs.json"
SHARES = (0, 20, 40, 60, 80, 100)
CELLS: tuple[tuple[Scenario, int], ...] = (
    ("standard", 100),
    *(("sufficiency", share) for share in SHARES),
    *(("integration", share) for share in SHARES[1:]),
    *(("robustness", share) for share in SHARES),
)
DOCUMENTS = 10
_RIGHT_KEY = AnswerField(name="answer", type="string", holds="the key of one option")


@dataclass(frozen=True)
class Question:
    """A question with its documents: those that bear on it by id, their sub-questions, and their edited forms."""

    id: str
    text: str
    options: tuple[tuple[str, str], ...]
    right: str
    signals: Mapping[str, tuple[str, str]]
    subs: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    edited: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """Documents in the order shown, each with its id, text and what it is: signal, noise or false."""

    documents: tuple[tuple[str, str, str], ...]

    def numbers(self, kind: str) -> tuple[int, ...]:
        """Numbers, from 1, of the documents of a kind."""
        return tuple(n for n, (_, _, own) in enumerate(self.documents, 1) if own == kind)


@benchmark(
    "medrgb", source="Ngo et al. 2024 (MedRGB)", needs=(f"--data {NEEDS}",), scorer="medrgb", splits=("test",)
)
class MedRgb:
    """Sufficiency, integration and robustness of answers from passages, at set shares of noise and of falsehood."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[MedRgbReference]]:
        """Every question in every cell; `subset` is a cell (`sufficiency/40`) or a scenario with all its shares."""
        cells = _cells(subset)
        questions = read_questions(path)
        for scenario, share in cells:
            for question in questions:
                item = make_item(question, questions, scenario, share)
                if item is not None:
                    yield item

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The cells."""
        return [f"{scenario}/{share}" for scenario, share in CELLS]


def make_item(
    question: Question, others: Sequence[Question], scenario: Scenario, share: int
) -> Item[MedRgbReference] | None:
    """A question in one cell; None where its data do not allow the cell (no edited documents, no sub-questions)."""
    context = build(question, others, scenario, share)
    if context is None:
        return None
    asked = [
        (question.subs[own], n)
        for n, (own, _, kind) in enumerate(context.documents, 1)
        if own in question.subs and kind != "noise" and scenario in ("integration", "robustness")
    ]
    if scenario in ("integration", "robustness") and not asked:
        return None
    words = "\n".join([question.text, *_numbered([sub for (sub, _), _ in asked])])
    documents = [
        Document(id=str(n), title=f"document {n}", text=text)
        for n, (_, text, _) in enumerate(context.documents, 1)
    ]
    cell = f"{scenario}/{share}"
    key = opaque_id(words, cell, *(one.text for one in documents), *(text for _, text in question.options))
    case = Case(
        id=key,
        question=words,
        options=[Option(key=k, text=text) for k, text in question.options],
        documents=documents,
        answer_kind="choice" if scenario == "standard" else "text",
        answer_form=None if scenario == "standard" else form(scenario),
    )
    reference = MedRgbReference(
        question.right,
        tuple(k for k, _ in question.options),
        scenario,
        share,
        signal=context.numbers("signal"),
        noise=context.numbers("noise"),
        false=context.numbers("false"),
        sub_answers=tuple((answer, n) for (_, answer), n in asked),
    )
    return Item(key, case, reference, vignette_hash(question.text), subset=cell)


def build(question: Question, others: Sequence[Question], scenario: Scenario, share: int) -> Context | None:
    """The context of a cell: `share` percent bear on the question; the rest is noise, or false in robustness."""
    rng = random.Random(int(digest(question.id, scenario, share), 16))
    kind = "false" if scenario == "robustness" else "noise"
    own = sorted(question.signals)
    rng.shuffle(own)
    if kind == "false":
        pool = [one for one in own if one in question.edited]
        own = [one for one in own if one not in question.edited] + pool[::-1]
    else:
        pool = sorted(
            {one for other in others if other.text != question.text for one in other.signals} - set(own)
        )
    right, rest = _sizes(share, len(own), len(pool), apart=kind != "false")
    if right + rest == 0:
        return None
    chosen = own[:right]
    fill = [one for one in pool if one not in chosen]
    fill = fill[:rest] if kind == "false" else rng.sample(fill, min(rest, len(fill)))
    if len(fill) < rest:
        return None
    texts = (
        {one: text for other in others for one, (_, text) in other.signals.items()}
        if kind == "noise"
        else question.edited
    )
    documents = [(one, question.signals[one][1], "signal") for one in chosen] + [
        (one, texts[one], kind) for one in fill
    ]
    rng.shuffle(documents)
    return Context(tuple(documents))


def _sizes(share: int, own: int, pool: int, apart: bool) -> tuple[int, int]:
    """How many documents that bear on the question and how many others: the share stays, the context may be shorter.

    Where the two are not `apart`, the others are made of the same documents, which then count once.
    """
    for total in range(DOCUMENTS, 0, -1):
        right = total * share / 100
        rest = total - right
        if right == int(right) and right <= own and rest <= pool and (apart or right + rest <= own):
            return int(right), int(rest)
    return 0, 0


def form(scenario: Scenario) -> AnswerForm:
    """What a reply gives in a scenario, and how it is written."""
    if scenario == "sufficiency":
        return AnswerForm(
            ask="Choose one option by its key; where the documents and what you know do not suffice, answer insufficient. Also name the "
            "numbers of the documents that bear on the question, and of those that do not (none where there is none).",
            fields=[
                _field("relevant", "numbers of the documents that bear on the question, or none"),
                _field("irrelevant", "numbers of the documents that do not, or none"),
                _field("answer", f"the key of one option, or {INSUFFICIENT}"),
            ],
            text="answer: {answer}\nrelevant: {relevant}\nirrelevant: {irrelevant}",
        )
    subs = _field(
        "sub_answers",
        "for each sub-question a line: its number, a short answer from a document, and [document number]",
    )
    if scenario == "integration":
        return AnswerForm(
            ask="First answer each sub-question in a few words from the document that holds it. Then choose one option by its key.",
            fields=[subs, _RIGHT_KEY],
            text="answer: {answer}\nsub-answers: {sub_answers}",
        )
    return AnswerForm(
        ask="Some documents may state falsehoods. Name those that do by number (none where none does). Answer each sub-question rightly in a "
        "few words, whatever the documents say. Then choose one option by its key.",
        fields=[
            _field("false", "numbers of the documents that state something false, or none"),
            subs,
            _RIGHT_KEY,
        ],
        text="answer: {answer}\nfalse: {false}\nsub-answers: {sub_answers}",
    )


def read_questions(path: Path) -> list[Question]:
    """The questions with their documents. Raises InputError for another layout."""
    with Files(path, NEEDS) as files:
        signals = _table(files, "signal_docs.json")
        subs = _table(files, "subqa*.json", False)
        edited = _table(files, "counterfactual*.json", False)
        names = files.like("*.jsonl")
        if not names:
            raise InputError(f"{path} holds no questions (JSONL); --data takes {NEEDS}")
        found = []
        for name in names:
            for where, row in files.rows(name):
                key = str(row.get("question_id") or row.get("id") or "")
                if key not in signals:
                    raise InputError(f"{where}: question {key!r} has no documents in signal_docs.json")
                found.append(_question(row, key, where, signals[key], subs.get(key, ()), edited.get(key, ())))
    return found


def _question(row: Mapping[str, Any], key: str, where: str, signals: Any, subs: Any, edited: Any) -> Question:
    options = options_of(row.get("options"), where)
    documents = {
        str(one["id"]): (
            str(one.get("title") or ""),
            str(one.get("content") or one.get("text") or "").strip(),
        )
        for one in signals
        if one.get("id") is not None
    }
    return Question(
        key,
        words_of(row, "question", where),
        tuple(with_text(options)),
        right_key(row.get("answer"), options, where),
        {one: told for one, told in documents.items() if told[1]},
        {
            str(one.get("doc_id")): (str(one["question"]), str(one["answer"]))
            for one in subs
            if one.get("question") and one.get("answer")
        },
        {
            str(one.get("original_id")): str(one["edited_document"])
            for one in edited
            if one.get("edited_document")
        },
    )


def _table(files: Files, pattern: str, needed: bool = True) -> dict[str, Any]:
    names = files.like(pattern)
    if not names and not needed:
        return {}
    name = names[0] if names else files.only(pattern)
    found = files.json(name)
    if not isinstance(found, dict) or not all(_rows(one) for one in found.values()):
        raise InputError(f"{name} is not an object with a list of objects for each question's id")
    return found


def _rows(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _cells(subset: str | None) -> list[tuple[Scenario, int]]:
    found = [cell for cell in CELLS if subset in (None, cell[0], f"{cell[0]}/{cell[1]}")]
    if not found:
        raise InputError(
            f"there is no scenario {subset!r}; there are {', '.join(SCENARIOS)}, with a share: sufficiency/40"
        )
    return found


def _numbered(questions: Sequence[str]) -> list[str]:
    return ["Sub-questions:", *(f"{n}. {one}" for n, one in enumerate(questions, 1))] if questions else []


def _field(name: str, about: str) -> AnswerField:
    return AnswerField(name=name, type="string", holds=about)
