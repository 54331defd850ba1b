"""What a simulated model is like: a few numbers, by name from `profiles.yaml` or written out (`accuracy=0.7,latency_ms=50`)."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from osler.errors import UsageError

MALFORMED = ("prose", "broken", "letter", "empty", "truncated")


@dataclass(frozen=True, slots=True)
class Profile:
    """The settings. Rates are probabilities from 0 to 1; every draw is decided by the seed alone.

    accuracy      probability of the planted answer, before the failings below
    shared        share of draws that follow the question's own luck: at 1 every draw of a question is right or wrong alike
                  and errs the same way, at 0 draws are independent
    spread        how much questions differ in difficulty: 0 not at all; towards 1 a question is known or not
    calibration   1: the stated confidence is the true probability of being right; 0: always `boast`
    position_bias probability of taking the option at place `favourite` whatever it says; accuracy becomes
                  (1 - position_bias) * accuracy + position_bias / options
    sycophancy    probability of giving in to another answer that someone states in the prompt
    malformed     probability of a reply that cannot be read, of a kind from `kinds` (prose, broken, letter, empty,
                  truncated; joined by +); `refusal`: of declining to answer
    guess         choose uniformly, knowing nothing
    thinking      words of reasoning given apart from the reply; `words`: words of reasoning within it
    latency_ms    median latency; `latency_sigma`: standard deviation of its logarithm (0: fixed)
    rpm           requests a minute before 429 with Retry-After (0: no limit); `outage`: share of attempts that fail with 503;
                  `hang`: share of attempts that never come back
    schema, logprobs, tools, images, token_ids: whether it has the ability; `tool_use`: probability of using a tool first
    seed          mixed into every draw
    """

    accuracy: float = 0.7
    shared: float = 0.0
    spread: float = 0.0
    calibration: float = 1.0
    boast: float = 0.95
    position_bias: float = 0.0
    favourite: int = 0
    sycophancy: float = 0.0
    malformed: float = 0.0
    kinds: str = "+".join(MALFORMED)
    refusal: float = 0.0
    guess: bool = False
    thinking: int = 0
    words: int = 30
    latency_ms: float = 0.0
    latency_sigma: float = 0.0
    rpm: int = 0
    outage: float = 0.0
    hang: float = 0.0
    schema: bool = True
    logprobs: bool = True
    tools: bool = True
    images: bool = True
    token_ids: bool = True
    tool_use: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        for name in _RATES:
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise UsageError(
                    f"simulated model: {name}={getattr(self, name)} is no probability from 0 to 1"
                )
        for name in ("latency_ms", "latency_sigma", "rpm", "thinking", "words", "favourite"):
            if not getattr(self, name) >= 0 or math.isinf(getattr(self, name)):
                raise UsageError(f"simulated model: {name} must be a number from 0 up")
        unknown = set(self.kinds.split("+")) - set(MALFORMED)
        if unknown:
            raise UsageError(
                f"simulated model: no malformed kind {min(unknown)!r}; choose from {', '.join(MALFORMED)}"
            )

    def as_dict(self) -> dict[str, Any]:
        """The settings as plain data."""
        return asdict(self)


_RATES = (
    "accuracy", "shared", "spread", "calibration", "boast", "position_bias", "sycophancy", "malformed", "refusal",
    "outage", "hang", "tool_use",
)  # fmt: skip


@lru_cache(maxsize=1)
def load_profiles() -> dict[str, Profile]:
    """The named profiles of the table."""
    import yaml

    rows = yaml.safe_load((Path(__file__).parent / "profiles.yaml").read_text(encoding="utf-8"))
    return {name: Profile(**row) for name, row in rows.items()}


def read_profile(text: str) -> tuple[Profile, dict[str, str]]:
    """A profile from `good`, `good,accuracy=0.9` or `accuracy=0.7,latency_ms=50`; and words that are none of its settings
    (`keys=FILE`), for the caller. Raises UsageError that lists the names there are.
    """
    profile, changes, others = Profile(), {}, {}
    types = {field.name: field.type for field in fields(Profile)}
    for index, item in enumerate(filter(None, (part.strip() for part in text.split(",")))):
        name, equals, value = item.partition("=")
        if not equals:
            if index or name not in load_profiles():
                raise UsageError(f"no simulated profile {name!r}; choose from {', '.join(load_profiles())}")
            profile = load_profiles()[name]
        elif name in types:
            changes[name] = _value(name, value, str(types[name]))
        elif name == "keys":
            others[name] = value
        else:
            raise UsageError(f"the simulated model has no setting {name!r}; it has {', '.join(types)}, keys")
    return replace(profile, **changes), others


def _value(name: str, text: str, kind: str) -> Any:
    try:
        if kind == "bool":
            return {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}[
                text.lower()
            ]
        return {"int": int, "float": float}.get(kind, str)(text)
    except (ValueError, KeyError):
        raise UsageError(f"simulated model: {name}={text!r} is no {kind}") from None
