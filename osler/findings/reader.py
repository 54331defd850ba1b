"""`read_case`: any supported input to a Case, told apart by looking at it, never by its name alone.

Input is a plain text, a GA4GH phenopacket or Family, a FHIR resource, Bundle or bulk file, or Osler's own case; as a
path, standard input, bytes, a string or an object already parsed. See docs/inputs.md for what is read and set aside.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from osler.case import Case, Finding, Notice, opaque_id
from osler.data.progress import progress
from osler.errors import InputError, OslerError
from osler.findings.casefile import looks_like_case, parse_case
from osler.findings.decode import decode, over_limit, too_many_words
from osler.findings.fhir import looks_like_fhir, parse_fhir
from osler.findings.labs import findings_from
from osler.findings.parse import checked, parse_json, parse_yaml
from osler.findings.phenopacket import looks_like_phenopacket, parse_family, parse_phenopacket
from osler.findings.settle import settle
from osler.findings.values import Notes
from osler.ontology import Ontology

MAX_BYTES = 10_000_000
_MAX_PATH = 1024
# A text that opens like a JSON object or a list of objects was meant as JSON.
_JSON = re.compile(r"\ufeff?\s*(?:\{\s*[\"'}]|\{\s*$|\[\s*[\[{\]])")
_YAML_KEY = re.compile(
    r"^(phenotypicFeatures|phenotypic_features|resourceType|schema_version|proband|metaData)\s*:"
    r"|^findings\s*:\s*(?:\[|\n\s*-)",
    re.MULTILINE,
)
_LONG = 1_000_000  # characters or bytes from which on reading takes seconds


def read_case(
    source: Path | str | bytes | dict[str, Any] | list[Any],
    *,
    max_bytes: int = MAX_BYTES,
    max_text: int | None = None,
    nested: bool = False,
    ontology: Ontology | None = None,
) -> Case:
    """Read one case.

    `source`: a Path (`Path("-")` is standard input); bytes; an object parsed from JSON; or a str, which is a path when
    it names a file or looks like a file's name, and else the text itself. `max_bytes` is checked before work starts,
    `max_text` (characters of free text, also within a record) before words are read.
    `nested` keeps matches inside longer matches. `ontology` defaults to the packaged HPO.

    Raises InputError (exit code 3) with a message that says what to do: missing, empty, binary, over the limit,
    truncated, too deep, not a case, several cases.
    """
    data, name = _load(source, max_bytes)
    notices: list[Notice] = []
    if isinstance(data, bytes):
        data, notices = decode(data, name, max_bytes=max_bytes)
    long = isinstance(data, str) and len(data) > _LONG
    try:
        with progress(f"Reading {name}", None) if long else nullcontext():
            case = _read(data, name, nested, ontology, notices, max_text)
    except RecursionError:
        raise InputError(f"{name} is nested too deeply to be a case") from None
    case.notices = notices + case.notices
    return case


def _load(source: Any, max_bytes: int) -> tuple[Any, str]:
    """Bytes, text or an object, and what to call it in messages."""
    if isinstance(source, str):
        source = _path_or_text(source)
    if isinstance(source, Path):
        return (
            (_from_stdin(max_bytes), "standard input")
            if str(source) == "-"
            else _from_file(source, max_bytes)
        )
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "the input"
    if isinstance(source, str):
        if len(source) > max_bytes:
            raise over_limit("the text", max_bytes)
        if not source.strip():
            raise InputError("the text is empty; give a text, a phenopacket, a FHIR record or an Osler case")
        return source, "the text"
    if isinstance(source, (dict, list)):
        return source, "the object"
    raise InputError(
        f"a case cannot be read from a {type(source).__name__}; give a path, text, bytes or an object"
    )


def _path_or_text(source: str) -> Path | str:
    """A short single line that names a file, or could only be a file's name, is a path."""
    line = source.strip()
    if line == "-":
        return Path("-")
    if not line or "\n" in line or "\0" in line or len(line) > _MAX_PATH or line[0] in "{[":
        return source
    path = Path(line).expanduser() if line.startswith("~/") else Path(line)
    try:
        if path.exists():
            return path
    except OSError:
        return source
    named = re.search(r"\.[A-Za-z][A-Za-z0-9]{1,10}$", line) and " " not in line
    return path if named or (os.sep in line and " " not in line) else source


def _from_file(path: Path, max_bytes: int) -> tuple[bytes, str]:
    name = path.name or str(path)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise InputError(
                f"{name} is a folder; give one file, or the folder to a command that reads batches"
            )
        if not (stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode)):
            raise InputError(f"{name} is a device or socket, not a file")
        if status.st_size > max_bytes:
            raise over_limit(name, max_bytes)
        with path.open("rb") as file:
            return _bounded(file, name, max_bytes), name
    except FileNotFoundError:
        raise InputError(f"{name} is not there; check the path") from None
    except PermissionError:
        raise InputError(f"{name} may not be read; check its permissions") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "the path is not valid"
        raise InputError(f"{name[:80]!r} cannot be read: {reason}") from None


