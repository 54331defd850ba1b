"""Language models: providers, and the one leaf that asks them, with cache, limits, retries, budgets and prices.

    from osler.llm import from_spec, Message
    model = from_spec("simulated:good")
    reply = await model.chat([Message("user", "Which drug …?")])

Names are imported when they are used: nothing heavy happens here.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from osler.llm.budget import Budget
    from osler.llm.cache import ReplyCache
    from osler.llm.choices import Choice, read_choice
    from osler.llm.model import Meter, Model
    from osler.llm.prices import Price, Prices, load_prices
    from osler.llm.provider import CallFailed, OnDelta, Provider
    from osler.llm.retry import RetryPolicy
    from osler.llm.simulated import Planted, Profile, Simulated
    from osler.llm.specs import from_spec, models_from, read_roles
    from osler.llm.structured import Read, instruct, read_structured, repair_prompt
    from osler.llm.types import (
        Capabilities,
        ImagePart,
        Likelihood,
        Message,
        Reply,
        Request,
        Sampling,
        TextPart,
        Tool,
        ToolCall,
        Usage,
    )

_HOMES = {
    "budget": ("Budget",),
    "cache": ("ReplyCache",),
    "choices": ("Choice", "read_choice"),
    "model": ("Meter", "Model"),
    "prices": ("Price", "Prices", "load_prices"),
    "provider": ("CallFailed", "OnDelta", "Provider"),
    "retry": ("RetryPolicy",),
    "simulated": ("Planted", "Profile", "Simulated"),
    "specs": ("from_spec", "models_from", "read_roles"),
    "structured": ("Read", "instruct", "read_structured", "repair_prompt"),
    "types": (
        "Capabilities", "ImagePart", "Likelihood", "Message", "Reply", "Request", "Sampling", "TextPart", "Tool",
        "ToolCall", "Usage",
    ),
}  # fmt: skip
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Budget",
    "CallFailed",
    "Capabilities",
    "Choice",
    "ImagePart",
    "Likelihood",
    "Message",
    "Meter",
    "Model",
    "OnDelta",
    "Planted",
    "Price",
    "Prices",
    "Profile",
    "Provider",
    "Read",
    "Reply",
    "ReplyCache",
    "Request",
    "RetryPolicy",
    "Sampling",
    "Simulated",
    "TextPart",
    "Tool",
    "ToolCall",
    "Usage",
    "from_spec",
    "instruct",
    "load_prices",
    "models_from",
    "read_choice",
    "read_roles",
    "read_structured",
    "repair_prompt",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(f"osler.llm.{_HOME[name]}"), name)
    raise AttributeError(f"module 'osler.llm' has no attribute {name!r}")
