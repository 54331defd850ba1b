"""Reading phenotype.hpoa: nothing is dropped, and a broken file is not taken for an empty one."""

import contextlib
import gzip
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import InputError
from osler.knowledge.hpoa import parse_frequency, parse_hpoa, read_hpoa
from osler.ontology.releases import rows_release

NEW = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration"
OLD = "#DatabaseID\tDiseaseName\tQualifier\tHPO_ID\tReference\tEvidence\tOnset\tFrequency\tSex\tModifier\tAspect\tBiocuration"
ROW = (
    "OMIM:1\tName\tNOT\tHP:0001250\tPMID:1;OMIM:1\tPCS\tHP:0003577\t3/8\tMALE\tHP:0012828\tP\tX:y[2030-01-01]"
)


@pytest.mark.parametrize("header", [NEW, OLD])
def test_every_column_is_kept_under_both_headers(header):
    (row,) = parse_hpoa(f"#date: 2030-02-03\n{header}\n{ROW}\n").rows
    assert (row.disease, row.name, row.term, row.negated) == ("OMIM:1", "Name", "HP:0001250", True)
    assert row.references == ("PMID:1", "OMIM:1") and row.evidence == "PCS" and row.onset == "HP:0003577"
    assert (row.num, row.den, row.frequency) == (3, 8, 0.375)
    assert (row.sex, row.modifiers, row.aspect) == ("MALE", ("HP:0012828",), "P")


def test_columns_may_come_in_another_order():
    cells, names = ROW.split("\t"), NEW.split("\t")
    (row,) = parse_hpoa("\t".join(reversed(names)) + "\n" + "\t".join(reversed(cells))).rows
    assert row.disease == "OMIM:1" and row.frequency == 0.375


@pytest.mark.parametrize(
    ("cell", "share", "num", "den", "frequency_class"),
    [
        ("3/8", 0.375, 3, 8, ""),
        ("0/5", 0.0, 0, 5, ""),
        ("45%", 0.45, 0, 0, ""),
        ("7.5 %", 0.075, 0, 0, ""),
        ("HP:0040280", 1.0, 0, 0, "HP:0040280"),
        ("HP:0040285", 0.0, 0, 0, "HP:0040285"),
        ("", math.nan, 0, 0, ""),
        ("9/8", math.nan, 0, 0, ""),
        ("1/0", math.nan, 0, 0, ""),
        ("120%", math.nan, 0, 0, ""),
        ("-3%", math.nan, 0, 0, ""),
        ("often", math.nan, 0, 0, ""),
        ("1/2/3", math.nan, 0, 0, ""),
    ],
)
def test_frequencies(cell, share, num, den, frequency_class):
    assert parse_frequency(cell) == pytest.approx((share, num, den, frequency_class), nan_ok=True) or (
        parse_frequency(cell)[1:] == (num, den, frequency_class) and math.isnan(share)
    )


@given(st.text())
def test_any_frequency_cell_is_a_share_or_nothing(cell):
    share, num, den, _ = parse_frequency(cell)
    assert math.isnan(share) or 0 <= share <= 1
    assert 0 <= num <= den


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_counts_come_back(num, den):
    share, m, n, _ = parse_frequency(f"{num}/{den}")
    assert (m, n) == (num, den) and share == num / den if num <= den else math.isnan(share)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not an HPO annotation table"),
        ("#version: 2030-02-03\n", "not an HPO annotation table"),
        (NEW + "\n", "no rows"),
        ("a\tb\nc\td\n", "no header line"),
        (NEW + "\n" + ROW + "\n" + "broken line\n" * 5, "5 of 6 lines cannot be read"),
    ],
)
def test_a_broken_table_is_an_error(content, message):
    with pytest.raises(InputError, match=message):
        parse_hpoa(content)


def test_one_bad_line_in_many_is_skipped_and_counted():
    file = parse_hpoa("\n".join([NEW, *[ROW] * 200, "OMIM:1\tcut off"]))
    assert len(file.rows) == 200 and file.skipped == 1


@given(st.text())
def test_no_text_makes_the_reader_fail_otherwise(text):
    with contextlib.suppress(InputError):
        parse_hpoa(text)


def test_the_release_is_read_from_the_first_lines(tmp_path, small_folder):
    assert rows_release(small_folder / "phenotype.hpoa") == "2030-02-03"
    packed = tmp_path / "phenotype.hpoa.gz"
    packed.write_bytes(gzip.compress((small_folder / "phenotype.hpoa").read_bytes()))
    assert rows_release(packed) == "2030-02-03"
    assert read_hpoa(packed) == read_hpoa(small_folder / "phenotype.hpoa")
    packed.write_bytes(b"\x1f\x8b")
    with pytest.raises(InputError, match="cannot be read"):
        rows_release(packed)
