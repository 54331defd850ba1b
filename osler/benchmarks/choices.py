"""Makes an item from a choice question; used by every choice benchmark. Knows no file layout."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from osler.benchmarks.items import Item
from osler.benchmarks.vignette import vignette_hash
from osler.case import AnswerKind, Blob, Case, Document, Notice, Option, opaque_id
from osler.errors import InputError
from osler.scoring.references import (
    CalculationReference,
    ChoiceReference,
    ChoicesReference,
    DiagnosisReference,
)
from osler.services import Example
from osler.trace import Answer, Calculated, Candidate

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_EMPTY: Mapping[str, str] = {}


def choice_item(
    question: str,
    options: Sequence[tuple[str, str]],
    right: str,
    where: str,
    *,
    text: str = "",
    documents: Sequence[Document] = (),
    images: Sequence[Blob] = (),
    notices: Sequence[Notice] = (),
    kind: AnswerKind = "choice",
    subset: str = "",
    tags: Mapping[str, str] = _EMPTY,
    group: str = "",
    language: str = "en",
) -> Item[ChoiceReference]:
    """One choice question. `options` are (key, text) in order; `right` is the key of the right one.

    The vignette, which groups items, is `text` where there is one, else the question. Raises InputError with `where` when
    options are fewer than two, share a key, are empty, or do not hold the right key.
    """
    case = choice_case(question, options, where, text, documents, images, notices, kind, language)
    keys = tuple(option.key for option in case.options)
    if right not in keys:
        raise InputError(f"{where}: the answer is not among the options {', '.join(keys)}")
    return Item(
        case.id,
        case,
        ChoiceReference(right, keys),
        group or vignette_hash(text or question),
        subset=subset,
        tags=tags,
    )


def choice_case(
    question: str,
    options: Sequence[tuple[str, str]],
    where: str,
    text: str = "",
    documents: Sequence[Document] = (),
    images: Sequence[Blob] = (),
    notices: Sequence[Notice] = (),
    kind: AnswerKind = "choice",
    language: str = "en",
) -> Case:
    """The case of a choice question; its id is made of what it shows."""
    if len(options) < 2:
        raise InputError(f"{where}: has {len(options)} options; a choice needs at least two")
    keys = [key for key, _ in options]
    if len(set(keys)) != len(keys):
        raise InputError(f"{where}: two options have one key")
    if not all(words.strip() for _, words in options):
        raise InputError(f"{where}: an option has no text")
    shown = [part for option in options for part in option]
    return Case(
        id=opaque_id(question, text, *(d.text for d in documents), *(i.sha256 for i in images), *shown),
        text=text,
        question=question,
        options=[Option(key=key, text=words.strip()) for key, words in options],
        documents=list(documents),
        images=list(images),
        notices=list(notices),
        answer_kind=kind,
        language=language,
    )


def options_of(value: Any, where: str) -> list[tuple[str, str]]:
    """Options from an object of keys, a list of texts, or a list of {letter, content}; keys A, B, … where there are none.

    An empty one stays, with the text "", because an answer may count it: find the answer first, then take `with_text`.
    """
    if isinstance(value, dict):
        pairs = [(str(key).strip(), text) for key, text in value.items()]
    elif isinstance(value, list) and all(isinstance(entry, dict) for entry in value):
        pairs = [
            (str(_first(e, "letter", "key", "label", "id") or LETTERS[i % 26]), _first(e, "content", "text", "value"))
            for i, e in enumerate(value)
        ]  # fmt: skip
    elif isinstance(value, list) and len(value) <= len(LETTERS):
        pairs = list(zip(LETTERS, value, strict=False))
    else:
        raise InputError(f"{where}: the options are neither an object, a list of texts nor a list of objects")
    if not all(text is None or isinstance(text, str | int | float) for _, text in pairs):
        raise InputError(f"{where}: an option is not a text")
    return [(key, "" if text is None else str(text)) for key, text in pairs]


def with_text(options: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The options that are shown: a row of five columns may fill three."""
    return [(key, text) for key, text in options if text]


def right_key(answer: Any, options: Sequence[tuple[str, str]], where: str, base: int = 0) -> str:
    """The key that an answer means: a key, an index (from `base`, empty options counted), or an option's whole text.

    Raises InputError where it means none, or an option without text.
    """
    key = _meant(answer, options, where, base)
    if not dict(options)[key].strip():
        raise InputError(
            f"{where}: the answer {str(answer).strip()[:40]!r} is option {key}, which has no text"
        )
    return key


def _meant(answer: Any, options: Sequence[tuple[str, str]], where: str, base: int) -> str:
    keys = [key for key, _ in options]
    if isinstance(answer, int) and not isinstance(answer, bool) and str(answer) not in keys:
        if not 0 <= answer - base < len(keys):
            raise InputError(f"{where}: answer {answer} counts past the {len(keys)} options")
        return keys[answer - base]
    words = str(answer).strip()
    for key in keys:
        if words.rstrip(".)").lstrip("(").casefold() == key.casefold():
            return key
    same = [key for key, text in options if _folded(text) == _folded(words)]
    if len(same) == 1:
        return same[0]
    raise InputError(
        f"{where}: the answer {words[:40]!r} is neither a key ({', '.join(keys)}) nor the text of one option"
    )


def as_example(item: Item[Any]) -> Example:
    """A training item as a solved example for few-shot pools."""
    reference = item.reference
    kind = item.case.answer_kind
    if isinstance(reference, ChoicesReference):
        return Example(item.case, Answer(kind="choices", choices=list(reference.choices)))
    if isinstance(reference, ChoiceReference):
        return Example(item.case, Answer(kind="label" if kind == "label" else "choice", choice=reference.key))
    if isinstance(reference, DiagnosisReference):
        right = [Candidate(id="", name=reference.names[0])]
        return Example(item.case, Answer(kind="differential", differential=right))
    if isinstance(reference, CalculationReference):
        work = Calculated(
            calculator=reference.calculator or reference.title or None, inputs=dict(reference.inputs)
        )
        if kind == "number":
            return Example(item.case, Answer(kind=kind, number=float(reference.value), calculated=work))
        return Example(item.case, Answer(kind="text", text=str(reference.value), calculated=work))
    return Example(item.case, Answer(kind="text", text=str(reference.answer)))


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" .").casefold()


def _first(entry: dict[str, Any], *names: str) -> Any:
    return next((entry[name] for name in names if name in entry), None)
