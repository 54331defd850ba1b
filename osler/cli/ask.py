"""`osler ask "question" [FILE]`: a method answers one question, its steps shown as they happen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import MaxMb, check_target, console, notices, print_json, write_private
from osler.cli.stream import pair, setting_of
from osler.errors import InputError, UsageError

if TYPE_CHECKING:
    from osler.case import Case
    from osler.compose import Composed
    from osler.data.images import Shelf
    from osler.passages import Passage
    from osler.session import Outcome, Setting
    from osler.trace import AtSpan, Evidence

DEFAULT = "zero-shot-cot"
_MOST_CITED, _LONG_QUOTE = 8, 240
KINDS = ("text", "choice", "choices", "differential", "number", "plan", "label", "spans")


def ask(
    question: Annotated[str, typer.Argument(help="What to ask.")],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="Text, phenopacket, FHIR or case JSON that it is about; - for stdin."
        ),
    ] = None,
    method: options.Method = DEFAULT,
    model: options.Models = None,
    answers: Annotated[
        list[str] | None, typer.Option("-o", metavar="KEY=TEXT", help="An option to choose from (repeat).")
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(help=f"Kind of answer: {', '.join(KINDS)}; default choice with -o, else text."),
    ] = None,
    image: Annotated[
        list[Path] | None,
        typer.Option(
            "--image", metavar="FILE", help="A PNG, JPEG, GIF or WebP image, for a vision model (repeat)."
        ),
    ] = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    reranker: options.Reranker = None,
    rewrite: options.Rewrite = None,
    rank: options.Rank = None,
    graph: options.Graph = None,
    option: options.MethodOption = None,
    base_url: options.BaseUrl = None,
    budget: options.Budget = None,
    rpm: options.Rpm = None,
    tpm: options.Tpm = None,
    call_timeout: options.CallTimeout = None,
    prompts: options.Prompts = None,
    cache: options.Cache = True,
    trace: options.TraceFile = None,
    max_mb: MaxMb = 10,
    json: options.Json = False,
) -> None:
    """Ask a method a question, about a case where one is given, and print its answer.

    With --corpus, method rag answers from what the corpus holds; with no model, its words are quoted, or "not found".
    """
    from osler.knowledge.retrieval.sources import Sources
    from osler.llm.limits import limits_of
    from osler.methods.searching import further_needs
    from osler.session import composed

    limits = limits_of(rpm, tpm, call_timeout)
    setting = setting_of(
        model, option, base_url, budget, prompts, stream=not json, cache=cache, limits=limits
    )
    setting.sources = Sources.read(corpus, retrieval, encoder, reranker, rewrite, rank, graph)
    if corpus:
        asks = "model" in further_needs(setting.sources)  # then the lack of a model is told as what it is
        method = method if method != DEFAULT else "rag" if model or asks else "extractive"
    made = composed(method, setting)
    case, setting.images = with_images(case_of(question, file, answers or (), kind, max_mb), image or ())
    _answer(case, made, setting, trace, json)


def _answer(case: Case, made: Composed, setting: Setting, trace: Path | None, json: bool) -> None:
    """Run the method on the case and print what it found; its trace goes to a file where one is named."""
    from osler import replies, runtime
    from osler.session import run_case

    if trace:
        check_target(trace)
    found = runtime.run_sync(run_case(case, made, setting, runtime.LazyHost()))
    for text in found.notices:
        notices().print(text, markup=False)
    if trace:
        write_private(trace, found.trace.to_json() + "\n")
    if json:
        print_json(replies.answer(found))
    elif made.part.name == "extractive":
        _show_passages(found)
    else:
        _show(found, {option.key: option.text for option in case.options})


def case_of(question: str, file: str | None, answers: Any, kind: str | None, max_mb: float) -> Case:
    """The case: what the file holds, the question, and the options. Raises UsageError, and InputError for the file."""
    from osler.case import Case, Option
    from osler.findings.reader import read_case

    if not question.strip():
        raise UsageError("the question is empty")
    if not _is_unicode([question, *answers]):
        raise InputError(
            "the question or an option is not Unicode text (UTF-8); write it again, or check the terminal's encoding"
        )
    options = [Option(key=key, text=text) for key, text in (pair(word, "-o") for word in answers)]
    if len(options) == 1 or len({option.key for option in options}) < len(options):
        raise UsageError("-o is needed twice or more, each with a key of its own: -o A=… -o B=…")
    chosen = kind or ("choice" if options else "text")
    if chosen not in KINDS:
        raise UsageError(f"--kind takes {', '.join(KINDS)}, not {chosen!r}")
    if chosen in ("choice", "choices", "label") and not options:
        raise UsageError(f"--kind {chosen} needs options: -o A=… -o B=…")
    about: dict[str, Any] = {"question": question.strip(), "options": options, "answer_kind": chosen}
    if file is None:
        return Case(**about)
    source = "-" if file == "-" else Path(file)
    return read_case(source, max_bytes=int(max_mb * 1_000_000)).model_copy(update=about)


def _is_unicode(texts: Sequence[str]) -> bool:
    """Whether no text holds bytes that could not be decoded (they come as lone surrogates)."""
    return not any("\ud800" <= character <= "\udfff" for text in texts for character in text)


def with_images(case: Case, files: Sequence[Path]) -> tuple[Case, Shelf]:
    """The case with these images too, and where their bytes are. Raises InputError for a file that is no image to send."""
    from osler.case import Blob
    from osler.data.images import Shelf

    shelf, images = Shelf(), list(case.images)
    for file in files:
        sha256, kind, size = shelf.add(file)
        if sha256 not in {known.sha256 for known in images}:
            images.append(Blob(sha256=sha256, media_type=kind, bytes=size))
    return case.model_copy(update={"images": images}), shelf


def _show(found: Outcome, choices: dict[str, str]) -> None:
    from osler.calls import Calls
    from osler.cli.render import RESEARCH_LINE, safe
    from osler.cli.trace import _said

    out = console()
    if found.answer.kind == "differential":
        for rank, entry in enumerate(found.answer.differential, 1):
            out.print(f"{rank:>3}. {safe(entry.name)}" + (f"  {entry.id}" if entry.id else ""), markup=False)
    else:
        out.print(safe(_said(found.answer, choices)), style="bold", markup=False)
    if found.answer.note:
        out.print(safe(found.answer.note), markup=False)
    _show_cited(found)
    sure = "" if found.answer.confidence is None else f"confidence {found.answer.confidence:.2f} · "
    out.print(
        f"\n{sure}{found.made.name} · {found.models.get('main', 'no model')} · {Calls.of(found.calls)}"
        f"{f', {found.cached} from the cache' if found.cached else ''}, "
        f"{found.prompt_tokens + found.completion_tokens:,} tokens\n{RESEARCH_LINE}",
        style="dim",
        markup=False,
    )


def _show_cited(found: Outcome) -> None:
    """What the answer rests on: the evidence of its concluding steps, each with its place, at most `_MOST_CITED`."""
    from osler.cli.render import safe
    from osler.trace import AtSpan

    concluded = [step for step in found.trace.steps if step.kind == "conclude"]
    cited = list(
        {(one.source, one.record, one.quote): one for step in concluded for one in step.evidence}.values()
    )
    for one in cited[:_MOST_CITED]:
        place = f" {one.locator.start}:{one.locator.end}" if isinstance(one.locator, AtSpan) else ""
        quote = " ".join((one.quote or "").split())
        short = quote if len(quote) <= _LONG_QUOTE else f"{quote[:_LONG_QUOTE].rsplit(' ', 1)[0]} …"
        against = "against: " if one.supports is False else ""
        console().print(f"  {safe(f'{against}{one.source} {one.record}{place}')}", style="cyan", markup=False)
        console().print(f"    {safe(short)}", markup=False)
    if len(cited) > _MOST_CITED:
        console().print(
            f"  … and {len(cited) - _MOST_CITED} more; --trace FILE has all", style="dim", markup=False
        )


def _show_passages(found: Outcome) -> None:
    """What a corpus gave: the passages that fit with the question's words highlighted, or that it was not found."""
    from osler.cli.corpus import show_passage
    from osler.cli.render import RESEARCH_LINE, safe
    from osler.trace import AtSpan

    out, steps = console(), {(step.kind, step.label): step for step in found.trace.steps}
    fits = next((step.data["passages"] for (kind, _), step in steps.items() if kind == "verify"), [])
    evidence = [one for (kind, _), step in steps.items() if kind == "retrieve" for one in step.evidence]
    least = float(found.made.options.get("threshold", 0.5))
    rows = [
        (_passage(one, one.locator), fit)
        for one, fit in zip(evidence, fits, strict=True)
        if isinstance(one.locator, AtSpan)
    ]
    if found.answer.abstained:
        out.print(safe(found.answer.note or "not found"), style="bold", markup=False)
    else:
        rows = [row for row in rows if row[1]["probability"] >= least]
    if found.answer.abstained and rows:
        least_fit = rows[0][1]["probability"]
        out.print(
            f"what is nearest, below the threshold of {least:g} (-m threshold={least_fit / 2:.2g} answers with it):",
            markup=False,
        )
    for rank, (passage, fit) in enumerate(rows, 1):
        show_passage(passage, fit["spans"], rank)
    sure = found.answer.confidence or 0.0
    out.print(
        f"\nfits with probability {sure:.2f} · quoted, nothing put into words\n{RESEARCH_LINE}",
        style="dim",
        markup=False,
    )


def _passage(one: Evidence, at: AtSpan) -> Passage:
    """A quoted passage, with the title and section that its corpus has of that place."""
    from osler.knowledge.retrieval import across
    from osler.passages import Passage

    title, section = across.headings(one.source, one.record, at.start)
    return Passage(
        one.quote or "",
        one.record,
        at.start,
        at.end,
        one.source,
        one.score or 0.0,
        title=title,
        section=section,
    )
