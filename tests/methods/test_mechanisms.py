"""Each method does what its paper says it does, or fails in the way it is known to fail: on the simulated model, with seeds.

Bounds are binomial: within four standard errors of what the settings come to, so a right implementation passes always.
"""

from __future__ import annotations

import math

import pytest
from scripted import (
    Script,
    accuracy,
    ask,
    model_of,
    one,
    planted,
    planted_pool,
    pool_of,
    question,
    right,
    run,
    several,
    verdicts,
)

from osler.llm import Simulated

CASES = [question(number) for number in range(200)]
N = len(CASES)


def margin(p: float, n: int = N) -> float:
    """Four standard errors of a share."""
    return 4 * math.sqrt(p * (1 - p) / n)


def vote(p: float, n: int, wrong: int = 3) -> float:
    """The chance that a plurality of n independent draws is right (ties shared out), by counting all outcomes."""
    total = 0.0

    def spread(left, parts):
        if parts == 1:
            yield (left,)
            return
        for first in range(left + 1):
            for rest in spread(left - first, parts - 1):
                yield (first, *rest)

    for hits in range(n + 1):
        for misses in spread(n - hits, wrong):
            ways = math.factorial(n) / math.prod(map(math.factorial, (hits, *misses)))
            chance = ways * p**hits * ((1 - p) / wrong) ** (n - hits)
            best = max(hits, *misses)
            if hits == best:
                total += chance / (1 + sum(m == best for m in misses))
    return total


def flips(before: list[bool], after: list[bool]) -> tuple[int, int]:
    """Right to wrong, and wrong to right."""
    return (
        sum(b and not a for b, a in zip(before, after, strict=True)),
        sum(a and not b for b, a in zip(before, after, strict=True)),
    )


def test_one_call_is_as_good_as_the_model():
    for method in ("zero-shot", "zero-shot-cot", "zero-shot-cot(extract=true)"):
        share = accuracy(method, "accuracy=0.7", CASES)
        low = 0.7 if "extract" not in method else 0.6
        assert low - margin(0.7) <= share <= 0.9, method


def test_voting_lifts_accuracy_when_errors_are_independent():
    wanted = vote(0.5, 5)
    assert wanted > 0.65
    assert abs(accuracy("self-consistency", "accuracy=0.5", CASES) - wanted) <= margin(wanted)


def test_voting_does_nothing_when_errors_are_shared():
    one_draw = verdicts("zero-shot-cot", "accuracy=0.5,shared=1", CASES)
    voted = verdicts("self-consistency", "accuracy=0.5,shared=1", CASES)
    assert flips(one_draw, voted) == (0, 0)
    confident = [
        done.answer.confidence for done in several("self-consistency", "accuracy=0.5,shared=1", CASES[:40])
    ]
    assert sum(c == 1.0 for c in confident) >= 10  # wrong or right, and sure of it


def test_more_votes_lift_more():
    three, nine = (accuracy(f"self-consistency(samples={n})", "accuracy=0.5", CASES) for n in (3, 9))
    assert three < nine and abs(nine - vote(0.5, 9)) <= margin(0.8)


def test_unreadable_votes_are_dropped_and_counted_never_guessed():
    done = several("self-consistency", "accuracy=0.6,malformed=0.5,kinds=prose", CASES[:60])
    unreadable = sum(step.data.get("read") == "unreadable" for one in done for step in one.trace.steps)
    assert abs(unreadable / 300 - 0.25) <= margin(0.25, 300)  # the reply and its repair
    assert all(d.answer.unreadable or d.answer.confidence is not None for d in done)


def test_shuffling_takes_the_bias_for_a_position_out_of_the_votes():
    profile = "accuracy=0.6,position_bias=0.5"
    plain = several("self-consistency(samples=8)", profile, CASES)
    shuffled = several("medprompt(k=0, m=8)", profile, CASES)
    first = [sum(done.answer.choice == "A" for done in way) / N for way in (plain, shuffled)]
    truly = sum(right(n) == "A" for n in range(N)) / N
    assert first[0] > 0.55 and abs(first[1] - truly) <= margin(0.25) / 1.5
    hits = [sum(d.answer.choice == right(n) for n, d in enumerate(way)) / N for way in (plain, shuffled)]
    assert hits[1] > hits[0] + 0.1


def test_medprompt_shows_only_examples_that_the_model_got_right():
    pool, cases = pool_of(20), CASES[:10]

    async def work():
        provider = Simulated("accuracy=0.5").plant([*planted(cases), *planted_pool(pool)])
        shared = {}
        model = model_of(provider)
        return [await ask("medprompt(m=1)", case, model, pool=pool, shared=shared) for case in cases], shared

    done, shared = run(work())
    results = [future.result() for future in shared.values()]
    assert 0 < sum(reason is None for reason in results) < len(results)
    assert all(d.answer.choice in "ABCD" for d in done)


