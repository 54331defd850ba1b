"""Searching one corpus or several at once, what is known of each, and opening a document at a place: as plain data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from osler.errors import InputError, Missing, UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.guidelines import edition, escaped
from osler.knowledge.retrieval import newer
from osler.knowledge.retrieval.fusion import by_fit
from osler.knowledge.retrieval.hybrid import Hybrid
from osler.knowledge.retrieval.sources import Sources, open_corpus
from osler.passages import Filters, Passage, VectorRetriever

# Corpora that evaluations make of a benchmark's documents.
JUDGED = "judged-"
_SHOWN = 50  # guidelines
_KEYS = (
    "name", "documents", "passages", "duplicates", "repeated_ids", "licence", "origin", "path", "added", "skipped", "places",
)  # fmt: skip


class Found(NamedTuple):
    """A passage and the retriever that found it (its `fit` says which words speak for it)."""

    passage: Passage
    retriever: Any


def search(
    text: str,
    corpora: Sequence[str] = (),
    top: int = 10,
    filters: Filters | None = None,
    synonyms: bool = False,
    retrieval: str | None = None,
) -> tuple[list[str], list[Found]]:
    """The corpora searched and their passages, best first. Of several corpora those stand first that fit the query best.

    Where none is named all are searched but those that an evaluation made (judged-…). `corpora` may part names by commas.
    Raises UsageError where there is no corpus, none of that name, or nothing to search for.
    """
    given = [name.strip() for one in corpora for name in one.split(",") if name.strip()]
    names = list(dict.fromkeys(given or (n for n in store.names() if not n.startswith(JUDGED))))
    if not names:
        raise UsageError("there is no corpus yet; osler corpus add NAME SOURCE makes one")
    if not text.strip():
        raise UsageError("there is nothing to search for; give words or a question")
    retrievers = [opened(name, synonyms, retrieval) for name in names]
    lists = [
        newer.told(one.search(text, top, filters if filters != Filters() else None)) for one in retrievers
    ]
    if len(retrievers) == 1:
        return names, [Found(passage, retrievers[0]) for passage in lists[0][:top]]
    order = by_fit(text, lists, retrievers)[:top]
    return names, [Found(lists[place][rank], retrievers[place]) for _, place, rank in order]


def search_json(text: str, names: Sequence[str], found: Sequence[Found]) -> dict[str, Any]:
    """`osler corpus search --json`."""
    told = {"score_kind": score_kind(found), "no_word_shared": shares_no_word(text, found)} if found else {}
    return {
        "query": text,
        "corpora": list(names),
        **told,
        "results": [one.passage.to_dict() for one in found],
    }


def opened(name: str, synonyms: bool = False, retrieval: str | None = None) -> Any:
    """A corpus, ready for searching; with synonyms by words unless told otherwise."""
    if not synonyms:
        return open_corpus(name, Sources.read(name, retrieval))[0]
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.knowledge.corpus.synonyms import of_query

    if retrieval == "dense":
        raise UsageError("--synonyms are other words to search for; they go with --retrieval bm25 or hybrid")
    return open_corpus(name, Sources.read(name, retrieval or "bm25"), LexicalRetriever(name, of_query))[0]


def brief(name: str) -> dict[str, Any]:
    """What a corpus is: `osler corpus show NAME --json`. Raises UsageError where there is none of that name."""
    known = store.about(name)
    told = {"skipped": {}, "places": {}} | {key: known[key] for key in _KEYS if key in known}
    return {key: told.get(key) for key in _KEYS} | {
        "files": len(known["units"]),
        "vectors": _vectors(name, known),
        "guidelines": _guidelines(known),
    }


def document(name: str, document_id: str) -> tuple[str, dict[str, Any]]:
    """A document's text, and what is known of it. Raises Missing where the corpus has none of that id."""
    reader = store.Reader(store.place(name) / store.about(name)["data"])
    number = reader.find(document_id)
    if number is None:
        versions = [
            one for one in _in_versions(document_id, store.about(name)) if reader.find(one) is not None
        ]
        also = (
            f"in versions: {', '.join(versions)}"
            if versions
            else f"osler corpus search TEXT --corpus {name} finds ids"
        )
        raise Missing(f"corpus {name} has no document {document_id!r}; {also}")
    return reader.text(number), reader.meta(number)


def _in_versions(document_id: str, known: dict[str, Any]) -> list[str]:
    """The ids that a document of a guideline, named without its version, may have."""
    guideline, slash, number = document_id.rpartition("/") if "/" in document_id else (document_id, "", "")
    named = known.get("guidelines", {})
    guideline = next((name for name in named if escaped(name) == guideline), guideline)
    versions = named.get(guideline, ())
    return [f"{edition(guideline, version)}{slash}{number}" for version in versions if version][:20]


def _guidelines(known: dict[str, Any]) -> str:
    """The guidelines of a corpus with their versions, "" where it has none."""
    rows = known.get("guidelines", {}).items()
    told = [
        f"{name} ({', '.join(filter(None, versions))})" if any(versions) else name for name, versions in rows
    ]
    return "; ".join(told[:_SHOWN]) + (f"; and {len(told) - _SHOWN:,} more" if len(told) > _SHOWN else "")


def headings(name: str, document_id: str, start: int) -> tuple[str, str]:
    """Title and section of a document's passage that begins at a character; "" where no corpus of that name tells."""
    try:
        reader = store.Reader(store.place(name) / store.about(name)["data"])
    except (UsageError, InputError):
        return "", ""
    number = reader.find(document_id)
    return (
        ("", "") if number is None else (reader.meta(number).get("title", ""), reader.heading(number, start))
    )


def score_kind(found: Sequence[Found]) -> str:
    """What the scores of results are."""
    ways = {_way(one.retriever) for one in found}
    return ways.pop() if len(ways) == 1 else "of each corpus its own"


def _way(retriever: Any) -> str:
    if isinstance(retriever, Hybrid):
        return "rank fusion" if retriever.by == "rank" else "score fusion"
    if isinstance(retriever, VectorRetriever):
        return "cosine"
    from osler.knowledge.corpus.lexical import LexicalRetriever

    return "BM25" if isinstance(retriever, LexicalRetriever) else "its own"


def shares_no_word(text: str, found: Sequence[Found]) -> bool:
    """Whether there are results and no word of the query stands in any of them (vectors always find something)."""
    return bool(found) and not any(
        one.retriever.fit(text, one.passage).spans
        or one.retriever.fit(
            text, one.passage._replace(text=f"{one.passage.title} {one.passage.section}")
        ).spans
        for one in found
    )


def _vectors(name: str, known: dict[str, Any]) -> str:
    """What vectors a corpus has, "" where it was not embedded."""
    from osler.knowledge.dense.vectors import corpus_state, embedded

    made = embedded(name)
    if made is None:
        return ""
    old = "" if made["state"] == corpus_state(known) else f"; of an older state: osler corpus embed {name}"
    return f"{made['encoder']['name']}, index {made['index']}{old}"
