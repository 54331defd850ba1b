"""`osler corpus map`: the map of a corpus that the page's explorer shows."""

from __future__ import annotations

from typing import Annotated

import typer

from osler.cli import options
from osler.cli.output import console, print_json


def map_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A corpus: `osler corpus list` shows them.")],
    again: Annotated[
        bool, typer.Option("--again", help="Make it anew, even where nothing has changed.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Where chance begins; the same seed gives the same map.")] = 0,
    json: options.Json = False,
) -> None:
    """Place the passages of a corpus on a map, so that those that are alike lie together. The page shows it at /explorer.

    By the corpus's vectors where it was embedded, else by words. Kept beside the corpus, and made again when that has changed.
    """
    from osler.knowledge.atlas import of_corpus

    made, new = of_corpus.make(name, seed, again=again)
    state = "made" if new else "unchanged"
    about = made.about
    fields = {one.name: len(one.values) for one in made.fields}
    if json:
        told = {key: about[key] for key in ("name", "by", "passages", "placed", "kept", "seed")}
        print_json({**told, "state": state, "fields": fields})
        return
    console().print(
        f"{name} {state}: {about['placed']:,} of {about['passages']:,} passages, by {about['by']}; of a passage's 10 most "
        f"alike, {about['kept']:.0%} are among its 30 nearest on the map",
        markup=False,
        soft_wrap=True,
    )
    coloured = ", ".join(f"{field} ({count})" for field, count in fields.items()) or "nothing"
    console().print(
        f"coloured by {coloured}; osler serve shows it at /explorer", markup=False, soft_wrap=True
    )
