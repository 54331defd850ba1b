"""`osler next`: asks the most telling question, takes yes / no / unknown / stop, and shows how the answer moved."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import MaxMb, console, print_json
from osler.errors import InputError, UsageError

ANSWERS = {
    **dict.fromkeys(("y", "yes", "+", "1", "true"), "yes"),
    **dict.fromkeys(("n", "no", "-", "0", "false"), "no"),
    **dict.fromkeys(("u", "unknown", "?", "", "skip", "don't know"), "unknown"),
    **dict.fromkeys(("s", "stop", "q", "quit"), "stop"),
}


def next_(
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="The case so far; none when findings are given.")
    ] = None,
    present: options.Present = None,
    absent: options.Absent = None,
    age: options.Age = None,
    sex: options.Sex = None,
    answers: Annotated[
        Path | None,
        typer.Option(
            help="Take answers from this file: lines `HP:… yes|no|unknown`, or just yes / no / unknown / stop."
        ),
    ] = None,
    threshold: Annotated[
        float, typer.Option(min=0.01, max=1.0, help="Stop when one diagnosis is this probable.")
    ] = 0.9,
    max_questions: Annotated[int, typer.Option(min=1, help="Ask at most this many.")] = 20,
    top: options.Top = 5,
    knowledge: options.Knowledge = "hpo",
    method: Annotated[str, typer.Option(help="`osler list rankers` shows them.")] = "embedded",
    max_mb: MaxMb = 10,
    json: options.Json = False,
) -> None:
    """Ask yes/no questions, the most telling first, until one diagnosis is sure or nothing more can be learned."""
    from osler import runtime

    asks = answers is None and sys.stdin is not None and sys.stdin.isatty()
    if json and asks:
        raise UsageError("with --json, give the answers with --answers FILE or on standard input")
    base = runtime.knowledge(knowledge)
    source = None if file is None else "-" if file == "-" else Path(file)
    if file == "-" and (answers is None or str(answers) == "-"):
        raise UsageError("the case comes from standard input, so give the answers with --answers FILE")
    case = runtime.case_from(
        source,
        present=present or (),
        absent=absent or (),
        age=age,
        sex=sex,  # type: ignore[arg-type]
        base=base,
        max_bytes=int(max_mb * 1_000_000),
    )
    reply = _prompt if asks else _scripted(answers)
    _converse(runtime.engine(base, method), case, base, reply, threshold, max_questions, top, json)


def _converse(
    engine: Any, case: Any, base: Any, reply: Any, threshold: float, most: int, top: int, json: bool
) -> None:
    """Run the loop of `osler.diagnosis.interactive` and show each turn."""
    from osler.cli import render
    from osler.diagnosis.interactive import ask_until
    from osler.diagnosis.query import Query

    screen, turns, final = console(), [], None
    query = Query.from_case(case, base)
    for turn in ask_until(engine, query, reply, threshold=threshold, max_questions=most):
        final = turn
        if turn.question is not None:
            turns.append({"id": turn.question.id, "question": turn.question.question, "answer": turn.answer})
        if not json:
            _show_turn(screen, turn, echo=reply is not _prompt)
    if final is None:
        return
    result = engine.differential(final.query, top=top, explain=False, next_questions=0)
    if json:
        print_json(
            {
                "turns": turns,
                "stopped": final.reason,
                "differential": [entry.model_dump(mode="json") for entry in result.differential],
                "none_fits": result.none_fits,
                "knowledge": result.knowledge.model_dump(mode="json"),
                "notices": [notice.model_dump() for notice in (*case.notices, *result.notices)],
            }
        )
        return
    render.heading(
        screen, f"After {len(turns)} question{'s' * (len(turns) != 1)}", render.safe(str(final.reason))
    )
    screen.print(render.differential(result, screen.width, explain=0))  # type: ignore[arg-type]
    render.footer(screen, [*case.notices, *result.notices], result.knowledge)


def _show_turn(screen: Any, turn: Any, echo: bool) -> None:
    """The question and its answer where nobody typed it, and the diagnosis that leads now."""
    from rich.text import Text

    from osler.cli import render

    if turn.question is None:
        return
    if echo:
        line = Text(f"{turn.asked:>2}. {render.safe(turn.question.question)} ", style="bold")
        screen.print(line.append(str(turn.answer), style="cyan"))
    if turn.differential:
        lead = turn.differential[0]
        line = Text(
            f"    {render.bar(lead.probability, 16)} {render.percent(lead.probability):>6}  {render.safe(lead.name)}"
        )
        line.truncate(screen.width, overflow="ellipsis")
        screen.print(line)


def _prompt(question: Any) -> str:
    """Ask on the terminal until the reply is one of the four."""
    from rich.prompt import Prompt
    from rich.text import Text

    from osler.cli.render import safe

    text = Text(f"{safe(question.question)} ", style="bold").append(
        f"({question.gain:.2f} bits, {question.cost}) [yes/no/unknown/stop]", "dim"
    )
    while True:
        typed = Prompt.ask(text, console=console()).strip().lower()
        if typed in ANSWERS:
            return ANSWERS[typed]
        console().print("Type yes, no, unknown or stop.")


def _answer_text(path: Path | None) -> str:
    """The answers as text, in whatever encoding a case may be in; no answers at all are ""."""
    from osler.findings.decode import decode

    if path is not None and str(path) != "-":
        data, name = path.read_bytes(), path.name
    else:
        data, name = sys.stdin.buffer.read() if sys.stdin else b"", "standard input"
    return decode(data, name)[0] if data.strip() else ""


def _scripted(path: Path | None) -> Any:
    """Answers from a file or standard input: by term id where a line names one, else one after the other; then stop."""
    lines = _answer_text(path).splitlines()
    by_id: dict[str, str] = {}
    in_turn: list[str] = []
    for number, line in enumerate(lines, 1):
        words = line.split("#")[0].split(maxsplit=1)
        if not words:
            continue
        named = len(words) == 2
        word = words[-1].strip().lower()
        if word not in ANSWERS:
            raise InputError(f"line {number} of the answers: {word[:20]!r} is not yes, no, unknown or stop")
        if named:
            by_id[words[0]] = ANSWERS[word]
        else:
            in_turn.append(ANSWERS[word])
    queue: Iterator[str] = iter(in_turn)

    def reply(question: Any) -> str:
        if question.id in by_id:
            return by_id[question.id]
        return next(queue, "stop" if in_turn or not by_id else "unknown")

    return reply
