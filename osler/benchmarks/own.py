"""A user's own questions from JSON lines, a JSON list, CSV or TSV, with the columns named by `--map`.

    --map question=stem,options=choices,answer=key
    --map question=Q,options=opa+opb+opc+opd,answer=cop,base=1,subject=subject_name

Fields: `question` (needed), `options` (a column with an object, a list or JSON of either, or texts parted by `|` or line
breaks; or several columns joined by `+`), `answer` (a key, an index counted from `base`, an option's text; several parted by
`,` or a list make a question with several right options), `context` (text before the question), `subset`, `group`, `split`.
Without options the answer is a list of diagnoses (`kind=differential`) or in words (`kind=text`, scored by its words). Any other name becomes a tag.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from osler.benchmarks.choices import (
    LETTERS,
    as_example,
    choice_case,
    choice_item,
    options_of,
    right_key,
    with_text,
)
from osler.benchmarks.files import Files, Row
from osler.benchmarks.items import Item, distinct
from osler.benchmarks.vignette import vignette_hash
from osler.case import Case, opaque_id
from osler.errors import InputError, UsageError
from osler.registry import benchmark
from osler.scoring.references import ChoicesReference, DiagnosisReference, TextReference
from osler.services import Example

NEEDS = "a JSON-lines, JSON, CSV or TSV file"
FIELDS = ("question", "options", "answer", "context", "subset", "group", "split", "language")
SETTINGS = ("base", "kind")
_GUESSES = {
    "question": ("question", "stem", "query", "prompt"),
    "options": ("options", "choices"),
    "answer": ("answer_idx", "answer", "key", "label", "correct"),
    "context": ("context", "vignette", "passage"),
}


@benchmark(
    "own",
    source="the user's own file",
    needs=("--data FILE", "--map question=…,options=…,answer=…"),
    scorer="by-kind",
)
class Own:
    """A user's own questions, with columns named by --map."""

    @staticmethod
    def items(
        path: Path,
        *,
        subset: str | None = None,
        split: str | None = None,
        columns: Mapping[str, str] | None = None,
    ) -> Iterator[Item[Any]]:
        """The rows as items. Raises InputError that names row and column, UsageError for a mapping that cannot be."""
        with Files(path, NEEDS) as files:
            name = files.only("*.jsonl", "*.json", "*.csv", "*.tsv")
            if len(found := files.like("*.jsonl", "*.json", "*.csv", "*.tsv")) > 1:
                raise InputError(
                    f"{path} holds several data files ({', '.join(found[:5])}); name one of them"
                )
            rows = files.rows(name)
            first = next(rows, None)
            if first is None:
                raise InputError(f"{name} holds no rows")
            yield from Own.read(first, rows, columns or {}, name, subset, split)

    @staticmethod
    def read(
        first: tuple[str, Row],
        rows: Iterator[tuple[str, Row]],
        columns: Mapping[str, str],
        name: str,
        subset: str | None = None,
        split: str | None = None,
    ) -> Iterator[Item[Any]]:
        """Rows (place, row), of which the first is given apart, by a mapping; `name` is the file's, for messages."""
        chosen = _columns(columns, first[1], name)
        yield from distinct(_wanted(first, rows, chosen, subset, split))

    @staticmethod
    def subsets(path: Path, columns: Mapping[str, str] | None = None) -> list[str]:
        """The values of the column that `subset` names."""
        return sorted({item.subset for item in Own.items(path, columns=columns)} - {""})

    @staticmethod
    def examples(
        path: Path, *, subset: str | None = None, columns: Mapping[str, str] | None = None
    ) -> list[Example]:
        """All rows of the file: the user names it as the pool."""
        return [as_example(item) for item in Own.items(path, subset=subset, columns=columns)]


def read_map(text: str) -> dict[str, str]:
    """`question=stem,options=a+b,answer=key` as a mapping. Raises UsageError for anything else."""
    columns: dict[str, str] = {}
    for part in text.split(","):
        name, equals, column = (piece.strip() for piece in part.partition("="))
        if not (name and equals and column):
            raise UsageError(f"--map takes name=column pairs parted by commas; {part.strip()!r} is none")
        if name in columns:
            raise UsageError(f"--map names {name!r} twice")
        columns[name] = column
    return columns


def _columns(columns: Mapping[str, str], row: Row, name: str) -> dict[str, str]:
    """The mapping, checked against the file's columns and filled up by usual names."""
    chosen = dict(columns)
    for field, names in _GUESSES.items():
        guess = next((n for n in names if n in row), None)
        if field not in chosen and guess:
            chosen[field] = guess
    for field, column in chosen.items():
        for one in column.split("+") if field == "options" else [column]:
            if field not in SETTINGS and one not in row:
                raise InputError(f"{name} has no column {one!r} for {field}; it has: {', '.join(row)}")
    for field in ("question", "answer"):
        if field not in chosen:
            raise UsageError(f"--map must say which column holds the {field}; {name} has: {', '.join(row)}")
    if not chosen.get("base", "0").lstrip("-").isdigit():
        raise UsageError(f"--map base={chosen['base']} is no number; base=1 counts options from one")
    return chosen


