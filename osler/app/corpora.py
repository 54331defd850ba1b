"""The corpora of this server for callers of the API and MCP: listed, searched, a document opened; a broken one is told as such."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from osler.app.failures import Unavailable, in_words, whole
from osler.errors import SourceError, UsageError
from osler.passages import Filters


def listed() -> list[dict[str, Any]]:
    """All corpora in brief, without their places on this machine. One that cannot be read says so in `error`."""
    from osler.knowledge.corpus import store

    return [_brief(name) for name in store.names()]


def search(
    text: str,
    corpora: Sequence[str] = (),
    top: int = 10,
    filters: Filters | None = None,
    synonyms: bool = False,
    retrieval: str | None = None,
    where: str = "GET /api/v1/corpora lists them",
) -> dict[str, Any]:
    """As `osler corpus search --json`. Raises UsageError for a corpus that is not there, Unavailable for a broken one."""
    from osler.knowledge.retrieval import across

    for name in corpora:
        known(name, where)
    with whole("a corpus", passing=(SourceError,)):
        names, found = across.search(text, corpora, top, filters, synonyms, retrieval)
        return across.search_json(text, names, found)


def document(corpus: str, document_id: str) -> tuple[str, dict[str, Any]]:
    """A document's text and what is known of it. Raises UsageError where there is none, Unavailable for a broken corpus."""
    from osler.knowledge.retrieval import across

    with whole(f"corpus {corpus}"):
        return across.document(corpus, document_id)


def known(name: str, where: str) -> str:
    """The name of a corpus of this server. Raises UsageError for another (`where` says what lists them), Unavailable for one whose
    description is gone."""
    from osler.knowledge.corpus import store

    if name in store.names():
        return name
    if name in store.unfinished():
        raise Unavailable(f"corpus {name} is damaged, or is being made")
    raise UsageError(f"there is no corpus {name[:80]!r}; {where}")


def _brief(name: str) -> dict[str, Any]:
    from osler.knowledge.retrieval import across

    try:
        with whole(f"corpus {name}"):
            return {key: value for key, value in across.brief(name).items() if key != "path"}
    except Unavailable as error:
        return {"name": name, "error": in_words(error)}
