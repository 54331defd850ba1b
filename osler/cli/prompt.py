"""`osler prompt show METHOD`: exactly what a method would send for a case, without asking a model.

The first calls depend on the case alone and are shown as they would go out. Calls that depend on replies are made against
the simulated model and marked so; examples of a pool are placeholders, and so are passages unless a corpus is named. No text
leaves the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import MaxMb, console, print_json
from osler.cli.placeholders import PlaceholderCorpus, PlaceholderPool
from osler.cli.stream import setting_of
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.knowledge.retrieval.sources import Opened, Sources
    from osler.llm.types import Message, Request

_AT_ONCE = 10_000

app = typer.Typer(no_args_is_help=True, help="Show what a method would send.")


@app.callback()
def _group() -> None:
    """Show what a method would send."""


@dataclass
class Overheard:
    """The simulated model, with every request noted. A call is `first` when no reply had come back before it was sent."""

    inner: Any
    sent: list[tuple[bool, Request]] = field(default_factory=list)
    replied: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def complete(self, request: Request, **about: Any) -> Any:
        """Note the request, then ask the simulated model."""
        self.sent.append((not self.replied, request))
        await asyncio.sleep(
            0.02
        )  # so that calls made at once are all noted before the first reply comes back
        reply = await self.inner.complete(request, **about)
        self.replied = True
        return reply

    async def loglikelihood(self, prompt: str, continuations: Any) -> Any:
        """Note a raw prompt with the continuations that are compared, then ask the simulated model."""
        from osler.llm.types import Message, Request, Sampling

        shown = "\n".join([prompt, "", "compared as continuations:", *(f"|{text}" for text in continuations)])
        self.sent.append((not self.replied, Request("", (Message("user", shown),), Sampling())))
        return await self.inner.loglikelihood(prompt, continuations)


@app.command("show")
def show(
    method: Annotated[str, typer.Argument(help="A method, such as `self-consistency(debate, samples=5)`.")],
    case: Annotated[str | None, typer.Option("--case", metavar="FILE", help="The case; - for stdin.")] = None,
    question: Annotated[
        str | None, typer.Option(help="A question, about the case where one is given.")
    ] = None,
    answers: Annotated[
        list[str] | None, typer.Option("-o", metavar="KEY=TEXT", help="An option to choose from (repeat).")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Kind of answer; default choice with -o.")] = None,
    image: Annotated[
        list[Path] | None,
        typer.Option("--image", metavar="FILE", help="An image that goes with it (repeat)."),
    ] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("-m", "--option", metavar="NAME=VALUE", help="An option of the method (repeat)."),
    ] = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    rewrite: options.Rewrite = None,
    rank: options.Rank = None,
    graph: options.Graph = None,
    prompts: Annotated[Path | None, typer.Option(help="YAML or JSON file of prompts to use instead.")] = None,
    simulated: Annotated[
        str, typer.Option(help="Profile of the model whose replies later calls see.")
    ] = "good",
    max_mb: MaxMb = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print exactly what a method would send for a case; calls that depend on replies see simulated ones."""
    from osler.cli.ask import with_images
    from osler.knowledge.retrieval.sources import Sources
    from osler.runtime import LazyHost, run_sync
    from osler.session import composed, run_with

    about, images = with_images(_case(case, question, answers, kind, max_mb), image or ())
    pool = PlaceholderPool(about)
    setting = setting_of([f"simulated:{simulated}"], option, prompts=prompts, cache=False)
    setting.examples, setting.images = pool, images
    # Without a corpus the options still say how one would be searched.
    setting.sources = Sources.read(
        corpus or "placeholder", retrieval, encoder, reranker, rewrite, rank, graph
    )
    if corpus is None:
        setting.opened = _placeholders(setting.sources)
    made = composed(method, setting)
    if "examples" not in made.needs:
        setting.examples = None
    model, ear = _listening(simulated, pool.answers() if setting.examples else [])
    found = run_sync(run_with({"main": model}, about, made, setting, LazyHost()))
    steps = {step.data["prompt"]: step for _, step in found.trace.walk() if "prompt" in step.data}
    calls = [_call(first, request, steps) for first, request in ear.sent]
    placed, passages = "examples" in made.needs, corpus is None and "corpus" in made.needs
    if json:
        stated = _stated(made)
        print_json(
            {
                "method": made.name,
                "cost": stated,
                "calls_per_case": _range(made, about),
                "placeholder_examples": placed,
                "placeholder_passages": passages,
                "calls": calls,
            }
        )
    else:
        _print(made, about, calls, placed, passages)


def _placeholders(sources: Sources) -> Opened:
    """Stand-ins for what is retrieved from, searched as was asked; a graph that was named is the real one."""
    from osler.knowledge.retrieval.sources import Opened, Sources
    from osler.methods.searching import Searching, open_all

    stand_in = PlaceholderCorpus()
    found = Opened(stand_in, stand_in, stand_in, Searching.read(sources.rewrite, sources.rank))
    if sources.graph:
        found.graph = open_all(Sources(graph=sources.graph), ()).graph
    return found


