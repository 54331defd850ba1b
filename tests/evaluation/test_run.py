"""The runner: whole, in halves, over processes, and killed at random moments."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numbers_run
import pytest

from osler.errors import OslerError
from osler.evaluation.run import run_items, wall_seconds
from osler.evaluation.store import RunStore, read_records, read_times

SCRIPT = str(Path(numbers_run.__file__))


def lines(folder):
    return (folder / "cases.jsonl").read_bytes()


def test_two_resumed_halves_equal_one_whole_run(tmp_path):
    numbers_run.run(tmp_path / "whole", 100)

    class EnoughError(Exception):
        pass

    def stop_half_way(done=[0]):  # noqa: B006 - the list is the counter
        def advance(n):
            done[0] += n
            if done[0] > 50:
                raise EnoughError

        return advance

    with (
        pytest.raises(EnoughError),
        RunStore.create(tmp_path / "halves", {"benchmark": "numbers", "items": 100}) as store,
    ):
        run_items(
            store, [str(i) for i in range(100)], int, lambda: numbers_run.square, advance=stop_half_way()
        )
    assert 0 < len(read_records(tmp_path / "halves")) < 100
    numbers_run.run(tmp_path / "halves", 100)
    assert lines(tmp_path / "halves") == lines(tmp_path / "whole")


def test_a_finished_case_is_not_computed_again(tmp_path):
    numbers_run.run(tmp_path / "whole", 40)
    worked_on = []

    def note(batch):
        worked_on.extend(item for item, _ in batch)
        return numbers_run.square(batch)

    with RunStore.create(tmp_path / "part", {"benchmark": "numbers", "items": 40}) as store:
        store.append([record for record, _ in numbers_run.square([(0, 0), (1, 1), (2, 2)])], [])
        run_items(store, [str(i) for i in range(40)], int, lambda: note)
    assert worked_on == list(range(3, 40))
    assert lines(tmp_path / "part") == lines(tmp_path / "whole")


def test_several_processes_write_the_same_run(tmp_path):
    numbers_run.run(tmp_path / "one", 200)
    numbers_run.run(tmp_path / "three", 200, jobs=3)
    assert lines(tmp_path / "three") == lines(tmp_path / "one")


def test_a_finished_run_does_no_work_when_resumed(tmp_path):
    numbers_run.run(tmp_path, 10)

    def never():
        raise AssertionError("no worker is needed")

    with RunStore.resume(tmp_path) as store:
        run_items(store, [str(i) for i in range(10)], int, never)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_at_random_moments_nothing_is_lost_or_doubled(tmp_path, jobs):
    numbers_run.run(tmp_path / "whole", 640)
    random_moment = random.Random(7)
    command = [sys.executable, SCRIPT, str(tmp_path / "killed"), "640", "0.05", jobs]
    kept = 0
    for _ in range(5):
        process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        _wait_for_progress(tmp_path / "killed", kept)
        time.sleep(random_moment.random() * 0.2)
        process.send_signal(signal.SIGKILL)
        process.wait()
        records = read_records(tmp_path / "killed")
        assert len(records) >= kept
        assert len({record["item"] for record in records}) == len(records)
        kept = len(records)
    subprocess.run(command, check=True)
    assert lines(tmp_path / "killed") == lines(tmp_path / "whole")


def _wait_for_progress(folder, kept, limit=60.0):
    """Until the process has written a case more than were kept, or has ended the run."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        if (folder / "manifest.json").exists() and len(read_records(folder)) > min(kept, 639):
            return
        time.sleep(0.01)


def test_ctrl_c_keeps_what_was_done(tmp_path):
    process = subprocess.Popen(
        [sys.executable, SCRIPT, str(tmp_path), "640", "0.05"],
        stderr=subprocess.DEVNULL,
        # A test run in the background of a script has Ctrl-C turned off, and children inherit that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    _wait_for_progress(tmp_path, 0)
    process.send_signal(signal.SIGINT)
    process.wait()
    assert 0 < len(read_records(tmp_path)) < 640
    numbers_run.run(tmp_path, 640)
    assert len(read_records(tmp_path)) == 640


def die(_batch):
    import os

    os._exit(1)


def make_die():
    return die


def test_a_worker_that_dies_is_an_error_that_says_how_to_go_on(tmp_path):
    with (
        RunStore.create(tmp_path, {"benchmark": "numbers", "items": 3}) as store,
        pytest.raises(OslerError, match="finished cases are kept"),
    ):
        run_items(store, ["1", "2", "3"], int, make_die, jobs=2)


def test_wall_time_adds_up_over_sessions(tmp_path):
    numbers_run.run(tmp_path, 64)
    assert wall_seconds(read_times(tmp_path)) >= 0
    assert (
        wall_seconds([{"session": "a", "at": 2.0}, {"session": "a", "at": 1.0}, {"session": "b", "at": 0.5}])
        == 2.5
    )