def _wanted(
    first: tuple[str, Row],
    rows: Iterator[tuple[str, Row]],
    columns: dict[str, str],
    subset: str | None,
    split: str | None,
) -> Iterator[Item[Any]]:
    if split is not None and "split" not in columns:
        raise UsageError("--split needs a column that tells it: --map …,split=COLUMN")
    if subset is not None and "subset" not in columns:
        raise UsageError("--subset needs a column that tells it: --map …,subset=COLUMN")
    for where, row in (pair for source in ([first], rows) for pair in source):
        if split is not None and str(row.get(columns["split"])) != split:
            continue
        if subset is not None and str(row.get(columns["subset"])) != subset:
            continue
        yield _item(row, columns, where)


def _item(row: Row, columns: dict[str, str], where: str) -> Item[Any]:
    question = _cell(row, columns["question"], where, "question")
    text = str(row.get(columns.get("context", ""), "") or "")
    tags = {n: str(row[c]) for n, c in columns.items() if n not in (*FIELDS, *SETTINGS) and row.get(c)}
    subset = str(row.get(columns.get("subset", ""), "") or "")
    if "options" not in columns:
        item = _open(row, columns, where, question, text)
    else:
        item = _choice(row, columns, where, question, text)
    own = str(row.get(columns.get("group", ""), "") or "")
    return replace(item, subset=subset, tags=tags, group=own or item.group)


def _choice(row: Row, columns: dict[str, str], where: str, question: str, text: str) -> Item[Any]:
    options = _options(row, columns["options"], where)
    base = int(columns.get("base", "0"))
    column = columns["answer"]
    answers = _answers(row.get(column), options)
    if not answers:
        raise InputError(f"{where}, column {column!r}: there is no answer")
    spot = f"{where}, column {column!r}"
    keys = [right_key(_number(answer, options), options, spot, base) for answer in answers]
    options = with_text(options)
    language = str(row.get(columns.get("language", ""), "") or "en")
    if columns.get("kind") != "choices" and len(keys) == 1:
        return choice_item(question, options, keys[0], spot, text=text, language=language)
    case = choice_case(question, options, spot, text, kind="choices", language=language)
    right = ChoicesReference(tuple(sorted(set(keys))), tuple(key for key, _ in options))
    return Item(case.id, case, right, vignette_hash(text or question))


def _open(row: Row, columns: dict[str, str], where: str, question: str, text: str) -> Item[Any]:
    answer = _cell(row, columns["answer"], where, "answer")
    kind = columns.get("kind", "differential")
    if kind not in ("differential", "text"):
        raise UsageError(
            f"--map kind={kind}: without options the answer is a diagnosis (kind=differential) or in words (kind=text)"
        )
    key = opaque_id(question, text)
    if kind == "text":
        case = Case(id=key, text=text, question=question, answer_kind="text")
        return Item(key, case, TextReference(answer), vignette_hash(text or question))
    case = Case(id=key, text=text, question=question, answer_kind="differential")
    names = tuple(name.strip() for name in answer.split("|") if name.strip())
    return Item(key, case, DiagnosisReference(names), vignette_hash(text or question))


def _options(row: Row, column: str, where: str) -> list[tuple[str, str]]:
    """The options of a row, whichever way the column or columns hold them; empty ones too, for an answer may count them."""
    if "+" in column:
        return [(LETTERS[i], _text(row.get(one))) for i, one in enumerate(column.split("+"))]
    value = row.get(column)
    spot = f"{where}, column {column!r}"
    if isinstance(value, str):
        value = _split(value, spot)
    return [(key, text.strip()) for key, text in options_of(value, spot)]


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _split(text: str, spot: str) -> Any:
    """A cell as options: JSON, or texts parted by line breaks or `|`, each with its key before it or without."""
    stripped = text.strip()
    if stripped[:1] in "{[":
        try:
            return orjson.loads(stripped)
        except orjson.JSONDecodeError:
            raise InputError(f"{spot}: looks like JSON and is not") from None
    if "\n" in stripped:
        parts = [part for line in stripped.splitlines() for part in _parted(line) if part]
    else:  # an empty place between two bars is an option without text; a bar on both ends is a frame
        parts = _parted(stripped.removeprefix("|").removesuffix("|") if _framed(stripped) else stripped)
    keyed = [re.match(r"\(?([A-Z])[.):\s]\s*(.+)", part, re.DOTALL) for part in parts]
    if parts and all(keyed) and [m[1] for m in keyed if m] == list(LETTERS[: len(parts)]):
        return {m[1]: m[2] for m in keyed if m}
    return parts


def _parted(text: str) -> list[str]:
    return [part.strip() for part in text.split("|")]


def _framed(text: str) -> bool:
    return len(text) > 2 and text[0] == text[-1] == "|"


def _answers(value: Any, options: list[tuple[str, str]]) -> list[Any]:
    """One answer or several: a list, keys parted by commas, or letters in one word (`ABD`)."""
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        return [] if value is None else [value]
    text, keys = value.strip(), {key for key, _ in options}
    parted = [part.strip() for part in re.split(r"[,;/、]\s*", text)]
    if len(parted) > 1 and all(part in keys for part in parted):
        return parted
    if len(text) > 1 and text not in keys and all(letter in keys for letter in text):
        return list(text)
    return [text] if text else []


def _number(answer: Any, options: list[tuple[str, str]]) -> Any:
    """A number written as text is an index, unless an option has it for its key or text."""
    known = {part.strip() for option in options for part in option}
    if isinstance(answer, str) and re.fullmatch(r"\d{1,2}", answer) and answer not in known:
        return int(answer)
    return answer


def _cell(row: Row, column: str, where: str, what: str) -> str:
    value = row.get(column)
    if value is None or not str(value).strip():
        raise InputError(f"{where}, column {column!r}: there is no {what}")
    return str(value).strip()
