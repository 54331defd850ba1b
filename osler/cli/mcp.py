"""`osler mcp`: engine, calculators, corpora and graph as a Model Context Protocol server, by standard input and output or HTTP."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from osler.cli import options
from osler.cli.output import notices, refuse_taken
from osler.errors import UsageError


def mcp(
    http: Annotated[
        bool, typer.Option("--http", help="Serve streamable HTTP instead of standard input and output.")
    ] = False,
    host: Annotated[str, typer.Option(help="Loopback address for --http.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port for --http.")] = 8766,
    records: Annotated[
        Path | None,
        typer.Option(help="SQLite file of patient records that clients may read, by SELECT only."),
    ] = None,
    model: options.Models = None,
    base_url: options.BaseUrl = None,
    corpus: options.Corpus = None,
    retrieval: options.Retrieval = None,
    encoder: options.Encoder = None,
    graph: options.Graph = None,
    runs: Annotated[Path | None, typer.Option(help="Folder whose runs clients may read.")] = None,
    knowledge: options.Knowledge = "hpo",
) -> None:
    """Serve Osler to MCP clients: findings, diagnosis, next questions, methods, corpora, graph, runs and calculators.

    A client starts `osler mcp` itself and speaks over its standard input and output. With --http the server listens at
    http://HOST:PORT/mcp, on loopback only. With --records clients may also read the tables of that file, and nothing else
    of it: no writing, at most 50 rows and 2 seconds a query.
    """
    if http and not _loopback(host):
        raise UsageError(
            f"{host!r} is not a loopback address; the server has no access control, so it stays on 127.0.0.1"
        )
    from osler.app.desk import Desk
    from osler.app.mcp_server import server
    from osler.app.settings import Settings
    from osler.knowledge.retrieval.sources import Sources

    settings = Settings(
        models=tuple(model or ()), base_url=base_url, runs=runs, knowledge=knowledge, records=records,
        sources=Sources.read(corpus, retrieval, encoder, graph=graph),
    )  # fmt: skip
    made = server(records, Desk(settings))
    if not http:
        made.run("stdio")
        return
    refuse_taken(host, port)
    notices().print(f"MCP over HTTP at http://{host}:{port}/mcp (Ctrl-C ends it)")
    made.run("streamable-http", host=host, port=port)


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
