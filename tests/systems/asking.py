"""Asks a simulated model every item of a set by a method, for the tests of published systems."""

import asyncio

from osler import registry
from osler.context import Context
from osler.llm import from_spec
from osler.llm.language import LanguageModels
from osler.services import Services
from osler.trace import Recorder


def answers(items, spec, *, method="zero-shot", planted=None, prompts=None):
    """One answer per item, in order. The model knows `planted` (the items themselves by default), the method does not."""
    model = from_spec(f"simulated:{spec}")
    model.provider.plant(items if planted is None else planted)
    function = registry.get("method", method).object

    async def run():
        said = []
        for item in items:
            services = Services(language=LanguageModels({"main": model}), prompts=prompts or {})
            said.append(await function(item.case, Context(services, Recorder())))
        return said

    return asyncio.run(run())


def scored(items, said, scorer):
    """The scorer's values for each item."""
    part = registry.get("scorer", scorer).object
    return [part.score(item.reference, answer) for item, answer in zip(items, said, strict=True)]


def figures(items, said, scorer):
    """The scorer's summary."""
    rows = scored(items, said, scorer)
    return registry.get("scorer", scorer).object.summarise(rows, [item.group for item in items])
