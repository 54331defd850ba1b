"""Osler's own case, as JSON or YAML: a whole Case, or the shorter object that `osler findings --json` prints.

In the short form a finding is `{"id", "label", "status", "text", "start", "end", "source"}`, or an id alone, and a
measurement `{"label", "value", "unit", "code", "start", "end"}`.
"""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from osler.case import STATUSES, Case, Demographics, Finding, Measurement, Notice, Quantity, Term
from osler.errors import InputError
from osler.findings.values import dicts_of, hpo_id, number_of, text_of

# Fields that only a Case has; each alone makes an object a case.
_TELLING = frozenset(
    ("findings", "measurements", "question", "options", "answer_kind", "demographics", "timeline")
)
_SHORT = frozenset(("findings", "measurements", "demographics", "notices"))


def looks_like_case(value: Any) -> bool:
    """Whether a parsed object is an Osler case in either form."""
    if not isinstance(value, dict):
        return False
    if str(value.get("schema_version", "")).startswith("osler.case"):
        return True
    if "findings" in value and not isinstance(value["findings"], list):
        return False
    known = set(Case.model_fields)
    return (
        bool(value)
        and set(value) <= known
        and (bool(_TELLING & set(value)) or isinstance(value.get("text"), str))
    )


def parse_case(value: dict[str, Any]) -> Case:
    """Read a case. Raises InputError that names the field which does not fit."""
    if _is_short(value):
        return _short(value)
    version = value.get("schema_version", "osler.case/1")
    if version != "osler.case/1":
        raise InputError("this case has a schema version that this Osler does not know; update Osler")
    try:
        return Case.model_validate(value)
    except ValidationError as error:
        raise InputError(f"this Osler case does not fit its schema: {_problem(error)}") from None


def _problem(error: ValidationError, under: str = "") -> str:
    """Where the first problem is and what it is, without the value: values may be patient text."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    place = ".".join([under] * bool(under) + [str(step) for step in first["loc"]])[:200] or "the top level"
    return f"{place}: {first['msg']}"


def _is_short(value: dict[str, Any]) -> bool:
    findings = value.get("findings")
    if "schema_version" in value or not set(value) <= _SHORT or not isinstance(findings, list):
        return False
    return all(isinstance(item, str) or (isinstance(item, dict) and "id" in item) for item in findings)


def _short(value: dict[str, Any]) -> Case:
    notices = [n for n in dicts_of(value, "notices") if text_of(n, "code")]
    try:
        demographics = Demographics.model_validate(value.get("demographics") or {})
    except ValidationError as error:
        raise InputError(
            f"this Osler case does not fit its schema: {_problem(error, 'demographics')}"
        ) from None
    return Case(
        demographics=demographics,
        findings=[_finding(item, number) for number, item in enumerate(value["findings"], 1)],
        measurements=[_measurement(item) for item in dicts_of(value, "measurements")],
        notices=[Notice(code=text_of(n, "code"), text=text_of(n, "text")) for n in notices],
    )


def _finding(item: Any, number: int) -> Finding:
    if isinstance(item, str):
        item = {"id": item}
    term_id = hpo_id(text_of(item, "id")) or text_of(item, "id")
    status = text_of(item, "status") or "present"
    if not term_id:
        raise InputError(f"finding {number} has no id; give an HPO id such as HP:0001166")
    if status not in STATUSES:
        raise InputError(f"finding {number} has an unknown status; it is one of {', '.join(STATUSES)}")
    # Spans point into a text that this form does not carry.
    return Finding(
        term=Term(id=term_id, label=text_of(item, "label")),
        status=status,  # type: ignore[arg-type]
        text=text_of(item, "text") or None,
        source=text_of(item, "source") or "user",
    )


def _measurement(item: dict[str, Any]) -> Measurement:
    value = number_of(item, "value")
    comparator = text_of(item, "comparator")
    return Measurement(
        term=Term(id=text_of(item, "code"), label=text_of(item, "label")),
        quantity=_quantity(value, text_of(item, "unit"), comparator) if value is not None else None,
        interpretation=text_of(item, "interpretation") or None,
    )


def _quantity(value: float, unit: str, comparator: str) -> Quantity:
    known = comparator if comparator in ("<", "<=", ">", ">=") else ""
    return Quantity(value=value, unit=unit, comparator=known)  # type: ignore[arg-type]