def _from_stdin(max_bytes: int) -> bytes:
    if sys.stdin is None:
        raise InputError("standard input is closed; give a file")
    return _bounded(getattr(sys.stdin, "buffer", sys.stdin), "standard input", max_bytes)


def _bounded(file: Any, name: str, max_bytes: int) -> bytes:
    """All of a stream, read to one byte past the limit at most."""
    data = file.read(max_bytes + 1)
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogatepass")
    if len(data) > max_bytes:
        raise over_limit(name, max_bytes)
    return data


def _read(
    data: Any, name: str, nested: bool, ontology: Ontology | None, notices: list[Notice], max_text: int | None
) -> Case:
    if isinstance(data, str):
        value, more = _parsed(data, name)
        notices += more
        if value is None:
            if max_text is not None and len(data) > max_text:
                raise too_many_words(max_text)
            return _from_text(data, nested, ontology)
        data = value
    return _from_object(checked(data, name), name, nested, ontology, max_text)


def _parsed(text: str, name: str) -> tuple[Any, list[Notice]]:
    """The object that a text spells in JSON or YAML, or None where it is prose."""
    text = text.removeprefix("\ufeff")
    if _JSON.match(text):
        return parse_json(text, name)
    key = _YAML_KEY.search(text)
    if key is None:
        return None, []
    strong = key[1] is not None
    try:
        value, notices = parse_yaml(text, name)
    except InputError:
        if strong:
            raise
        return None, []
    known = looks_like_phenopacket(value) or looks_like_fhir(value) or looks_like_case(value)
    return (value, notices) if known or (strong and isinstance(value, dict)) else (None, [])


def _from_object(
    value: Any, name: str, nested: bool, ontology: Ontology | None, max_text: int | None
) -> Case:
    """Tell the kinds of objects apart and read one."""
    ontology = ontology or _ontology()
    if looks_like_fhir(value):
        return _settled(parse_fhir(value, ontology, nested, max_text), ontology, judge=False)
    if isinstance(value, list):
        if len(value) == 1:
            return _from_object(value[0], name, nested, ontology, max_text)
        raise InputError(f"{name} is a list of {len(value)} things; give one case per file")
    if looks_like_case(value):
        return _settled(parse_case(value), ontology)
    if isinstance(value, dict) and "proband" in value:
        return _settled(parse_family(value)[0], ontology)
    if isinstance(value, dict) and isinstance(value.get("members"), list):
        return _settled(_from_cohort(value["members"], name), ontology)
    if looks_like_phenopacket(value):
        return _settled(parse_phenopacket(value)[0], ontology)
    raise InputError(
        f"{name} is JSON or YAML but no phenopacket, FHIR record or Osler case; see docs/inputs.md for their forms"
    )


def _from_cohort(members: list[Any], name: str) -> Case:
    if len(members) == 1 and looks_like_phenopacket(members[0]):
        return parse_phenopacket(members[0])[0]
    raise InputError(f"{name} is a cohort of {len(members)} cases; give one phenopacket per file")


def _from_text(text: str, nested: bool, ontology: Ontology | None) -> Case:
    from osler.findings.numbers import read_demographics, read_measurements
    from osler.findings.text import find_findings

    notes = Notes()
    case = Case(
        id=opaque_id(text),
        text=text,
        findings=find_findings(text, nested=nested),
        demographics=read_demographics(text, notes),
        measurements=read_measurements(text, notes),
        notices=notes.notices(),
    )
    return _settled(case, ontology or _ontology())


def _settled(case: Case, ontology: Ontology | None, judge: bool = True) -> Case:
    """Judge laboratory values where the reader has not, then settle ids and contradictions."""
    notes = Notes()
    if judge and case.measurements and not any(finding.source == "lab" for finding in case.findings):
        case.findings = case.findings + findings_from(case.measurements, notes, ontology)
    case.findings = settle(_inside(case, notes), notes, ontology)
    case.notices = case.notices + [notice for notice in notes.notices() if notice not in case.notices]
    return case


def _inside(case: Case, notes: Notes) -> list[Finding]:
    """The findings, without spans that point outside the text (a case file may say anything)."""
    end, kept = len(case.text), []
    for finding in case.findings:
        spans = [span for span in finding.spans if span.end <= end]
        span = finding.span if finding.span and finding.span.end <= end else None
        if len(spans) < len(finding.spans) or (finding.span and span is None):
            notes.add("span-outside", "places in the text that lie beyond its end were dropped")
            finding = finding.model_copy(update={"span": span, "spans": spans})
        kept.append(finding)
    return kept


def _ontology() -> Ontology | None:
    """The packaged HPO; without it ids stay as they are."""
    from osler.ontology import load_ontology

    try:
        return load_ontology("hpo")
    except OslerError:
        return None
