"""`osler serve`: the web page, the REST API and MCP over HTTP, on this machine unless told otherwise."""

from __future__ import annotations

import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from osler.cli import options
from osler.cli.output import console, notices, print_json, refuse_taken
from osler.data.offline import is_loopback
from osler.errors import InputError, UsageError

app = typer.Typer(
    invoke_without_command=True,
    pretty_exceptions_enable=False,
    help="The web page, the REST API and the MCP server.",
)
tokens = typer.Typer(no_args_is_help=True, help="Tokens of callers from elsewhere.")
app.add_typer(tokens, name="tokens")

StudyFolder = Annotated[
    Path | None, typer.Option(help="Serve a reader study alone (osler study new makes one).")
]
TokenFile = Annotated[
    Path | None, typer.Option("--tokens", help="File of tokens; default in the user's data folder.")
]


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen at; loopback unless you name another.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen at.")] = 8080,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    graph: options.Graph = None,
    runs: Annotated[Path | None, typer.Option(help="Folder whose runs the page shows.")] = None,
    records: Annotated[Path | None, typer.Option(help="SQLite records that MCP clients may read.")] = None,
    study: StudyFolder = None,
    calls: Annotated[int, typer.Option(min=1, help="Most calls of models in one run of a method.")] = 2_000,
    cache: Annotated[
        bool, typer.Option("--cache", help="Keep replies of models on disk; they hold case text.")
    ] = False,
    name: Annotated[
        list[str] | None, typer.Option(help="A further name that the server is called by; may be repeated.")
    ] = None,
    proxy: Annotated[
        str | None, typer.Option(help="Address of a proxy in front, whose word on callers and TLS is taken.")
    ] = None,
    knowledge: options.Knowledge = "hpo",
    token_file: TokenFile = None,
    retention: Annotated[
        float, typer.Option(min=1, help="Minutes of rest after which cases are forgotten.")
    ] = 120,
    max_mb: Annotated[float, typer.Option(min=0.001, help="Largest request, in MB.")] = 10,
    max_text: Annotated[int, typer.Option(min=1000, help="Longest free text, in characters.")] = 400_000,
    per_minute: Annotated[int, typer.Option(min=1, help="Requests a minute of one client.")] = 600,
    streams: Annotated[int, typer.Option(min=1, help="Most streams of events open at once.")] = 256,
    audit: Annotated[Path | None, typer.Option(help="Write who did what, when, to this file.")] = None,
    audit_mb: Annotated[
        float, typer.Option(min=0.01, help="Put the audit file aside when it is larger, in MB.")
    ] = 50,
    audit_text: Annotated[
        bool, typer.Option("--audit-text", help="Let case text into the audit file.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Serve the page at http://HOST:PORT, the API at /api/v1 (described at /openapi.json), and MCP at /mcp.

    On loopback no token is needed. On any other address, and behind a proxy, callers must show one (osler serve tokens add
    NAME), and the connection should be TLS, by a proxy in front. Cases are kept in memory and forgotten after --retention
    minutes of rest.
    """
    if context.invoked_subcommand is not None:
        return
    from osler.app.settings import Settings
    from osler.knowledge.retrieval.sources import Sources

    settings = Settings(
        host=host, port=port, names=tuple(name or ()), proxy=_proxy(proxy), tokens=token_file, retention_minutes=retention,
        max_mb=max_mb, max_text=max_text, per_minute=per_minute, streams=streams, audit=audit, audit_mb=audit_mb, audit_text=audit_text,
        runs=runs, models=tuple(model or ()), base_url=base_url, calls=calls, cache=cache, knowledge=knowledge,
        sources=Sources.read(corpus, retrieval, encoder, graph=graph), records=records, study=study,
    )  # fmt: skip
    _run(settings, open_)


def _proxy(given: str | None) -> str | None:
    """The addresses of proxies, checked: a name or `*` would have everybody believed."""
    import ipaddress

    for one in (given or "").split(",") if given is not None else ():
        try:
            ipaddress.ip_network(one.strip())
        except ValueError:
            raise UsageError(
                f"--proxy takes the address of the proxy, such as 127.0.0.1, not {one!r}"
            ) from None
    return given


def _run(settings: Any, open_page: bool) -> None:
    from osler.app.running import run
    from osler.app.tokens import Tokens, default_path

    if settings.study is not None:
        from osler.evaluation.reader_study.study import Study

        Study(settings.study)  # what is no study is said now, not to its first reader
    _check(settings)
    if settings.needs_token and not Tokens(settings.tokens or default_path()).names():
        raise UsageError(
            "callers must show a token and there is none; make one with: osler serve tokens add NAME"
        )
    refuse_taken(settings.host, settings.port)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    url = f"http://{host}:{settings.port}"
    if not is_loopback(settings.host):
        notices().print(
            "listening for other machines: tokens and cases go over the wire as they are; put a proxy with TLS in front "
            "(--proxy ADDRESS, see docs/security.md)",
            markup=False,
        )
    if settings.audit_text:
        notices().print(
            f"the audit log {settings.audit} holds what callers send, also case text", markup=False
        )
    notices().print(f"Osler at {url} (Ctrl-C ends it)", markup=False)
    if open_page:
        webbrowser.open(url)
    run(settings)


def _check(settings: Any) -> None:
    """Open what was named, so that what is not there is said now and not to the first caller. Raises as that does."""
    from osler.app.run_folders import names
    from osler.clinics.records import Records
    from osler.evaluation.store import MANIFEST
    from osler.knowledge.load import load_knowledge
    from osler.knowledge.retrieval.sources import open_sources

    folder = settings.runs
    if folder is not None and not folder.is_dir():
        near = folder.parent if folder.parent.is_dir() else Path()
        there = [one.name for one in sorted(near.iterdir()) if one.is_dir() and names(one, depth=1)][:10]
        raise InputError(
            f"--runs {folder} is no folder; "
            + (f"folders with runs beside it: {', '.join(there)}" if there else "osler eval --out makes runs")
        )
    if folder is not None and (folder / MANIFEST).is_file():
        raise InputError(f"--runs {folder} is one run; name the folder that it is in: --runs {folder.parent}")
    if settings.records is not None and not settings.records.is_file():
        raise InputError(f"--records {settings.records} is no file")
    if settings.records is not None:
        Records(settings.records)
    open_sources(settings.sources)
    load_knowledge(settings.knowledge)


@tokens.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, or what for.")],
    read_only: Annotated[bool, typer.Option("--read-only", help="GET alone.")] = False,
    token_file: TokenFile = None,
    json: options.Json = False,
) -> None:
    """Make a token. It is shown this once; the file holds its hash."""
    from osler.app.tokens import SCOPES, Tokens, default_path

    scopes = ("read",) if read_only else SCOPES
    token = Tokens(token_file or default_path()).add(name, scopes)
    if json:
        print_json({"name": name, "scopes": list(scopes), "token": token})
    else:
        console().print(token, markup=False, soft_wrap=True)
        notices().print("keep it now: it is not shown again", markup=False)


@tokens.command("list")
def list_(token_file: TokenFile = None, json: options.Json = False) -> None:
    """Names and scopes of the tokens."""
    from osler.app.tokens import Tokens, default_path

    rows = Tokens(token_file or default_path()).names()
    if json:
        print_json({"tokens": [{"name": name, "scopes": scopes} for name, scopes in rows]})
        return
    for name, scopes in rows:
        console().print(f"{name}  {', '.join(scopes)}", markup=False)
    if not rows:
        console().print("there is no token yet; osler serve tokens add NAME makes one", markup=False)


@tokens.command("remove")
def remove(
    name: Annotated[str, typer.Argument(help="The token's name.")],
    token_file: TokenFile = None,
    json: options.Json = False,
) -> None:
    """Make a token worthless at once, also for a server that runs."""
    from osler.app.tokens import Tokens, default_path

    Tokens(token_file or default_path()).remove(name)
    if json:
        print_json({"removed": name})
    else:
        console().print(f"{name} is removed", markup=False)
