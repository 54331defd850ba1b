"""A case as a table to save: its findings and measurements, one a row, with the words and the place that each was read from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from osler.case import Case, Finding, Measurement, Span

HEAD = ("kind", "status", "id", "name", "words", "place", "mentions", "source", "value", "unit", "usual low", "usual high", "note")  # fmt: skip


def rows(case: Case) -> Iterator[Sequence[Any]]:
    """The rows under `HEAD`: findings, then measurements. A place is `start:end` in characters of the case's text."""
    for one in case.findings:
        yield _finding(one)
    for one in case.measurements:
        yield _measurement(one)


def _finding(one: Finding) -> Sequence[Any]:
    spans = one.spans or ([one.span] if one.span else [])
    return ("finding", one.status, one.id, one.label, _line(one.text), _places(spans), one.mentions, one.source,
            None, None, None, None, one.note)  # fmt: skip


def _measurement(one: Measurement) -> Sequence[Any]:
    value, unit = (f"{one.quantity.comparator}{one.quantity.value:g}", one.quantity.unit) if one.quantity else (one.value_text, None)  # fmt: skip
    return ("measurement", "preliminary" if one.preliminary else "measured", one.term.id, one.term.label, _line(one.text),
            _places([one.span] if one.span else []), None, one.source, value, unit, one.reference_low, one.reference_high,
            one.interpretation)  # fmt: skip


def _places(spans: Sequence[Span]) -> str:
    return "; ".join(f"{span.start}:{span.end}" for span in spans)


def _line(text: str | None) -> str:
    return " ".join((text or "").split())
