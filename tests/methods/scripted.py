"""A model whose replies a test writes, a clock that costs no time, and a run of one case: what the tests of methods share."""

from __future__ import annotations

import asyncio
import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from osler import calculators
from osler.benchmarks.pool import Pool
from osler.case import Case, Finding, Option, Term
from osler.compose import compose
from osler.context import Context
from osler.llm import Message, Model, Planted, Prices, RetryPolicy, Simulated
from osler.llm.clock import Clock
from osler.llm.language import LanguageModels
from osler.llm.types import Capabilities, Likelihood, Reply, Request, Sampling, Usage
from osler.services import Services
from osler.trace import Answer, Candidate, Evidence, Recorder, Trace, replay


# --- time that costs none ------------------------------------------------------------------------------------------------
class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock jumps to the next timer as soon as nothing else can run."""

    def __init__(self) -> None:
        super().__init__()
        self._shown = 0.0

    def time(self) -> float:
        return self._shown

    def _run_once(self) -> None:
        timers = [timer for timer in self._scheduled if not timer.cancelled()]  # type: ignore[attr-defined]
        if timers and not self._ready:  # type: ignore[attr-defined]
            self._shown = max(self._shown, min(timer.when() for timer in timers))
        super()._run_once()  # type: ignore[misc]


class LoopClock(Clock):
    """The running loop's clock, for limits and latencies."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()


def run(work: Any) -> Any:
    """Run a coroutine on a virtual clock."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(work)


# --- a model that says what a test wrote ---------------------------------------------------------------------------------
@dataclass
class Call:
    """One call as the model saw it; `began` and `ended` on the virtual clock."""

    messages: tuple[Message, ...]
    schema: dict[str, Any] | None
    sampling: Sampling
    draw: int | None
    began: float
    ended: float = 0.0
    continuations: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """All that was sent, the system's words left out."""
        return "\n\n".join(message.text for message in self.messages if message.role != "system")

    @property
    def fields(self) -> list[str]:
        """The fields asked for, in order; empty where no form was asked for."""
        return list((self.schema or {}).get("properties", {}))

    @property
    def options(self) -> list[str]:
        """The keys that the answer may take."""
        return (self.schema or {}).get("properties", {}).get("answer", {}).get("enum", [])


@dataclass
class Script:
    """A provider: `say(call)` gives the reply's text, or any value as JSON, or an exception to raise.

    Without a `say`, or where it returns None, forms are filled with plain values and other calls get a sentence.
    """

    say: Callable[[Call], Any] | None = None
    seconds: float | Callable[[Call], float] = 1.0
    name: str = "script"
    local: bool = True
    capabilities: Capabilities = field(default_factory=Capabilities)
    identity: str = "script"
    calls: list[Call] = field(default_factory=list)
    cancelled: int = 0

    async def complete(
        self, request: Request, *, draw: Any = None, timeout: Any = None, on_delta: Any = None
    ) -> Reply:
        now = asyncio.get_running_loop().time()
        call = Call(request.messages, request.schema, request.sampling, draw, now)
        said = await self._said(call)
        if said is None:
            said = fill(call.schema) if call.schema else f"A remark, the {len(self.calls)}th."
        text = said if isinstance(said, str) else json.dumps(said)
        return Reply(text, "", "stop", (), usage=Usage(10, 5), model=self.name)

    async def loglikelihood(self, prompt: str, continuations: Any) -> list[Likelihood]:
        """What `say` gives, as a list of summed log-probabilities or likelihoods; without, the first is the likeliest."""
        now, asked = asyncio.get_running_loop().time(), (Message("user", prompt),)
        said = await self._said(Call(asked, None, Sampling(), None, now, continuations=tuple(continuations)))
        if not isinstance(said, list):  # written for a reply, not for likelihoods
            said = [-1.0 - place for place in range(len(continuations))]
        return [
            value if isinstance(value, Likelihood) else Likelihood(value, len(text.split()), len(text))
            for value, text in zip(said, continuations, strict=False)
        ]

    async def _said(self, call: Call) -> Any:
        """Take note of a call, let its time pass, and ask `say`."""
        self.calls.append(call)
        try:
            await asyncio.sleep(self.seconds(call) if callable(self.seconds) else self.seconds)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        call.ended = asyncio.get_running_loop().time()
        said = self.say(call) if self.say else None
        if isinstance(said, BaseException):
            raise said
        return said

    async def close(self) -> None:
        pass

    def stages(self) -> list[list[Call]]:
        """Calls that ran at once, in order of time."""
        began = sorted({call.began for call in self.calls})
        return [[call for call in self.calls if call.began == when] for when in began]


