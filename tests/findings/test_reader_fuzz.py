"""Whatever comes in, a reader gives a Case or an OslerError, and a Case survives its own JSON."""

from __future__ import annotations

import copy
import json
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from osler.case import Case
from osler.errors import OslerError
from osler.findings.phenopacket import parse_phenopacket
from osler.findings.reader import read_case

RECORDS = Path(__file__).parent.parent / "fixtures" / "records"
EXAMPLES = {path.name: path.read_bytes() for path in sorted(RECORDS.iterdir())}
OBJECTS = [json.loads(data) for name, data in EXAMPLES.items() if name.endswith(".json")]

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=12)
    | st.text("\ud800\udfff", max_size=2),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
# Values that mean something to a reader, in places where they may not.
_WORDS = [
    "HP:0001250",
    "P3Y",
    "P-3Y",
    "2020-01-01",
    "2020-13-41",
    "9999-12-31",
    "refuted",
    "mg/dL",
    "bananas",
    "",
]
_NUMBERS = [1e308, 10**400, -1]
_OBJECTS = [{"id": "HP:0001250"}, {"reference": "Patient/p1"}, {"coding": [{"code": "HP:0001250"}]}, [[[]]]]
odd_values = json_values | st.sampled_from([*_WORDS, *_NUMBERS, *_OBJECTS])


def read_or_refuse(source):
    """The case, or None where it was refused in words."""
    try:
        case = read_case(source)
    except OslerError as error:
        assert str(error)
        return None
    assert Case.from_json(case.to_json()) == case
    for finding in case.findings:
        if finding.span and case.text:
            assert case.text[finding.span.start : finding.span.end] == finding.text
    return case


def places(node, path=()):
    """Paths to everything inside a parsed record."""
    inner = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


def changed(record, path, value, how):
    """A copy of a record with one place replaced, removed, repeated or wrapped in a list."""
    record = copy.deepcopy(record)
    parent = record
    for key in path[:-1]:
        parent = parent[key]
    if how == "remove":
        del parent[path[-1]]
    elif how == "wrap":
        parent[path[-1]] = [parent[path[-1]]]
    elif how == "repeat" and isinstance(parent, list):
        parent.extend([copy.deepcopy(parent[path[-1]])] * 3)
    else:
        parent[path[-1]] = value
    return record


@given(st.binary(max_size=300))
def test_any_bytes(data):
    read_or_refuse(data)


@given(st.text(max_size=300))
def test_any_text(text):
    read_or_refuse(text.encode("utf-8", "surrogatepass"))


@given(st.text(st.sampled_from('{}[]":,-&*! \n\tadeHP01:.'), max_size=60))
def test_text_that_resembles_a_record(text):
    for lead in ("", "phenotypicFeatures:\n", "resourceType: ", '{"resourceType":'):
        read_or_refuse(lead.encode() + text.encode())


@given(json_values)
def test_any_object(value):
    for source in (value, {"resourceType": value}, {"phenotypicFeatures": [value]}, {"findings": [value]}):
        if isinstance(source, (dict, list)):
            read_or_refuse(source)


@settings(max_examples=300)
@given(st.data())
def test_records_with_one_place_changed(data):
    record = data.draw(st.sampled_from(OBJECTS))
    path = data.draw(st.sampled_from(sorted(places(record), key=str)))
    how = data.draw(st.sampled_from(["replace", "replace", "replace", "remove", "repeat", "wrap"]))
    read_or_refuse(changed(record, path, data.draw(odd_values), how))


@given(st.sampled_from(sorted(EXAMPLES)), st.integers(0, 6000), st.binary(max_size=3), st.integers(0, 5))
def test_files_with_bytes_changed_or_cut(name, at, new, gone):
    data = EXAMPLES[name]
    read_or_refuse(data[: at % len(data)])
    read_or_refuse(data[: at % len(data)] + new + data[at % len(data) + gone :])


@given(st.data())
def test_the_evaluators_reader_never_fails_in_another_way(data):
    packet = data.draw(st.sampled_from([o for o in OBJECTS if "phenotypicFeatures" in o]))
    path = data.draw(st.sampled_from(sorted(places(packet), key=str)))
    value = data.draw(
        st.none() | st.integers() | st.text("abcHP:019", max_size=8) | st.just([]) | st.just({})
    )
    try:
        case, _ = parse_phenopacket(changed(packet, path, value, "replace"))
    except OslerError:
        return
    assert Case.from_json(case.to_json()) == case
