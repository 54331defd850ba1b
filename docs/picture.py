"""Draws the README's picture: the report of the example letter as it looks on a terminal, saved as SVG.

Run: `.venv/bin/python docs/picture.py`. Writes docs/diagnose.svg.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console

import osler
from osler.cli.render import diagnosis

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Diagnose the example letter and save the coloured report."""
    letter = HERE.parent / "examples" / "letter.txt"
    screen = Console(
        record=True, width=110, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    diagnosis(screen, osler.diagnose(letter), letter.name, explain=2)
    screen.save_svg(str(HERE / "diagnose.svg"), title="osler diagnose examples/letter.txt --explain 2")


if __name__ == "__main__":
    main()
