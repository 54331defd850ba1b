"""The longest chain of calls that waited for each other: from the method's structure, whatever ran at once or was cached."""

import asyncio

import pytest
from language_runs import model, plan, questions, run

from osler.context import Context
from osler.evaluation.language import start
from osler.evaluation.language_report import figures
from osler.evaluation.rescore import rescore
from osler.evaluation.store import read_times
from osler.llm.language import LanguageModels
from osler.services import Services
from osler.trace import Recorder


def chain(folder, method, profile="accuracy=0.6", n=4, **about):
    data = questions(folder / "q.jsonl", n)
    return figures(run(folder / "run", data, profile, method, **about))["per_case"]


@pytest.mark.parametrize(
    ("method", "calls", "path"),
    [
        ("zero-shot", 1, 1),
        ("self-consistency(samples=5)", 5, 1),
        ("plan-and-solve", 2, 2),
        ("self-consistency(plan-and-solve, samples=3)", 6, 2),
    ],
)
def test_calls_at_once_count_once_and_stages_add_up(tmp_path, method, calls, path):
    found = chain(tmp_path, method)
    assert found["calls"]["mean"] == calls
    assert (found["critical_path_calls"]["mean"], found["critical_path_calls"]["p95"]) == (path, path)


def test_rounds_of_a_debate_wait_for_each_other(tmp_path):
    for name in ("two", "three"):
        (tmp_path / name).mkdir()
    two = chain(tmp_path / "two", "debate(rounds=2)")
    three = chain(tmp_path / "three", "debate(rounds=3)")
    assert three["critical_path_calls"]["p95"] > two["critical_path_calls"]["p95"] >= 2
    assert two["calls"]["mean"] > two["critical_path_calls"]["mean"]


def test_seconds_are_those_of_the_slowest_chain(tmp_path):
    found = chain(tmp_path, "self-consistency(samples=5)", "accuracy=0.6,latency_ms=20")
    assert found["critical_path_s"]["median"] >= 0.02
    assert found["latency_s"]["mean"] >= found["critical_path_s"]["mean"]


def test_the_cache_changes_no_call_of_the_chain(tmp_path):
    data, cache = questions(tmp_path / "q.jsonl", 6), tmp_path / "cache.sqlite"
    first = figures(run(tmp_path / "a", data, method="plan-and-solve", cache=cache))["per_case"]
    again = figures(run(tmp_path / "b", data, method="plan-and-solve", cache=cache))
    assert again["calls"] == 0 and again["per_case"]["critical_path_calls"] == first["critical_path_calls"]
    assert again["per_case"]["critical_path_s"]["mean"] == 0


def test_a_repair_turn_lengthens_the_chain(tmp_path):
    found = chain(tmp_path, "zero-shot", "accuracy=0.6,malformed=1,kinds=prose")
    assert found["critical_path_calls"]["mean"] == 2


def test_a_branch_that_does_more_decides_what_comes_after_it():
    """Three calls one after the other beside a single one, then one more: a chain of four out of five calls."""

    async def work():
        recorder = Recorder()
        services = Services(language=LanguageModels({"main": model()}))
        ctx = Context(services, recorder)

        async def several(of, n):
            for _ in range(n):
                await of.ask("Which?")

        await ctx.gather([several(ctx.child(), 3), several(ctx.child(), 1)])
        await ctx.ask("And now?")
        return recorder

    recorder = asyncio.run(work())
    assert (len(recorder.meters), recorder.critical_path.calls) == (5, 4)


def test_work_shared_by_cases_counts_where_it_was_begun():
    async def work():
        services = Services(language=LanguageModels({"main": model()}))
        recorders = [Recorder(), Recorder()]
        for recorder in recorders:
            await asyncio.create_task(
                Context(services, recorder).shared((0,), lambda apart: apart.ask("Prepare."))
            )
        return [recorder.critical_path.calls for recorder in recorders]

    assert asyncio.run(work()) == [1, 0]


def test_a_run_is_scored_for_what_it_took(tmp_path):
    folder = run(tmp_path / "run", questions(tmp_path / "q.jsonl", 12), method="plan-and-solve")
    found = rescore(folder, "critical path")
    assert (found["n"], found["mean"], found["median"], found["ci"]["mean"]) == (12, 2, 2, [2, 2])
    tokens = rescore(folder, "tokens")
    assert tokens["mean"] == pytest.approx(
        sum(t["prompt_tokens"] + t["completion_tokens"] for t in read_times(folder)) / 12
    )
    assert rescore(folder, "cost")["mean"] == 0
    low, high = rescore(folder, "latency")["ci"]["mean"]
    assert 0 < low <= high


def test_one_call_a_case_is_a_count_and_no_share(tmp_path):
    data = questions(tmp_path / "q.jsonl", 12)
    found = rescore(run(tmp_path / "once", data, method="zero-shot"), "calls")
    assert (found["mean"], found["ci"]["mean"]) == (1, [1, 1])
    twice = rescore(run(tmp_path / "twice", data, method="zero-shot", epochs=2), "calls")
    assert (twice["n"], twice["mean"], twice["ci"]["mean"]) == (24, 1, [1, 1])


def test_a_price_that_is_not_known_is_no_price_of_nothing(tmp_path):
    unknown = model()
    unknown.price = None
    start(plan(questions(tmp_path / "q.jsonl", 3)), tmp_path / "run", {"main": unknown})
    found = figures(tmp_path / "run")
    assert found["cost"] is None and found["per_case"]["cost"] is None
