"""Laboratory results to findings: a LOINC code and "high", "low", "normal", "positive" or "negative" make an HPO term.

The outcome comes from the laboratory's own interpretation code or from the value against the reference range that came
with it; without either, no judgement is made. Terms come from the loinc2hpo annotations (Zhang et al. 2019, npj Digital
Medicine 2:32) where that data is present, else from Osler's table of common analytes. Source of every finding: "lab".
"""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Literal

from osler.case import Finding, Measurement, Status, Term
from osler.data.paths import data_dir
from osler.data.store import used_paths
from osler.errors import SourceError
from osler.findings.analytes import Analyte, analyte, analyte_of_code
from osler.findings.values import Notes, joined
from osler.ontology import Ontology
from osler.ontology.units import canonical

Outcome = Literal["H", "L", "N", "POS", "NEG", "A", "?"]

# HL7 v2/v3 ObservationInterpretation codes, and the words that reports use for them.
_INTERPRETATIONS: dict[str, Outcome] = {
    **dict.fromkeys(
        ("H", "HH", "HU", "H>", ">", "HIGH", "CRITICAL HIGH", "ELEVATED", "INCREASED", "RAISED"), "H"
    ),
    **dict.fromkeys(("L", "LL", "LU", "L<", "<", "LOW", "CRITICAL LOW", "DECREASED", "REDUCED"), "L"),
    **dict.fromkeys(("N", "NORMAL", "WNL", "WR", "NON-REACTIVE", "NR"), "N"),
    **dict.fromkeys(("POS", "POSITIVE", "DET", "DETECTED", "RR", "REACTIVE", "PRESENT"), "POS"),
    **dict.fromkeys(("NEG", "NEGATIVE", "ND", "NOT DETECTED", "ABSENT"), "NEG"),
    **dict.fromkeys(("A", "AA", "ABN", "ABNORMAL", "CRITICAL ABNORMAL"), "A"),
    **dict.fromkeys(("IND", "E", "INDETERMINATE", "EQUIVOCAL", "BORDERLINE", "I"), "?"),
}  # type: ignore[dict-item]
_FALLBACK: dict[str, tuple[Outcome, ...]] = {"H": ("POS",), "POS": ("H",), "A": ("POS", "H"), "NEG": ("N",)}

# Rows of the 2023 annotations that map a low result to a term of another analyte.
_WRONG = {("1988-5", "L"), ("30522-7", "L"), ("4548-4", "L"), ("2500-7", "L")}
# A normal result excludes the annotated term only when that term is about as narrow as the test.
_MAX_EXCLUDED_DESCENDANTS = 40


@dataclass(frozen=True, slots=True)
class Meaning:
    """HPO ids that the outcomes of one LOINC code stand for; `negated` where the annotation says "not"."""

    terms: dict[str, tuple[str, bool]]

    def abnormal(self) -> list[str]:
        """The terms that an abnormal outcome would give."""
        return list(dict.fromkeys(term for term, negated in self.terms.values() if not negated))


def findings_from(
    measurements: Sequence[Measurement], notes: Notes, ontology: Ontology | None = None
) -> list[Finding]:
    """Findings that the measurements support, one per HPO term.

    Of repeated results the latest decides; an earlier abnormal one then counts as `historical`. What could not be
    judged is counted in `notes`: no reference range, unknown unit, contradictory flag, code without an annotation.
    """
    tests: dict[str, list[tuple[Measurement, list[tuple[str, Status]], Outcome]]] = {}
    for measurement in sorted(measurements, key=_time):
        if measurement.quantity is None and not measurement.interpretation:
            continue
        outcome = judge(measurement, notes)
        meaning = _meaning(measurement, notes) if outcome else None
        if outcome is None or meaning is None:
            continue
        made = _outcome_terms(meaning, outcome, ontology)
        if not made and outcome in ("H", "L", "A", "POS"):
            notes.add(
                "lab-unmapped", "abnormal results whose meaning no annotation gives were kept as values only"
            )
        test = measurement.term.id or measurement.term.label.lower()
        tests.setdefault(test, []).append((measurement, made, outcome))
    found: dict[str, list[Finding]] = {}
    for results in tests.values():
        for finding in _of_one_test(results, ontology):
            found.setdefault(finding.id, []).append(finding)
    return [_strongest(findings) for findings in found.values()]


