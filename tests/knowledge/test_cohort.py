"""A table of patients: features are standardised, missing ones are passed over, classes and test rows are kept apart."""

import math

import pytest

from osler.errors import InputError, UsageError
from osler.knowledge.cohort import CohortRetriever, features_of, number_of, read_cohort
from osler.passages import Filters

TABLE = """Subject ID,Sex,Age,MMSE,nWBV,CDR,split
OAS1,F,70,29,0.78,0,train
OAS2,M,72,28,0.77,0,train
OAS3,F,80,20,0.70,1,train
OAS4,M,82,,0.69,1,train
OAS5,F,76,25,0.74,0.5,test
OAS6,F,75,24,0.73,,train
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "oasis.csv"
    path.write_text(TABLE)
    return path


def test_rows_are_patients_with_their_class(table):
    cohort = read_cohort(table)
    assert cohort.label == "CDR" and len(cohort.patients) == 6
    first = cohort.patients[0]
    assert (first.id, first.label, first.split) == ("OAS1", "0", "train")
    assert first.profile() == "Sex: F\nAge: 70\nMMSE: 29\nnWBV: 0.78"


def test_the_nearest_are_near_in_standard_deviations(table):
    found = CohortRetriever(read_cohort(table))
    assert [p.id for p in found.patients] == ["OAS1", "OAS2", "OAS3", "OAS4"]
    near = found.search("Age: 81\nMMSE: 20\nnWBV: 0.695", top=2)
    assert [p.document for p in near] == ["OAS3", "OAS4"] and near[0].text.endswith("CDR: 1")
    assert near[0].score > near[1].score > 0.5


def test_nearness_is_one_over_one_plus_the_mean_square_difference(table):
    found = CohortRetriever(read_cohort(table))
    ages = [70, 72, 80, 82]
    mean = sum(ages) / 4
    spread = math.sqrt(sum((age - mean) ** 2 for age in ages) / 4)
    assert found.nearness("Age: 75")[0] == pytest.approx(1 / (1 + 5 / spread))
    assert found.nearness("age: 70")[0] == pytest.approx(1)


def test_a_patient_who_lacks_most_of_what_is_stated_is_not_near(table):
    found = CohortRetriever(read_cohort(table))
    assert found.nearness("MMSE: 20")[3] == 0
    assert found.nearness("shoe size: 43").sum() == 0 and found.search("nothing here") == []


def test_a_constant_feature_and_one_patient_do_no_harm(tmp_path):
    path = tmp_path / "one.tsv"
    path.write_text("age\tward\tstage\n70\t3\tmild\n")
    [only] = CohortRetriever(read_cohort(path)).search("ward: 3\nage: 70")
    assert only.score == pytest.approx(1) and only.document == "1"


def test_what_cannot_be_read_is_said(tmp_path, table):
    with pytest.raises(UsageError, match="no column of"):
        path = tmp_path / "x.csv"
        path.write_text("a,b\n1,2\n")
        read_cohort(path)
    with pytest.raises(UsageError, match="has no column 'Y'"):
        read_cohort(table, "Y")
    with pytest.raises(InputError, match="no rows"):
        path.write_text("a,label\n")
        read_cohort(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_cohort(tmp_path / "none.csv")
    with pytest.raises(UsageError, match="no filters"):
        CohortRetriever(read_cohort(table)).search("Age: 70", filters=Filters(source="x"))


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("1.23457e+06", 1_234_570),
        ("2E3 /uL", 2_000),
        ("120mmHg", 120),
        ("120/80", 120),
        (".5", 0.5),
        ("−3.5", -3.5),
        ("1,234", 1_234),
        ("1,234,567.8 ng/mL", 1_234_567.8),
        ("1,5", None),  # a decimal comma, or two numbers
        ("0,123", None),
        ("1e999", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_a_number_is_read_whole_or_not_at_all(said, number):
    assert number_of(said) == number


def test_words_become_numbers_where_they_are_some():
    assert [number_of(v) for v in ("27 of 30", "yes", "F", "1.5e-2", "unclear")] == [27, 1, 0, 0.015, None]
    assert features_of("MMSE: 27\nnote: none\nSex: M") == {"mmse": 27, "sex": 1}
