"""What every manifest of a run must be to be read: which fields there are and of what kind. Checked once, where a manifest is opened."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

_Count = Annotated[int, Field(ge=0, le=10**12)]
_KINDS = {
    "string_type": "is no text", "dict_type": "is no object", "model_type": "is no object", "list_type": "is no list",
    "int_type": "is no whole number",
}  # fmt: skip


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")


class _Arguments(_Strict):
    """What the run was asked for, so far as readers of any benchmark use it."""

    benchmark: str | None = None
    data: str | None = None
    method: str | None = None
    graph: str | None = None
    epochs: Annotated[int, Field(ge=1)] = 1
    seed: int = 0
    regimes: list[str] | dict[str, Any] = []


class _Form(_Strict):
    items: _Count
    benchmark: str = ""
    method: str = ""
    scorer: str = ""
    fidelity: str | None = None
    started: str = ""
    arguments: _Arguments = _Arguments()
    models: dict[str, str] = {}
    data: dict[str, Any] = {}
    versions: dict[str, Any] = {}
    entries: dict[str, dict[str, Any]] | None = None
    departures: list[str] = []
    chosen: list[int] | None = None


def wrong_with(manifest: Any) -> str:
    """What is wrong with a manifest, in words; empty where it can be read."""
    try:
        found = _Form.model_validate(manifest)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        name = next((str(part) for part in first["loc"] if isinstance(part, str)), "")
        if not name:
            return "it is no object"
        if first["type"] == "missing":
            return f"it has no `{name}` entry"
        whole = len(first["loc"]) == 1
        return f"its `{name}` entry {_KINDS.get(first['type'], 'cannot be') if whole else 'holds nonsense'}"
    # A method over questions was run: what its figures are made by.
    needed = ("benchmark", "method", "scorer") if "models" in manifest else ("benchmark",)
    lacking = next((name for name in needed if not getattr(found, name)), None)
    return f"it has no `{lacking}` entry" if lacking else ""