def _of_one_test(
    results: list[tuple[Measurement, list[tuple[str, Status]], Outcome]], ontology: Ontology | None
) -> list[Finding]:
    """Findings of repeated results of one test, given in order of time: the last decides."""
    latest = {term for term, _ in results[-1][1]}
    found = []
    for at, (measurement, made, outcome) in enumerate(results):
        last = at == len(results) - 1
        for term, status in made:
            if last or (status == "present" and term in latest):
                found.append(_finding(measurement, term, status, outcome, ontology))
            elif status == "present":
                found.append(_finding(measurement, term, "historical", outcome, ontology))
    return found


def judge(measurement: Measurement, notes: Notes) -> Outcome | None:
    """Whether a result is high, low, normal, positive or negative; None where nothing allows a judgement.

    Value against range decides; a flag that contradicts it makes the outcome uncertain ("?").
    """
    flag = outcome_of_code(measurement.interpretation or "")
    ranged = _against_range(measurement, notes)
    if flag and ranged and not _agree(flag, ranged):
        notes.add(
            "interpretation-conflict",
            "a result's flag contradicts its reference range; it counts as uncertain",
        )
        return "?"
    outcome = ranged if flag in (None, "A") and ranged not in (None, "N") else flag or ranged
    if outcome is None and measurement.quantity is not None and not _has_range(measurement):
        text = (
            "results without a reference range or interpretation were kept as values: not judged high or low"
        )
        notes.add("range-missing", text)
    return outcome


def outcome_of_code(code: str) -> Outcome | None:
    """The outcome named by an interpretation code or word, None for any other."""
    return _INTERPRETATIONS.get(code.strip().upper())


@lru_cache(maxsize=2)
def annotated_meanings(path: Path | None = None) -> dict[str, Meaning]:
    """Meaning of each LOINC code by the loinc2hpo annotations; {} where that data is not there."""
    path = path or annotation_file()
    if path is None:
        return {}
    terms: dict[str, dict[str, tuple[str, bool]]] = {}
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                _add_row(row, terms)
    except (OSError, csv.Error) as error:
        raise SourceError(
            f"the loinc2hpo annotations in {path.name} cannot be read ({error}); run osler data verify loinc2hpo"
        ) from None
    return {loinc: Meaning(outcomes) for loinc, outcomes in terms.items()}


def _add_row(row: dict[str, str], terms: dict[str, dict[str, tuple[str, bool]]]) -> None:
    """Add one annotation; columns of the 2023 table and of later ones, which name the outcome otherwise."""
    loinc, code = row.get("loincId") or "", row.get("code") or row.get("outcome") or ""
    term, system = row.get("hpoTermId") or "", row.get("system") or "FHIR"
    if not loinc or not term.startswith("HP:") or system != "FHIR" or (loinc, code) in _WRONG:
        return
    # Later tables have no column for negation: normal and negative imply it.
    negated = (row.get("isNegated") or str(code in ("N", "NEG"))).lower() == "true"
    terms.setdefault(loinc, {})[code] = (term, negated)


def is_annotated(loinc: str) -> bool:
    """Whether the annotations say what a LOINC code's outcomes mean."""
    return bool(loinc) and loinc in annotated_meanings()


def annotation_file() -> Path | None:
    """The loinc2hpo annotation table: one that the user named, or the one in OSLER_DATA."""
    folders = [*used_paths("loinc2hpo"), *([data_dir() / "loinc2hpo"] if data_dir() else [])]  # type: ignore[operator]
    return _table_in(tuple(folders))


@cache
def _table_in(folders: tuple[Path, ...]) -> Path | None:
    for folder in folders:
        if folder.is_file():
            return folder
        for name in ("loinc2hpo-annotations.tsv", "annotations.tsv"):
            found = sorted(folder.rglob(name)) if folder.is_dir() else []
            if found:
                return found[0]
    return None


def _time(measurement: Measurement) -> tuple[bool, str]:
    """Undated results come first, so that dated ones decide."""
    return measurement.when is not None, measurement.when or ""


def _has_range(measurement: Measurement) -> bool:
    return measurement.reference_low is not None or measurement.reference_high is not None


def _against_range(measurement: Measurement, notes: Notes) -> Outcome | None:
    quantity, low, high = measurement.quantity, measurement.reference_low, measurement.reference_high
    if quantity is None or not _has_range(measurement):
        return None
    if low is not None and high is not None and low > high:
        notes.add("range-impossible", "a reference range whose low end lies above its high end was not used")
        return None
    if canonical(quantity.unit) is None:
        notes.add(
            "unit-unknown", "results in a unit that is not known were kept as values: not judged high or low"
        )
        return None
    # What the true value may be: "<5" is anything up to 5.
    least = -math.inf if quantity.comparator in ("<", "<=") else quantity.value
    most = math.inf if quantity.comparator in (">", ">=") else quantity.value
    strict = quantity.comparator in ("<", ">")
    if high is not None and (least > high or (strict and least == high)):
        return "H"
    if low is not None and (most < low or (strict and most == low)):
        return "L"
    floor = low is None or low <= 0 or least >= low
    return "N" if floor and (high is None or most <= high) else None


