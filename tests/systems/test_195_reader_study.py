"""Row 195, the reader study: simulated readers' before and after lists in two arms go in; top-10 accuracy, quality score, completeness
and McNemar value come out as computed by hand."""

import csv
import json
import math

import pytest
from commands import osler

from osler.evaluation.reader_study.study import Study

NAMES = {
    "c1": "Velamia",
    "c2": "Torosis",
    "c3": "Quenitis",
    "c4": "Brumalgia",
    "c5": "Selopathy",
    "c6": "Dorilosis",
}
# What every reader lists before, and after the help of each arm. Made-up diseases: no vocabulary helps.
BEFORE = {case: ["Velamia"] if case == "c1" else ["Noctalis"] for case in NAMES}
SEARCH = {
    "c1": ["Velamia"],
    "c2": ["Torosis"],
    "c3": ["Near quenitis"],
    "c4": ["Akin brumalgia"],
    "c5": ["Far selopathy"],
    "c6": ["Noctalis", "Dorilosis"],
}
MODEL = {
    **{case: [NAMES[case], "Firstal", "Secondal"] for case in ("c1", "c3", "c4", "c5")},
    "c2": ["Firstal", "Torosis", "Secondal"],
    "c6": ["Firstal"],
}


def rows():
    for case, name in NAMES.items():
        yield {
            "id": case, "text": f"A person with signs of {case}.", "diagnosis": name, "close": f"Near {name.lower()}",
            "related": f"Akin {name.lower()}", "distant": f"Far {name.lower()}",
            "differential": [name, "Firstal", "Secondal", "Thirdal"],
        }  # fmt: skip


@pytest.fixture
def study(tmp_path, capfd):
    (tmp_path / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows()))
    (tmp_path / "study.yaml").write_text(
        "name: Toy\nseed: 3\narms: [search, model]\nreaders: [ana, ben]\ncases: cases.jsonl\n"
    )
    made = osler(capfd, "study", "new", tmp_path / "study.yaml", tmp_path / "study")
    assert made["arms"] == ["search", "model"] and made["cases"] == 6
    time = iter(range(0, 100_000, 30))
    found = Study(tmp_path / "study", clock=lambda: next(time))
    for reader in made["readers"]:
        read_all(found, reader["code"])
    return tmp_path / "study"


def read_all(study, code):
    while task := study.task(code):
        after = SEARCH if task.arm.name == "search" else MODEL
        study.opened(code, task)
        study.save(
            code, task.case.id, task.phase, (BEFORE if task.phase == "before" else after)[task.case.id]
        )


def compared(found, first, second, metric):
    return next(
        one
        for one in found["comparisons"]
        if (one["first"], one["second"], one["metric"]) == (first, second, metric)
    )


def test_the_figures_are_those_computed_by_hand(study, capfd):
    found = osler(capfd, "study", "score", study)

    search, model = found["arms"]["search"], found["arms"]["model"]
    assert (found["n"], found["readers"], found["cases"], search["n"], model["n"]) == (12, 2, 6, 6, 6)
    assert search["before"]["top-10"] == model["before"]["top-10"] == pytest.approx(1 / 6)
    assert (search["after"]["top-10"], search["after"]["top-1"]) == (
        pytest.approx(3 / 6),
        pytest.approx(2 / 6),
    )
    assert (model["after"]["top-10"], model["after"]["top-1"]) == (pytest.approx(5 / 6), pytest.approx(4 / 6))
    # 5 for the diagnosis, 4 close, 3 related, 2 distant, 1 for none of these
    assert model["before"]["quality"] == pytest.approx((5 + 1 + 1 + 1 + 1 + 1) / 6)
    assert search["after"]["quality"] == pytest.approx((5 + 5 + 4 + 3 + 2 + 5) / 6)
    assert model["after"]["quality"] == pytest.approx((5 + 5 + 5 + 5 + 5 + 1) / 6)
    # of four names: three in five cases and one in the sixth; one in three cases
    assert model["after"]["completeness"] == pytest.approx((5 * 0.75 + 0.25) / 6)
    assert search["after"]["completeness"] == pytest.approx(3 * 0.25 / 6)
    assert search["after"]["seconds"] == 30


def test_mcnemar_is_that_computed_by_hand(study, capfd):
    found = osler(capfd, "study", "score", study)

    within = compared(found, "model, before", "model, after", "top-10")["mcnemar"]
    assert (within["gained"], within["lost"]) == (4, 0)
    assert within["chi2"] == 4.0 and within["chi2_corrected"] == 9 / 4 and within["p_exact"] == 0.125
    assert within["p"] == pytest.approx(math.erfc(math.sqrt(2)))  # 0.0455
    between = compared(found, "search, after", "model, after", "top-10")
    assert (between["mcnemar"]["gained"], between["mcnemar"]["lost"]) == (3, 1)
    assert (between["mcnemar"]["chi2"], between["mcnemar"]["chi2_corrected"]) == (1.0, 0.25)
    assert between["p"] == between["mcnemar"]["p_exact"] == 10 / 16
    assert between["difference"] == pytest.approx(2 / 6)
    quality = compared(found, "search, after", "model, after", "quality")
    assert (quality["wins"], quality["losses"], quality["ties"]) == (3, 1, 2)


def test_the_published_value_of_mcnemar_has_the_published_p():
    # McDuff et al. 2023: 4.75, p = 0.03, with search against with the model
    assert math.erfc(math.sqrt(4.75 / 2)) == pytest.approx(0.03, abs=0.001)


def test_an_export_scores_as_the_folder_does_and_names_no_code(study, tmp_path, capfd):
    whole = osler(capfd, "study", "export", study)
    (tmp_path / "whole.json").write_text(json.dumps(whole))

    assert osler(capfd, "study", "score", tmp_path / "whole.json") == osler(capfd, "study", "score", study)
    codes = [reader["code"] for reader in osler(capfd, "study", "show", study)["readers"]]
    assert not any(code in json.dumps(whole) for code in codes)


def test_raters_see_neither_reader_nor_arm_and_their_scores_count(study, tmp_path, capfd):
    from osler.evaluation.reader_study import tables

    text = tables.sheet(Study(study))
    assert not any(word in text for word in ("ana", "ben", "search", "model", "before", "after"))
    filled = list(csv.DictReader(text.splitlines()))
    for row in filled:
        row |= {
            "quality": "5" if "Firstal" in row["list"] else "2",
            "comprehensiveness": "4",
            "appropriateness": "3",
        }
    path = tmp_path / "rater.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, filled[0])
        writer.writeheader()
        writer.writerows(filled)

    found = osler(capfd, "study", "score", study, "--ratings", path)

    assert found["quality_by"] == "raters"
    assert (found["arms"]["model"]["after"]["quality"], found["arms"]["search"]["after"]["quality"]) == (5, 2)
    assert found["arms"]["model"]["after"]["comprehensiveness"] == 4
