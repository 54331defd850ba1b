"""Text to coded findings: names found by the matcher, each with the status its sentence gives it.

`find_findings` gives every mention, `aggregate` one finding per term and status, `contradictions` the notices for terms
said to be both present and absent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from osler.case import Finding, Notice, Span, Term
from osler.findings.lexicon import Lexicon, load_lexicon
from osler.findings.matcher import find_matches
from osler.findings.onset import attach_onsets
from osler.findings.scope import read_scopes
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
    matches = find_matches(text, lexicon, nested)
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


def aggregate(findings: Iterable[Finding]) -> list[Finding]:
    """One finding per term and status, in order of first mention: mentions counted, all spans kept, first onset kept."""
    merged: dict[tuple[str, str], Finding] = {}
    for finding in findings:
        key = (finding.id, finding.status)
        first = merged.get(key)
        if first is None:
            merged[key] = finding.model_copy(deep=True)
            continue
        first.mentions += finding.mentions
        first.spans.extend(finding.spans)
        first.onset = first.onset or finding.onset
        first.note = first.note or finding.note
    return list(merged.values())


def contradictions(findings: Sequence[Finding]) -> list[Notice]:
    """A notice for each term that is said to be both present and absent."""
    present = {f.id for f in findings if f.status == "present"}
    absent = {f.id: f.label for f in findings if f.status == "absent"}
    return [
        Notice(
            code="contradictory-findings",
            text=f"{label} ({term}) is said to be both present and absent; check which of the two holds.",
        )
        for term, label in absent.items()
        if term in present
    ]
