"""Published rare-disease cases told as a paragraph, for models that read: the same phenopackets, the same references.

The text is made from the parsed case alone, which holds neither publication nor diagnosis nor genotype. It gives sex and age,
the present findings with their onset in words, then the excluded ones. Wording and order are drawn by the case's own key, so
that a model cannot tell cases by their form and a re-run gives the same text. The coded findings stay in the case beside the
text, so methods that rank by codes and methods that read run on the same items.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.benchmarks.items import Item, distinct
from osler.benchmarks.phenopackets import PacketSource, case_key, diagnoses_of, parse, publications_of
from osler.benchmarks.publication_year import year_of
from osler.case import DAYS_PER_YEAR, Case, Finding, Onset
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import DiagnosisReference
from osler.services import Example

_PERSON = {
    "male": (("boy", "man"), "He"),
    "female": (("girl", "woman"), "She"),
    "other": (("person", "person"), "The patient"),
}
_PRESENT = (
    "{who} presents with {list}.",
    "Findings: {list}.",
    "On assessment there is {list}.",
    "The clinical picture includes {list}.",
)
_MORE = ("Further findings: {list}.", "There is also {list}.", "In addition, {list} was noted.")
_ABSENT = ("There is no {list}.", "Absent: {list}.", "Examination does not show {list}.")
_PER_SENTENCE = 6


@benchmark(
    "phenopackets-text",
    source="Danis et al. 2024 (phenopacket-store); text form as Reese et al. 2025",
    needs=("--data ZIP, folder or file",),
    fidelity="abstract",
    scorer="ranked-names",
)
class PhenopacketsText:
    """Rare-disease cases as a paragraph; the answer is a ranked list of diagnoses."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[DiagnosisReference]]:
        """All cases, in the sorted order of file names. There are no subsets and no splits."""
        if subset is not None or split not in (None, "test"):
            raise InputError("phenopackets have no subsets and no splits")
        source = PacketSource(path)
        yield from distinct(_item(source.read(name), name) for name in source.names)

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """None."""
        return []

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """Refused: cases of one publication would show each other's diagnosis."""
        raise InputError("phenopackets have no training split")


def _item(data: bytes, name: str) -> Item[DiagnosisReference]:
    from osler.findings.phenopacket import parse_phenopacket

    packet = parse(data)
    case, _ = parse_phenopacket(packet)
    diseases, publications = diagnoses_of(packet), publications_of(packet)
    if not diseases:
        raise InputError(f"{name} names no diagnosis to score against")
    key = case_key(case)
    told = case.model_copy(
        update={
            "id": key,
            "text": told_case(case, key),
            "question": "Which diseases explain this presentation best?",
        }
    )
    reference = DiagnosisReference(_names(packet, diseases), diseases, publications)
    year = year_of(publications[0]) if publications else None
    return Item(key, told, reference, publications[0] if publications else key, year)


def told_case(case: Case, key: str) -> str:
    """A case as a paragraph; `key` seeds the wording and the order of findings."""
    rng = random.Random(key)
    person, pronoun = _person(case)
    sentences = [f"The patient is {person}."]
    present = [_finding(finding) for finding in case.with_status("present")]
    rng.shuffle(present)
    for start in range(0, len(present), _PER_SENTENCE):
        wording = rng.choice(_MORE if start else _PRESENT)
        sentences.append(
            wording.format(who=pronoun, list=_joined(present[start : start + _PER_SENTENCE], "and"))
        )
    sentences += [
        f"{m.term.label} is {m.quantity.comparator}{m.quantity.value:g} {m.quantity.unit}".rstrip() + "."
        for m in case.measurements
        if m.quantity is not None and m.term.label
    ]
    absent = [_lower(finding.label or finding.id) for finding in case.with_status("absent")]
    rng.shuffle(absent)
    for start in range(0, len(absent), 2 * _PER_SENTENCE):
        part = absent[start : start + 2 * _PER_SENTENCE]
        sentences.append(rng.choice(_ABSENT).format(list=_joined(part, "or")))
    return " ".join(sentences)


def age_in_words(days: float) -> str:
    """An age in the largest unit that says it well: 3 days, 5 weeks, 18 months, 7 years."""
    for unit, length, most in (
        ("day", 1.0, 14),
        ("week", 7.0, 9),
        ("month", DAYS_PER_YEAR / 12, 24),
        ("year", DAYS_PER_YEAR, 1e9),
    ):
        amount = int(days / length + 1e-6)
        if amount < most:
            return f"{amount} {unit}{'' if amount == 1 else 's'}"
    raise AssertionError("an age has no upper bound in years")


def onset_in_words(onset: Onset) -> str:
    """When a finding began, in words; "" where the onset says nothing."""
    if onset.age_days is not None:
        return "from birth" if onset.age_days < 1 else f"from the age of {age_in_words(onset.age_days)}"
    if onset.term and onset.term.label:
        return _lower(onset.term.label)
    return onset.text or ""


def _person(case: Case) -> tuple[str, str]:
    about = case.demographics
    (child, grown), pronoun = _PERSON.get(about.sex or "", (("child", "person"), "The patient"))
    if about.age_days is None:
        person = f"a {about.sex} of unknown age" if about.sex in ("male", "female") else "of unknown age"
    else:
        noun = child if about.age_days < 18 * DAYS_PER_YEAR else grown
        person = f"a {noun} aged {age_in_words(about.age_days)}"
    if about.onset_age_days is not None:
        first = (
            "at birth" if about.onset_age_days < 1 else f"at the age of {age_in_words(about.onset_age_days)}"
        )
        person += f"; symptoms began {first}"
    return person, pronoun


def _finding(finding: Finding) -> str:
    words = _lower(finding.label or finding.id)
    if finding.severity and finding.severity.label:
        words = f"{finding.severity.label.lower()} {words}"
    onset = onset_in_words(finding.onset) if finding.onset else ""
    return f"{words} ({onset})" if onset else words


def _lower(label: str) -> str:
    """A label within a sentence: a capital that only begins it becomes small, an abbreviation stays."""
    first = label.split(" ", 1)[0]
    return label[:1].lower() + label[1:] if first[1:].islower() else label


def _joined(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _names(packet: dict[str, Any], diseases: tuple[str, ...]) -> tuple[str, ...]:
    """The labels of the diagnoses, wherever the packet states them."""
    found: dict[str, str] = {}

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("id") in diseases and isinstance(node.get("label"), str):
                found.setdefault(str(node["id"]), node["label"])
            for inner in node.values():
                walk(inner)
        elif isinstance(node, list):
            for inner in node:
                walk(inner)

    walk({key: packet.get(key) for key in ("interpretations", "diseases")})
    return tuple(found[curie] for curie in diseases if curie in found)
