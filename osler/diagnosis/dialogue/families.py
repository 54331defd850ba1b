"""Names that stand for several diseases ("Loeys-Dietz"), and names that diseases go by besides their own ("brittle bone disease")."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from osler.knowledge.load import other_names
from osler.knowledge.profiles import Knowledge
from osler.knowledge.search import words_of

_GENERIC = {"disease", "syndrome", "disorder"}
# Lay names and short forms, with the name that the knowledge has; generic words left out.
LAY = {
    "adpkd": "polycystic kidney",
    "als": "amyotrophic lateral sclerosis",
    "brittle bone": "osteogenesis imperfecta",
    "brittle bones": "osteogenesis imperfecta",
    "butterfly skin": "epidermolysis bullosa",
    "cf": "cystic fibrosis",
    "cmt": "charcot marie tooth",
    "dmd": "duchenne muscular dystrophy",
    "eds": "ehlers danlos",
    "fap": "familial adenomatous polyposis",
    "fmf": "familial mediterranean fever",
    "glass bone": "osteogenesis imperfecta",
    "hemochromatosis": "hemochromatosis",
    "haemochromatosis": "hemochromatosis",
    "hht": "hereditary hemorrhagic telangiectasia",
    "huntington chorea": "huntington",
    "lds": "loeys dietz",
    "lou gehrig": "amyotrophic lateral sclerosis",
    "mps": "mucopolysaccharidosis",
    "nf1": "neurofibromatosis type 1",
    "nf2": "neurofibromatosis type 2",
    "oi": "osteogenesis imperfecta",
    "osler weber rendu": "hereditary hemorrhagic telangiectasia",
    "pku": "phenylketonuria",
    "scn": "severe congenital neutropenia",
    "sickle cell": "sickle cell",
    "sma": "spinal muscular atrophy",
    "tsc": "tuberous sclerosis",
    "vhl": "von hippel lindau",
}


@dataclass(frozen=True)
class Family:
    """Diseases (positions, the likeliest first) that share a name."""

    label: str
    members: tuple[int, ...]


@dataclass(frozen=True)
class _Index:
    having: dict[str, frozenset[int]]
    others: dict[str, tuple[int, ...]]


@lru_cache(maxsize=4)
def _index(base: Knowledge) -> _Index:
    having, others = defaultdict(set), defaultdict(list)
    for at, name in enumerate(base.disease_names.tolist()):
        for word in words_of(name):
            having[word].add(at)
    for at, name in other_names(base):
        others[_key(words_of(name))].append(at)
    return _Index(
        {word: frozenset(found) for word, found in having.items()},
        {name: tuple(dict.fromkeys(found)) for name, found in others.items()},
    )


def also_called(words: Sequence[str], base: Knowledge) -> list[int]:
    """The diseases that go by these words besides their own name."""
    return list(_index(base).others.get(_key(words), ())) if len(_key(words)) > 1 else []


def lay(words: Sequence[str]) -> list[str]:
    """The words of the name behind a lay name or a short form; none where there is none."""
    return LAY.get(_key(words), "").split()


def holding(words: Iterable[str], base: Knowledge) -> list[int]:
    """The diseases whose name holds all of these words, in any order."""
    index = _index(base)
    wanted = [index.having.get(word, frozenset[int]()) for word in words if word not in _GENERIC]
    return sorted(frozenset.intersection(*wanted)) if wanted else []


def subtypes(disease: int, base: Knowledge) -> list[int]:
    """A disease of which others are numbered kinds ("Loeys-Dietz syndrome" of "Loeys-Dietz syndrome 2"), with these; else none."""
    own = words_of(base.disease_names[disease])
    found = {one for one in holding(own, base) if _is_kind(words_of(base.disease_names[one]), own)}
    series = int(base.series[disease])
    if words_of(base.series_names[series]) == own:
        found |= set((base.series == series).nonzero()[0].tolist())
    return sorted(found | {disease}) if found - {disease} else []


def _is_kind(words: Sequence[str], own: Sequence[str]) -> bool:
    after = words[len(own) :]
    first = after[0] if words[: len(own)] == own and after else ""
    return first in ("type", "subtype") or bool(re.fullmatch(r"\d{1,3}[a-z]?|[ivx]{1,4}|[a-z]", first))


def family_of(words: Sequence[str], members: Sequence[int], base: Knowledge) -> Family:
    """The family that some words name: called as the series where the members are one, else by the words."""
    series = {int(base.series[one]) for one in members}
    label = str(base.series_names[series.pop()]) if len(series) == 1 else f"“{' '.join(words)}”"
    return Family(label, tuple(members))


def _key(words: Sequence[str]) -> str:
    return " ".join(word for word in words if word not in _GENERIC)
