"""Row 310, MedConceptsQA: from a toy code tree items are made at three levels (hard distractors are siblings), its file layout
loads, and a random simulated model sits near 25 %."""

import csv
from collections import Counter

import pytest
from asking import answers, figures

from osler.benchmarks.medconceptsqa import LEVELS, Code, MedConceptsQA, make_questions
from osler.errors import UsageError


def toy_tree():
    tree = {"T": Code("all conditions")}
    for chapter in "ABCDE":
        tree[chapter] = Code(f"chapter {chapter}", "T")
        for group in range(5):
            tree[f"{chapter}{group}"] = Code(f"group {group} of {chapter}", chapter)
            for leaf in range(5):
                tree[f"{chapter}{group}.{leaf}"] = Code(
                    f"condition {leaf} of {chapter}{group}", f"{chapter}{group}"
                )
    return tree


@pytest.fixture
def folder(tmp_path):
    for level in LEVELS:
        rows = list(make_questions(toy_tree(), "TOY", level))
        with (tmp_path / f"TOY_{level}.csv").open("w", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return tmp_path


def test_hard_distractors_are_siblings_and_medium_ones_are_near():
    tree = toy_tree()
    code_of = {node.description: code for code, node in tree.items()}
    for row in make_questions(tree, "TOY", "hard"):
        options = [code_of[row[f"option{i}"]] for i in (1, 2, 3, 4)]
        assert len({tree[code].parent for code in options}) == 1
    medium = list(make_questions(tree, "TOY", "medium"))
    assert medium and all(tree[code_of[row["answer"]]] for row in medium)


def test_the_layout_loads_at_three_levels(folder):
    items = list(MedConceptsQA.items(folder))
    assert MedConceptsQA.subsets(folder) == list(LEVELS)
    assert items[0].tags["vocabulary"] == "TOY" and len(items[0].case.options) == 4
    (hard,) = {item.subset for item in MedConceptsQA.items(folder, subset="hard")}
    assert hard == "hard"


def test_right_answers_stand_at_every_place(folder):
    places = Counter(item.reference.key for item in MedConceptsQA.items(folder))
    assert min(places[key] for key in "ABCD") > 0.15 * sum(places.values())


def test_options_repeated_in_the_question_are_taken_out(tmp_path):
    row = {f"option{i}": f"meaning {i}" for i in (1, 2, 3, 4)} | {
        "answer_id": "B",
        "vocab": "ICD10CM",
        "level": "easy",
    }
    row["question"] = (
        "\n    What is the description of the medical code A00 in ICD10CM?\n    A. meaning 1\n    B. meaning 2\n"
    )
    with (tmp_path / "x.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, list(row))
        writer.writeheader()
        writer.writerow(row)
    (item,) = MedConceptsQA.items(tmp_path)
    assert item.case.question == "What is the description of the medical code A00 in ICD10CM?"


def test_a_random_simulated_model_sits_near_a_quarter(folder):
    items = list(MedConceptsQA.items(folder))
    found = figures(items, answers(items, "random"), "choice")
    assert found["accuracy"] == pytest.approx(0.25, abs=0.06)


def test_a_broken_tree_is_refused():
    with pytest.raises(UsageError, match="not in the tree"):
        list(make_questions({"A": Code("a", "Z")}, "TOY", "easy"))
