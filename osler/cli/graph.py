"""`osler graph …`: the medical graph: what is in it, paths between two names, what is near one, export."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from osler.cli.output import check_target, console, notices, print_json

if TYPE_CHECKING:
    from osler.knowledge.graph import Graph, GraphPath

_MOST = 10_000_000  # bytes of a text to link

app = typer.Typer(
    no_args_is_help=True,
    help="Paths and neighbours in a graph of diseases, findings, genes, drugs and tests.",
)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Which = Annotated[
    str,
    typer.Option(
        "--graph",
        help="osler, PrimeKG's kg.csv, a folder of Hetionet's tables, of the UMLS' RRF files or of QKG's facts, or an edge list.",
    ),
]
Relations = Annotated[
    list[str] | None, typer.Option("--relation", help="Only this relation; may be repeated.")
]
Without = Annotated[
    list[str] | None, typer.Option("--without", help="Leave this relation out; may be repeated.")
]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only nodes of this kind; may be repeated.")]


@app.command()
def build(graph: Which = "osler", json: Json = False) -> None:
    """Build the graph from what is at hand (once; again when a file changes) and say what is in it."""
    _show_stats(_load(graph), json)


@app.command()
def stats(graph: Which = "osler", json: Json = False) -> None:
    """Count nodes by kind and edges by relation and source."""
    _show_stats(_load(graph), json)


@app.command()
def path(
    start: Annotated[str, typer.Argument(help="A name or id.", metavar="A")],
    end: Annotated[str, typer.Argument(help="Another.", metavar="B")],
    relation: Relations = None,
    without: Without = None,
    sex: Annotated[
        Literal["male", "female"] | None, typer.Option(help="Only edges that apply to this sex.")
    ] = None,
    age: Annotated[
        float | None, typer.Option(min=0, max=130, help="Only edges that begin by this age in years.")
    ] = None,
    longest: Annotated[int, typer.Option(min=1, max=4, help="At most so many edges.")] = 4,
    cap: Annotated[
        int | None, typer.Option(min=1, max=10_000, help="At most so many paths (10, with --json 50).")
    ] = None,
    graph: Which = "osler",
    json: Json = False,
) -> None:
    """Show the shortest paths between two names, those through hubs last."""
    from osler.cli.render import safe
    from osler.knowledge.graph import answers

    cap = cap or (50 if json else 10)
    held = _load(graph)
    found = answers.paths(held, start, end, relation or (), without or (), sex, age, longest, cap)
    same = answers.same(held, start, end)
    if json:
        print_json(answers.paths_json(held, found, cap) | {"same": same})
        return
    if same:
        said = f"{start!r} and {end!r} are the same here: {same['name']} ({same['id']}, {same['kind']})."
        console().print(safe(said), markup=False)
        return
    if not found:
        console().print(f"No path of at most {longest} edges joins {start!r} and {end!r}.", markup=False)
    else:
        _show_paths(held, found, cap)
    for line in answers.joined_by(held, start, end):
        notices().print(safe(line), style="dim", markup=False, soft_wrap=True)


@app.command()
def near(
    name: Annotated[str, typer.Argument(help="A name or id.")],
    relation: Relations = None,
    kind: Kinds = None,
    along: Annotated[
        list[str] | None,
        typer.Option(
            help="Follow these relations in turn instead (repeat it; ^ before one goes against it)."
        ),
    ] = None,
    pagerank: Annotated[
        bool, typer.Option("--pagerank", help="Nearest by PageRank that returns to the name, hubs damped.")
    ] = False,
    top: Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")] = 30,
    graph: Which = "osler",
    json: Json = False,
) -> None:
    """Show what a name is joined to: directly, along relations in turn, or by personalised PageRank."""
    from osler.knowledge.graph import answers

    held = _load(graph)
    starts, rows = answers.near(held, name, relation or (), kind or (), along or (), pagerank)
    if json:
        print_json(answers.near_json(held, starts, rows, top))
        return
    _show_near(rows, top)


@app.command()
def link(
    source: Annotated[str, typer.Argument(help="A text file, or - for standard input.")],
    kind: Kinds = None,
    graph: Which = "osler",
    json: Json = False,
) -> None:
    """Find the graph's nodes that a text names; names that mean several things are left alone."""
    from osler.cli.render import safe
    from osler.knowledge.graph.answers import mentions

    held, text = _load(graph), _text(source)
    rows = mentions(held, text, kind or ())
    if json:
        print_json({"mentions": rows})
        return
    for row in rows:
        said = f" ({row['status']})" if row["status"] else ""
        console().print(
            safe(f"{row['text']}{said}: {row['name']} ({row['id']}, {row['kind']})"), markup=False
        )


