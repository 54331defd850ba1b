"""The calculators as a corpus: what each is for, what it takes, its equation, its meaning, its limits and its sources."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from osler.calculators.define import Calculator
from osler.calculators.describe import describe
from osler.calculators.names import calculators
from osler.knowledge.corpus.builtin import BuiltIn
from osler.knowledge.corpus.documents import Document
from osler.registry import register


@register("corpus", "calculators", source="Osler's calculators, each after its own publication")
def texts() -> BuiltIn:
    """The calculators' texts: purpose, inputs, equation, interpretation, limits and sources of each."""
    return BuiltIn(licence="Apache-2.0", origin="Osler", documents=_documents, version=_version, pages=True)


def _version() -> str:
    every = hashlib.sha256()
    for document in _documents():
        every.update(f"{document.id}\x00{document.text}\x00".encode())
    return every.hexdigest()[:16]


def _documents() -> Iterator[Document]:
    for one in calculators():
        cited = next((source for source in one.sources if source.doi), None)
        yield Document(
            f"calculator:{one.name}", page(one), one.title, "Osler calculators", "",
            str(one.sources[0].year) if one.sources and one.sources[0].year else "",
            f"https://doi.org/{cited.doi}" if cited else "", True,
        )  # fmt: skip


def page(about: Calculator) -> str:
    """One calculator in Markdown."""
    told = describe(about)
    lines = [about.summary, *([f"Also called: {', '.join(about.aliases)}."] if about.aliases else [])]
    lines += ["", "## Inputs", "", *(f"- {one['label']}: {one['takes']}" for one in told["inputs"])]
    if told["equation"]:
        lines += ["", "## Equation", "", told["equation"]]
    bands = [f"- from {band['low']:g}{f' ({who})' if (who := band['for']) else ''}: {band['label']}. {band['meaning']}".rstrip()
             for band in told["bands"] if band["low"] is not None]  # fmt: skip
    if bands:
        lines += ["", "## Interpretation", "", *bands]
    limits = [
        *(f"- {reason}" for reason in told["does_not_hold"]),
        *([about.caution] if about.caution else []),
    ]
    if limits:
        lines += ["", "## Where it does not hold", "", *limits]
    if about.notes:
        lines += ["", "## Notes", "", *about.notes]
    return "\n".join([*lines, "", "## Sources", "", *(f"- {source.cited}" for source in about.sources), ""])
