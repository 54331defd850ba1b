"""JSON and YAML: what is wrong is said with its place; what could grow or nest without end is refused."""

from __future__ import annotations

import pytest

from osler.errors import InputError
from osler.findings.parse import checked, parse_json, parse_yaml


def test_the_place_of_a_fault_is_told():
    with pytest.raises(InputError, match=r"not valid JSON at line 2, column 7"):
        parse_json('{"a": 1,\n "b": nope}', "x.json")


@pytest.mark.parametrize("text", ['{"a": [1, 2', '{"a": "unfinished', '{"a":'])
def test_truncated_json_is_called_so(text):
    with pytest.raises(InputError, match="stops early at line 1"):
        parse_json(text, "x.json")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_numbers_must_be_numbers(number):
    with pytest.raises(InputError, match="is not a JSON number"):
        parse_json(f'{{"a": {number}}}', "x.json")


def test_a_number_too_large_is_refused():
    with pytest.raises(InputError, match="not finite"):
        checked(parse_json('{"a": 1e999}', "x.json")[0], "x.json")
    with pytest.raises(InputError, match="too long"):
        parse_json('{"a": ' + "9" * 5000 + "}", "x.json")


def test_repeated_keys_keep_the_last_and_are_said():
    value, notices = parse_json('{"a": 1, "a": 2}', "x.json")
    assert value == {"a": 2}
    assert notices[0].code == "duplicate-key"


@pytest.mark.parametrize("depth", [100, 5_000, 200_000])
def test_deep_nesting_is_refused(depth):
    with pytest.raises(InputError, match=r"nested deeper|stops early"):
        checked(parse_json("[" * depth + "]" * depth, "x.json")[0], "x.json")
    with pytest.raises(InputError, match=r"nested deeper|not valid YAML"):
        parse_yaml("a: " + "[" * depth + "]" * depth, "x.yaml")


def test_json_lines_become_a_list():
    assert parse_json('{"a": 1}\n\n{"a": 2}\n', "x")[0] == [{"a": 1}, {"a": 2}]


def test_a_broken_line_is_named():
    with pytest.raises(InputError, match="not valid JSON at line 2, column 7"):
        parse_json('{"a": 1}\n{"a": }\n', "x")


def test_json_lines_that_stop_early():
    with pytest.raises(InputError, match="stops early at line 2"):
        parse_json('{"a": 1}\n{"a": [1, 2', "x")


def test_lone_surrogates_are_mended():
    value = checked(parse_json(r'{"a": "x\ud800y", "b\udfff": 1}', "x")[0], "x")
    assert value == {"a": "x�y", "b�": 1}


def test_yaml_dates_stay_text():
    assert parse_yaml("a: 2020-01-01\nb: 2020-01-01T00:00:00Z", "x")[0] == {
        "a": "2020-01-01",
        "b": "2020-01-01T00:00:00Z",
    }


def test_yaml_aliases_may_repeat_but_not_explode():
    assert parse_yaml("a: &x [1]\nb: *x", "x")[0] == {"a": [1], "b": [1]}
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [{', '.join(['*' + chr(97 + i)] * 9)}]\n" for i in range(9)
    )
    with pytest.raises(InputError, match="grows without bound"):
        parse_yaml(bomb, "x")
    with pytest.raises(InputError, match="contains itself"):
        parse_yaml("a: &a [*a]", "x")


@pytest.mark.parametrize(
    "text", ["a: !!python/object:os.system x", "a: [1", "a: b: c", "---\na: 1\n---\nb: 2", "\x01a: 1"]
)
def test_yaml_faults_are_input_errors(text):
    with pytest.raises(InputError, match="not valid YAML"):
        parse_yaml(text, "x.yaml")


def test_errors_do_not_quote_the_record():
    with pytest.raises(InputError) as caught:
        parse_yaml("a: !secretpatientname x", "x.yaml")
    assert "secretpatientname" not in str(caught.value)


@pytest.mark.parametrize("text", ["1: a", "? [a, b]\n: c", "a: .inf", "a: !!binary aGk="])
def test_yaml_that_json_could_not_hold_is_refused(text):
    with pytest.raises(InputError):
        checked(parse_yaml(text, "x.yaml")[0], "x.yaml")