def test_refining_over_drafts_is_better_than_a_draft():
    single = accuracy("zero-shot-cot", "accuracy=0.5", CASES[:100])
    refined = accuracy("ensemble-refinement(n1=5, n2=5)", "accuracy=0.5,sycophancy=0.5", CASES[:100])
    assert refined >= single + 0.1


def test_a_model_that_copies_its_drafts_votes_as_they_did():
    done = several("ensemble-refinement(n1=5, n2=3)", "accuracy=0.5,sycophancy=1", CASES[:60])
    assert all(
        d.answer.confidence == 1.0 for d in done
    )  # the known failure: the majority of the drafts is copied


@pytest.mark.parametrize(("critic", "mends"), [("accuracy=1", True), ("accuracy=0", False)])
def test_self_refine_is_as_good_as_its_critic(critic, mends):
    done = several("self-refine", {"main": "accuracy=0.8", "critic": critic}, CASES)
    noted = [d.step("answer").data for d in done]
    first = [data["first"] == right(n) for n, data in enumerate(noted)]
    last = [data["last"] == right(n) for n, data in enumerate(noted)]
    lost, won = flips(first, last)
    assert (won > 20 and not lost) if mends else (lost > 20 and lost > 1.5 * won)


def test_a_sycophant_in_the_chair_of_a_debate_gives_up_right_answers():
    panel = dict.fromkeys(("innovator", "critic", "analyst"), "accuracy=0.3")
    alone = verdicts("zero-shot-cot", "accuracy=1", CASES[:100])
    firm, soft = (
        verdicts("debate", {"main": f"accuracy=1,sycophancy={s}", **panel}, CASES[:100]) for s in (0, 1)
    )
    assert all(alone) and flips(alone, firm) == (0, 0)
    lost, _ = flips(alone, soft)
    assert lost >= 40  # three at 0.3 have a right plurality in about a third of the cases


def test_a_debate_of_good_peers_mends_a_weak_chair_who_listens():
    panel = dict.fromkeys(("innovator", "critic", "analyst"), "accuracy=0.9")
    weak = verdicts("zero-shot-cot", "accuracy=0.3", CASES[:100])
    lost, won = flips(weak, verdicts("debate", {"main": "accuracy=0.3,sycophancy=1", **panel}, CASES[:100]))
    assert won > 40 and won > 3 * lost


def test_medagents_pools_what_specialists_know_when_their_errors_are_their_own():
    single = accuracy("zero-shot-cot", "accuracy=0.5", CASES[:100])
    pooled = accuracy("medagents", "accuracy=0.5,sycophancy=1", CASES[:100])
    shared = accuracy("medagents", "accuracy=0.5,sycophancy=1,shared=1", CASES[:100])
    assert pooled >= single + 0.1 and abs(shared - 0.5) <= margin(0.5, 100)


def test_mdagents_spends_by_the_level_of_its_triage():
    levels = {}
    for number, done in enumerate(several("mdagents(rounds=1, turns=1)", "accuracy=0.8", CASES[:60])):
        text = done.step("triage").text
        level = next(word for word in ("basic", "intermediate", "advanced") if f'"{word}"' in text)
        calls = sum(meter.calls for meter in done.recorder.meters)
        levels.setdefault(level, set()).add(calls)
        assert ("answer alone" in done.labels, "moderate" in done.labels, "form teams" in done.labels) == (
            level == "basic",
            level == "intermediate",
            level == "advanced",
        ), number
    assert levels["basic"] == {2} and levels["advanced"] == {15} and levels["intermediate"] <= {14, 19}
    assert set(levels) == {"basic", "intermediate", "advanced"}


def test_plan_and_solve_takes_two_calls_and_keeps_the_models_accuracy():
    done = several("plan-and-solve", "accuracy=0.7,sycophancy=1", CASES[:100])
    assert all(sum(meter.calls for meter in d.recorder.meters) == 2 for d in done)


def test_few_shot_draws_other_examples_under_another_seed_and_the_same_under_the_same():
    def sent(seed):
        script = Script(lambda call: {"answer": "A"}, seconds=0)
        one("few-shot", CASES[0], script, pool=pool_of(30), seed=seed)
        return script.calls[0].text

    assert sent(1) == sent(1) != sent(2)


def test_a_refusing_model_is_counted_as_unreadable_not_as_wrong_choices():
    done = several("zero-shot-cot", "accuracy=1,refusal=0.5", CASES)
    refused = sum(d.answer.unreadable for d in done)
    assert abs(refused / N - 0.25) <= margin(0.25)
    assert all(d.answer.choice == right(n) for n, d in enumerate(done) if not d.answer.unreadable)
