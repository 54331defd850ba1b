"""Text to plain objects: JSON, JSON lines and YAML, bounded in depth and size. Knows nothing of cases.

Numbers are finite, keys are strings, strings are valid Unicode, nesting is at most MAX_DEPTH and a YAML file cannot
grow through aliases: what comes out can be walked without care.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any, ClassVar

from osler.case import Notice
from osler.errors import InputError

MAX_DEPTH = 64
MAX_NODES = 1_000_000
_SURROGATE = re.compile("[\ud800-\udfff]")


def parse_json(text: str, name: str) -> tuple[Any, list[Notice]]:
    """Parse one JSON value, or JSON lines as a list.

    Duplicate keys keep the last value and give a notice. Raises InputError with the place of the first fault.
    """
    repeated: list[str] = []

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(items)
        if len(found) != len(items):
            repeated.append("")
        return found

    loads = json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_no_constant(name)).decode
    try:
        value = _lines(text, loads) if _is_json_lines(text) else loads(text)
    except json.JSONDecodeError as error:
        raise InputError(_fault(error, text, name)) from None
    except RecursionError:
        raise _too_deep(name) from None
    except ValueError as error:  # an integer of more digits than Python converts
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} has a number too long to read") from None
    return value, [_repeated_keys(name, len(repeated))] if repeated else []


def parse_yaml(text: str, name: str) -> tuple[Any, list[Notice]]:
    """Parse one YAML document without tags, dates or growth. Raises InputError with the line of the first fault."""
    import yaml

    repeated: list[str] = []
    loader = _yaml_loader(repeated)
    try:
        _check_yaml_depth(yaml, text, name)
        value = yaml.load(text, Loader=loader)  # a safe loader: see _yaml_loader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        problem = (
            getattr(error, "problem", None) or "it holds characters or structures that YAML does not allow"
        )
        # PyYAML quotes what it found; that may be patient text.
        problem = re.sub(r"'.*?'|\".*?\"", "…", str(problem))
        raise InputError(f"{name} is not valid YAML{place}: {problem}; correct it there") from None
    except RecursionError:
        raise _too_deep(name) from None
    except (ValueError, TypeError, OverflowError):
        raise InputError(f"{name} is not valid YAML: a number or key cannot be read") from None
    _check_growth(value, name)
    return value, [_repeated_keys(name, len(repeated))] if repeated else []


def checked(value: Any, name: str) -> Any:
    """Check depth, key types and numbers of a parsed value without recursion, and mend lone surrogates in place.

    Raises InputError for a structure too deep, a key that is no string, or a number that is not finite.
    """
    if isinstance(value, str):
        return _mend(value)
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH + 1):
        level = [child for node in level for child in _children(node, name)]
        if not level:
            return value
    raise _too_deep(name)


def _children(node: Any, name: str) -> list[Any]:
    """The lists and mappings inside a node; its own strings and numbers are checked on the way."""
    if isinstance(node, dict):
        for key in node:
            if not isinstance(key, str):
                raise InputError(f"{name} has a key that is not text")
        places: Any = list(node.items())
        for key in [key for key in node if not key.isascii() and _SURROGATE.search(key)]:
            node[_mend(key)] = node.pop(key)
            places = list(node.items())
    elif isinstance(node, list):
        places = enumerate(node)
    else:
        places = ()
    found = []
    for place, item in places:
        kind = type(item)
        if kind is str:
            if not item.isascii() and _SURROGATE.search(item):
                node[place] = _mend(item)
        elif kind is float:
            if not math.isfinite(item):
                raise InputError(
                    f"{name} has a number that is not finite; write null where a value is unknown"
                )
        elif isinstance(item, (dict, list)):
            found.append(item)
        elif not (item is None or isinstance(item, (int, float, str))):
            raise InputError(f"{name} has a value of a kind that no case has ({kind.__name__})")
    return found


def _mend(text: str) -> str:
    return _SURROGATE.sub("�", text)


def _is_json_lines(text: str) -> bool:
    """More than one line, each a JSON object on its own (a pretty-printed object has a first line of only `{`)."""
    first, _, rest = text.lstrip().partition("\n")
    second = rest.lstrip()[:1]
    return first.startswith("{") and first.rstrip().endswith("}") and second == "{"


def _lines(text: str, loads: Callable[[str], Any]) -> list[Any]:
    values, at = [], 0
    for line in text.split("\n"):
        try:
            if line.strip():
                values.append(loads(line))
        except json.JSONDecodeError as error:
            raise json.JSONDecodeError(error.msg, text, at + error.pos) from None
        at += len(line) + 1
    return values


def _fault(error: json.JSONDecodeError, text: str, name: str) -> str:
    rest = text[error.pos :].strip()
    place = f"line {error.lineno}, column {error.colno} (character {error.pos})"
    if not rest or error.msg.startswith("Unterminated string"):
        return f"{name} is JSON that stops early at {place}; get the whole file again"
    return f"{name} is not valid JSON at {place}: {error.msg}; correct it there"


def _no_constant(name: str) -> Callable[[str], Any]:
    def refuse(constant: str) -> Any:
        raise _ConstantError(
            f"{name} has {constant}, which is not a JSON number; write null where a value is unknown"
        )

    return refuse


class _ConstantError(InputError, ValueError):
    """NaN or Infinity in JSON."""


def _yaml_loader(repeated: list[str]) -> type:
    """PyYAML's safe loader (in C where there is one) that leaves dates as text and notes repeated keys."""
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Loader(base):
        yaml_implicit_resolvers: ClassVar = {
            first: [(tag, pattern) for tag, pattern in rules if not tag.endswith(":timestamp")]
            for first, rules in base.yaml_implicit_resolvers.items()
        }

        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            keys = [
                getattr(key, "value", None) for key, _ in getattr(node, "value", ()) if key.id == "scalar"
            ]
            if len(keys) != len(set(keys)):
                repeated.append("")
            return super().construct_mapping(node, deep)

    return Loader


