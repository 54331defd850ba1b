"""From a reply's text to a value that follows a schema, by one reading order, the same everywhere:

1. the schema's fields, from one JSON object in the text (fences and prose around it do not matter);
2. an explicit final-answer pattern (`choices.PATTERNS`), where the schema has one field for the answer;
3. one repair turn, which the caller makes with `repair_prompt`;
4. unreadable, which is wrong and counted. Never a guess: two objects that differ, or half of one, are unreadable.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import orjson

from osler.llm.choices import read_choice
from osler.llm.schema import Misfit, Schema, conform, resolve

How = Literal["schema", "pattern", "repair", "unreadable"]
# Names of the field that holds the answer, in order of preference.
ANSWER_FIELDS = (
    "answer", "final_answer", "answer_letter", "answer_key", "choice", "option", "letter", "label", "verdict", "decision",
)  # fmt: skip
_LARGEST = 2_000_000
_ATTEMPT = re.compile(r"\{\s*[\"']|\[\s*[\"'{]")
_NUMBER = re.compile(
    r"(?i)(?:final\s+)?answer(?:\s+is)?\s*[:=]?\s*\**\s*([-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?)(?![\w.]*\d)"
)


@dataclass(frozen=True, slots=True)
class Read:
    """A reply as it was read: the value (None when unreadable), by which step, and what was wrong where it failed."""

    value: Any
    how: How
    problem: str = ""


def instruct(schema: Schema) -> str:
    """The words that ask for a schema in the prompt, for servers that cannot be held to one."""
    return (
        "Reply with one JSON object and nothing else. It must follow this JSON schema, with its fields in this order:\n"
        f"```json\n{orjson.dumps(schema).decode()}\n```"
    )


def repair_prompt(problem: str, schema: Schema) -> str:
    """The user's words in the one repair turn after an unreadable reply."""
    return (
        f"That reply could not be read: {problem}. Keep what you concluded, and give it again in the form asked for.\n"
        f"{instruct(schema)}"
    )


def read_structured(text: str, schema: Schema) -> Read:
    """Read a reply's text by the reading order up to its second step; the caller makes the repair turn."""
    if not text.strip():
        return Read(None, "unreadable", "it was empty")
    fitting: list[Any] = []
    problem = "it held no JSON object"
    if len(text) <= _LARGEST:
        for found in json_objects(text):
            try:
                value = conform(found, schema)
            except Misfit as misfit:
                problem = str(misfit)
                continue
            if value not in fitting:
                fitting.append(value)
    if len(fitting) == 1:
        return Read(fitting[0], "schema")
    if len(fitting) > 1:
        return Read(None, "unreadable", "it held several JSON objects that differ")
    value = _by_pattern(_without_json(text), schema)
    if value is not None:
        return Read(value, "pattern")
    return Read(None, "unreadable", problem)


def json_objects(text: str) -> Iterator[Any]:
    """The outermost complete JSON objects (or lists) in a text, in order. Trailing commas and Python's literals pass."""
    whole = _parse(text.strip())
    if isinstance(whole, dict | list):
        yield whole
        return
    position, tries = 0, 0
    while tries < 200 and (start := _next_opening(text, position)) >= 0:
        tries += 1
        end = _closing(text, start)
        if end < 0:  # not closed: an inner object of it may still be whole, but is not what was asked for
            return
        value = _parse(text[start : end + 1])
        if isinstance(value, dict | list):
            yield value
            position = end + 1
        else:
            position = start + 1


def _next_opening(text: str, position: int) -> int:
    brace = text.find("{", position)
    bracket = re.compile(r"\[\s*\{").search(text, position)
    if bracket and (brace < 0 or bracket.start() < brace):
        return bracket.start()
    return brace


def _closing(text: str, start: int) -> int:
    depth, inside, escaped = 0, False, False
    for index in range(start, len(text)):
        character = text[index]
        if inside:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                inside = False
        elif character == '"':
            inside = True
        elif character in "{[":
            depth += 1
        elif character in "}]":
            depth -= 1
            if depth == 0:
                return index
    return -1


def _parse(text: str) -> Any:
    """The JSON value, None where there is none. RecursionError is a text that is nested beyond reason."""
    try:
        return orjson.loads(text)
    except ValueError:
        pass
    try:
        return json.loads(re.sub(r",(\s*[}\]])", r"\1", text), strict=False)
    except (ValueError, RecursionError):
        pass
    if not text.startswith(("{", "[")) or len(text) > 50_000:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return None


def _without_json(text: str) -> str:
    """What was said around attempts at JSON: a field of an object that could not be read is no statement."""
    out, position = [], 0
    for match in _ATTEMPT.finditer(text):
        if match.start() < position:
            continue
        out.append(text[position : match.start()])
        end = _closing(text, match.start())
        position = len(text) if end < 0 else end + 1
    return "".join([*out, text[position:]])


def _by_pattern(text: str, schema: Schema) -> Any:
    root, schema = schema, resolve(schema, schema)
    properties = schema.get("properties", {})
    name = next((field for field in ANSWER_FIELDS if field in properties), None)
    if name is None:
        return None
    answer = _stated(text, resolve(properties[name], root))
    if answer is None:
        return None
    value: dict[str, Any] = {}
    for field, inner in properties.items():
        kind = resolve(inner, root)
        if field == name:
            value[field] = answer
        elif kind.get("type") == "string" and "enum" not in kind and field in schema.get("required", ()):
            value[field] = text.strip()  # the reasoning is what was said
    try:
        return conform(value, schema, root)
    except Misfit:
        return None


def _stated(text: str, schema: Schema) -> Any:
    allowed = schema.get("enum")
    if allowed is not None:
        return read_choice(text, [str(option) for option in allowed]).key
    if schema.get("type") in ("number", "integer"):
        found = _NUMBER.findall(text)
        return float(found[-1].replace(",", "")) if found else None
    return None


def strictly(schema: Schema) -> Schema:
    """The schema as strict servers want it: every object closed and all its fields required, defaults left out."""
    return _closed(copy.deepcopy(schema))


def _closed(node: Any) -> Any:
    if isinstance(node, list):
        return [_closed(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: _closed(value) for key, value in node.items() if key != "default"}
    if isinstance(out.get("properties"), dict) and "type" in out:
        # A property may itself be called "default" or "properties": restore names that are not keywords.
        out["properties"] = {name: _closed(inner) for name, inner in node["properties"].items()}
        out["required"] = list(out["properties"])
        out["additionalProperties"] = False
    return out
