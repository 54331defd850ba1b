"""Captions of saved SVGs: below the picture, broken into lines, escaped, within a picture that has grown by them."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from osler.app.svg_caption import NOTICE, captioned

SVG = '<svg class="paths" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 100" width="400" height="100"><rect/></svg>'


def test_lines_stand_below_the_picture_and_the_picture_grows_by_them() -> None:
    made = captioned(SVG, "Case 3 of the run a<b", ["A long line " * 20])

    root = ElementTree.fromstring(made)
    tall = float(root.attrib["viewBox"].split()[3])
    assert root.attrib["height"] == f"{tall:g}" and tall > 200
    lines = root.findall("{http://www.w3.org/2000/svg}text")
    assert all(100 < float(one.attrib["y"]) < tall for one in lines)
    words = " ".join(one.text or "" for one in lines)
    assert "Case 3 of the run a<b" in words and NOTICE in words
    assert root[0].tag.endswith("title")


def test_a_narrow_picture_is_as_wide_as_its_caption_needs() -> None:
    made = captioned(SVG.replace("0 0 400 100", "0 0 40 100"), "A case")

    assert re.search(r'viewBox="0 0 320 ', made)
