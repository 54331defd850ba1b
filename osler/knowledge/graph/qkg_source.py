"""QKG's facts: triples of PrimeKG with the groups of people that they are said of, alone or laid over PrimeKG's kg.csv.

The published layout (https://github.com/HKAI-Sci/QKG, relation facts): one JSON object a line, `triplet` with `x`,
`y` (index, name, type) and `relation`, and `relation_constraints`, each with `patient_characteristics` (null for
people in general), `applicability` and `evidence`.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from osler.errors import InputError
from osler.knowledge.graph.build import Builder, Details

Groups = tuple[tuple[str, str, str], ...]
Facts = dict[tuple[str, str, str], Groups]
# What the facts call a group's case, and what Osler calls it (see `osler.graphs.Condition`).
_ADVICE = {
    "definitely applicable": "applies", "increased likelihood": "likelier", "definitely not applicable": "not",
    "avoid": "avoid", "recommended": "recommended", "caution": "caution",
}  # fmt: skip
_UNDECIDED = {"not determinable", "unknown", ""}
KINDS: dict[str, str] = {"effect/phenotype": "phenotype", "gene/protein": "gene", "anatomy": "body part"}


def is_facts(path: Path) -> bool:
    """Whether a file's first line is such a fact."""
    try:
        first = next(_lines(path), "")
        return "triplet" in json.loads(first) if first.startswith("{") else False
    except (json.JSONDecodeError, InputError):
        return False


def read_facts(path: Path) -> Iterator[tuple[dict[str, str], str, dict[str, str], Groups]]:
    """(x, relation, y, groups) of every line. Raises InputError for a line that is none."""
    for number, line in enumerate(_lines(path), 1):
        if not line.strip():
            continue
        try:
            fact = json.loads(line)
            triplet = fact["triplet"]
            groups = [_group(one, path, number) for one in fact.get("relation_constraints") or ()]
            x, y = (
                {key: str(end[key]) for key in ("index", "name", "type")}
                for end in (triplet["x"], triplet["y"])
            )
            yield x, str(triplet["relation"]), y, tuple(one for one in groups if one)
        except (json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise InputError(f"{path.name}, line {number}, is no fact of QKG ({error!r})") from None


def _end(given: dict[str, Any]) -> dict[str, str]:
    return {key: str(given[key]) for key in ("index", "name", "type")}


def _group(one: dict[str, Any], path: Path, number: int) -> tuple[str, str, str] | None:
    said = " ".join(str(one["applicability"]).lower().split())
    if said in _UNDECIDED:
        return None
    if said not in _ADVICE:
        raise InputError(
            f"{path.name}, line {number}: applicability {said[:40]!r} is not {', '.join(_ADVICE)}"
        )
    group = one.get("patient_characteristics") or one.get("patient_group") or ""
    return " ".join(str(group).split()), _ADVICE[said], " ".join(str(one.get("evidence") or "").split())


def add_qkg(builder: Builder, path: Path) -> None:
    """The facts alone: their nodes are known by PrimeKG's index."""
    source = builder.add_source("QKG", "", "see the data set; PrimeKG CC BY 4.0")
    for x, relation, y, groups in read_facts(path):
        ends = [
            builder.node(f"PRIMEKG:{end['index']}", end["name"], KINDS.get(end["type"], end["type"]))
            for end in (x, y)
        ]
        builder.edge(ends[0], relation, ends[1], source, Details(groups=groups) if groups else None)


def facts_of(path: Path) -> Facts:
    """Groups by the indexes of both ends, the smaller first, and the relation."""
    found: Facts = {}
    for x, relation, y, groups in read_facts(path):
        low, high = sorted((x["index"], y["index"]))
        found[low, high, relation] = (*found.get((low, high, relation), ()), *groups)
    return {key: tuple(dict.fromkeys(groups)) for key, groups in found.items() if groups}


def _lines(path: Path) -> Iterator[str]:
    try:
        zipped = path.name.endswith(".gz")
        with (
            gzip.open(path, "rt", encoding="utf-8") if zipped else path.open(encoding="utf-8") as lines  # type: ignore[attr-defined]
        ):
            yield from lines
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name} cannot be read ({error}); check the file") from None