def _listening(profile: str, known: list[dict[str, Any]]) -> tuple[Any, Overheard]:
    """The simulated model, behind something that notes what it is asked."""
    from osler.llm.limits import Gate
    from osler.llm.model import Model
    from osler.llm.simulated import Simulated

    ear: Any = Overheard(Simulated(profile).plant(known))
    model = Model(ear)
    model.gate = Gate(_AT_ONCE, start=_AT_ONCE)
    return model, ear


def _case(file: str | None, question: str | None, answers: Any, kind: str | None, max_mb: float) -> Any:
    from osler.cli.ask import case_of
    from osler.findings.reader import read_case

    if question is not None:
        return case_of(question, file, answers or (), kind, max_mb)
    if file is None:
        raise UsageError("name a case with --case FILE, or a question with --question")
    found = read_case("-" if file == "-" else Path(file), max_bytes=int(max_mb * 1_000_000))
    return found.model_copy(update={"answer_kind": kind}) if kind else found


def _range(made: Any, case: Any) -> dict[str, int] | None:
    """Calls of a case with these options, where every method in it states them."""
    found = made.calls(bool(case.options))
    return None if found is None else {"low": found.low, "high": found.high, "shared": found.shared}


def _stated(made: Any) -> dict[str, str]:
    return {part.name: part.cost for part in made.parts}


def _call(first: bool, request: Request, steps: dict[str, Any]) -> dict[str, Any]:
    """A request as plain data; images by type and hash, since their bytes are no reading."""
    step = steps.get(request.messages[-1].text)
    return {
        "label": step.label if step else "",
        "role": step.role if step else None,
        "depends_on_replies": not first,
        "messages": [_message(message) for message in request.messages],
        "schema": request.schema,
        "temperature": request.sampling.temperature,
        "max_tokens": request.sampling.max_tokens,
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in request.tools
        ],
    }


def _message(message: Message) -> dict[str, Any]:
    from osler.llm.types import TextPart

    if isinstance(message.content, str):
        return {"role": message.role, "content": message.content}
    pieces, images = [], []
    for part in message.content:
        if isinstance(part, TextPart):
            pieces.append(part.text)
        else:
            images.append({"media_type": part.media_type, "sha256": part.sha256, "url": part.url})
            pieces.append(f"[{part.media_type}, sha256 {part.sha256[:12]}]")
    return {"role": message.role, "content": "\n".join(pieces), "images": images}


def _folded(calls: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Calls with their numbers; neighbours that ask exactly the same are further draws and are shown once."""
    start = 0
    for end in range(1, len(calls) + 1):
        if end == len(calls) or calls[end] != calls[start]:
            many = end - start
            yield (
                f"call {start + 1}" if many == 1 else f"calls {start + 1} to {end}, {many} draws of it",
                calls[start],
            )
            start = end


def _print(made: Any, case: Any, calls: list[dict[str, Any]], placed: bool, passages: bool) -> None:
    from osler.calls import Calls

    out = console()
    told = made.calls(bool(case.options)) or "no number"
    out.print(
        f"{made.name} · stated per case: {told} · here {Calls.of(len(calls))}", style="bold", markup=False
    )
    later = sum(call["depends_on_replies"] for call in calls)
    if later:
        out.print(
            f"{len(calls) - later} go out as shown whatever the model says; {later} depend on earlier replies, and so may how "
            "many there are: a simulated model replied here.",
            markup=False,
        )
    if passages:
        out.print("Passages are placeholders: name a corpus with --corpus to see its own.", markup=False)
    if placed:
        out.print(
            "Examples are placeholders: an evaluation puts those of its pool (--examples) there.",
            markup=False,
        )
    for numbers, call in _folded(calls):
        _print_call(numbers, call)


def _print_call(numbers: str, call: dict[str, Any]) -> None:
    import orjson

    from osler.cli.render import safe

    out, later = console(), call["depends_on_replies"]
    about = [safe(call["label"]), safe(call["role"] or "")]
    about.append("" if call["temperature"] is None else f"temperature {call['temperature']:g}")
    about.append("" if call["max_tokens"] is None else f"at most {call['max_tokens']} tokens")
    about.append("depends on earlier replies, simulated here" if later else "")
    words = " · ".join(part for part in (numbers, *about) if part)
    out.print(f"\n── {words}", style="yellow" if later else "cyan", markup=False)
    for message in call["messages"]:
        out.print(f"[{message['role']}]", style="dim", markup=False)
        out.print(safe(message["content"]), markup=False, soft_wrap=True)
    for name in ("schema", "tools"):
        if call[name]:
            out.print(f"[{name}]", style="dim", markup=False)
            out.print(orjson.dumps(call[name]).decode(), markup=False, soft_wrap=True)
