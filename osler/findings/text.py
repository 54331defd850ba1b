"""Text to coded findings: names found by the matcher, each with the status its sentence gives it.

`find_findings` gives every mention, `aggregate` one finding per term and status.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from osler.case import Finding, Notice, Span, Term
from osler.findings.lexicon import Lexicon, load_lexicon
from osler.findings.matcher import Match, find_matches
from osler.findings.onset import attach_onsets
from osler.findings.scope import read_scopes
from osler.findings.settle import settle
from osler.findings.stature import said_statures
from osler.findings.values import Notes
from osler.ontology.load import load_ontology


@lru_cache(maxsize=1)
def default_lexicon() -> Lexicon:
    """The lexicon of the default HPO release."""
    return load_lexicon(load_ontology("hpo"))


def find_findings(text: str, lexicon: Lexicon | None = None, nested: bool = False) -> list[Finding]:
    """Every mention of a phenotypic term in `text`, in order, with status and exact span (`text[start:end]`).

    The longest names only, or with `nested` also names inside others. Never raises for any string; takes time and
    memory in proportion to the text.
    """
    lexicon = lexicon or default_lexicon()
    matches = _with_statures(text, find_matches(text, lexicon, nested), lexicon)
    readings = read_scopes(text, [(match.start, match.end) for match in matches])
    ids, labels = lexicon.ontology.ids, lexicon.ontology.labels
    found = []
    for match, reading in zip(matches, readings, strict=True):
        span = Span(start=match.start, end=match.end)
        found.append(
            Finding(
                term=Term(id=ids[match.term], label=labels[match.term]),
                status=reading.status,
                text=text[match.start : match.end],
                span=span,
                spans=[span],
                source="text",
                note=reading.note or None,
            )
        )
    attach_onsets(text, found)
    return found


def _with_statures(text: str, matches: list[Match], lexicon: Lexicon) -> list[Match]:
    """The matches and, where no name was found, the words that say a person's stature."""
    taken = {place for match in matches for place in range(match.start, match.end)}
    ontology = lexicon.ontology
    more = {
        (start, end): Match(start, end, ontology.index(term), ())
        for start, end, term in said_statures(text)
        if term in ontology and start not in taken
    }
    return sorted([*matches, *more.values()], key=lambda one: one.start) if more else matches


def aggregate(findings: Sequence[Finding]) -> tuple[list[Finding], list[Notice]]:
    """One finding per term and status, mentions counted and all spans kept, with notices.

    A term said to be both present and absent becomes uncertain, and a notice says so (see settle.py).
    """
    notes = Notes()
    return settle(list(findings), notes, None), notes.notices()
