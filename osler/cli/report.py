"""`osler report RUN…`: runs as one self-contained HTML file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from osler.cli.output import check_target, notices, write_private


def report(
    runs: Annotated[
        list[Path], typer.Argument(metavar="RUN…", help="Run folders; the first is compared with.")
    ],
    out: Annotated[Path, typer.Option(help="The file to write, such as report.html.")],
) -> None:
    """Write runs as one HTML file: figures with intervals, plots, breakdowns, flips, traces worth reading."""
    from osler.evaluation.html_report import write_report

    check_target(out)
    write_private(out, write_report(runs))
    notices().print(f"{out}: {out.stat().st_size / 1000:.0f} kB", markup=False)
