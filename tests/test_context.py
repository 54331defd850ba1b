"""The Context: paths in program order, streams that follow the path, steps that close, budgets that hold."""

from __future__ import annotations

import asyncio

import pytest

from osler.case import Case
from osler.context import Context
from osler.errors import LimitError, UsageError
from osler.services import Budget, Services
from osler.trace import Answer, Candidate, Evidence, Recorder, Trace, replay


def new(seed: int = 0, **services) -> Context:
    return Context(Services(seed=seed, **services), Recorder())


def steps(ctx: Context):
    return replay(ctx.recorder.events)


def test_children_are_numbered_in_program_order_whatever_finishes_first():
    ctx = new()

    async def work(inner: Context, delay: float):
        with inner.step("recall", f"after {delay}") as step:
            await asyncio.sleep(delay)
            step.note("done")
        return inner.path

    async def run():
        return await ctx.gather(work(ctx.sampling(0.7), delay) for delay in (0.02, 0.0, 0.01))

    assert asyncio.run(run()) == [(0,), (1,), (2,)]
    assert [step.label for step in steps(ctx)] == ["after 0.02", "after 0.0", "after 0.01"]


def test_independent_work_runs_at_once():
    ctx, order = new(), []

    async def work(name: str, gate: asyncio.Event, opens: asyncio.Event | None):
        order.append(f"{name} starts")
        if opens:
            opens.set()
        await gate.wait()
        order.append(f"{name} ends")

    async def run():
        gate = asyncio.Event()
        await ctx.gather([work("a", gate, None), work("b", gate, gate)])

    asyncio.run(run())
    assert order[:2] == ["a starts", "b starts"]


def test_the_random_stream_follows_the_path_and_the_seed():
    draws = [new(seed).child().rng.random() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]
    ctx = new(1)
    assert ctx.child().rng.random() != ctx.child().rng.random()


def test_a_failing_step_is_closed_as_failed_and_a_cancelled_one_as_cancelled():
    ctx = new()
    with pytest.raises(ValueError), ctx.step("calculate"):
        raise ValueError

    async def stop():
        with ctx.step("ask"):
            await asyncio.sleep(10)

    async def run():
        task = asyncio.create_task(stop())
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    assert [step.state for step in steps(ctx)] == ["failed", "cancelled"]


def test_one_failure_cancels_its_siblings():
    ctx, cancelled = new(), []

    async def bad():
        await asyncio.sleep(0)
        raise RuntimeError("broken")

    async def slow():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    with pytest.raises(RuntimeError):
        asyncio.run(ctx.gather([slow(), bad()]))
    assert cancelled == [True]


def test_a_budget_stops_before_it_is_passed():
    ctx = new(budget=Budget(steps=2))
    for _ in range(2):
        with ctx.step("recall"):
            pass
    with pytest.raises(LimitError), ctx.step("recall"):
        pass
    assert len(steps(ctx)) == 2


def test_roles_speak_and_the_differential_is_recorded_with_its_evidence():
    class Engine:
        def differential(self, case, method, top):
            evidence = [Evidence(source="hpo", record="HP:1")]
            return Answer(
                kind="differential", differential=[Candidate(id="OMIM:1", name="x", evidence=evidence)]
            )

    ctx = new(engine=Engine())
    doctor = ctx.role("doctor")
    answer = asyncio.run(doctor.differential(Case(), top=1))
    assert answer.differential[0].id == "OMIM:1"
    step = steps(ctx)[0]
    assert (step.kind, step.role, step.evidence[0].record) == ("hypothesise", "doctor", "HP:1")
    assert Trace(case_id="c", method="m", steps=steps(ctx)).to_json()


def test_without_an_engine_the_error_says_what_to_do():
    with pytest.raises(UsageError, match=r"osler\.runtime"):
        asyncio.run(new().differential(Case()))
