"""Reader studies: balanced allocation, going on after a cut, times, and files that say what is wrong with them."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osler.errors import InputError, UsageError
from osler.evaluation.reader_study import tables
from osler.evaluation.reader_study.design import allocate
from osler.evaluation.reader_study.making import make
from osler.evaluation.reader_study.study import Study

ARMS = ("unassisted", "search", "model")


def names(stem, count):
    return [f"{stem}{number}" for number in range(count)]


def test_every_reader_has_as_many_cases_in_each_arm_and_every_case_as_many_readers():
    plan = allocate(names("c", 12), names("r", 6), ARMS, seed=5)

    for tasks in plan.values():
        assert len(tasks) == 12 and set(Counter(arm for _, arm in tasks).values()) == {4}
    by_case = Counter(task for tasks in plan.values() for task in tasks)
    assert set(by_case.values()) == {2}


def test_two_readers_a_case_are_in_different_arms_as_in_the_paper():
    plan = allocate(names("c", 30), names("r", 5), ("search", "model"), seed=1, per_case=2)

    assert {len(tasks) for tasks in plan.values()} == {12}
    arms = {
        case: [arm for tasks in plan.values() for c, arm in tasks if c == case] for case in names("c", 30)
    }
    assert all(sorted(both) == ["model", "search"] for both in arms.values())
    for tasks in plan.values():
        assert abs(sum(1 if arm == "model" else -1 for _, arm in tasks)) <= 2


def test_rounds_hold_each_arm_once_and_begin_with_each_in_turn():
    tasks = allocate(names("c", 9), names("r", 3), ARMS, seed=2)["r0"]

    rounds = [[arm for _, arm in tasks[at : at + 3]] for at in (0, 3, 6)]
    assert all(sorted(one) == sorted(ARMS) for one in rounds)
    assert {one[0] for one in rounds} == set(ARMS)


def test_the_seed_draws_the_plan():
    drawn = [allocate(names("c", 8), names("r", 4), ARMS, seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]


@given(st.integers(1, 20), st.integers(1, 7), st.integers(1, 3), st.integers(0, 9), st.data())
def test_each_case_is_read_by_as_many_as_asked_for_each_once(cases, readers, arms, seed, data):
    wanted = data.draw(st.integers(1, readers))

    plan = allocate(names("c", cases), names("r", readers), ARMS[:arms], seed, wanted)

    read = Counter(case for tasks in plan.values() for case, _ in tasks)
    assert read == dict.fromkeys(names("c", cases), wanted)
    assert all(len({case for case, _ in tasks}) == len(tasks) for tasks in plan.values())


def test_more_readers_of_a_case_than_there_are_is_refused():
    with pytest.raises(UsageError, match="by 3 readers, but there are 1"):
        allocate(["c"], ["r"], ARMS, 0, 3)


@pytest.fixture
def folder(tmp_path):
    about = {
        "arms": ["unassisted", "model"],
        "readers": 1,
        "seed": 4,
        "entries": 3,
        "cases": [{"id": f"c{n}", "text": f"Case {n}.", "diagnosis": "Velamia"} for n in range(2)],
    }
    (tmp_path / "study.json").write_text(json.dumps(about))
    make(tmp_path / "study.json", tmp_path / "made")
    return tmp_path / "made"


def test_a_reader_who_was_cut_off_goes_on_where_the_last_list_stands(folder):
    study = Study(folder, clock=iter([100.0, 160.0, 175.0]).__next__)
    code = study.plan.readers[0].code
    first = study.task(code)
    study.opened(code, first)
    study.opened(code, first)  # the page was loaded again
    study.save(code, first.case.id, "before", ["Velamia", " Velamia ", "", "a", "b", "c"], in_view=41.26)

    again = Study(folder)

    task = again.task(code)
    assert (task.case.id, task.phase, task.number) == (first.case.id, "after", 1)
    kept = again.saved(code)[first.case.id, "before"]
    assert kept["list"] == ["Velamia", "a", "b"]
    assert (kept["seconds"], kept["seconds_in_view"], kept["openings"]) == (75.0, 41.3, 2)


def test_a_line_that_a_kill_has_torn_is_left_out_and_what_follows_it_counts(folder):
    study = Study(folder)
    code = study.plan.readers[0].code
    task = study.task(code)
    study.opened(code, task)
    path = folder / "readings" / f"{code}.jsonl"
    path.write_bytes(path.read_bytes() + b'{"event": "saved", "ca')

    again = Study(folder)
    again.save(code, task.case.id, "before", ["Velamia"])

    assert Study(folder).task(code).phase == "after"


def test_a_list_is_saved_once_and_never_empty(folder):
    study = Study(folder)
    code = study.plan.readers[0].code
    task = study.task(code)
    with pytest.raises(UsageError, match="at least one"):
        study.save(code, task.case.id, "before", [" "])
    study.save(code, task.case.id, "before", ["Velamia"])
    with pytest.raises(UsageError, match="saved already"):
        study.save(code, task.case.id, "before", ["Torosis"])


def test_all_files_are_private_and_codes_are_found_however_they_are_typed(folder):
    study = Study(folder)
    code = study.plan.readers[0].code
    study.opened(code, study.task(code))
    assert [p for p in folder.rglob("*") if p.stat().st_mode & 0o077] == []
    assert study.reader(f" {code.lower()} ").name == "reader 1" and study.reader("AAAA-AAAA") is None


def test_what_an_arm_shows_is_made_once(folder):
    study = Study(folder)
    study.keep_aid("c0", "model", {"differential": [{"name": "Velamia"}]})
    study.keep_aid("c0", "model", {"differential": [{"name": "another"}]})

    assert study.aids() == {"model": {"c0": ["Velamia"]}}


def test_a_cell_that_a_spreadsheet_would_run_is_text():
    assert tables.plain("=1+1") == "'=1+1" and tables.plain(["a", "b"]) == "a | b"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[1, 2", "cannot be read"),
        ("arms: [search]\nreaders: 1\n", "has to say"),
        ("arms: [cheating]\nreaders: 1\ncases: [{id: a, text: b}]\n", "no arm"),
        ("arms: [search]\nreaders: 1\ncases: [{id: a}]\n", "text"),
        ("arms: [search]\nreaders: 1\ncases: [{id: '../a', text: b}]\n", "id"),
        ("arms: [search]\nreaders: 1\ncases: [{id: a, text: b}, {id: a, text: c}]\n", "two cases"),
        ("arms: [search]\nreaders: 1\ncolour: red\ncases: [{id: a, text: b}]\n", "no 'colour'"),
        ("arms: [search]\nreaders: many\ncases: [{id: a, text: b}]\n", "number or a list"),
        ("arms: [search]\nreaders: 1\ncases: missing.jsonl\n", "JSON lines"),
    ],
)
def test_a_study_file_that_cannot_be_says_why(tmp_path, text, told):
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(InputError, match=told):
        make(tmp_path / "s.yaml", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path, folder):
    with pytest.raises(UsageError, match="not an empty folder"):
        make(tmp_path / "study.json", folder)
