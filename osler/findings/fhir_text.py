"""FHIR resources as texts that people and methods can read: one document a resource, a line a field that says something.

Identifying fields of the patient (names, addresses, telephone numbers, identifiers) are left out. The id of a document is
`Type/id` (`Type/#3` where it has none), its section the resource's type. Knows nothing of questions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from osler.case import Document
from osler.errors import InputError
from osler.findings.parse import checked

MOST_RESOURCES, MOST_LINES, DEEPEST = 5_000, 60, 6
_LEFT_OUT = frozenset(
    [
        "resourceType",
        "id",
        "meta",
        "text",
        "identifier",
        "name",
        "address",
        "telecom",
        "photo",
        "contact",
        "contained",
        "extension",
        "modifierExtension",
        "subject",
        "patient",
        "fullUrl",
        "url",
        "system",
        "version",
        "userSelected",
        "reference",
        "implicitRules",
        "language",
        "link",
    ]
)
# The fields by which a resource is known, first.
_FIRST = (
    "code",
    "medicationCodeableConcept",
    "vaccineCode",
    "type",
    "description",
    "category",
    "status",
    "clinicalStatus",
)


def is_fhir(text: str) -> bool:
    """Whether a text looks like FHIR JSON."""
    return text.lstrip()[:1] in "{[" and '"resourceType"' in text


def documents_of(text: str | bytes) -> list[Document]:
    """The resources of a bundle, a single resource, a list of them or NDJSON. Raises InputError where there is none."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    found: list[Document] = []
    # As any record: no half characters, which could not be written out again, no bottomless nesting, finite numbers.
    for resource in _resources(checked(_read(words), "this record")):
        if len(found) >= MOST_RESOURCES:
            raise InputError(f"this record has more than {MOST_RESOURCES} resources; send a part of it")
        kind = str(resource["resourceType"])[:60]
        lines = list(dict.fromkeys(_lines(resource)))[:MOST_LINES]
        own = str(resource.get("id") or f"#{len(found) + 1}")[:80]
        said = "\n".join([_spaced(kind), *lines])
        found.append(
            Document(
                id=f"{kind}/{own}",
                title=lines[0].partition(": ")[2] if lines else kind,
                text=said,
                section=kind,
            )
        )
    if not found:
        raise InputError("there is no FHIR resource in this record")
    return found


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    except RecursionError:
        raise InputError("this JSON is nested too deep") from None
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        raise InputError("this is no FHIR JSON; send a bundle, a resource, or a resource a line") from None


def _resources(value: Any, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Every resource that is no bundle; bundles are opened."""
    if depth > DEEPEST:
        return
    if isinstance(value, list):
        for one in value:
            yield from _resources(one, depth + 1)
    elif isinstance(value, dict) and value.get("resourceType") == "Bundle":
        for entry in value.get("entry") or ():
            yield from _resources(entry.get("resource") if isinstance(entry, dict) else None, depth + 1)
    elif isinstance(value, dict) and isinstance(value.get("resourceType"), str):
        yield value


def _lines(resource: dict[str, Any]) -> Iterator[str]:
    order = sorted(resource, key=lambda name: _FIRST.index(name) if name in _FIRST else len(_FIRST))
    for name in order:
        if name not in _LEFT_OUT:
            for label, words in _said(name, resource[name], 0):
                yield f"{_spaced(label)}: {words}"


def _said(name: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    """Field and words, for all that a value says."""
    if depth > DEEPEST or value in (None, "", [], {}):
        return
    if isinstance(value, list):
        for one in value[:50]:
            yield from _said(name, one, depth + 1)
    elif not isinstance(value, dict):
        yield name, " ".join(str(value).split())[:1000]
    elif (words := _concept(value)) is not None:
        yield name, words
    else:
        for inner, part in value.items():
            if inner not in _LEFT_OUT:
                for label, words in _said(inner, part, depth + 1):
                    yield (name if label in ("value", "text", "display") else f"{name} {label}"), words


def _concept(node: dict[str, Any]) -> str | None:
    """A coded concept, a quantity or a period in words; None for anything else."""
    codings = node.get("coding")
    if isinstance(codings, list) or ("display" in node and "code" in node):
        rows = codings if isinstance(codings, list) else [node]
        shown = [str(one.get("display") or one.get("code") or "") for one in rows if isinstance(one, dict)]
        return str(node.get("text") or next((one for one in shown if one), "")) or None
    if set(node) == {"text"}:
        return str(node["text"])
    if isinstance(node.get("value"), (int, float)):
        return f"{node.get('comparator', '')}{node['value']:g} {node.get('unit') or node.get('code') or ''}".strip()
    if "start" in node or "end" in node:
        return " to ".join(str(node[key]) for key in ("start", "end") if node.get(key))
    return None


def _spaced(name: str) -> str:
    """`MedicationRequest` → `Medication request`, `onsetDateTime` → `Onset date time`."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return words[:1].upper() + words[1:].lower()
