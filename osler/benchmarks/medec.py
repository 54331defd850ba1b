"""MEDEC: a clinical note with at most one wrong sentence. Flag it, name the sentence, correct it.

Layout: CSV with `Sentences` (numbered lines), `Error Flag`, `Error Type`, `Error Sentence ID`, `Corrected Sentence`. A
sentence may run over several lines and lines within it may begin with numbers, so a number opens a sentence only where it
is the next one. A reply gives error, sentence and correction as fields of their own, so that reasoning cannot spoil them; the
answer has the published form: CORRECT, or the number of the wrong sentence and that sentence corrected.
Rows of one note (with the error, and without) form one group: about half as many groups as rows.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from osler.benchmarks.choices import as_example
from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.benchmarks.vignette import normal_words, vignette_hash
from osler.case import AnswerField, AnswerForm, Case, opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import CorrectionReference
from osler.services import Example

NEEDS = "the folder of MEDEC, or one of its CSV files"
QUESTION = (
    "The note above has one sentence per number. At most one sentence holds a medical error. Is there one, in which sentence, "
    "and what should that sentence say?"
)
FORM = AnswerForm(
    ask="Say whether a sentence is wrong. If one is, give its number and that sentence corrected, whole but without its "
    "number. If none is, leave number and correction empty (null).",
    fields=[
        AnswerField(name="error", type="boolean", holds="true where a sentence holds a medical error"),
        AnswerField(
            name="sentence", type="integer", holds="number of the wrong sentence, null without an error"
        ),
        AnswerField(name="correction", type="string", holds="that sentence corrected, null without an error"),
    ],
    text="{sentence} {correction}",
    unless="error",
    otherwise="CORRECT",
)
_FILES = {
    "validation": "*Validation*.csv",
    "test": "*Test*GroundTruth*.csv",
    "train": "*Training*.csv",
}
_COLLECTION = re.compile(r"\b(ms|uw)\b", re.IGNORECASE)


@benchmark(
    "medec",
    source="Ben Abacha et al. 2025 (MEDEC)",
    needs=(f"--data {NEEDS}",),
    scorer="error-correction",
    splits=("test", "validation", "train"),
)
class Medec:
    """Medical error detection and correction in clinical notes, over five error types."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[CorrectionReference]]:
        """Items of a split (test where it is there with its gold, else validation) and of a collection (`ms`, `uw`)."""
        with Files(path, NEEDS) as files:
            found = [pair for name in _names(files, split) for pair in files.rows(name)]
        groups = note_groups([str(row.get("Text") or row.get("Sentences") or "") for _, row in found])
        items = (_item(row, where, group) for (where, row), group in zip(found, groups, strict=True))
        yield from distinct(item for item in items if subset in (None, item.subset))

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The collections: `ms` (from MedQA vignettes) and `uw` (hospital notes), as far as they are there."""
        return sorted({item.subset for item in Medec.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The notes of the training file."""
        return [as_example(item) for item in Medec.items(path, subset=subset, split="train")]


def numbered_sentences(text: str) -> dict[int, str]:
    """`0 First.\\n1 Second …` as numbers and sentences; a number opens a sentence only where it is the next one."""
    opened: list[tuple[int, int, int]] = []
    for match in re.finditer(r"(?m)^(\d+) ", text):
        if int(match[1]) == len(opened):
            opened.append((int(match[1]), match.start(), match.end()))
    ends = [start for _, start, _ in opened[1:]] + [len(text)]
    return {
        number: " ".join(text[begin:end].split())
        for (number, _, begin), end in zip(opened, ends, strict=True)
    }


def note_groups(texts: Sequence[str]) -> list[str]:
    """One group per note: texts that share half of their sentences are one, whatever their order."""
    sentences = [
        {" ".join(w) for s in re.split(r"(?<=[.?!])\s+", t) if len(w := normal_words(s)) > 5} for t in texts
    ]
    holders: dict[str, list[int]] = defaultdict(list)
    for i, own in enumerate(sentences):
        for sentence in own:
            holders[sentence].append(i)
    parent = list(range(len(texts)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = i = parent[parent[i]]
        return i

    for i, own in enumerate(sentences):
        shared = Counter(j for sentence in own for j in holders[sentence] if j < i)
        for j, n in shared.items():
            if 2 * n >= min(len(own), len(sentences[j])):
                low, high = sorted((root(i), root(j)))
                parent[high] = low
    return [vignette_hash(texts[root(i)]) for i in range(len(texts))]


def _names(files: Files, split: str | None) -> list[str]:
    if files.path.is_file() and len(files.names) == 1:
        return files.names
    if split is not None and split not in _FILES:
        raise InputError(f"MEDEC has no split {split!r}; there are: {', '.join(_FILES)}")
    wanted = [split] if split else ["test", "validation"]
    for one in wanted:
        if found := files.like(_FILES[one]):
            return found
    raise InputError(f"{files.path} holds no {' or '.join(_FILES[one] for one in wanted)}")


def _item(row: Row, where: str, group: str) -> Item[CorrectionReference]:
    sentences = numbered_sentences(words_of(row, "Sentences", where))
    if not sentences:
        raise InputError(f"{where}: field 'Sentences' holds no numbered sentences")
    text = "\n".join(f"{number} {sentence}" for number, sentence in sentences.items())
    reference = _reference(row, sentences, where)
    key = opaque_id(text)
    case = Case(id=key, text=text, question=QUESTION, answer_kind="text", answer_form=FORM)
    name = _COLLECTION.search(str(row.get("Text ID") or ""))
    tags = {"error type": reference.error_type or "none"}
    return Item(key, case, reference, group, subset=name[1].lower() if name else "", tags=tags)


def _reference(row: Row, sentences: dict[int, str], where: str) -> CorrectionReference:
    flag = str(row.get("Error Flag") or "").strip()
    if flag not in ("0", "1", "0.0", "1.0"):
        raise InputError(f"{where}, column 'Error Flag': must be 0 or 1")
    if flag.startswith("0"):
        return CorrectionReference(False)
    number = str(row.get("Error Sentence ID") or "").strip().removesuffix(".0")
    if not number.isdigit() or int(number) not in sentences:
        raise InputError(f"{where}, column 'Error Sentence ID': names no sentence of the note")
    correction = " ".join(words_of(row, "Corrected Sentence", where).split())
    return CorrectionReference(True, int(number), correction, str(row.get("Error Type") or "").strip())
