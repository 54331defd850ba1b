"""`osler findings`: what was understood of a text or record, with the words it was read from in colour."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osler.cli.output import MaxMb, check_target, console, print_json, write_private


def findings(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Text, phenopacket, FHIR or case JSON; - for stdin.")
    ],
    nested: Annotated[bool, typer.Option("--nested", help="Show matches inside longer matches too.")] = False,
    max_mb: MaxMb = 10,
    case: Annotated[Path | None, typer.Option(help="Write the whole case to this JSON file.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Read a text, phenopacket, FHIR resource or case file into coded findings and measurements."""
    from osler import replies
    from osler.findings.reader import read_case

    if case:
        check_target(case)
    read = read_case("-" if file == "-" else Path(file), nested=nested, max_bytes=int(max_mb * 1_000_000))
    if case:
        write_private(case, read.to_json() + "\n")
    if json:
        print_json(replies.findings(read))
        return
    _show(read)


def _show(read) -> None:
    from rich.text import Text

    from osler.cli import render

    screen = console()
    if read.text and len(read.text) <= 20_000:
        screen.print(render.highlighted(read))
        legend = Text("\n")
        for status, colour in render.COLOURS.items():
            legend.append(f" {render.MARKS[status]} {status} ", style=colour)
        screen.print(legend)
    render.heading(screen, "Findings", f"{len(read.findings)} · {render.person(read)}")
    screen.print(render.findings_table(read.findings))
    if read.measurements:
        render.heading(screen, "Measurements")
        for m in read.measurements:
            value = (
                f"{m.quantity.comparator}{m.quantity.value:g} {m.quantity.unit}"
                if m.quantity
                else m.value_text
            )
            line = Text(f"  {render.safe(m.term.label)}: {render.safe(value or '')}")
            if m.interpretation:
                line.append(f"  {m.interpretation}", style="yellow")
            screen.print(line)
    for notice in read.notices:
        screen.print(Text(f"! {render.safe(notice.text)}", style="yellow"))
