"""`osler trace`: the reasoning of one case as a tree, from a run folder or a trace file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any

import typer

from osler.cli.output import console, print_json
from osler.errors import InputError, UsageError

KIND_COLOURS = {
    "ask": "cyan",
    "verify": "yellow",
    "revise": "magenta",
    "conclude": "bold green",
    "retrieve": "blue",
}


def trace(
    source: Annotated[Path, typer.Argument(metavar="RUN|FILE", help="A run folder, or a trace file.")],
    case: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Item number or case key in the run.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Whole texts instead of the first lines.")] = False,
    prompts: Annotated[bool, typer.Option("--prompts", help="Show what was sent, too.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Print how an answer was reached: steps in a tree, who spoke, what each rests on."""
    found = _from_run(source, case) if source.is_dir() else _from_file(source)
    if json:
        print_json(found)
        return
    _draw(found, full, prompts)
    if source.is_dir() and case is not None:
        _took(source, case)


def _from_file(path: Path) -> Any:
    from osler.trace import Trace

    if not path.is_file():
        raise InputError(f"{path} is neither a run folder nor a trace file")
    return Trace.from_json(path.read_bytes())


def _from_run(folder: Path, case: str | None) -> Any:
    from osler.evaluation.store import read_records, read_trace
    from osler.trace import Trace

    if case is None:
        records = read_records(folder)
        some = ", ".join(str(record["item"]) for record in records[:5])
        raise UsageError(f"name a case of the run: an item number ({some}, …) or a case key")
    item = _item(folder, case)
    kept = read_trace(folder, item)
    if kept is None:
        raise UsageError(f"{folder} keeps no traces (only runs of methods with steps do)")
    return Trace.model_validate(kept["trace"])


def _item(folder: Path, case: str) -> int:
    """The number of a finished case named by number or key."""
    from osler.evaluation.store import read_records

    records = read_records(folder)
    for record in records:
        if str(record["item"]) == case or str(record.get("id", "")) == case:
            return record["item"]
    raise UsageError(
        f"the run has no finished case {case!r}; it has items 0 to {records[-1]['item'] if records else 0}"
    )


def _took(folder: Path, case: str) -> None:
    """What the case took, where the run kept it."""
    from osler.evaluation.store import read_times

    item = _item(folder, case)
    times = next((time for time in read_times(folder) if time["item"] == item), {})
    if "path_calls" in times:
        calls = times["calls"] + times["cached"]
        console().print(
            f"{calls} calls ({times['cached']} from the cache), the longest chain of them {times['path_calls']} "
            f"({times['path_s']:.3g} s); {times['prompt_tokens']:,} + {times['completion_tokens']:,} tokens; "
            f"{times['wall_s']:.3g} s in all",
            markup=False,
        )


def _draw(found: Any, full: bool, prompts: bool) -> None:
    from rich.text import Text
    from rich.tree import Tree

    from osler.cli.readable import Readable
    from osler.cli.render import safe

    nodes: dict[tuple[int, ...], Tree] = {}
    root = Tree(Text(f"{found.method} · {found.case_id}", style="bold"))
    for _, step in found.walk():
        title = Text(step.kind, style=KIND_COLOURS.get(step.kind, "bold"))
        title.append(f" {safe(step.label)}" if step.label and step.label != step.kind else "")
        title.append(f" [{safe(step.role)}]" if step.role else "", style="magenta")
        title.append("" if step.state == "done" else f" ({step.state})", style="red")
        parent = next(
            (nodes[step.path[:k]] for k in range(len(step.path) - 1, 0, -1) if step.path[:k] in nodes), root
        )
        node = nodes[step.path] = parent.add(title)
        if prompts and step.data.get("prompt"):
            node.add(Text(safe(str(step.data["prompt"])), style="dim"))
        if step.text:
            node.add(Text(_cut(safe(Readable().feed(step.text)), full)))
        for item in step.evidence[: None if full else 4]:
            place = at_span(item)
            mark = {True: "+", False: "−", None: "·"}[item.supports]
            score = f" {item.score:+.2f}" if item.score is not None else ""
            node.add(
                Text(
                    f"{mark} {safe(item.quote or item.record)}{score}  {safe(place or item.source)}",
                    style="dim",
                )
            )
    if found.answer is not None:
        root.add(Text(f"answer: {safe(_said(found.answer))}", style="bold green"))
    console().print(root)


def at_span(item: Any) -> str:
    """Where a quoted piece of a document stands: `corpus document start:end`; "" for what has no such place."""
    from osler.trace import AtSpan

    if not isinstance(item.locator, AtSpan):
        return ""
    return f"{item.source} {item.record} {item.locator.start}:{item.locator.end}"


def _cut(text: str, full: bool) -> str:
    lines = text.strip().splitlines()
    return (
        text.strip() if full or len(lines) <= 4 else "\n".join([*lines[:4], f"… {len(lines) - 4} more lines"])
    )


def _said(answer: Any, options: Mapping[str, str] = MappingProxyType({})) -> str:
    """An answer in a line; `options` adds the words of the keys it names."""
    if answer.unreadable:
        return "unreadable"
    if answer.abstained:
        return "abstained"
    if answer.kind == "differential":
        return "; ".join(f"{n}. {c.name}" for n, c in enumerate(answer.differential[:5], 1))
    if answer.number is not None:
        return f"{answer.number:g} {answer.unit or ''}".strip()
    keys = [answer.choice] if answer.choice else answer.choices
    if keys:
        return "; ".join(f"{key}. {options[key]}" if key in options else key for key in keys)
    return str(answer.text or answer.plan or "").strip()
