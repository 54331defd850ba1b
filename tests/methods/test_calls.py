"""How many calls a method says it makes, from its options, against how many it makes."""

from __future__ import annotations

import pytest
import scripted
from corpora import knowledge_of
from scripted import Script, ToyEngine, one, pool_of, question

from osler import registry
from osler.calls import Calls
from osler.compose import compose

DIFFERENTIAL = ("rerank", "verify", "cascade", "ranked-list", "deeprare")
CALCULATING = {part.name for part in registry.parts("method") if "number" in part.answers}
ASKING = [part.name for part in registry.parts("method") if "model" in part.needs]


def made(method, *, kind="choice", **forced):
    """How many calls a method makes where every reply is plain and these fields hold what is forced on them."""

    def say(call):
        return (
            {**scripted.fill(call.schema), **{k: v for k, v in forced.items() if k in call.fields}}
            if call.schema
            else None
        )

    script = Script(say)
    one(method, question(1, kind), script, engine=ToyEngine(), pool=pool_of(20), **knowledge_of())
    return len(script.calls)


@pytest.mark.parametrize("name", ASKING)
def test_every_method_states_its_calls_and_keeps_to_them(name):
    kind = "differential" if name in DIFFERENTIAL else "number" if name in CALCULATING else "choice"
    stated = compose(name).calls(kind == "choice")
    assert stated is not None
    assert stated.low <= made(name, kind=kind) <= stated.high + stated.shared


@pytest.mark.parametrize(
    ("method", "low", "high"),
    [
        ("zero-shot-cot(extract=true)", 2, 2),
        ("debate(rounds=4)", 13, 13),
        ("ensemble-refinement(n1=2, n2=3, shots=0)", 5, 5),
        ("self-consistency(debate, samples=3)", 21, 21),
        ("self-consistency(self-consistency(samples=2), samples=3)", 6, 6),
        ("medagents(rounds=0, experts=2, option_experts=1)", 7, 7),
    ],
)
def test_options_and_nested_methods_count(method, low, high):
    found = compose(method).calls()
    assert (found.low, found.high) == (low, high)
    assert made(method) == low


@pytest.mark.parametrize(
    ("method", "fewest", "most"),
    [
        ("self-refine(rounds=2)", {"accept": True}, {"accept": False}),
        ("medagents(rounds=1)", {"agree": True}, {"agree": False}),
        ("medagents(rounds=2, experts=3)", {"agree": True}, {"agree": False}),
        (
            "mdagents(rounds=2, turns=1, experts=3, shots=0)",
            {"level": "basic"},
            {"level": "intermediate", "speak": True, "to": [1, 2]},
        ),
        (
            "mdagents(rounds=1, turns=1, experts=2, teams=3, size=4, shots=0)",
            {"level": "basic"},
            {"level": "advanced"},
        ),
    ],
)
def test_the_fewest_and_the_most_are_reached(method, fewest, most):
    found = compose(method).calls()
    assert (found.low, found.high) == (made(method, **fewest), made(method, **most))


def test_the_cascade_adds_its_model_only_where_the_engine_is_unsure():
    assert compose("cascade(of=verify)").calls() == Calls(0, 2)
    assert compose("embedded").calls() == Calls(0, 0)


def test_a_question_without_options_has_no_specialists_for_them():
    assert compose("medagents(rounds=1)").calls(with_options=False) == Calls(13, 14)
    assert str(compose("medagents(rounds=1)").calls()) == "18 to 19 calls"


def test_examples_are_prepared_once_in_a_run():
    calls = compose("self-consistency(medprompt(k=2, m=3), samples=2)").calls()
    assert calls == Calls(6, 6, shared=20)
    assert calls.in_run(100, pool=30) == Calls(600, 630)
    assert calls.in_run(1, pool=300) == Calls(6, 26)


def test_a_users_own_method_states_nothing_unless_it_says(tmp_path):
    (tmp_path / "mine.py").write_text("async def mine(case, ctx):\n    return await ctx.ask('?')\n")
    assert compose(f"{tmp_path}/mine.py:mine").calls() is None
    assert compose(f"self-consistency({tmp_path}/mine.py:mine)").calls() is None
