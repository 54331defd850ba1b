"""The map of a run: its cases by what was said of them, coloured by right and wrong, made again when more have finished."""

from __future__ import annotations

import pytest

from osler.errors import UsageError
from osler.evaluation import run_atlas
from osler.evaluation.store import RunStore
from osler.knowledge.atlas.of_corpus import silent


def record(item, choice, correct, subset):
    answer = {"choice": choice, "unreadable": choice == ""}
    return {
        "item": item, "id": f"q{item}", "subset": subset, "epoch": 0, "tags": {"year": 2020 + item % 2}, "answer": answer,
        "scores": {"correct": correct},
    }  # fmt: skip


def trace(item, words):
    return {
        "item": item,
        "trace": {"steps": [{"path": [0], "kind": "conclude", "text": words, "evidence": []}]},
    }


@pytest.fixture
def run(tmp_path):
    manifest = {"schema": "osler.run/1", "items": 40, "benchmark": "own", "method": "zero-shot"}
    with RunStore.create(tmp_path / "run", manifest) as store:
        for item in range(30):
            heart = item % 2 == 0
            words = "the aortic valve is narrow" if heart else "the skin is dry and itches"
            said = record(item, "A" if item else "", float(heart), "heart" if heart else "skin")
            store.append([said], [], [trace(item, f"{words} {item}")])
    return tmp_path / "run"


def test_cases_are_coloured_by_outcome_and_subset(run):
    found, new = run_atlas.make(run, watch=silent)

    assert new and len(found) == 30 and found.about["colour"] == "outcome"
    assert dict(zip(found.fields[0].values, found.fields[0].counts, strict=True)) == {
        "wrong": 15,
        "right": 14,
        "unreadable": 1,
    }
    assert {one.name for one in found.fields} == {"outcome", "subset", "said", "year"}


def test_cases_that_were_reasoned_alike_lie_together(run):
    found, _ = run_atlas.make(run, watch=silent)
    places = found.places.astype(float)
    heart = found.codes["subset"] == found.field("subset").values.index("heart") + 1

    middle = [places[mask].mean(axis=0) for mask in (heart, ~heart)]
    own = ((places[heart] - middle[0]) ** 2).sum(axis=1)
    other = ((places[heart] - middle[1]) ** 2).sum(axis=1)

    assert (own < other).all()


def test_the_map_is_made_again_when_more_cases_have_finished(run):
    run_atlas.make(run, watch=silent)
    assert run_atlas.make(run, watch=silent)[1] is False

    with RunStore.resume(run) as store:
        store.append([record(30, "B", 1.0, "skin")], [], [])

    assert run_atlas.kept(run)[1] is False and len(run_atlas.make(run, watch=silent)[0]) == 31


def test_what_is_no_run_has_no_map(tmp_path):
    with pytest.raises(UsageError, match="not a run"):
        run_atlas.make(tmp_path, watch=silent)


def test_a_run_of_the_embedded_engine_is_coloured_by_rank():
    view = {"views": {"full": {"rank": 4, "top": [{"id": "OMIM:154700"}]}}}

    assert run_atlas.outcome(view) == "in the first 10"
    assert run_atlas.outcome({"views": {"full": {"rank": 1}}}) == "first"
    assert run_atlas.outcome({"views": {"full": {"rank": None}}}) == "not in the first 10"
