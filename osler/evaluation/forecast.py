"""What a run will ask of its models, told before it begins: calls for a case and for the run, and money where prices are known.

Money is an estimate: each call is taken to send the case as it stands and to get `REPLY` tokens (or `--max-tokens`) back. Methods
that pass on what was said before send more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from osler.calls import Calls
from osler.compose import Composed
from osler.llm.model import Model
from osler.llm.types import Usage

REPLY = 400
# Characters of the instructions and the form around a case.
AROUND = 700


@dataclass(frozen=True)
class Forecast:
    """Calls of a case and of the run (None where a method does not state them), and money from low to high.

    `per_search` are the calls of each search beside those (`--rewrite`, `--rank model`); neither they nor their money are in the
    numbers, since methods do not state how often they search.
    """

    method: str
    cases: int
    per_case: Calls | None
    in_run: Calls | None
    money: tuple[float, float] | None = None
    currency: str = ""
    tokens: tuple[int, int] = (0, 0)
    per_search: int = 0

    def __str__(self) -> str:
        more = f"; and {Calls.of(self.per_search)} more for each search" if self.per_search else ""
        return self._stated() + more

    def _stated(self) -> str:
        if self.per_case is None or self.in_run is None:
            return f"{self.method}: does not state how many calls a case takes; --budget calls=… limits them"
        words = f"{self.method}: per case {self.per_case}; for {self.cases:,} case{'' if self.cases == 1 else 's'} {self.in_run}"
        if self.money is None:
            return words
        low, high = (f"{value:.2f}" for value in self.money)
        sent, back = self.tokens
        spent = low if low == high else f"{low} to {high}"
        return f"{words}; about {spent} {self.currency} if a call sends {sent} tokens and gets {back} back"


def forecast(
    made: Composed,
    models: Mapping[str, Model],
    cases: int,
    *,
    with_options: bool = True,
    pool: int = 0,
    characters: float = 0.0,
    max_tokens: int | None = None,
    per_search: int = 0,
) -> Forecast:
    """What `cases` cases of `characters` characters on average will take. Calls from the cache cost nothing and are not known yet."""
    per_case = made.calls(with_options)
    if per_case is not None and not pool:
        per_case = replace(per_case, shared=0)
    in_run = per_case.in_run(cases, pool) if per_case is not None else None
    prices = [model.price for model in models.values()]
    tokens = (round((characters + AROUND) / 4), max_tokens or REPLY)
    money = None
    if in_run is not None and in_run.high and prices and all(prices):
        each = [price.cost(Usage(*tokens)) for price in prices if price is not None]
        money = (in_run.low * min(each), in_run.high * max(each)) if max(each) > 0 else None
    currency = next((model.prices.currency for model in models.values()), "")
    return Forecast(made.name, cases, per_case, in_run, money, currency, tokens, per_search)
