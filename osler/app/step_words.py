"""Steps for people to read: a reply in fields as text, and what is shown once above left out of the prompts below."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

from osler.trace import Step

_FENCED = re.compile(r"<<< ([a-z ]+)\n(.*?)\n>>> \1", re.S)
MOST_ASKED = 20_000


def asked_in(steps: Iterable[Step]) -> dict[str, str]:
    """The case, question and options that the first prompt of a trace holds between its marks, by their names."""
    for step in steps:
        found = dict(_FENCED.findall(str(step.data.get("prompt") or "")[:MOST_ASKED]))
        if found:
            return found
    return {}


def readable(step: Step, above: dict[str, str]) -> Step:
    """A copy of a step with its reply in words, and without what is shown above."""
    data: dict[str, Any] = dict(step.data)
    if data.get("prompt"):
        data["prompt"] = _FENCED.sub(
            lambda block: f"({block[1]}: above)" if above.get(block[1]) == block[2] else block[0],
            str(data["prompt"]),
        )
    return step.model_copy(update={"text": _in_words(step.text), "data": data})


def _in_words(text: str) -> str:
    """A JSON object as lines of text; anything else as it is."""
    try:
        fields = orjson.loads(text) if text.lstrip().startswith("{") else None
    except orjson.JSONDecodeError:
        return text
    if not isinstance(fields, dict):
        return text
    return "\n".join(_line(str(name), value) for name, value in fields.items())


def _line(name: str, value: Any) -> str:
    if isinstance(value, str) and name == "reasoning":
        return value
    told = value if isinstance(value, str) else _plain(value)
    return f"{name.replace('_', ' ').capitalize()}: {told}"


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return ", ".join(map(_plain, value))
    return "" if value is None else str(value)
