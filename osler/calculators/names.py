"""All calculators, and the one that a name means: its own, its title, an alias, a published name, its MedCalc-Bench number."""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache

from osler import registry
from osler.calculators.define import Calculator
from osler.calculators.published import NAMES
from osler.errors import Missing

_PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉²", "01234567892", "'’")


def get(name: str) -> Calculator:
    """The calculator of that name, alias, published name or MedCalc-Bench number. Raises Missing with what is near."""
    known = _aliases().get(name) or _aliases().get(_folded(name))
    if known is None and ".py:" not in name and name not in registry.names("calculator"):
        near = _near(name)
        hint = f"did you mean {' or '.join(near)}?" if near else "`osler calc search WORDS` finds one."
        raise Missing(f"no calculator is called {name[:80]!r}; {hint}")
    return registry.get("calculator", known or name).object


def _near(name: str) -> list[str]:
    """Up to three names that look like it, or else those that its words find."""
    from osler.calculators.search import search

    spelled = get_close_matches(name[:80].lower(), [one.name for one in calculators()], n=3, cutoff=0.6)
    return spelled or [one.name for one, _ in search(name, 3)]


def calculators() -> list[Calculator]:
    """All calculators, by name."""
    return [part.object for part in registry.parts("calculator")]


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    found: dict[str, str] = {}
    every = calculators()
    for one in every:
        found[one.name] = one.name  # as it stands, so that nested calls need no folding
        found.setdefault(_folded(one.name), one.name)
    for one in every:
        number = (str(one.medcalc_bench),) if one.medcalc_bench is not None else ()
        for alias in (one.title, *one.aliases, *NAMES.get(one.name, ()), *number):
            found.setdefault(_folded(alias), one.name)
    return found


@lru_cache(maxsize=1024)
def _folded(name: str) -> str:
    """A name without letter case and punctuation: "Wells' Criteria" and "wells criteria" are one."""
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name.lower().translate(_PLAIN)).split())
