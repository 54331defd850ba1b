"""FHIR data types to plain values: codings, quantities, reference ranges, dates, onsets, attachments, statuses.

Forgiving across DSTU2, STU3, R4 and R5, which move the same content between strings, codings and concepts. Knows
nothing of resources.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from osler.case import Onset, Quantity, Status, Term
from osler.errors import InputError
from osler.findings.decode import decode
from osler.findings.values import (
    Notes,
    age_at,
    date_of,
    dict_of,
    dicts_of,
    hpo_id,
    number_of,
    possible_age,
    text_of,
)
from osler.ontology.units import UnitError, canonical, convert

# Part of a code system's address → CURIE prefix.
_SYSTEMS = (
    ("loinc.org", "LOINC"), ("snomed.info", "SNOMEDCT"), ("rxnorm", "RXNORM"), ("icd-10-cm", "ICD10CM"),
    ("icd-10", "ICD10"), ("icd-9", "ICD9CM"), ("icd-11", "ICD11"), ("icd/release/11", "ICD11"), ("omim", "OMIM"),
    ("orpha", "ORPHA"), ("mondo", "MONDO"), ("whocc.no/atc", "ATC"), ("hl7.org/fhir/sid/ndc", "NDC"),
    ("2.16.840.1.113883.6.96", "SNOMEDCT"), ("2.16.840.1.113883.6.1", "LOINC"),
)  # fmt: skip
DISEASE_SPACES = frozenset(("OMIM", "ORPHA", "MONDO"))
_YES = frozenset(
    [
        "LA33-6",
        "LA9633-4",
        "LA6576-8",
        "LA11882-0",
        "52101004",
        "373066001",
        "10828004",
        "260373001",
        "Y",
        "POS",
        "DET",
        "YES",
        "PRESENT",
        "POSITIVE",
        "DETECTED",
        "REACTIVE",
        "TRUE",
    ]
)
_NO = frozenset(
    [
        "LA32-8",
        "LA9634-2",
        "LA6577-6",
        "LA11883-8",
        "2667000",
        "373067005",
        "260385009",
        "260415000",
        "47492008",
        "N",
        "NEG",
        "ND",
        "NO",
        "ABSENT",
        "NEGATIVE",
        "FALSE",
        "NONE",
    ]
) | {"NOT DETECTED", "NOT PRESENT", "NON-REACTIVE", "NOT SEEN"}
_UNKNOWN = frozenset(["LA4489-6", "261665006", "373068000", "UNK", "UNKNOWN"])
_TAG = re.compile(r"<[^<>]*>")
_RANGE = re.compile(r"^\s*(-?\d+(?:\.\d+)?)\s*(?:-|–|to)\s*(-?\d+(?:\.\d+)?)\b")
_BOUND = re.compile(r"^\s*(<=?|≤|>=?|≥)\s*(\d+(?:\.\d+)?)\b")
_SEMANTIC_TAG = re.compile(
    r"\s*\((?:disorder|finding|situation|procedure|event|morphologic abnormality)\)\s*$"
)
_COMPARATORS = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Concept:
    """A coded concept: HPO terms it names, other codes as CURIEs with their display, and its words, best first."""

    hpo: tuple[Term, ...] = ()
    codes: tuple[Term, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The best words for it, "" where it has none."""
        return self.words[0] if self.words else ""

    @property
    def term(self) -> Term:
        """Its first code as a term, or the words alone."""
        first = self.codes[0] if self.codes else Term(id="")
        return Term(id=first.id, label=self.label or first.label)

    def code_in(self, space: str) -> str:
        """The code without prefix in one namespace, "" where it has none there."""
        return next((code.id.partition(":")[2] for code in self.codes if code.id.startswith(f"{space}:")), "")


