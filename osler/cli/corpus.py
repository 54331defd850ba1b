"""`osler corpus`: documents of your own or of others, kept with exact places and searched by BM25."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from osler.cli import corpus_eval, corpus_map, embed, options
from osler.cli.output import console, notices, print_json
from osler.errors import UsageError

if TYPE_CHECKING:
    from osler.knowledge.corpus.ingest import Added
    from osler.passages import Passage

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Corpora: documents cut into passages with exact places. They stay on this machine.",
)

app.command("eval")(corpus_eval.evaluate)
app.command("embed")(embed.embed)
app.command("map")(corpus_map.map_)

Name = Annotated[str, typer.Argument(metavar="NAME", help="A corpus: `osler corpus list` shows them.")]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: lower case, digits, . _ -")],
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[SOURCE]",
            help="A folder, a zip, or a file: JSONL, CSV, Parquet, text, Markdown, HTML, PDF, YAML, XML of MedQuAD, PubMed or NLM "
            "(also .gz); builtin:NAME, or nothing where NAME is one that `osler corpus list` shows as built in.",
        ),
    ] = None,
    licence: Annotated[
        str | None, typer.Option(help="Its licence; default what a LICENSE or SOURCE file says.")
    ] = None,
    origin: Annotated[
        str | None, typer.Option(help="Where it is from; default what a SOURCE file says.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Make a corpus, or bring it up to date. A build that was killed goes on where it stood: run it again."""
    from osler.knowledge.corpus import builtin, store
    from osler.knowledge.corpus.ingest import add as build

    if source == "-":
        raise UsageError(
            "a corpus is made of files, which are read again to bring it up to date; save the text to one (notes.txt) and give that"
        )
    if source is not None:
        given = source
    elif name in store.names():
        given = str(store.about(name)["path"])
    elif name in builtin.names():
        given = f"{builtin.PREFIX}{name}"
    else:
        raise UsageError(
            f"what is {name} to be made of? Give a folder, a zip or a file; without one there are {', '.join(builtin.names())}"
        )
    done = build(name, given, licence=licence, origin=origin)
    if json:
        print_json(done.to_dict())
    else:
        _show_added(done)


@app.command("list")
def list_(json: options.Json = False) -> None:
    """Show the corpora with size, licence and source, and those that can be made of what Osler has."""
    from osler.knowledge.corpus import builtin, store
    from osler.knowledge.retrieval import across

    rows = [across.brief(name) for name in store.names()]
    made = {row["path"] for row in rows}
    offered = [one for one in builtin.listing() if f"{builtin.PREFIX}{one['name']}" not in made]
    begun = store.unfinished()
    if json:
        print_json({"corpora": rows, "built_in": offered, "unfinished": begun})
        return
    own = [row for row in rows if not row["name"].startswith(across.JUDGED)]
    if not own:
        console().print("there is no corpus yet; osler corpus add NAME SOURCE makes one", markup=False)
    _show_rows(own)
    for name in begun:
        how = "begun and not finished: run the same osler corpus add again, and it goes on"
        console().print(f"{name:<16} {how}", style="yellow", markup=False, soft_wrap=True)
    if len(own) < len(rows):
        console().print("made by evaluations, searched only by name:", style="dim", markup=False)
        _show_rows([row for row in rows if row not in own])
    for one in offered:
        how = one["missing"] or f"not built; osler corpus add {one['name']}"
        console().print(
            f"{one['name']:<16} {one['summary']} ({how})", style="dim", markup=False, soft_wrap=True
        )


