"""What a saved SVG says of itself: a title, and lines below the picture with where it is from and how it is to be read."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from markupsafe import escape

LINE, LETTER = 17.0, 6.6  # a line's height, and about the width of a letter of its size
NOTICE = "For research and education. Not a medical device."
_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_HEIGHT = re.compile(r'(<svg[^>]*?) width="[\d.]+" height="[\d.]+"')


def captioned(svg: str, title: str, lines: Sequence[str] = ()) -> str:
    """An SVG with a title and the lines below it, and that it is no medical device; it grows by what they take."""
    found = _BOX.search(svg)
    if found is None:
        return svg
    wide, high = max(float(found[1]), 320.0), float(found[2])
    most = int((wide - 16) / LETTER)
    rows = [row for line in (title, *lines, NOTICE) for row in textwrap.wrap(line, most)]
    tall = high + LINE * len(rows) + 12
    below = "".join(
        f'<text class="caption" x="8" y="{high + LINE * (at + 1):g}" font-size="12">{escape(row)}</text>'
        for at, row in enumerate(rows)
    )
    grown = _BOX.sub(f'viewBox="0 0 {wide:g} {tall:g}"', svg, count=1)
    grown = _HEIGHT.sub(rf'\1 width="{wide:g}" height="{tall:g}"', grown, count=1)
    grown = re.sub(r"(<svg[^>]*>)", lambda tag: f"{tag[1]}<title>{escape(title)}</title>", grown, count=1)
    return f"{below}</svg>".join(grown.rsplit("</svg>", 1))
