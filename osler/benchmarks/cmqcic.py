"""CMQCIC-Bench: whether a Chinese hospital record meets a quality-control indicator, with the facts and rules behind it.

Layout: `data.jsonl` with `unique_id` (the indicator), `patient note`, `facts` (`Fact`, `Original Text`, `Result`), `logic`,
`explaination` and `label` (Yes or No; what cannot be told is No), and `indicator.json`, which gives for each indicator its
`question_rule`, the supplement `other`, the fact templates and the `logical_rules` in words and symbols. With
`inputs="rules"` (as CF-IR is given them) facts and rules are documents of the case; with `text` (as the released standard and
chain-of-thought prompts) they are left out. Rows of one indicator form one group. The published value of a fact stands in
`Result`, or, for a quantity, written into the template; where it can be found in neither it is not scored.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files, Row, list_of, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Case, Document, Option, opaque_id
from osler.errors import InputError, UsageError
from osler.methods import rules
from osler.registry import benchmark
from osler.scoring.references import IndicatorReference
from osler.services import Example

NEEDS = "the folder of CMQCIC-Bench with data.jsonl and indicator.json, or a ZIP of it"
INPUTS = ("rules", "text")
OPTIONS = (("Yes", "是，符合"), ("No", "否（包括无法判断）"))
_SUPPLEMENT = "\n补充：{other}"
_TEMPLATE = ("假设", "true/false")


@benchmark(
    "cmqcic",
    source="Yu et al. 2025 (CMQCIC-Bench)",
    needs=(f"--data {NEEDS}",),
    scorer="quality-indicator",
    inputs=INPUTS,
)
class Cmqcic:
    """Quality-control indicators from Chinese records: verdict, facts and rule, scored apart."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None, inputs: str | None = None
    ) -> Iterator[Item[IndicatorReference]]:
        """Items of an indicator (`subset`); there is one split. `inputs`: with facts and `rules` (default), or the `text` alone."""
        if inputs not in (None, *INPUTS):
            raise UsageError(f"--inputs takes {' or '.join(INPUTS)}, not {inputs!r}")
        if split not in (None, "test"):
            raise InputError(f"CMQCIC-Bench has no split {split!r}; there is: test")
        with Files(path, NEEDS) as files:
            indicators = _indicators(files)
            found = (
                _item(row, where, indicators, inputs != "text")
                for where, row in files.rows(files.only("data.jsonl", "*.jsonl"))
                if subset in (None, row.get("unique_id"))
            )
            yield from distinct(found)

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The indicators."""
        return sorted({item.subset for item in Cmqcic.items(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """None: there is no training split."""
        raise InputError("CMQCIC-Bench has no training split to draw examples from")


def _indicators(files: Files) -> Mapping[str, Any]:
    names = files.like("indicator.json", "*indicator*.json")
    if not names:
        raise InputError(f"{files.path} holds no indicator.json; --data takes {NEEDS}")
    found = files.json(names[0])
    if not isinstance(found, dict):
        raise InputError(f"{names[0]} must hold an object of indicators")
    return found


def _item(row: Row, where: str, indicators: Mapping[str, Any], full: bool) -> Item[IndicatorReference]:
    name, note = words_of(row, "unique_id", where), words_of(row, "patient note", where)
    about = indicators.get(name)
    if not isinstance(about, dict):
        raise InputError(f"{where}: indicator {name!r} is not in indicator.json")
    label = words_of(row, "label", where).rstrip(".")
    if label not in ("Yes", "No"):
        raise InputError(f"{where}: field 'label' must be Yes or No")
    facts, pairs = _facts_and_rules(about, name)
    reference = IndicatorReference(label, facts, _values(row, facts, where), pairs)
    documents = [
        Document(id="facts", title="facts to verify", text=rules.write_facts(facts)),
        Document(id="rules", title="rules over the facts", text=rules.write_rules(pairs)),
    ]
    key = opaque_id(name, note)
    case = Case(
        id=key, text=note, question=_question(about, name), options=[Option(key=k, text=t) for k, t in OPTIONS],
        answer_kind="label", language="zh", documents=documents if full else [],
    )  # fmt: skip
    return Item(key, case, reference, opaque_id(name), subset=name, tags={"disease": name.partition("_")[0]})


def _question(about: Row, name: str) -> str:
    other = str(about.get("other") or "").strip()
    question = words_of(about, "question_rule", f"indicator {name}")
    return question + (_SUPPLEMENT.format(other=other) if other and other not in question else "")


def _facts_and_rules(about: Row, name: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    where = f"indicator {name}"
    facts = tuple(str(fact).strip() for fact in list_of(about, "facts", where))
    found = []
    for one in list_of(about, "logical_rules", where):
        if not isinstance(one, dict):
            raise InputError(f"{where}: field 'logical_rules' must hold objects")
        found.append(
            (str(one.get("natural language", "")).strip(), str(one.get("symbolic language", "")).strip())
        )
    return facts, tuple(found)


def _values(row: Row, facts: tuple[str, ...], where: str) -> tuple[str | None, ...]:
    """The published value of each fact: None where the record says nothing of it, "" where it cannot be told."""
    given = [one for one in list_of(row, "facts", where) if isinstance(one, dict)]
    if len(given) != len(facts):
        return ("",) * len(facts)
    return tuple(_value(template, one) for template, one in zip(facts, given, strict=True))


def _value(template: str, one: Row) -> str | None:
    result = str(one.get("Result", "")).strip().rstrip("。.")
    if result.casefold() in rules.UNKNOWN:
        return None
    quantity = rules.Fact.of(template).variable is not None
    written = str(one.get("Fact", "")).partition("=")[2].strip().rstrip("。. ")
    if quantity and rules.truth(result) is not None:
        told = written and not any(word in written.casefold() for word in _TEMPLATE)
        return written if told else ""
    return result