def concept_of(node: Any) -> Concept:
    """Read a CodeableConcept, a Coding, an R5 CodeableReference or a bare string."""
    if isinstance(node, list):
        node = next((item for item in node if isinstance(item, (dict, str))), None)
    if isinstance(node, str):
        return Concept(words=(node.strip(),)) if node.strip() else Concept()
    if isinstance(node, dict) and isinstance(node.get("concept"), dict):
        node = node["concept"]
    if not isinstance(node, dict):
        return Concept()
    codings = dicts_of(node, "coding") or ([node] if "code" in node or "display" in node else [])
    hpo, codes, words = [], [], [text_of(node, "text")]
    for coding in codings:
        system, code, display = (text_of(coding, key) for key in ("system", "code", "display"))
        words.append(display)
        phenotype = hpo_id(code) or (
            hpo_id(f"HP:{code}") if "hp.owl" in system or "human-phenotype" in system else None
        )
        if phenotype:
            hpo.append(Term(id=phenotype, label=display))
        elif code:
            codes.append(Term(id=f"{_space(system)}:{code}", label=display))
    tidy = dict.fromkeys(_SEMANTIC_TAG.sub("", word) if len(word) < 500 else word for word in words if word)
    return Concept(tuple(hpo), tuple(codes), tuple(tidy))


def _space(system: str) -> str:
    low = system.lower()
    return next((space for part, space in _SYSTEMS if part in low), "CODE")


def code_of(node: Any) -> str:
    """The bare code of a status: a string before R4, a CodeableConcept since."""
    if isinstance(node, list):
        node = next(iter(node), None)
    if isinstance(node, str):
        return node.strip().lower()
    for coding in dicts_of(node, "coding"):
        if text_of(coding, "code"):
            return text_of(coding, "code").lower()
    return (text_of(node, "code") or text_of(node, "text")).lower()


def answer_of(concept: Concept) -> Literal["yes", "no", "unknown"] | None:
    """Whether a concept says yes, no or unknown; None when it says something else."""
    for word in (*(code.id.partition(":")[2] for code in concept.codes), *concept.words):
        key = word.strip().upper()
        if key in _YES:
            return "yes"
        if key in _NO:
            return "no"
        if key in _UNKNOWN:
            return "unknown"
    return None


def quantity_of(node: Any, notes: Notes) -> Quantity | None:
    """A Quantity with its unit in UCUM; an unknown unit stays as written and is noted."""
    value = number_of(node, "value")
    if value is None:
        return None
    written = text_of(node, "code") if "unitsofmeasure" in text_of(node, "system") else ""
    written = written or text_of(node, "unit") or text_of(node, "code")
    unit = canonical(written)
    if unit is None:
        notes.add(
            "unit-unknown", "results in a unit that is not known were kept as values: not judged high or low"
        )
    comparator = text_of(node, "comparator")
    return Quantity(
        value=value,
        unit=written if unit is None else "" if unit == "1" else unit,
        comparator=comparator if comparator in _COMPARATORS else "",  # type: ignore[arg-type]
    )


def range_of(
    node: Any, quantity: Quantity | None, age_days: float | None
) -> tuple[float | None, float | None]:
    """Low and high of the normal reference range that fits the age, in the unit of the quantity."""
    for item in dicts_of(node, "referenceRange"):
        kind = code_of(item.get("type"))
        if kind not in ("", "normal", "n") or not _fits_age(dict_of(item, "age"), age_days):
            continue
        bounds = [_bound(dict_of(item, side), quantity) for side in ("low", "high")]
        if bounds == [None, None]:
            bounds = list(range_of_text(text_of(item, "text")))
        if bounds != [None, None]:
            return bounds[0], bounds[1]
    return None, None


def range_of_text(text: str) -> tuple[float | None, float | None]:
    """Low and high in words such as `3.5-5.1 mmol/L` or `< 5`."""
    both, one = _RANGE.match(text), _BOUND.match(text)
    if both:
        return float(both[1]), float(both[2])
    if one:
        return (None, float(one[2])) if one[1][0] in "<≤" else (float(one[2]), None)
    return None, None


