"""How long what callers send to the calculators may be, for the API and MCP alike: looking for what is like it takes time with its length."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field

MOST_NAME, MOST_WANTED, MOST_VALUE, MOST_INPUTS, MOST_ADDRESS = 120, 500, 200, 500, 1_000


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > MOST_VALUE:
        raise ValueError(f"a value has {MOST_VALUE} characters at most")
    return value


Name = Annotated[str, Field(max_length=MOST_NAME)]
Wanted = Annotated[str, Field(max_length=MOST_WANTED, description="What is wanted, in words.")]
Value = Annotated[str, Field(max_length=MOST_VALUE)]
Inputs = Annotated[
    dict[Name, Value | float | bool | None],
    Field(
        max_length=MOST_INPUTS,
        description="By name; numbers with their unit where the description lists several.",
    ),
]
# For models, which act better on a refusal in a field of the reply than on an error: whatever else is no number comes through.
LooseInputs = Annotated[dict[Name, Annotated[Any, AfterValidator(_short)]], Field(max_length=MOST_INPUTS)]
