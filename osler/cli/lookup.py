"""`osler disease` and `osler term`: one profile or one term, with frequencies and citations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli.output import console, notices, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from osler.knowledge.search import Match

Base = Annotated[str, typer.Option("--knowledge", help="hpo, hpo@RELEASE, ddxplus or hpo+ddxplus.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def disease(
    query: Annotated[str, typer.Argument(help="An id (OMIM:154700, ORPHA:558) or a name.")],
    knowledge: Base = "hpo",
    top: Annotated[int, typer.Option("--top", min=1, help="At most so many phenotypes on the screen.")] = 60,
    json: Json = False,
) -> None:
    """Show a disease's profile: inheritance, onset, and every finding with its frequency and citations."""
    from osler.knowledge import load_knowledge
    from osler.knowledge.search import best, search_diseases
    from osler.knowledge.views import disease_view

    base = load_knowledge(knowledge)
    matches = search_diseases(base, query)
    match = best(matches)
    if match is None:
        _suggest("disease", query, matches, json)
        return
    view = disease_view(base, match.index)
    if json:
        print_json({"query": query, "matched_by": match.kind, **view})
        return
    _show_disease(view, top)
    _others(matches[1:4])


def term(
    query: Annotated[str, typer.Argument(help="An id (HP:0001083), a label or a synonym.")],
    knowledge: Base = "hpo",
    json: Json = False,
) -> None:
    """Show a term: definition, synonyms, neighbours, and the diseases that have it."""
    from osler.knowledge import load_knowledge
    from osler.knowledge.search import best, search_terms
    from osler.knowledge.views import term_view

    base = load_knowledge(knowledge)
    matches = search_terms(base.ontology, query)
    match = best(matches)
    if match is None:
        _suggest("term", query, matches, json)
        return
    view = term_view(base, match.index)
    if json:
        print_json({"query": query, "matched_by": match.kind, "note": match.note, **view})
        return
    if match.note:
        notices().print(match.note, markup=False)
    _show_term(view)
    _others(matches[1:4])


def _suggest(what: str, query: str, matches: Sequence[Match], json: bool) -> None:
    """Say that the query names none or several, list what may be meant, and end with exit code 2."""
    from osler.errors import UsageError

    found = [{"id": match.id, "name": match.name, "matched_by": match.kind} for match in matches]
    if json:
        print_json({"query": query, "suggestions": found})
    if not found:
        raise UsageError(f"No {what} is called {query!r} or nearly so; try an id, or other words.")
    lines = "\n".join(f"  {item['id']}  {item['name']}" for item in found)
    raise UsageError(f"{query!r} is not the name of one {what}. Perhaps one of these is meant:\n{lines}")


def _others(matches: Sequence[Match]) -> None:
    if matches:
        notices().print(
            "Also: " + "; ".join(f"{m.name} ({m.id})" for m in matches), style="dim", markup=False
        )


def _show_disease(view: dict[str, Any], top: int) -> None:
    from rich.text import Text

    screen = console()
    screen.print(Text(f"{view['name']}  ", style="bold") + Text(" ".join(view["xrefs"]), style="dim"))
    if view["group"]:
        screen.print(f"one of {view['group_size']} of the series {view['group']}", markup=False)
    for key in ("inheritance", "course"):
        if view[key]:
            screen.print(f"{key}: {', '.join(item['label'] for item in view[key])}", markup=False)
    screen.print(_phenotypes(view["phenotypes"][:top]))
    hidden = len(view["phenotypes"]) - top
    if hidden > 0:
        screen.print(f"and {hidden} more; show them with --top {len(view['phenotypes'])}", style="dim")
    source = "" if view["in_release"] else " (known only to the newer release without frequencies)"
    screen.print(
        f"{view['knowledge']['name']} {view['knowledge']['release']}{source}", style="dim", markup=False
    )


def _phenotypes(phenotypes: Sequence[dict[str, Any]]) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for head in ("finding", "id", "frequency", "", "citations"):
        table.add_column(head, overflow="fold", no_wrap=head == "id")
    for item in phenotypes:
        notes = [i["label"] for i in item["onset"]] + item["sex"]
        label = item["label"] + (f" ({', '.join(notes)})" if notes else "")
        share, more = item["frequency"], len(item["references"]) - 3
        table.add_row(
            Text(f"not: {label}" if item["negated"] else label, style="red" if item["negated"] else ""),
            item["id"],
            item["stated"] or ("excluded" if item["negated"] else "not stated"),
            Text("█" * round(10 * share) if share and not item["negated"] else "", style="cyan"),
            " ".join(item["references"][:3]) + (f" +{more}" if more > 0 else ""),
        )
    return table


def _show_term(view: dict[str, Any]) -> None:
    from rich.text import Text

    screen = console()
    screen.print(Text(f"{view['label']}  ", style="bold") + Text(view["id"], style="dim"))
    if view["definition"]:
        screen.print(view["definition"], markup=False)
    if view["synonyms"]:
        words = [s["text"] + (" (lay)" if s["layperson"] else "") for s in view["synonyms"]]
        screen.print(f"synonyms: {'; '.join(words)}", markup=False)
    for key in ("parents", "children"):
        if view[key]:
            names = "; ".join(f"{item['label']} ({item['id']})" for item in view[key])
            screen.print(f"{key}: {names}", markup=False)
    screen.print(
        f"{view['diseases']:,} diseases have it or a finding below it. The most frequent:", markup=False
    )
    for item in view["most_frequent"]:
        share = "not stated" if item["frequency"] is None else f"{100 * item['frequency']:.0f} %"
        own = "" if item["term"]["id"] == view["id"] else f" as {item['term']['label']}"
        screen.print(f"  {share:>10}  {item['name']} ({item['id']}){own}", markup=False)
    screen.print(f"{view['knowledge']['name']} {view['knowledge']['release']}", style="dim", markup=False)
