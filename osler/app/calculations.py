"""Calculators as a form: one field for each input with its unit, filled from a link or a case, read back into a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from osler import calculators
from osler.calculators.asking import leaves
from osler.calculators.define import AnyInput, Calculator, Choice, Number, YesNo
from osler.calculators.describe import asked_as
from osler.calculators.found import Extraction, every_input, written
from osler.calculators.from_case import fill
from osler.calculators.result import Result
from osler.calculators.values import Given, unit_text
from osler.case import Case, Quantity
from osler.errors import InputError

_BARE = re.compile(r"\s*[-+−]?[\d.,'\u00a0 ]*\d[\d.,]*\s*$")
_SPLIT = re.compile(r"\s*([-+−]?\d[\d.,']*)\s*(\S.*)$", re.S)
LONGEST = 80
SWITCHES = ("rest", "beyond", "partial")


@dataclass
class Field:
    """One input as a form shows it. `group` is needed, perhaps, assumed or derived; `units` pairs of UCUM and words."""

    input: AnyInput
    group: str
    kind: str
    value: str = ""
    unit: str = ""
    units: list[tuple[str, str]] = field(default_factory=list)
    from_case: str = ""
    problem: str = ""

    @property
    def takes(self) -> str:
        """What the input takes, in a few words."""
        return asked_as(self.input, alone=True)


@dataclass
class Sheet:
    """A calculator's form as it stands, and what came of it: a result, or why there is none."""

    about: Calculator
    fields: list[Field]
    switches: dict[str, bool]
    filled: Extraction | None = None
    result: Result | None = None
    problem: str = ""
    missing: dict[str, str] = field(default_factory=dict)

    @property
    def typed(self) -> dict[str, str]:
        """What is typed, by input, with its unit: what a link holds."""
        return {one.input.name: _joined(one) for one in self.fields if one.value}

    def of(self, *groups: str) -> list[Field]:
        """The fields of some groups, in order."""
        return [one for one in self.fields if one.group in groups]


def sheet(about: Calculator, given: Mapping[str, str], case: Case | None = None, take: bool = True) -> Sheet:
    """The form with what is given: `weight=70 kg`, or `weight=70` with `weight.unit=kg`; a case fills the rest.

    take: False leaves what is empty so; the case then only tells where the values that still stand came from.
    """
    fields = [_field(about, one, given) for one in every_input(about)]
    made = Sheet(about, fields, {name: given.get(name) == "yes" for name in SWITCHES})
    if case is not None:
        made.filled = fill(case, about)
        for one in fields if take else ():
            if not one.value and one.input.name in made.filled.values:
                _fill(one, made.filled)
    return made


def work(made: Sheet) -> None:
    """Work the calculator out; what is missing or refused is said in the sheet, at its field."""
    values = {name: _given(made, name, text) for name, text in made.typed.items()}
    on = made.switches
    try:
        made.result = calculators.run(
            made.about, values, rest=False if on["rest"] else None, beyond=on["beyond"], partial=on["partial"]
        )
    except calculators.MissingInputs as error:
        made.missing = error.missing
        made.problem = f"Still needed: {', '.join(error.missing.values())}."
    except calculators.ValueRefused as error:
        made.problem = str(error)
        for one in made.fields:
            if one.input.name == error.input:
                one.problem = str(error)
    except InputError as error:
        made.problem = str(error)


def bands(result: Result) -> list[dict[str, Any]]:
    """The bands that apply to a result, in order, and which one it falls into."""
    values = {name: given.value for name, given in result.used.items()}
    own = result.band
    return [{"band": band, "here": band is own} for band in result.calculator.bands_for(values)]


def nested(result: Result) -> list[Result]:
    """The results that inputs came from, deepest first, each once."""
    found: dict[str, Result] = {}
    for one in result.nested.values():
        found |= {inner.calculator.name: inner for inner in nested(one)}
        found[one.calculator.name] = one
    return list(found.values())


def _field(about: Calculator, one: AnyInput, given: Mapping[str, str]) -> Field:
    asked = leaves(about)
    if one.name in asked:
        group = "needed" if asked[one.name][1] else "perhaps"
    else:
        group = "derived" if isinstance(one, Number) and one.given_by else "assumed"
    made = Field(one, group, _kind(one), given.get(one.name, "").strip()[:LONGEST])
    if isinstance(one, Number) and one.units:
        made.units = [(unit, unit_text(unit) or "plain number") for unit in (one.unit, *one.units)]
        made.unit = given.get(f"{one.name}.unit", "")[:LONGEST]
        _part(made)
    return made


def _kind(one: AnyInput) -> str:
    if isinstance(one, Number):
        return "number"
    return "yes-no" if isinstance(one, YesNo) else "choice" if isinstance(one, Choice) else "date"


def _part(made: Field) -> None:
    """Part "70 kg" into a number and its unit, where the unit is one that the form offers."""
    found = _SPLIT.match(made.value)
    if not found or made.unit:
        return
    for unit, words in made.units:
        if found[2].strip() in (unit, words):
            made.value, made.unit = found[1], unit


def _joined(one: Field) -> str:
    if not one.unit or not _BARE.match(one.value):
        return one.value
    return f"{one.value} {unit_text(one.unit) or one.unit}"


def _fill(one: Field, filled: Extraction) -> None:
    given = filled.values[one.input.name]
    if isinstance(given.value, Quantity):
        one.value = f"{given.value.value:.10g}"
        one.unit = given.value.unit if one.units else ""
        if one.units and one.unit not in dict(one.units):
            one.units.append((one.unit, unit_text(one.unit)))
    else:
        one.value = {True: "yes", False: "no"}.get(given.value, str(given.value))
    taken = next((row for row in filled.found if row.input == one.input.name and row.taken), None)
    if taken is not None:
        when = f", {taken.when}" if taken.when else ""
        said = " ".join(taken.text.split())[:LONGEST]
        one.from_case = f"{written(taken)}{when}: {taken.why}" + (f" (“{said}”)" if said else "")


def _given(made: Sheet, name: str, text: str) -> str | Given:
    """A typed value; one that still stands as the case gave it keeps its source and its place."""
    if made.filled is None or name not in made.filled.values:
        return text
    one = next(row for row in made.fields if row.input.name == name)
    as_filled = Field(one.input, one.group, one.kind, units=list(one.units))
    _fill(as_filled, made.filled)
    return made.filled.values[name] if _joined(as_filled) == text else text