def _check_yaml_depth(yaml: Any, text: str, name: str) -> None:
    """Count nesting on the flat event stream: the C composer recurses without a guard of its own."""
    depth, starts = 0, (yaml.MappingStartEvent, yaml.SequenceStartEvent)
    for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, starts):
            depth += 1
            if depth > MAX_DEPTH:
                raise _too_deep(name)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1


def _check_growth(value: Any, name: str) -> None:
    """Refuse a document whose aliases, written out, pass MAX_NODES or never end."""
    sizes: dict[int, int] = {}
    stack: list[tuple[Any, bool]] = [(value, False)]
    open_nodes: set[int] = set()
    while stack:
        node, done = stack.pop()
        inner = list(node.values()) if isinstance(node, dict) else node if isinstance(node, list) else []
        if done:
            open_nodes.discard(id(node))
            sizes[id(node)] = 1 + sum(sizes.get(id(child), 1) for child in inner)
            if sizes[id(node)] > MAX_NODES:
                raise InputError(f"{name} grows without bound through YAML aliases; write the values out")
            continue
        if not isinstance(node, (dict, list)) or id(node) in sizes:
            continue
        if id(node) in open_nodes:
            raise InputError(f"{name} contains itself through a YAML alias; write the values out")
        open_nodes.add(id(node))
        stack.append((node, True))
        stack.extend((child, False) for child in inner)


def _repeated_keys(name: str, count: int) -> Notice:
    text = (
        f"{name} repeats a key within one object ({count} object{'s' * (count > 1)}); the last value was kept"
    )
    return Notice(code="duplicate-key", text=text)


def _too_deep(name: str) -> InputError:
    return InputError(f"{name} is nested deeper than {MAX_DEPTH} levels; no case is, so it was not read")
