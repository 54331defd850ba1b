"""From words to models: `openai:NAME`, `openai:NAME@http://host:8000/v1`, `hf:PATH`, `vllm:PATH`, `inspect:PROVIDER/NAME`,
`simulated:PROFILE`; and roles, `openai:NAME,judge=simulated:good`. Everything heavy is imported only when it is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from osler.errors import UsageError
from osler.llm.cache import ReplyCache
from osler.llm.model import Model
from osler.llm.provider import Provider

KINDS = ("openai", "hf", "vllm", "inspect", "simulated")
MAIN = "main"
_KIND = "|".join(KINDS)
_ROLE = re.compile(rf"^(?:([A-Za-z][\w-]*)=)?((?:{_KIND}):.*)$", re.DOTALL)


def provider_of(spec: str, base_url: str | None = None, api_key_env: str | None = None) -> Provider:
    """The provider a spec names. Raises UsageError for an unknown kind, or when an extra is not installed."""
    kind, colon, name = spec.strip().partition(":")
    if not colon or kind not in KINDS or not name.strip():
        raise UsageError(
            f"{spec!r} is no model; write {', '.join(f'{k}:…' for k in KINDS)}, e.g. simulated:good"
        )
    name = name.strip()
    if kind == "simulated":
        from osler.llm.simulated import Simulated

        return Simulated(name)
    if kind == "openai":
        from osler.llm.openai import OpenAI

        name, at, url = name.rpartition("@") if re.search(r"@https?://", name) else (name, "", "")
        return OpenAI(name, url if at else base_url, api_key_env)
    if kind == "hf":
        from osler.llm.hf import Transformers

        return Transformers(name)
    if kind == "vllm":
        from osler.llm.vllm_engine import Vllm

        return Vllm(name)
    from osler.llm.inspect_bridge import Inspect

    return Inspect(name)


def from_spec(
    spec: str,
    *,
    base_url: str | None = None,
    api_key_env: str | None = None,
    cache: ReplyCache | bool = False,
    **options: Any,
) -> Model:
    """A model from a spec. `cache=True` uses the cache of the user's cache folder; `options` are those of `Model`.

    >>> model = from_spec("simulated:good")
    """
    kept = ReplyCache() if cache is True else cache or None
    return Model(provider_of(spec, base_url, api_key_env), cache=kept, **options)


def read_roles(words: str | Iterable[str]) -> dict[str, str]:
    """Specs by role from one or several `--model` values: `main` for the one without a role.

    A comma separates models only where a model follows, so `simulated:accuracy=0.7,latency_ms=50` stays whole.
    Raises UsageError for what is no model and for a role given twice.
    """
    roles: dict[str, str] = {}
    last: str | None = None
    for word in [words] if isinstance(words, str) else words:
        last = None
        for part in word.split(","):
            match = _ROLE.match(part.strip())
            if match:
                last = str(match[1] or MAIN)
                if last in roles:
                    raise UsageError(f"two models are given for {last!r}; name each role once")
                roles[last] = str(match[2])
            elif last is None:
                raise UsageError(
                    f"{part!r} is no model; write {', '.join(f'{k}:…' for k in KINDS)}, or ROLE=MODEL"
                )
            else:
                roles[last] = f"{roles[last]},{part}"
    return roles


def models_from(
    words: str | Iterable[str], *, cache: ReplyCache | bool = False, **options: Any
) -> dict[str, Model]:
    """Models by role (see `read_roles`); models of one spec are shared, and all of them share one cache."""
    kept = ReplyCache() if cache is True else cache or False
    made: dict[str, Model] = {}
    out = {}
    for role, spec in read_roles(words).items():
        if spec not in made:
            made[spec] = from_spec(spec, cache=kept, **options)
        out[role] = made[spec]
    return out
