"""Progress bars on standard error, switched off with `set_quiet`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_quiet = False


def set_quiet(quiet: bool) -> None:
    """Show no progress from now on (the command line's --quiet)."""
    global _quiet
    _quiet = quiet


@contextmanager
def progress(text: str, total: float | None) -> Iterator[Callable[[float], None]]:
    """A bar for `total` units of work (None where that is unknown); yields a function that advances it.

    Nothing is drawn when quiet or when standard error is not a terminal; then one plain line says what is done.
    """
    if _quiet:
        yield lambda _amount: None
        return
    if not sys.stderr.isatty():
        print(f"{text} …", file=sys.stderr, flush=True)
        yield lambda _amount: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=total)
        yield lambda amount: bar.advance(task, amount)
