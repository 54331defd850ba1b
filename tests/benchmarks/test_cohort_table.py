"""A table of patients as classification: cases of measured values, the class apart."""

import pytest

from osler.benchmarks.cohort import Cohort
from osler.errors import InputError, UsageError

TABLE = "id,age,marker,stage,split\na,70,1.5,mild,test\nb,71,high,severe,train\nc,72,2,,test\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text(TABLE)
    return path


def test_test_rows_are_items_and_others_examples(table):
    [item] = Cohort.items(table)
    assert item.reference.key == "mild" and item.case.answer_kind == "label"
    assert [o.key for o in item.case.options] == ["mild", "severe"] and "stage: " not in item.case.text
    assert [(m.term.label, m.quantity.value) for m in item.case.measurements] == [
        ("age", 70),
        ("marker", 1.5),
    ]
    [example] = Cohort.examples(table)
    assert example.answer.choice == "severe" and example.case.measurements[1].value_text == "high"
    assert [i.reference.key for i in Cohort.items(table, split="train")] == ["severe"]
    assert Cohort.subsets(table) == []


def test_a_table_without_splits_is_all_items_and_another_column_may_be_the_class(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("age,group,marker\n70,x,1\n71,y,2\n70,x,1\n")
    keys = [item.key for item in Cohort.items(path)]
    assert len(keys) == len(set(keys)) == 3
    assert {i.reference.key for i in Cohort.items(path, columns={"label": "marker"})} == {"1", "2"}


def test_what_cannot_be_is_said(table, tmp_path):
    with pytest.raises(InputError, match="no split 'dev'"):
        list(Cohort.items(table, split="dev"))
    with pytest.raises(UsageError, match="no column 'x'"):
        list(Cohort.items(table, columns={"label": "x"}))
    path = tmp_path / "one.csv"
    path.write_text("age,label\n70,x\n")
    with pytest.raises(InputError, match="1 class"):
        list(Cohort.items(path))
