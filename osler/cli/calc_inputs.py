"""`osler calc extract`, and the inputs that `osler calc run --from` takes: what a note or a case says, shown with its places."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from osler.cli import options
from osler.cli.output import MaxMb, console, notices, print_json
from osler.errors import InputError, UsageError

if TYPE_CHECKING:
    from osler.calculators import Calculator
    from osler.calculators.found import Extraction
    from osler.case import Case

Dates = Annotated[
    str | None,
    typer.Option(metavar="mdy|dmy", help="How 03/04/2023 is meant, where the note does not show it."),
]
WHEN = ("admission", "latest", "baseline")
_MOST_PASSED = 3  # values of one input whose reason is told


def extract(
    note: Annotated[
        str,
        typer.Argument(metavar="NOTE", help="A text file, a case or FHIR record, or - for standard input."),
    ],
    calculator: Annotated[
        str, typer.Option("--for", metavar="NAME", help="The calculator to find inputs for.")
    ],
    when: Annotated[
        str, typer.Option(help="Which of several values: admission, latest or baseline.")
    ] = "admission",
    dates: Dates = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    budget: options.Budget = None,
    rpm: options.Rpm = None,
    tpm: options.Tpm = None,
    call_timeout: options.CallTimeout = None,
    prompts: options.Prompts = None,
    cache: options.Cache = True,
    max_mb: MaxMb = 10,
    json: options.Json = False,
) -> None:
    """Find a calculator's inputs in a note: what was taken, where it stands, and what was passed over and why."""
    from osler.calculators import get
    from osler.calculators.extract import extract as find

    about = get(calculator)
    order = _checked(when, dates)
    case = _case(note, max_mb)
    if model:
        from osler.cli.stream import prompts_from
        from osler.llm.limits import limits_of

        given = {"base_url": base_url, **limits_of(rpm, tpm, call_timeout)}
        made = _by_model(_note(note, case), about, model, given, budget, prompts_from(prompts), cache, when)
    else:
        made = (
            _of_record(case, about, when, order)
            if _is_record(case)
            else find(case, about, when=when, dates=order)
        )
    if json:
        print_json(made.to_dict() | {"model": list(model or ()) or None})
    else:
        show(made)


def _checked(when: str, dates: str | None) -> Literal["mdy", "dmy"] | None:
    """The order of day and month. Raises UsageError for that, or a moment, which there is not."""
    if when not in WHEN:
        raise UsageError(f"--when takes {', '.join(WHEN)}, not {when!r}")
    if dates not in (None, "mdy", "dmy"):
        raise UsageError(f"--dates takes mdy or dmy, not {dates!r}")
    return dates


def _note(file: str, case: Case) -> str:
    """The text of a note, for a model. Raises InputError for a record, which is no note."""
    if _is_record(case):
        raise InputError(f"{file} is a record, not a note; without --model its data are read")
    return case.text


def _is_record(case: Case) -> bool:
    """Whether a case was read from FHIR, a phenopacket or a case file, not from prose, which alone is its own id."""
    from osler.case import opaque_id

    return case.id != opaque_id(case.text)


def _of_record(case: Case, about: Calculator, when: str, dates: Literal["mdy", "dmy"] | None) -> Extraction:
    from osler.calculators.from_case import fill

    made = fill(case, about, when=when, dates=dates)
    made.notices.insert(
        0, ("record", "this is a record, so its data were read, and its text for what they leave open")
    )
    return made


def _case(file: str, max_mb: float) -> Case:
    from osler.findings.reader import read_case

    return read_case(Path(file), max_bytes=int(max_mb * 1_000_000))


def _by_model(
    text: str, about: Calculator, models: list[str], given: dict[str, Any], budget: str | None,
    prompts: dict[str, str], cache: bool, when: str,
) -> Extraction:  # fmt: skip
    """The inputs as a model names them, each checked against the note."""
    from osler import calculators, runtime
    from osler.context import Context
    from osler.llm.budget import Budget
    from osler.llm.language import LanguageModels
    from osler.llm.specs import models_from
    from osler.methods.slots import fill_slots
    from osler.services import Services
    from osler.trace import Recorder

    async def ask() -> Extraction:
        opened = models_from(models, cache=cache, **{key: value for key, value in given.items() if value})
        language = LanguageModels(opened, budget=Budget.read(budget) if budget is not None else None)
        services = Services(language=language, prompts=prompts, calculators=calculators)
        try:
            return await fill_slots(text, about, Context(services, Recorder()), when=when)
        finally:
            for one in {id(one): one for one in opened.values()}.values():
                await one.close()

    return runtime.run_sync(ask())


def from_case(
    file: str, about: Calculator, on: str | None, when: str, dates: str | None, max_mb: float
) -> Extraction:
    """The inputs that a case gives (any input that `osler findings` reads). Raises InputError, UsageError."""
    from osler.calculators.from_case import fill

    try:
        day = dt.date.fromisoformat(on) if on else None
    except ValueError:
        raise UsageError(f"--on takes a day as YYYY-MM-DD, not {on!r}") from None
    return fill(_case(file, max_mb), about, on=day, when=when, dates=_checked(when, dates))


def show(made: Extraction, brief: bool = False) -> None:
    """What was taken, what was passed over and why, and what is missing."""
    from rich.markup import escape
    from rich.table import Table

    from osler.calculators.found import written
    from osler.cli.render import safe

    screen = console()
    for taken, title in ((True, "taken"), (False, "passed over")):
        rows = [one for one in made.found if one.taken is taken]
        if not rows or (brief and not taken):
            continue
        table = Table(box=None, pad_edge=False, header_style="dim", title_justify="left")
        for head in (title, "value", "where", "in the note", "why"):
            table.add_column(head, overflow="fold")
        for one in rows[:200]:
            where = one.when or ("" if one.start is None else f"{one.start}–{one.end}")
            said = safe(" ".join(one.text.split())[:60])
            table.add_row(one.input, escape(safe(written(one))), where, escape(said), escape(safe(one.why)))
        screen.print(table)
        screen.print()
    if made.missing and not brief:
        screen.print(f"missing: {', '.join(made.missing)}")
    for code, text in made.notices:
        notices().print(f"[yellow]{code}[/yellow]: {escape(safe(text))}", soft_wrap=True)


def tell_missing(made: Extraction, known: Collection[str] = ()) -> None:
    """On standard error, why values of inputs that are still missing were passed over; `known` are given otherwise."""
    from rich.markup import escape

    from osler.calculators.found import written
    from osler.cli.render import safe

    for name in made.missing:
        rows = [one for one in made.found if one.input == name and not one.taken and name not in known]
        for one in rows[:_MOST_PASSED]:
            said = f"{name}: {written(one)} was passed over: {one.why}"
            notices().print(f"[yellow]passed-over[/yellow]: {escape(safe(said))}", soft_wrap=True)
