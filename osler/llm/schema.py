"""As much of JSON Schema as structured replies need: check a value, forgiving only what loses nothing. Knows no models.

Handled: type, enum, const, properties, required, additionalProperties, items, prefixItems, anyOf, oneOf, allOf, $ref,
minimum, maximum, exclusive bounds, minItems, maxItems, minLength, maxLength, pattern. Forgiven: letter case and blanks
around an enum's word, an option key with its bracket, full stop or text ("B) Aspirin"), a number or truth value written
as text, a whole float for an integer, null left out.
"""

from __future__ import annotations

import re
from typing import Any

Schema = dict[str, Any]


class Misfit(ValueError):
    """A value that does not follow the schema; the message names the place."""


def resolve(schema: Any, root: Schema) -> Schema:
    """Follow `$ref` into `root`; a schema that is only `true` is an empty one."""
    seen = 0
    while isinstance(schema, dict) and "$ref" in schema:
        target: Any = root
        for step in schema["$ref"].removeprefix("#").strip("/").split("/"):
            if step:
                target = target.get(step.replace("~1", "/").replace("~0", "~"), {})
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        schema = {**target, **rest} if isinstance(target, dict) else {}
        seen += 1
        if seen > 20:
            raise Misfit("the schema refers to itself without end")
    return schema if isinstance(schema, dict) else {}


def conform(value: Any, schema: Schema, root: Schema | None = None, place: str = "") -> Any:
    """The value as the schema wants it. Raises Misfit where it does not follow and nothing lossless helps."""
    root = schema if root is None else root
    schema = resolve(schema, root)
    for part in schema.get("allOf", ()):
        value = conform(value, part, root, place)
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches:
        return _any(value, branches, root, place)
    if "const" in schema:
        return _member(value, [schema["const"]], place)
    if "enum" in schema:
        return _member(value, schema["enum"], place)
    kind = schema.get("type")
    if isinstance(kind, list):
        return _any(value, [{**schema, "type": one} for one in kind], root, place)
    if kind is None:
        kind = "object" if "properties" in schema else "array" if "items" in schema else None
    return _CHECKS[kind](value, schema, root, place) if kind in _CHECKS else value


def _any(value: Any, branches: list[Schema], root: Schema, place: str) -> Any:
    problems = []
    for exact in (True, False):  # a branch that fits as it is goes before one that needs forgiving
        for branch in branches:
            try:
                found = conform(value, branch, root, place)
            except Misfit as problem:
                problems.append(problem)
                continue
            if not exact or (found == value and type(found) is type(value)):
                return found
    raise problems[0]


def _member(value: Any, allowed: list[Any], place: str) -> Any:
    for option in allowed:
        if option == value and type(option) is type(value):
            return option
    if isinstance(value, str):
        found = _named(value, allowed)
        if found is not None:
            return found
    elif value is not None and not isinstance(value, dict | list):
        return _member(str(value).lower() if isinstance(value, bool) else str(value), allowed, place)
    raise Misfit(f"{place or 'the value'} must be one of {', '.join(map(str, allowed))[:200]}")


def _named(text: str, allowed: list[Any]) -> Any:
    bare = text.strip().strip("\"'`*").strip()
    same = [option for option in allowed if str(option).casefold() == bare.casefold()]
    if len(same) == 1:
        return same[0]
    keys = sorted((str(o) for o in allowed if isinstance(o, str) and len(o) <= 3), key=len, reverse=True)
    for key in keys:
        # An explicit key with its mark: "(B)", "B.", "B) Aspirin", "B: Aspirin". Never a letter inside a sentence.
        if re.fullmatch(rf"\(?{re.escape(key)}(?:[).:](?:\s.*)?)?", bare, re.DOTALL):
            return key
    return None


def _object(value: Any, schema: Schema, root: Schema, place: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Misfit(f"{place or 'the reply'} must be an object")
    properties = schema.get("properties", {})
    out: dict[str, Any] = {}
    for name, inner in properties.items():
        if name in value:
            out[name] = conform(value[name], inner, root, f"{place}.{name}".lstrip("."))
        elif name in schema.get("required", ()):
            out[name] = _absent(inner, root, f"{place}.{name}".lstrip("."))
    extra = schema.get("additionalProperties", True)
    for name in value.keys() - properties.keys():
        if isinstance(extra, dict):
            out[name] = conform(value[name], extra, root, f"{place}.{name}".lstrip("."))
        elif extra:
            out[name] = value[name]
    for name in schema.get("required", ()):
        if name not in out:
            raise Misfit(f"{place or 'the reply'} has no {name!r}")
    return out


def _absent(schema: Schema, root: Schema, place: str) -> Any:
    """What a required field that was left out may stand for: null where null is allowed, its default where it has one."""
    schema = resolve(schema, root)
    if "default" in schema:
        return schema["default"]
    try:
        return conform(None, schema, root, place)
    except Misfit:
        raise Misfit(f"{place!r} is missing") from None


def _array(value: Any, schema: Schema, root: Schema, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise Misfit(f"{place or 'the reply'} must be a list")
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
        raise Misfit(f"{place or 'the list'} has {len(value)} items")
    first = schema.get("prefixItems", [])
    rest = schema.get("items", {})
    return [
        conform(item, first[i] if i < len(first) else rest, root, f"{place}[{i}]")
        for i, item in enumerate(value)
    ]


def _number(value: Any, schema: Schema, root: Schema, place: str) -> float | int:
    if isinstance(value, str):
        try:
            value = float(value.strip())
        except ValueError:
            raise Misfit(f"{place or 'the value'} must be a number") from None
        value = int(value) if value.is_integer() else value
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or value != value
        or abs(value) == float("inf")
    ):
        raise Misfit(f"{place or 'the value'} must be a number")
    below = value < schema.get("minimum", value) or value <= schema.get("exclusiveMinimum", value - 1)
    above = value > schema.get("maximum", value) or value >= schema.get("exclusiveMaximum", value + 1)
    if below or above:
        raise Misfit(f"{place or 'the value'} is {value}, outside its range")
    return value


def _integer(value: Any, schema: Schema, root: Schema, place: str) -> int:
    number = _number(value, schema, root, place)
    if int(number) != number:
        raise Misfit(f"{place or 'the value'} must be a whole number")
    return int(number)


def _string(value: Any, schema: Schema, root: Schema, place: str) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = f"{value:g}" if isinstance(value, float) else str(value)
    if not isinstance(value, str):
        raise Misfit(f"{place or 'the value'} must be text")
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        raise Misfit(f"{place or 'the text'} has {len(value)} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise Misfit(f"{place or 'the text'} does not match {schema['pattern']}")
    return value


def _boolean(value: Any, schema: Schema, root: Schema, place: str) -> bool:
    words = {"true": True, "false": False, "yes": True, "no": False}
    if isinstance(value, str) and value.strip().lower() in words:
        return words[value.strip().lower()]
    if not isinstance(value, bool):
        raise Misfit(f"{place or 'the value'} must be true or false")
    return value


def _null(value: Any, schema: Schema, root: Schema, place: str) -> None:
    if value is not None:
        raise Misfit(f"{place or 'the value'} must be null")


_CHECKS = {
    "object": _object,
    "array": _array,
    "number": _number,
    "integer": _integer,
    "string": _string,
    "boolean": _boolean,
    "null": _null,
}
