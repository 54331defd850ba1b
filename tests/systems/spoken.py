"""A model whose replies a test writes, and one case through a method, for the tests of published systems."""

import asyncio
import json
from dataclasses import dataclass, field

from osler.compose import compose
from osler.context import Context
from osler.llm import Message, Model, Prices
from osler.llm.language import LanguageModels
from osler.llm.types import Capabilities, Reply, Usage
from osler.services import Services
from osler.trace import Recorder, Trace, replay


@dataclass
class Spoken:
    """A provider that asks `say(messages, schema)` for each reply: text, or a value sent as JSON."""

    say: object
    name: str = "spoken"
    identity: str = "spoken"
    local: bool = True
    capabilities: Capabilities = field(default_factory=Capabilities)
    sent: list[list[Message]] = field(default_factory=list)

    async def complete(self, request, *, draw=None, timeout=None, on_delta=None):
        self.sent.append(list(request.messages))
        said = self.say("\n\n".join(m.text for m in request.messages if m.role != "system"), request.schema)
        return Reply(said if isinstance(said, str) else json.dumps(said), "", "stop", (), usage=Usage(1, 1))

    async def close(self):
        pass

    def prompt(self, number):
        """What was sent in a call, the system's words left out."""
        return "\n\n".join(m.text for m in self.sent[number] if m.role != "system")


def fields(schema):
    """The names of the fields that a call asks for."""
    return list((schema or {}).get("properties", {}))


def through(method, case, provider, **services):
    """The trace of one case through a method."""
    recorder = Recorder()
    language = LanguageModels({"main": Model(provider, prices=Prices())})
    ctx = Context(Services(language=language, **services), recorder)
    answer = asyncio.run(compose(method).call(case, ctx))
    return Trace(case_id=case.id, method=method, steps=replay(recorder.events), answer=answer)
