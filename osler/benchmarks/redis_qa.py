"""ReDis-QA: choice questions on rare diseases, each on one property; and ReCOP, the corpus with a document for each such property.

Source: Wang et al. 2024 (arXiv 2408.08422); field names checked against the released code (github.com/guanchuwang/redis-bench), the data
not seen. Layout: rows with `input` (the question with its options on lines of their own) or `question` and `options`, `cop` (which
option, from 0) or `answer`, `rare disease` (a name or a list) and the property (`property`, `meta data` or `theme`). Subsets are the
properties, so that figures print for each; the disease is a tag, and questions of one disease form a group.
ReCOP is read by `osler corpus add recop FILE`: rows with `contents`, `rare-disease` and `property`; the property becomes a passage's section, by
which a search can be narrowed, and the chunk's id is its document, which answers cite.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.choices import choice_item, options_of, right_key, with_text
from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import opaque_id
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference

NEEDS = "ReDis-QA's rows as JSON lines, JSON or CSV"
PROPERTIES = (
    "overview",
    "symptoms",
    "causes",
    "affects",
    "related disorders",
    "diagnosis",
    "standard therapies",
)
_OPTION = re.compile(r"^\s*\(?([A-H])[.):]\s*(.+?)\s*$", re.M)
_TAIL = re.compile(r"\n\s*answer\s*:?\s*$", re.I)
_ALIASES = {"effects": "affects", "affected populations": "affects", "therapies": "standard therapies"}


@benchmark(
    "redis-qa",
    source="Wang et al. 2024 (ReDis-QA)",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
    splits=("test",),
)
class ReDisQa:
    """Rare diseases, one property a question: 1,360 questions on 205 diseases in the release."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """All questions, or those on one property (`subset`)."""
        with Files(path, NEEDS) as files:
            for name in _names(files):
                yield from distinct(
                    _item(row, where)
                    for where, row in files.rows(name)
                    if subset is None or property_of(row) == property_named(subset)
                )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The properties that are asked about."""
        with Files(path, NEEDS) as files:
            found = {property_of(row) for name in _names(files) for _, row in files.rows(name)}
        return [name for name in PROPERTIES if name in found] + sorted(found - set(PROPERTIES) - {""})


def property_of(row: Row) -> str:
    """The property that a row is on, by its usual name; empty where none is given."""
    for field in ("property", "meta data", "meta_data", "meta-data", "theme", "category"):
        value = row.get(field)
        if isinstance(value, list):
            value = value[0] if value else ""
        if value:
            return property_named(str(value))
    return ""


def property_named(name: str) -> str:
    """One way of writing a property."""
    plain = " ".join(re.split(r"[\s_-]+", name.strip().lower()))
    return _ALIASES.get(plain, plain)


def _names(files: Files) -> list[str]:
    names = [name for name in files.like("*.jsonl", "*.json", "*.csv") if "recop" not in name.lower()]
    return names or [files.only("*.jsonl", "*.json", "*.csv")]


def _item(row: Row, where: str) -> Item[ChoiceReference]:
    question, options = _asked(row, where)
    given = row.get("cop", row.get("answer", row.get("label")))
    if given is None or given == "":
        raise InputError(f"{where}: field 'cop' is missing")
    answer: Any = int(given) if str(given).strip().isdigit() else given
    disease = row.get("rare disease") or row.get("rare-disease") or row.get("disease") or ""
    name = str(disease[0] if isinstance(disease, list) and disease else disease)
    kind = property_of(row)
    return choice_item(
        question,
        with_text(options),
        right_key(answer, options, where),
        where,
        subset=kind,
        tags={"disease": name, "property": kind},
        group=opaque_id(name) if name else "",
    )


def _asked(row: Row, where: str) -> tuple[str, list[tuple[str, str]]]:
    """The question and its options, from fields of their own or from lines of one text."""
    if row.get("options") is not None or row.get("opa") is not None:
        options = row.get("options") or [row.get(f"op{letter}") for letter in "abcd"]
        return words_of(row, "question", where), options_of(options, where)
    text = _TAIL.sub("", words_of(row, "input" if "input" in row else "question", where))
    found = list(_OPTION.finditer(text))
    if len(found) < 2:
        raise InputError(f"{where}: the question has no options, in fields or on lines (A. …)")
    question = re.sub(r"^\s*question\s*:\s*", "", text[: found[0].start()], flags=re.I)
    question = re.sub(r"\n\s*(options|choices)\s*:?\s*$", "", question.rstrip(), flags=re.I)
    return question.strip(), [(one[1], one[2]) for one in found]
