"""Rows 12 and 13, medical adaptation head-to-head: two simulated models of equal planted accuracy are called a tie, a 10-point
gap a win, prompt selection touches only validation items; bootstrap intervals give the label on several tasks."""

import asyncio

import pytest

from osler.benchmarks.choices import choice_item
from osler.benchmarks.overlap import Text
from osler.errors import InputError
from osler.evaluation.head_to_head import head_to_head, lines_of, split_by_group
from osler.llm import from_spec
from osler.llm.simulated import Planted

PROMPTS = {"plain": "{case}\n\nAnswer.", "expert": "You are an expert.\n\n{case}\n\nAnswer."}


def task_items(name, n=600):
    options = [(key, f"{key} of {name}") for key in "ABCD"]
    return [
        choice_item(
            f"{name} number {i}: which measure is best for patient {i} of this ward today?",
            options,
            "ABCD"[i % 4],
            "test",
        )
        for i in range(n)
    ]


def model(items, right, seed=0):
    """A model that answers a planted share right, the same items whatever the prompt."""
    made = from_spec(f"simulated:accuracy=1.0,seed={seed}")
    made.provider.plant(
        Planted(
            item.case.question,
            item.reference.key,
            {o.key: o.text for o in item.case.options},
            accuracy=float(right(i)),
        )
        for i, item in enumerate(items)
    )
    return made


def meet(tasks, first, second, **options):
    return asyncio.run(head_to_head(tasks, first, second, PROMPTS, **options))


def test_equal_accuracy_is_a_tie_and_ten_points_are_a_win_or_loss():
    items = task_items("surgery")
    base = model(items, lambda i: i % 10 < 7)
    same = model(items, lambda i: (i // 10) % 10 < 7)  # 70 % as well, on other items
    better = model(items, lambda i: i % 10 < 8)
    assert meet({"surgery": items}, base, same).matches[0].verdict == "tie"
    win = meet({"surgery": items}, base, better).matches[0]
    assert win.verdict == "win" and win.paired.ci.low > 0
    assert win.paired.difference == pytest.approx(0.1, abs=0.03) and win.h > 0.1
    assert meet({"surgery": items}, better, base).matches[0].verdict == "loss"


def test_several_tasks_give_the_expected_labels():
    tasks = {name: task_items(name, 300) for name in ("surgery", "urology", "cardiology")}
    everything = [item for items in tasks.values() for item in items]
    base = model(everything, lambda i: i % 10 < 6)
    second = model(everything, lambda i: i % 10 < (8, 6, 4)[i // 300])
    tally = meet(tasks, base, second)
    assert [match.verdict for match in tally.matches] == ["win", "tie", "loss"]
    assert tally.counts() == {"win": 1, "tie": 1, "loss": 1}
    assert lines_of(tally)[0].startswith("surgery: win, +")


class Listening:
    """Notes which questions were asked under which prompt."""

    def __init__(self, inner):
        self.inner, self.heard = inner, []

    def __getattr__(self, name):
        return getattr(self.inner, name)

    async def complete(self, request, **options):
        self.heard.append(request.messages[-1].text)
        return await self.inner.complete(request, **options)


def test_prompt_selection_touches_only_validation_items():
    items = task_items("surgery", 60)
    validation, test = split_by_group(items)
    ears = []
    for seed in (1, 2):
        made = model(items, lambda i: i % 2, seed)
        made.provider = Listening(made.provider)
        ears.append(made)
    match = meet({"surgery": items}, *ears).matches[0]
    for made, chosen in zip(ears, match.prompts, strict=True):
        for item in test:
            heard = [text for text in made.provider.heard if item.case.question in text]
            assert len(heard) == 1  # once, under the chosen prompt
            assert heard[0].startswith("You are an expert") == (chosen == "expert")
        for item in validation:
            assert sum(item.case.question in text for text in made.provider.heard) == len(PROMPTS)


def test_groups_are_on_one_side_only():
    items = task_items("surgery", 40)
    doubled = [*items, *items]
    validation, test = split_by_group(doubled)
    assert not {item.group for item in validation} & {item.group for item in test}
    assert len(validation) + len(test) == 80 and 10 < len(validation) < 40
    with pytest.raises(InputError, match="too few"):
        split_by_group(items[:1])


def test_vignettes_that_were_trained_on_are_flagged():
    items = task_items("surgery", 60)
    base, second = model(items, lambda i: True), model(items, lambda i: True)
    seen = [Text(str(i), item.case.question) for i, item in enumerate(items[:30])]
    tally = meet({"surgery": items}, base, second, trained_on=seen)
    assert 0.3 < tally.matches[0].contaminated < 0.7
    assert "contaminated" in lines_of(tally)[0]