def _bound(node: dict[str, Any], quantity: Quantity | None) -> float | None:
    value, unit = number_of(node, "value"), text_of(node, "code") or text_of(node, "unit")
    if value is None or quantity is None or not unit or canonical(unit) == canonical(quantity.unit):
        return value
    try:
        return convert(value, unit, quantity.unit)
    except UnitError:
        return None


def _fits_age(span: dict[str, Any], age_days: float | None) -> bool:
    if not span or age_days is None:
        return True
    low, high = (duration_days(dict_of(span, side)) for side in ("low", "high"))
    return (low is None or age_days >= low) and (high is None or age_days <= high)


def duration_days(node: Any) -> float | None:
    """Days of an Age or Duration; None without a value or with a unit that is not of time."""
    value = number_of(node, "value")
    unit = text_of(node, "code") or text_of(node, "unit") or "a"
    try:
        return None if value is None else convert(value, unit, "d")
    except UnitError:
        return None


def moment_of(node: dict[str, Any], *keys: str) -> str | None:
    """The first date or instant among fields that hold a string or a period."""
    for key in keys:
        value = node.get(key)
        text = value if isinstance(value, str) else text_of(value, "start") or text_of(value, "end")
        if text and date_of(text):
            return text.strip()
    return None


def onset_of(node: dict[str, Any], birth: date | None, notes: Notes) -> Onset | None:
    """Onset of a Condition or AllergyIntolerance in any of its five forms, as an age in days or as words."""
    days = duration_days(dict_of(node, "onsetAge"))
    if days is None:
        days = duration_days(dict_of(dict_of(node, "onsetRange"), "low"))
    if days is None:
        when = moment_of(node, "onsetDateTime", "onsetPeriod", "onset")
        days = age_at(birth, date_of(when)) if when else None
    if days is not None and not possible_age(days):
        notes.add("age-impossible", "an onset before birth or beyond 130 years was dropped")
        days = None
    words = text_of(node, "onsetString")
    return Onset(age_days=days, text=words or None) if days is not None or words else None


def status_of_both(record: Status, words: Status) -> Status | None:
    """The status of a finding whose record and whose wording each have one; None when it says nothing of the patient."""
    if words == "present":
        return record
    if record == "present":
        return words
    if record == "family":
        return None if words == "absent" else "family"
    if record == "historical" or record == words != "absent":
        return words
    return "uncertain"


def plain_text(markup: str) -> str:
    """Text of an XHTML narrative: scripts and styles go, tags become spaces, entities characters."""
    for hidden in ("script", "style"):
        markup = _without(markup, hidden)
    return html.unescape(re.sub(r"[ \t]+", " ", _TAG.sub(" ", markup))).strip()


def _without(markup: str, element: str) -> str:
    """Markup without one kind of element, in one pass whatever it holds."""
    opening, closing = (re.compile(f"<{slash}{element}", re.IGNORECASE) for slash in ("", "/"))
    parts, at = [], 0
    while start := opening.search(markup, at):
        parts.append(markup[at : start.start()])
        end = closing.search(markup, start.end())
        at = end.start() if end else len(markup)
    return "".join([*parts, markup[at:]])


def attachment_text(node: dict[str, Any], notes: Notes) -> str:
    """The text of an Attachment that carries it; a link is not followed, a picture not read, and that is noted."""
    kind, data = text_of(node, "contentType").lower(), text_of(node, "data")
    if not data:
        if text_of(node, "url"):
            notes.add("attachment-not-fetched", "attachments given only as links were not fetched")
        return ""
    if kind and not kind.startswith("text/") and "xml" not in kind and "json" not in kind:
        notes.add("attachment-unread", "attachments that are not text were not read")
        return ""
    try:
        text, more = decode(base64.b64decode(data, validate=False), "an attachment")
    except (InputError, binascii.Error, ValueError):
        notes.add("attachment-unread", "attachments that are not text were not read")
        return ""
    for notice in more:
        notes.add(notice.code, notice.text)
    return plain_text(text) if "html" in kind or "xml" in kind or text.lstrip()[:1] == "<" else text
