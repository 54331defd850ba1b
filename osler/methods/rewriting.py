"""Queries put into other words by a language model before a search, so that a rewriter can be measured by what it finds.

- `hyde`: a passage is written that would answer the query; it is searched with the query (Gao et al. 2023; R2MED's baseline of that name).
- `rationale`: what the query points to is reasoned out first, and that is searched in the query's place (Rethinking-RAG 2025).
- a file: a prompt of your own with {query}; the reply is searched with the query.

The model sees the query and nothing else: neither judgements nor documents. An empty reply leaves the query as it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from osler.context import Context, fit_prompt
from osler.errors import InputError, UsageError
from osler.methods import task

HYDE = (
    "{query}\n\nWrite one short passage, as it might stand in a medical textbook or journal, that answers this. Name the "
    "disease, test or treatment it is about. State facts as such a text would; do not mention the question."
)
RATIONALE = (
    "{query}\n\nThink about what this points to: the most likely diagnosis or answer, and the facts one would have to look up "
    "to be sure. Write that in two or three sentences, in the terms a textbook would use."
)
LONGEST = 512


@dataclass(frozen=True)
class Rewriter:
    """A way of rewriting. With `instead` the reply takes the query's place; otherwise it stands after it."""

    name: str
    prompt: str
    instead: bool = False


def rewriter_of(name: str) -> Rewriter | None:
    """The way that a name or a file means; None for `none`. Raises UsageError for another name, or a prompt without {query};
    InputError for a file that is no text in UTF-8.
    """
    if name == "none":
        return None
    if name == "hyde":
        return Rewriter(name, HYDE)
    if name == "rationale":
        return Rewriter(name, RATIONALE, instead=True)
    path = Path(name)
    if not path.is_file():
        raise UsageError(
            f"--rewrite takes none, hyde, rationale, or a file with a prompt; there is no {name}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name}: cannot be read as a prompt in UTF-8 ({error})") from None
    prompt = fit_prompt("rewrite", text, HYDE)
    if "{query}" not in prompt:
        raise UsageError(f"the prompt in {name} has no {{query}} to fill")
    return Rewriter(path.stem, prompt)


async def rewrite(rewriter: Rewriter, query: str, ctx: Context) -> tuple[str, str]:
    """What is searched in a query's place, and what the model wrote: one greedy call. Raises CallFailed, LimitError."""
    prompt = rewriter.prompt.format(query=task.fence("query", query))
    asked = await ctx.greedy().ask(prompt, system=task.SYSTEM, label="rewrite", max_tokens=LONGEST)
    written = asked.text.strip()
    searched = query if not written else written if rewriter.instead else f"{query}\n{written}"
    return searched, written
