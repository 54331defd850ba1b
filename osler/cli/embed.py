"""`osler corpus embed`: vectors for a corpus, so that it is searched by meaning too."""

from __future__ import annotations

from typing import Annotated

import typer

from osler.cli import options
from osler.cli.output import console, print_json
from osler.errors import UsageError


def embed(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A corpus: `osler corpus list` shows them.")],
    encoder: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="minilm, hf:NAME, openai:NAME@URL or hashed (a weak baseline); default the one before, else minilm.",
        ),
    ] = None,
    index: Annotated[
        str | None,
        typer.Option(metavar="KIND", help="exact, hnsw, ivf, or auto: by the corpus's size, the default."),
    ] = None,
    ray: Annotated[
        bool, typer.Option("--ray", help="Embed by workers of a Ray cluster (RAY_ADDRESS).")
    ] = False,
    workers: Annotated[
        int | None, typer.Option(min=1, help="How many Ray workers; default one a CPU.")
    ] = None,
    json: options.Json = False,
) -> None:
    """Give a corpus vectors, or bring them up to date. A run that was killed goes on where it stood: run it again."""
    from osler.knowledge.dense.embed import embed as run

    if workers is not None and not ray:
        raise UsageError("--workers says how many Ray workers there are; it goes with --ray")
    done = run(name, encoder, index, ray=ray, ray_workers=workers)
    if json:
        print_json(done.to_dict())
        return
    said = f"{done.passages:,} passages, {done.encoder}, index {done.index}"
    if done.state == "unchanged":
        said = f"nothing has changed ({said})"
    elif done.kept:
        said += f"; {done.kept:,} had not changed"
    console().print(f"{done.name} {done.state}: {said}", markup=False, soft_wrap=True)
