"""Two models, such as an adapted one and its base, each with the prompt that suits it, on several tasks: win, tie or loss.

Following Jeong et al. 2024 ("Medical adaptation … are we making progress?", arXiv 2411.04118): prompts are chosen for each model by
itself, on validation items alone; the models then meet on the other items, and a win needs an interval that leaves out zero.
Items are split by group, so that no vignette is on both sides. A task whose test vignettes stand in a text that a model was
trained on is flagged as contaminated.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osler import registry
from osler.benchmarks.items import Item
from osler.benchmarks.overlap import Text, find_overlap, texts_of
from osler.context import Context
from osler.errors import InputError, UsageError
from osler.llm.language import LanguageModels
from osler.llm.model import Model
from osler.scoring.effect import Verdict, cohen_h, verdict
from osler.scoring.intervals import written
from osler.scoring.paired import Paired, compare_hits
from osler.services import Services
from osler.trace import Recorder


@dataclass(frozen=True)
class Match:
    """The second model against the first on one task: chosen prompts, accuracies on test items, difference, verdict.

    `contaminated` is the share of test items whose vignette is in the given training texts; None where none were given.
    """

    task: str
    prompts: tuple[str, str]
    n_validation: int
    n_test: int
    accuracy: tuple[float, float]
    paired: Paired
    h: float
    verdict: Verdict
    contaminated: float | None = None


@dataclass(frozen=True)
class Tally:
    """Wins, ties and losses of the second model over tasks."""

    matches: tuple[Match, ...]

    def counts(self) -> dict[Verdict, int]:
        """Tasks by verdict."""
        found: dict[Verdict, int] = {"win": 0, "tie": 0, "loss": 0}
        for match in self.matches:
            found[match.verdict] += 1
        return found


def split_by_group(
    items: Sequence[Item[Any]], share: float = 0.3, seed: int = 0
) -> tuple[list[Item[Any]], list[Item[Any]]]:
    """Validation and test items, groups kept whole; about `share` of the items are validation. Raises InputError when either is empty."""
    if not 0 < share < 1:
        raise UsageError("the share of validation items lies between 0 and 1")
    groups = sorted({item.group for item in items})
    random.Random(seed).shuffle(groups)
    sizes = dict.fromkeys(groups, 0)
    for item in items:
        sizes[item.group] += 1
    chosen, taken = set(), 0
    for group in groups:
        if taken + sizes[group] / 2 < share * len(items):
            chosen.add(group)
            taken += sizes[group]
    validation = [item for item in items if item.group in chosen]
    test = [item for item in items if item.group not in chosen]
    if not validation or not test:
        raise InputError("too few groups to split into validation and test items")
    return validation, test


async def head_to_head(
    tasks: Mapping[str, Sequence[Item[Any]]],
    first: Model,
    second: Model,
    prompts: Mapping[str, str],
    *,
    method: str = "zero-shot",
    scorer: str = "choice",
    share: float = 0.3,
    seed: int = 0,
    trained_on: Sequence[Text] = (),
) -> Tally:
    """Compare two models over tasks. `prompts` are wordings for the method, by name, each with `{case}`.

    `trained_on` are texts that either model is known to have seen. Outcomes are the scorer's `correct`.
    """
    if not prompts:
        raise UsageError("head-to-head needs at least one prompt to choose from")
    matches = []
    for task, items in tasks.items():
        validation, test = split_by_group(items, share, seed)
        chosen = [await _best_prompt(model, validation, prompts, method, scorer) for model in (first, second)]
        one, two = [
            await outcomes(model, test, method, scorer, prompts[name])
            for model, name in zip((first, second), chosen, strict=True)
        ]
        paired = compare_hits(one, two, [item.group for item in test], seed)
        accuracy = sum(one) / len(one), sum(two) / len(two)
        seen = None
        if trained_on:
            seen = len(find_overlap(texts_of(test), trained_on, retold=None).shared()[0]) / len(test)
        matches.append(
            Match(
                task, (chosen[0], chosen[1]), len(validation), len(test), accuracy, paired, cohen_h(*accuracy),
                verdict(paired.ci), seen,
            )
        )  # fmt: skip
    return Tally(tuple(matches))


async def outcomes(
    model: Model, items: Sequence[Item[Any]], method: str, scorer: str, wording: str
) -> list[float]:
    """1.0 or 0.0 for each item, asked at once under one wording of the method's prompt."""
    function = registry.get("method", method).object
    marks = registry.get("scorer", scorer).object

    async def one(item: Item[Any]) -> float:
        services = Services(language=LanguageModels({"main": model}), prompts={method: wording})
        answer = await function(item.case, Context(services, Recorder()))
        return float(marks.score(item.reference, answer)["correct"])

    return list(await asyncio.gather(*(one(item) for item in items)))


def lines_of(tally: Tally) -> list[str]:
    """The matches as lines of text."""
    lines = []
    for one in tally.matches:
        flag = (
            f"  contaminated: {one.contaminated:.0%} of the test vignettes were seen"
            if one.contaminated
            else ""
        )
        lines.append(
            f"{one.task}: {one.verdict}, {100 * one.paired.difference:+.1f} points "
            f"{written(one.paired.ci, '+.1f', 100)}, p {one.paired.p:.3g}, "
            f"{one.n_test} cases{flag}"
        )
    return lines


async def _best_prompt(
    model: Model, validation: Sequence[Item[Any]], prompts: Mapping[str, str], method: str, scorer: str
) -> str:
    """The name of the wording that a model answers best under; the first of equals."""
    means = {
        name: sum(await outcomes(model, validation, method, scorer, wording))
        for name, wording in prompts.items()
    }
    return max(means, key=lambda name: means[name])
