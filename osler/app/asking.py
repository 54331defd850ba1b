"""What the ask view runs: the methods this server can offer, a case with its question, and a run as a job to be watched.

A job's events are those of `osler.app.reasoning.events` (start, delta and end of steps, pieces, answer or error), then the job's own
`end`, which has a `state`; its result is a `Ran`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Any, Literal, cast, get_args, get_origin

from osler import registry, replies
from osler.app.desk import Desk
from osler.app.jobs import Job
from osler.app.reasoning import chosen, events, outcome, setting_for
from osler.case import AnswerKind, Case, Option
from osler.compose import Composed
from osler.context import Method
from osler.errors import OslerError, UsageError
from osler.registry import Part
from osler.session import Setting, composed
from osler.trace import Trace

KINDS = get_args(AnswerKind)
# Words of replies stop after so many events, so that steps and the answer still have room.
MOST_QUESTION, MOST_PIECES = 20_000, 12_000


@dataclass(frozen=True)
class Offered:
    """A method as a server can offer it; `why_not` says what the server lacks, empty where it can run."""

    name: str
    summary: str
    fidelity: str
    needs: tuple[str, ...]
    answers: tuple[str, ...]
    cost: str
    why_not: str = ""


# What most people want first, of that which can run: the case's differential, a calculation, words of a corpus, a model's answer.
FIRST = (
    "embedded",
    "embedded-calc",
    "extractive",
    "hhh",
    "zero-shot-cot",
    "rag",
    "self-consistency",
    "verify",
)
# A method stands in the first family that it fits.
_FAMILIES: tuple[tuple[str, Callable[[Offered], bool]], ...] = (
    ("Needs a model and a graph", lambda one: {"model", "graph"} <= {*one.needs}),
    ("Needs a model and a corpus", lambda one: {"model", "corpus"} <= {*one.needs}),
    ("Needs a model", lambda one: "model" in one.needs),
    ("No model: asks a graph or a corpus", lambda one: bool({"graph", "corpus"} & {*one.needs})),
    ("No model: ranks diseases", lambda one: one.answers == ("differential",)),
    ("No model: other answers", lambda one: True),
)


@dataclass(frozen=True)
class Choice:
    """An option of a method for a form: `choices` where there are only so many values."""

    name: str
    default: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ran:
    """What a run was about and what came of it."""

    case: Case
    reply: dict[str, Any]
    trace: Trace


def offers(desk: Desk) -> list[Offered]:
    """All methods, those that can run first; the others with what they lack."""
    rows = [
        Offered(
            part.name, part.summary, part.fidelity, part.needs, part.answers, part.cost, lacking(desk, part)
        )
        for part in registry.parts("method")
    ]
    return sorted(rows, key=lambda one: (bool(one.why_not), one.name))


def families(methods: Sequence[Offered]) -> dict[str, list[Offered]]:
    """The methods that can run, by what each needs; those to begin with come first, and stand there alone."""
    found: dict[str, list[Offered]] = {
        name: [] for name in ("To begin with", *(name for name, _ in _FAMILIES))
    }
    ready = {one.name: one for one in methods if not one.why_not}
    found["To begin with"] = [ready.pop(name) for name in FIRST if name in ready]
    for one in ready.values():
        found[next(name for name, fits in _FAMILIES if fits(one))].append(one)
    return {name: members for name, members in found.items() if members}


def lacking(desk: Desk, part: Part) -> str:
    """Why a server cannot run a method; empty where it can."""
    settings = desk.settings
    if "examples" in part.needs:
        return "learns from examples, so it needs an evaluation (osler eval --examples)"
    if "model" in part.needs and not settings.models:
        return "asks a language model; start the server with --model"
    if "corpus" in part.needs and not (corpora(desk) or (desk.opened and desk.opened.retriever)):
        return "answers from a corpus; make one with osler corpus add, or start the server with --corpus"
    if "reranker" in part.needs and not settings.sources.reranker:
        return "re-ranks passages; start the server with a re-ranker"
    return ""


def corpora(desk: Desk) -> list[str]:
    """The corpora that a run may look into: those of the server, and those kept on this machine."""
    from osler.knowledge.corpus import store

    return list(dict.fromkeys((*desk.settings.sources.corpora, *store.names())))


def choices_of(part: Part) -> list[Choice]:
    """The options of a method with their defaults."""
    hints = inspect.get_annotations(part.object, eval_str=True)
    found = []
    for name, parameter in inspect.signature(part.object).parameters.items():
        if parameter.default is inspect.Parameter.empty:
            continue
        hint = hints.get(name)
        if get_origin(hint) is not None and hasattr(hint, "__metadata__"):
            hint = get_args(hint)[0]
        choices = get_args(hint) if get_origin(hint) is Literal else ("true", "false") if hint is bool else ()
        default = "" if parameter.default is None or hint is Method else str(parameter.default)
        found.append(Choice(name, default.lower() if hint is bool else default, tuple(map(str, choices))))
    return found


def case_about(case: Case | None, question: str, choices: Sequence[str], kind: str = "") -> Case:
    """A case with a question; `choices` are the words of its options. Raises UsageError for a kind that cannot be."""
    words = [one.strip() for one in choices if one.strip()][: len(ascii_uppercase)]
    if len(words) == 1:
        raise UsageError("give two options or more, one a line, or none")
    options = [Option(key=key, text=text) for key, text in zip(ascii_uppercase, words, strict=False)]
    chosen = kind or ("choice" if options else "text" if question.strip() else "differential")
    if chosen not in KINDS:
        raise UsageError(f"the kind of answer is {', '.join(KINDS)}, not {chosen[:40]!r}")
    if chosen in ("choice", "choices", "label") and not options:
        raise UsageError(f"a {chosen} needs options: one a line")
    if not question.strip() and case is None:
        raise UsageError("ask a question, or open a case first")
    about: dict[str, Any] = {
        "question": question.strip()[:MOST_QUESTION] or None,
        "options": options,
        "answer_kind": cast(AnswerKind, chosen),
    }
    return (case or Case()).model_copy(update=about, deep=True)


def begin(
    desk: Desk,
    owner: str,
    case: Case,
    method: str,
    options: Mapping[str, str] | None = None,
    corpora: Sequence[str] = (),
) -> Job:
    """Begin a run as a job. Call it on the server's event loop. Raises UsageError for what this server cannot do."""
    made, setting = prepared(desk, method, options, corpora)

    async def work(job: Job) -> Ran:
        async for name, data in events(desk, case, made, setting):
            if name != "piece" or len(job.events) < MOST_PIECES:
                job.tell(name, data)
            if name == "answer":
                return Ran(case, data, Trace.model_validate(data["trace"]))
            if name == "error":
                raise OslerError(data["detail"])
        raise OslerError("the run ended without an answer")

    return desk.jobs.begin(owner, "ask", work, case.id)


async def run(desk: Desk, case: Case, method: str, options: Mapping[str, str] | None = None) -> Ran:
    """A method's run to its end, without its events: for turns that are quick."""
    made, setting = prepared(desk, method, options)
    data = replies.answer(await desk.reasoning.run(outcome(desk, case, made, setting)))
    return Ran(case, data, Trace.model_validate(data["trace"]))


def prepared(
    desk: Desk, method: str, options: Mapping[str, str] | None = None, corpora: Sequence[str] = ()
) -> tuple[Composed, Setting]:
    """A method with its options, and the setting it runs with. Raises UsageError for what this server cannot do."""
    made = chosen(method, options)
    own = desk.opened if desk.opened is not None and not corpora else None
    setting = setting_for(desk, made, corpora, options=dict(options or {}), opened=own)
    return composed(method, setting), setting
