"""Tables as CSV: what a spreadsheet would take for a formula is written as words."""

import pytest

from osler.app.csv_reply import _cell


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "  =1+1",
        "\ufeff=1+1",
        "\u200b=1",
        "\x00=1",
        "\u2066\u00ad+1",
        "\ufe661",
        "\u207c1",
        "\u22121",
        "\u00a0@x",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
        "\t1",
        "\r1",
        "\n1",
    ],
)
def test_what_may_be_a_formula_is_words(cell):
    assert _cell(cell) == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("fever;=cmd|x", "fever;'=cmd|x"),
        ("a\t @x", "a\t' @x"),
        ("a\r\n-1;+1", "a\r\n'-1;'+1"),
        ("\n=1+1", "'\n'=1+1"),
    ],
)
def test_what_may_be_a_formula_where_a_cell_is_parted_is_words(cell, written):
    assert _cell(cell) == written


@pytest.mark.parametrize("cell", ["Marfan syndrome", "a=b", "", " x", 1.5, -2, "fever; no cough; BMI = 20"])
def test_other_cells_stay(cell):
    assert _cell(cell) == cell