def fill(schema: dict[str, Any], name: str = "") -> Any:
    """The plainest value that follows a schema; booleans are true."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        return {key: fill(inner, key) for key, inner in schema["properties"].items()}
    if kind == "array":
        return [fill(schema["items"], f"{name} {i + 1}") for i in range(schema.get("minItems", 0))]
    number = min(1.5, schema.get("maximum", 1.5))
    return {"boolean": True, "integer": 1, "number": number}.get(str(kind), f"{name or 'words'} given")


# --- one case through a method -------------------------------------------------------------------------------------------
@dataclass
class Done:
    """What a run gave."""

    answer: Answer
    trace: Trace
    recorder: Recorder
    seconds: float

    @property
    def labels(self) -> list[str]:
        """The labels of the steps, in order."""
        return [step.label for _, step in self.trace.walk()]

    def step(self, label: str) -> Any:
        """The only step of that label."""
        [found] = [step for step in self.trace.steps if step.label == label]
        return found


def model_of(provider: Any, **options: Any) -> Model:
    """A model without prices, retries or waiting of its own."""
    settings: dict[str, Any] = {
        "prices": Prices(),
        "retry": RetryPolicy(attempts=1),
        "clock": LoopClock(),
        "timeout": None,
    }
    return Model(provider, **{**settings, **options})


async def ask(
    method: str,
    case: Case,
    model: Model | dict[str, Model],
    *,
    engine: Any = None,
    pool: Any = None,
    images: Any = None,
    prompts: dict[str, str] | None = None,
    sampling: Sampling | None = None,
    budget: Any = None,
    shared: dict[Any, Any] | None = None,
    retriever: Any = None,
    encoder: Any = None,
    reranker: Any = None,
    graph: Any = None,
    searching: Any = None,
    seed: int = 0,
) -> Done:
    """Run a method over one case; without a model where `model` is an empty table."""
    models = model if isinstance(model, dict) else {"main": model}
    recorder = Recorder()
    services = Services(
        engine=engine,
        language=LanguageModels(models, sampling=sampling, budget=budget) if models else None,
        prompts={} if prompts is None else prompts,
        examples=pool,
        images=images,
        calculators=calculators,
        shared={} if shared is None else shared,
        retriever=retriever,
        encoder=encoder,
        reranker=reranker,
        graph=graph,
        searching=searching,
        seed=seed,
    )
    made, began = compose(method), asyncio.get_running_loop().time()
    answer = await made.call(case, Context(services, recorder))
    seconds = asyncio.get_running_loop().time() - began
    steps = replay(recorder.events)
    return Done(
        answer, Trace(case_id=case.id, method=made.name, steps=steps, answer=answer), recorder, seconds
    )


def one(method: str, case: Case, script: Script, **services: Any) -> Done:
    """Run a method over one case with a scripted model."""
    return run(ask(method, case, model_of(script), **services))


# --- cases ---------------------------------------------------------------------------------------------------------------
TEXTS = ("Aspirin", "Clopidogrel", "Warfarin", "Heparin")


def question(number: int = 0, kind: str = "choice", **about: Any) -> Case:
    """A small case of any answer kind; its number makes it distinct from the first word on."""
    options = [Option(key=key, text=text) for key, text in zip("ABCD", TEXTS, strict=True)]
    wanted = {
        "case": f"Patient {number}, a {20 + number % 60}-year-old, has chest pain after exercise since {number % 9} days.",
        "question": f"What should patient {number} be given first of all these drugs?",
    }
    given: dict[str, Any] = {
        "id": f"case-{number}",
        "text": wanted["case"],
        "question": wanted["question"],
        "answer_kind": kind,
        "options": options if kind in ("choice", "choices", "label") else [],
    }
    return Case(**{**given, **about})


def planted(cases: list[Case]) -> list[Planted]:
    """What a simulated model is to know of choice cases: the answers go round the letters."""
    options = dict(zip("ABCD", TEXTS, strict=True))
    return [Planted(case.question or "", right(number), options) for number, case in enumerate(cases)]


def right(number: int) -> str:
    """The right option of the case of that number."""
    return random.Random(number).choice("ABCD")


def choose(key: str, reasoning: str = "because of the facts") -> dict[str, Any]:
    """A reasoned choice."""
    return {"reasoning": reasoning, "answer": key}


def simulated(profile: str, cases: list[Case], **options: Any) -> Model:
    """A simulated model that knows these cases."""
    return model_of(Simulated(profile).plant(planted(cases)), **options)


def accuracy(method: str, profile: str, cases: list[Case], **services: Any) -> float:
    """The share of cases that a method answers rightly on a simulated model."""
    return sum(verdicts(method, profile, cases, **services)) / len(cases)


def verdicts(method: str, profile: str | dict[str, str], cases: list[Case], **services: Any) -> list[bool]:
    """Right or wrong, case by case; `profile` may name one for each role."""
    return [
        found.answer.choice == right(number)
        for number, found in enumerate(several(method, profile, cases, **services))
    ]


def several(method: str, profile: str | dict[str, str], cases: list[Case], **services: Any) -> list[Done]:
    """Many cases through a method on a simulated model."""

    async def work() -> list[Done]:
        named = profile if isinstance(profile, dict) else {"main": profile}
        models = {role: simulated(words, cases) for role, words in named.items()}
        return list(await asyncio.gather(*(ask(method, case, models, **services) for case in cases)))

    return run(work())


# --- an engine and a pool of a test's own --------------------------------------------------------------------------------
@dataclass
class ToyEngine:
    """Ranks a fixed list; reviews by a table of name to evidence (word, supports)."""

    names: list[str] = field(default_factory=lambda: [f"Disease {i}" for i in range(1, 9)])
    confidence: float = 0.4
    none_fits: float = 0.1
    profiles: dict[str, list[tuple[str, bool | None]]] = field(default_factory=dict)
    reviewed: list[list[str]] = field(default_factory=list)

    def differential(self, case: Case, method: str, top: int) -> Answer:
        entries = [
            Candidate(id=f"TOY:{name.split()[-1]}", name=name, probability=0.1, score=1.0)
            for name in self.names[:top]
        ]
        return Answer(
            kind="differential", differential=entries, confidence=self.confidence, none_fits=self.none_fits
        )

    def review(self, case: Case, names: Any) -> list[Candidate | None]:
        self.reviewed.append(list(names))
        return [self._one(name) for name in names]

    def _one(self, name: str) -> Candidate | None:
        if name not in self.profiles:
            return None
        found = [
            Evidence(source="toy", record=name, quote=word, score=2.0, supports=supports)
            for word, supports in self.profiles[name]
        ]
        return Candidate(id=f"TOY:{name.casefold()}", name=name, evidence=found)


def pool_of(n: int = 30, start: int = 1000) -> Pool:
    """Solved choice examples, distinct from `question(0…)`."""
    from osler.services import Example

    return Pool(
        [
            Example(
                Case(
                    id=f"pool-{number}",
                    question=f"Example {number}: in ward {number % 7} a sailor with {_WORDS[number % len(_WORDS)]} asks for drug {number}. Which one?",
                    options=[Option(key=key, text=text) for key, text in zip("ABCD", TEXTS, strict=True)],
                    answer_kind="choice",
                ),
                Answer(kind="choice", choice=right(number)),
            )
            for number in range(start, start + n)
        ]
    )


def planted_pool(pool: Pool) -> list[Planted]:
    """What a simulated model is to know of a pool's examples."""
    options = dict(zip("ABCD", TEXTS, strict=True))
    return [Planted(example.case.question or "", example.answer.choice, options) for example in pool.examples]


_WORDS = ("a fever", "chest pain", "a rash", "a cough", "swollen knees", "a headache", "dizziness")


def with_findings(case: Case, *labels: str) -> Case:
    """The case with coded findings of these labels."""
    found = [Finding(term=Term(id=f"HP:{i:07}", label=label)) for i, label in enumerate(labels, 1)]
    return case.model_copy(update={"findings": found})


def fences(text: str) -> bool:
    """Whether every fence of a prompt is closed by its own label and nothing else opens or closes one."""
    open_label = None
    for line in text.splitlines():
        found = re.match(r"(<<<|>>>) (.*)", line)
        if not found:
            continue
        if found[1] == "<<<" and open_label is None:
            open_label = found[2]
        elif found[1] == ">>>" and open_label == found[2]:
            open_label = None
        else:
            return False
    return open_label is None