@app.command("show")
def show(
    name: Name,
    document: Annotated[
        str | None, typer.Argument(metavar="[DOCUMENT]", help="A document's id: show its text.")
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="START:END", help="Show these characters, and some around.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Show what a corpus is, or open one of its documents, at a citation's words with --at."""
    from osler.knowledge.retrieval import across

    if document is None:
        if at:
            raise UsageError("--at goes with a document: osler corpus show NAME DOCUMENT --at START:END")
        brief = across.brief(name)
        if json:
            print_json(brief)
        else:
            _show_brief(brief)
        return
    text, meta = across.document(name, document)
    start, end = _range(at, len(text))
    if json:
        print_json({**meta, "start": start, "end": end, "text": text[start:end]})
    else:
        _show_document(text, meta, start, end, whole=at is None)


@app.command("remove")
def remove(name: Name, json: options.Json = False) -> None:
    """Delete a corpus. Its source is left alone."""
    from osler.knowledge.corpus import store

    store.remove(name)
    if json:
        print_json({"removed": name})
    else:
        console().print(f"{name} is removed", markup=False)


@app.command("push")
def push(
    name: Name,
    service: Annotated[
        str,
        typer.Argument(
            metavar="SPEC",
            help="opensearch:URL/INDEX, qdrant:URL/COLLECTION or lancedb:FOLDER#TABLE.",
        ),
    ],
    encoder: options.Encoder = None,
    json: options.Json = False,
) -> None:
    """Copy a corpus into a service that several machines may search, with vectors where it was embedded or --encoder is given.

    Passages are embedded again on the way, by the encoder of the corpus's own vectors unless another is named.
    """
    from osler.knowledge.dense import open_encoder
    from osler.knowledge.dense.vectors import embedded
    from osler.knowledge.retrieval.push import push as copy

    spec = encoder or (embedded(name) or {}).get("spec")
    many = copy(name, service, open_encoder(spec) if spec else None)
    if json:
        print_json({"corpus": name, "service": service, "passages": many})
    else:
        console().print(f"{many} passages of {name} are in {service}", markup=False)


@app.command("search")
def search(
    words: Annotated[list[str], typer.Argument(metavar="TEXT", help="What to find: words or a question.")],
    corpus: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="The corpus (repeat, or part names by commas); default all. Of several, what fits best stands first.",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many passages to show.")] = 10,
    source: Annotated[str | None, typer.Option(help="Only from this source (its whole name).")] = None,
    section: Annotated[str | None, typer.Option(help="Only in sections of this name.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DATE", help="Not older: YYYY, YYYY-MM, YYYY-MM-DD.")
    ] = None,
    until: Annotated[str | None, typer.Option(metavar="DATE", help="Not newer than this.")] = None,
    authority: Annotated[str | None, typer.Option(help="Only recommendations of this authority.")] = None,
    strength: Annotated[str | None, typer.Option(help="Only recommendations of this strength.")] = None,
    synonyms: Annotated[
        bool, typer.Option(help="Also other names of phenotypic terms, from the ontology (slower).")
    ] = False,
    retrieval: options.Retrieval = None,
    json: options.Json = False,
) -> None:
    """Find passages by words or by meaning, best first, each with its document and exact place."""
    from osler.knowledge.retrieval import across
    from osler.passages import Filters

    text = " ".join(words)
    filters = Filters(source, section, since, until, authority=authority, strength=strength)
    names, ranked = across.search(text, corpus or (), top, filters, synonyms, retrieval)
    if json:
        print_json(across.search_json(text, names, ranked))
        return
    for number, (passage, retriever) in enumerate(ranked, 1):
        show_passage(passage, retriever.fit(text, passage).spans, number)
    if ranked:
        notices().print(f"scores: {across.score_kind(ranked)}", style="dim", markup=False)
    if across.shares_no_word(text, ranked):
        notices().print(
            "no word of that is in any of these: they are only the nearest by meaning, and may be about nothing of it",
            markup=False,
        )
    if not ranked:
        also = " and fits the filters" if filters != Filters() else ""
        notices().print(f"no passage of {', '.join(names)} shares a word with that{also}", markup=False)


def _show_rows(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        line = f"{row['name']:<16} {row['documents']:>9,} documents {row['passages']:>9,} passages"
        vectors = f"  vectors: {row['vectors']}" if row["vectors"] else ""
        licence = row["licence"] or "licence not stated"
        console().print(f"{line}  {licence}{vectors}", markup=False, soft_wrap=True)


def _show_brief(brief: dict[str, Any]) -> None:
    out, places = console(), brief["places"]
    for key, value in brief.items():
        if key not in ("skipped", "places"):
            shown = f"{value:,}" if isinstance(value, int) else value or "–"
            out.print(f"{key:<14} {shown}", markup=False, soft_wrap=True)
    for reason, count in (brief["skipped"] or {}).items():
        first = f"; first {places[reason]}" if reason in places else ""
        out.print(f"{'set aside':<14} {count:,}: {reason}{first}", markup=False, soft_wrap=True)


def _range(at: str | None, size: int) -> tuple[int, int]:
    if at is None:
        return 0, size
    first, sign, last = at.partition(":")
    if not (sign and first.isdecimal() and last.isdecimal() and int(first) < int(last) <= size):
        raise UsageError(f"--at takes START:END, characters of this document (0:{size}), not {at!r}")
    return int(first), int(last)


def _show_added(done: Added) -> None:
    out = console()
    if done.state == "unchanged":
        out.print(
            f"{done.name}: nothing has changed ({done.files:,} files, {done.passages:,} passages)",
            markup=False,
        )
        return
    said = [f"{done.documents:,} documents", f"{done.passages:,} passages"]
    if done.duplicates:
        said.append(f"{done.duplicates:,} near-duplicate passages left out")
    if done.files_reused:
        said.append(f"{done.files_reused:,} of {done.files:,} files had not changed")
    out.print(f"{done.name} {done.state}: {', '.join(said)}", markup=False, soft_wrap=True)
    for notice in done.notices:
        notices().print(notice, markup=False, soft_wrap=True)
    if left := done.repeated_ids - done.renamed - done.reworded - done.differing:
        notices().print(f"{left:,} documents repeat the id of one before and were left out", markup=False)
    if done.differing:
        notices().print(
            f"{done.differing:,} documents have the id of one before and other words: they were left out, give them ids of their own",
            markup=False,
        )
    if done.reworded:
        notices().print(
            f"{done.reworded:,} documents of guidelines have the id of another and other words; they are kept as ID~…",
            markup=False,
        )
    if done.renamed:
        notices().print(
            f"{done.renamed:,} rows whose number another row has are kept as NUMBER#2, #3 …", markup=False
        )
    for reason, count in done.skipped.items():
        notices().print(
            f"set aside {count:,}: {reason}; first {done.places[reason]}", markup=False, soft_wrap=True
        )


def show_passage(passage: Passage, spans: Any, rank: int) -> None:
    """A passage for people: where it is, and its words with those of the question highlighted."""
    from rich.text import Text

    from osler.cli.render import safe

    out = console()
    head = safe(f"{rank:>2}. {passage.document} [{passage.start}:{passage.end}]")
    out.print(
        Text.assemble(
            (head, "bold"), (safe(f"  {passage.score:.2f}  {passage.source} {passage.date}".rstrip()), "dim")
        )
    )
    title = " · ".join(part for part in (passage.title, passage.section) if part)
    if title:
        out.print(Text(f"    {safe(title)[:200]}", style="dim"))
    told = "; ".join(f"{key} {value}" for key, value in passage.fields if key != "newer")
    if told:
        out.print(Text(f"    {safe(told)[:200]}", style="dim"))
    if newer := passage.field("newer"):
        out.print(Text(f"    of an older version; newer: {safe(newer)[:200]}", style="yellow"))
    out.print(_marked(passage.text, spans))
    out.print()


def _marked(text: str, spans: Any) -> Any:
    from rich.text import Text

    from osler.cli.render import safe

    text = text.replace("\r", " ")  # no letter is added or lost: places stay
    made, at = Text(), 0
    for start, end in spans:
        made.append(safe(text[at:start]))
        made.append(safe(text[start:end]), style="bold yellow")
        at = end
    made.append(safe(text[at:]))
    return made


def _show_document(text: str, meta: dict[str, Any], start: int, end: int, whole: bool) -> None:
    from osler.cli.render import safe

    out = console()
    for key in ("id", "title", "source", "section", "date", "url"):
        if meta.get(key):
            out.print(f"{key:<8} {safe(meta[key])}", style="dim", markup=False, soft_wrap=True)
    if whole:
        out.print(safe(text.replace("\r", " ")), markup=False)
        return
    low, high = max(0, start - 200), min(len(text), end + 200)
    out.print(_marked(text[low:high], [(start - low, end - low)]))
