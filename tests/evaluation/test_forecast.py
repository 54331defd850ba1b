"""What a run will take, told before its first call."""

import pytest
from language_runs import model, plan, questions

from osler.compose import compose
from osler.evaluation.forecast import forecast
from osler.evaluation.language import start
from osler.llm import Model, Prices
from osler.llm.prices import Price
from osler.llm.simulated import Simulated


def priced(input_, output):
    return Model(Simulated("good"), prices=Prices("EUR", [("*", Price(input_, output))]))


def test_it_is_told_before_any_call_is_made(tmp_path):
    asked, told = model(), []

    def tell(expected):
        told.append((str(expected), asked.meter.calls))

    about = plan(
        questions(tmp_path / "q.jsonl"),
        "self-consistency(medagents(rounds=1), samples=2)",
        limit=10,
        epochs=2,
    )
    start(about, tmp_path / "run", {"main": asked}, tell=tell)
    words = "self-consistency(medagents(rounds=1), samples=2): per case 36 to 38 calls; for 20 cases 720 to 760 calls"
    assert told == [(words, 0)]
    assert 720 <= asked.meter.calls <= 760


def test_money_where_every_price_is_known():
    found = forecast(compose("debate"), {"main": priced(1.0, 10.0)}, 1000, characters=1300, max_tokens=450)
    assert found.tokens == (500, 450)
    assert found.money == (pytest.approx(35.0), pytest.approx(35.0))  # 7,000 calls of 500 + 4,500 millionths
    assert str(found).endswith("about 35.00 EUR if a call sends 500 tokens and gets 450 back")


def test_money_is_a_range_where_roles_cost_differently_and_absent_where_a_price_is_not_known():
    models = {"main": priced(1.0, 1.0), "senior": priced(10.0, 10.0)}
    low, high = forecast(compose("debate"), models, 10).money
    assert high == pytest.approx(10 * low)
    unknown = priced(1.0, 1.0)
    unknown.price = None
    assert forecast(compose("debate"), {"main": unknown}, 10).money is None
    assert forecast(compose("debate"), {"main": model()}, 10).money is None  # in this process: nothing to pay


def test_a_method_that_states_nothing_says_so(tmp_path):
    (tmp_path / "mine.py").write_text("async def mine(case, ctx):\n    return await ctx.ask('?')\n")
    found = forecast(compose(f"{tmp_path}/mine.py:mine"), {"main": model()}, 10)
    assert "does not state" in str(found)


def test_calls_of_each_search_are_told_beside_the_methods_own():
    from osler.knowledge.retrieval.sources import Sources
    from osler.methods.searching import calls_a_search

    found = forecast(compose("rag"), {}, 10, per_search=calls_a_search(Sources(("x",), rewrite="hyde")))
    assert str(found).endswith("; and 1 call more for each search")
    assert calls_a_search(Sources(("x",), rewrite="hyde", rank="model")) == 2
    assert calls_a_search(Sources(("x",), rank="mmr")) == calls_a_search(Sources()) == 0
