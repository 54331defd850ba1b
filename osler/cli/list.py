"""`osler list KIND`: the registered parts with source, needs, fidelity and cost."""

from __future__ import annotations

from typing import Annotated, Any, get_args

import typer

from osler import registry
from osler.cli.output import console, notices, print_json
from osler.compose import compose
from osler.errors import UsageError
from osler.prompts import prompts_of


def list_(
    kind: Annotated[
        str, typer.Argument(help="methods, rankers, benchmarks, scorers, knowledge …; all when left out.")
    ] = "",
    role: Annotated[
        str | None, typer.Option(help="Methods to which a graph is this: background, guide or refiner.")
    ] = None,
    question: Annotated[
        str | None,
        typer.Option(
            "--kind", help="Methods for this kind of question: multi-hop, explainable, conversational …"
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """List methods, rankers, benchmarks, scorers and knowledge bases, with sources and needs."""
    kinds: list[registry.Kind] = [_kind(kind)] if kind else list(registry.HOMES)
    if role or question:
        if kind and kinds != ["method"]:
            raise UsageError("--role and --kind choose among methods: osler list methods --role … --kind …")
        found = {"methods": tagged(role, question)}
    else:
        found = {registry.plural(k): registry.parts(k) for k in kinds}
    if json:
        print_json({key: [_row(part) for part in parts] for key, parts in found.items()})
    else:
        for key, parts in found.items():
            _table(key, parts)
    for name, reason in registry.broken().items():
        notices().print(f"plug-in {name} did not load: {reason}", markup=False)


def tagged(role: str | None, question: str | None) -> list[registry.Part]:
    """Methods with this role of a graph and for this kind of question. Raises UsageError for a tag that there is not."""
    for given, known, option in (
        (role, registry.GRAPH_ROLES, "--role"),
        (question, registry.QUESTIONS, "--kind"),
    ):
        if given is not None and given not in known:
            raise UsageError(f"{option} takes {', '.join(known)}, not {given!r}")
    return [
        part
        for part in registry.parts("method")
        if (role is None or role in part.graph) and (question is None or question in part.questions)
    ]


def _row(part: registry.Part) -> dict[str, Any]:
    shown = ("name", "summary", "source", "fidelity", "needs", "cost", "origin")
    row = {name: getattr(part, name) for name in shown}
    roles = list(part.roles) if part.roles is not None else None
    calls = compose(part.name).calls() if part.kind == "method" else None
    about = {
        "calls": str(calls),
        "answers": list(part.answers),
        "roles": roles,
        "graph": list(part.graph),
        "questions": list(part.questions),
        "prompts": list(prompts_of(part)),
    }
    if part.kind == "scorer":
        return row | {"rates": rates(part)}
    return row | (about if part.kind == "method" else {})


def rates(part: registry.Part) -> str:
    """What a scorer rates: `answers` and `times` go with `osler score`, a `statistic` is used by reports and comparisons."""
    if hasattr(part.object, "score") or part.name == "reading audit":
        return "answers"
    return "times" if part.extra.get("reads") == "times" else "statistic"


def _kind(word: str) -> registry.Kind:
    for kind in get_args(registry.Kind):
        if word in (kind, registry.plural(kind)):
            return kind
    raise UsageError(
        f"there is no kind {word!r}; choose from " + ", ".join(registry.plural(k) for k in registry.HOMES)
    )


def _table(title: str, parts: list[registry.Part]) -> None:
    from rich import box
    from rich.table import Table

    if not parts:
        console().print(f"{title}: none registered")
        return
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    methods, scorers = parts[0].kind == "method", parts[0].kind == "scorer"
    last = ["answers with", "fidelity"] if methods else ["rates"] if scorers else []
    for column in ("name", "what it does", "source", "needs", *last):
        table.add_column(column, overflow="fold")
    if scorers:
        parts = sorted(parts, key=lambda part: (rates(part), part.name))
    for part in parts:
        own = (
            [", ".join(part.answers) or "any kind", part.fidelity]
            if methods
            else [rates(part)]
            if scorers
            else []
        )
        roles = f"\nRoles: {', '.join(part.roles)}." if part.roles else ""
        tags = f"\nGraph: {', '.join(part.graph)}; for {', '.join(part.questions)}." if part.graph else ""
        table.add_row(
            part.name, f"{part.summary}{roles}{tags}", part.source, ", ".join(part.needs) or "–", *own
        )
    console().print(table)
    if scorers:
        console().print("`osler score RUN --scorer NAME` takes those that rate answers or times.\n")
