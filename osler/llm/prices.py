"""What tokens cost: a table the user keeps in `prices.yaml`. A model that is not in it has no known price, and that is said.

currency: USD
models:                                  # prices per million tokens; names may hold * and ?; the first match counts
  "example-small*": {input: 0.15, cached_input: 0.075, output: 0.60}
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from osler.errors import InputError
from osler.llm.types import Usage


@dataclass(frozen=True, slots=True)
class Price:
    """Money per million tokens. Reasoning tokens are output; input that the server had cached may cost less."""

    input: float
    output: float
    cached_input: float | None = None

    def cost(self, usage: Usage) -> float:
        """Money for a call."""
        known = min(usage.cached, usage.prompt)
        cached = self.input if self.cached_input is None else self.cached_input
        return ((usage.prompt - known) * self.input + known * cached + usage.completion * self.output) / 1e6


FREE = Price(0.0, 0.0)


@dataclass(slots=True)
class Prices:
    """A price table: patterns of model names in the order of the file."""

    currency: str = "USD"
    models: list[tuple[str, Price]] = field(default_factory=list)

    def of(self, model: str) -> Price | None:
        """The price of a model, None where it is not known."""
        return next((price for pattern, price in self.models if fnmatchcase(model, pattern)), None)


def prices_path() -> Path:
    """Where the table lies: `osler/prices.yaml` in the user's configuration folder (XDG_CONFIG_HOME)."""
    value = os.environ.get("XDG_CONFIG_HOME", "").strip()
    base = Path(value) if value and Path(value).is_absolute() else Path.home() / ".config"
    return base / "osler" / "prices.yaml"


def load_prices(path: Path | None = None) -> Prices:
    """Read the table; an empty one where there is no file. Raises InputError that names the line's model when it is wrong."""
    import yaml

    path = path or prices_path()
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except FileNotFoundError:
        return Prices()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise InputError(f"{path} is not readable YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(data, dict) or not isinstance(data.get("models", {}), dict):
        raise InputError(f"{path}: expected `currency:` and `models:` with a line for each model")
    rows = [(str(name), _price(path, str(name), row)) for name, row in (data.get("models") or {}).items()]
    return Prices(str(data.get("currency", "USD")), rows)


def _price(path: Path, name: str, row: Any) -> Price:
    allowed = {"input", "output", "cached_input"}
    sound = (
        isinstance(row, dict)
        and {"input", "output"} <= set(row) <= allowed
        and all(isinstance(v, int | float) and not isinstance(v, bool) and v >= 0 for v in row.values())
    )
    if not sound:
        raise InputError(
            f"{path}: {name!r} needs input and output (and may have cached_input), in money per million tokens"
        )
    return Price(**{key: float(value) for key, value in row.items()})