def _agree(flag: Outcome, ranged: Outcome) -> bool:
    groups = ({"H", "POS", "A"}, {"L", "A"}, {"N", "NEG"})
    return flag == "?" or any(flag in group and ranged in group for group in groups)


def _meaning(measurement: Measurement, notes: Notes) -> Meaning | None:
    """What the outcomes of this test stand for: by its LOINC code, or by its label where it has no code."""
    known = analyte_of_code(measurement.term.id) if measurement.term.id else analyte(measurement.term.label)
    code = (known.loinc if known and not measurement.term.id else measurement.term.id).removeprefix("LOINC:")
    if not code:
        return None
    if code == "5902-2" and measurement.quantity is not None and measurement.quantity.unit == "%":
        return None  # a prothrombin time in percent of normal falls where the time in seconds rises
    table = annotated_meanings()
    if not table:
        text = "the loinc2hpo annotations are not installed: only common laboratory tests become findings"
        notes.add("loinc2hpo-missing", text, 1 - notes.count("loinc2hpo-missing"))
    return table.get(code) or (_of_analyte(known) if known else None)


def _of_analyte(known: Analyte) -> Meaning:
    sides = (("H", known.high), ("L", known.low))
    return Meaning({side: (term, False) for side, term in sides if term is not None})


def _outcome_terms(meaning: Meaning, outcome: Outcome, ontology: Ontology | None) -> list[tuple[str, Status]]:
    """HPO ids with their status for an outcome; empty where the annotations say nothing of it."""
    if outcome == "?":
        return [(term, "uncertain") for term in meaning.abnormal()[:1]]
    if outcome in ("N", "NEG"):
        excluded = meaning.terms.get(outcome) or meaning.terms.get("N" if outcome == "NEG" else "NEG")
        if excluded is not None and not excluded[1]:
            return [(excluded[0], "present")]
        if excluded is not None and (ontology is None or _narrow(excluded[0], meaning, ontology)):
            return [(excluded[0], "absent")]
        return [(term, "absent") for term in meaning.abnormal()]
    for code in (outcome, *_FALLBACK.get(outcome, ())):
        if code in meaning.terms:
            term, negated = meaning.terms[code]
            return [(term, "absent" if negated else "present")]
    return []


def _narrow(term: str, meaning: Meaning, ontology: Ontology) -> bool:
    """Whether a normal result excludes the annotated term: it covers an abnormal outcome and little beside."""
    at = ontology.resolve(term).index
    abnormal = [ontology.resolve(other).index for other in meaning.abnormal()]
    covers = any(other >= 0 and ontology.is_a(other, at) for other in abnormal) if at >= 0 else False
    return covers and len(ontology.descendants.row(at)) <= _MAX_EXCLUDED_DESCENDANTS


_WORDS = {
    "H": "high",
    "L": "low",
    "N": "normal",
    "POS": "positive",
    "NEG": "negative",
    "A": "abnormal",
    "?": "unclear",
}


def _finding(
    measurement: Measurement, term_id: str, status: Status, outcome: Outcome, ontology: Ontology | None
) -> Finding:
    resolved = ontology.resolve(term_id) if ontology is not None else None
    if resolved is not None and resolved.id is not None and ontology is not None:
        term = Term(id=resolved.id, label=ontology.labels[resolved.index])
    else:
        term = Term(id=term_id)
    name = measurement.term.label or measurement.term.id
    return Finding(
        term=term,
        status=status,
        text=measurement.text,
        span=measurement.span,
        spans=[measurement.span] if measurement.span else [],
        source="lab",
        note=f"{name}: {_WORDS[outcome]}{_range_words(measurement)}",
    )


def _range_words(measurement: Measurement) -> str:
    if not _has_range(measurement):
        return " by the laboratory's flag"
    low, high = measurement.reference_low, measurement.reference_high
    if low is None:
        return f" by the reference range up to {high:g}"
    return f" by the reference range from {low:g}" + ("" if high is None else f" to {high:g}")


_STRENGTH: tuple[Status, ...] = ("absent", "uncertain", "historical", "present")


def _strongest(findings: list[Finding]) -> Finding:
    """Findings of one term as one: an abnormal result in any test outweighs a normal one in another."""
    best = max(findings, key=lambda finding: _STRENGTH.index(finding.status))
    return joined([best, *(finding for finding in findings if finding is not best)])