@app.command()
def export(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or ids; without any, the whole graph.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="The file to write; default graph.graphml or graph.json.")
    ] = None,
    form: Annotated[
        Literal["graphml", "cytoscape"] | None,
        typer.Option(
            "--format", help="graphml or cytoscape; default by the file's ending: .json is Cytoscape's."
        ),
    ] = None,
    hops: Annotated[int, typer.Option(min=0, max=4, help="How far around the names.")] = 1,
    limit: Annotated[int, typer.Option(min=1, help="At most so many nodes around names.")] = 500,
    graph: Which = "osler",
    json: Json = False,
) -> None:
    """Write the part of the graph around some names, or all of it, as GraphML or Cytoscape JSON."""
    from osler.knowledge.graph.export import export as pieces
    from osler.knowledge.graph.link import resolve
    from osler.knowledge.graph.spread import subgraph

    form = form or (
        "cytoscape" if out is not None and out.suffix.lower() in (".json", ".cyjs") else "graphml"
    )
    out = out or Path("graph.json" if form == "cytoscape" else "graph.graphml")
    check_target(out)
    held = _load(graph)
    if names:
        nodes, edges = subgraph(held, [at for name in names for at in resolve(held, name)], hops, limit)
    else:
        nodes, edges = list(range(len(held))), list(range(len(held.head)))
    part = out.with_name(f".{out.name}.part")
    try:
        with part.open("w", encoding="utf-8") as file:
            file.writelines(pieces(held, nodes, edges, form))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)
    about = {"out": str(out), "format": form, "nodes": len(nodes), "edges": len(edges)}
    if json:
        print_json(about)
    else:
        console().print(
            f"{len(nodes):,} nodes and {len(edges):,} edges written to {out} ({form})", markup=False
        )


def _load(graph: str) -> Graph:
    from osler.knowledge.graph import load_graph

    return load_graph(graph)


def _text(source: str) -> str:
    import sys

    from osler.errors import InputError

    try:
        with sys.stdin.buffer if source == "-" else Path(source).open("rb") as file:
            raw = file.read(_MOST + 1)
        if len(raw) > _MOST:
            raise InputError(f"{source} is larger than {_MOST // 1_000_000} MB; link it in parts")
        return raw.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{source} cannot be read as text ({error})") from None


def _show_stats(graph: Graph, json: bool) -> None:
    found = graph.stats()
    if json:
        print_json(found)
        return
    screen = console()
    screen.print(
        f"{found['name']} {found['checksum']}: {found['nodes']:,} nodes, {found['edges']:,} edges",
        markup=False,
    )
    for key in ("kinds", "relations"):
        counted = sorted(found[key].items(), key=lambda item: -item[1])
        screen.print(f"{key}: {', '.join(f'{name} {count:,}' for name, count in counted)}", markup=False)
    for source in found["sources"]:
        about = ", ".join(text for text in (source["release"], source["licence"]) if text)
        screen.print(f"{source['edges']:>10,}  {source['name']} ({about})", markup=False)
    for text in found["notices"]:
        notices().print(text, markup=False)


def _show_paths(graph: Graph, found: list[GraphPath], cap: int) -> None:
    from osler.cli.render import safe
    from osler.knowledge.graph.connect import sentence

    for one in found:
        console().print(safe(f"{one.score:.4f}  {sentence(graph, one)}"), markup=False)
    more = "; there may be more" if len(found) == cap else ""
    count = "1 path" if len(found) == 1 else f"{len(found)} paths"
    notices().print(f"{count} of {len(found[0].nodes) - 1} edges{more}", style="dim", markup=False)


def _show_near(rows: list[dict[str, Any]], top: int) -> None:
    from osler.cli.render import safe

    for row in rows[:top]:
        edge = row.get("edge")
        if edge is None:
            shown = f"{row['score']:.5f}" + (f"  over {row['paths']:,} paths" if "paths" in row else "")
        else:
            share = "" if edge["frequency"] is None else f", {100 * edge['frequency']:.0f} %"
            more = "".join(f", {text}" for text in (edge["onset"], edge["sex"].lower()) if text)
            shown = f"{'→' if row['outward'] else '←'} {edge['relation']}{share}{more} [{edge['source']}]"
        console().print(safe(f"{row['name']} ({row['id']}, {row['kind']})  {shown}"), markup=False)
    if len(rows) > top:
        notices().print(f"and {len(rows) - top:,} more; show them with --top", style="dim")
    elif not rows:
        console().print("Nothing of that sort is near.")
