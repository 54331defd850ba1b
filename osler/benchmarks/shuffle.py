"""Choice questions with their options in another order: keys stay at their places, texts move, the reference goes along."""

from __future__ import annotations

import random
from dataclasses import replace

from osler.benchmarks.items import Item
from osler.case import Option, opaque_id
from osler.errors import UsageError
from osler.methods.medprompt import pinned
from osler.scoring.references import ChoiceReference


def shuffled(item: Item[ChoiceReference], seed: int) -> Item[ChoiceReference]:
    """The item with its options in an order drawn by seed and case; the group stays, the key is new.

    Options that speak of others ("all of the above", "A and C"), and those they name, keep their place. Raises UsageError for label questions,
    whose keys are words.
    """
    options = item.case.options
    if any(len(option.key) > 1 for option in options):
        raise UsageError("the keys of this question are words: shuffling options changes nothing")
    free = [i for i, option in enumerate(options) if not pinned(option, options)]
    moved = free.copy()
    random.Random(f"{seed} {item.key}").shuffle(moved)
    source = list(range(len(options)))
    for place, origin in zip(free, moved, strict=True):
        source[place] = origin
    shown = [
        Option(key=place.key, text=options[origin].text, image=options[origin].image)
        for place, origin in zip(options, source, strict=True)
    ]
    right = next(
        shown[place].key for place, origin in enumerate(source) if options[origin].key == item.reference.key
    )
    key = opaque_id(item.key, "shuffled", str(seed))
    case = item.case.model_copy(update={"id": key, "options": shown})
    return replace(item, key=key, case=case, reference=ChoiceReference(right, item.reference.options))
