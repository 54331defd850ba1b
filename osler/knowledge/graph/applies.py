"""For whom an edge counts: the conditions that it states, held against a person's age, sex and what the person has.

A group in words is decided here only where it is one name ("renal impairment"), an age or a sex; the rest is left undecided,
for a model or a person to judge. The group that fits most closely counts, people in general only where no other one does
(the reading of Wang et al. 2026, arXiv:2604.23972).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from osler.errors import Unplaced
from osler.graphs import Applied, Condition, Fitness, Person
from osler.knowledge.graph.build import name_key
from osler.knowledge.graph.facts import edges_of, is_above
from osler.knowledge.graph.link import resolve
from osler.knowledge.graph.store import Graph
from osler.trace import Evidence

_AGE = re.compile(
    r"(?:adults? )?(?:aged?\s*)?(?P<sign>>=|<=|≥|≤|>|<|over|under|above|below|at least|older than|younger than)\s*"
    r"(?P<n>\d+(?:\.\d+)?)\s*(?P<unit>years?|yrs?|y|months?)?(?:\s*(?:old|of age))?$",
)
_OPEN = re.compile(
    r"^(?:(?:patients?|people|persons?|those|individuals?)(?: who (?:have|are)| with| having)?|with|having)\s+"
)
_PEOPLE = {
    "children": (0.0, 18.0), "child": (0.0, 18.0), "paediatric patients": (0.0, 18.0), "pediatric patients": (0.0, 18.0),
    "infants": (0.0, 1.0), "adults": (18.0, 200.0), "adult patients": (18.0, 200.0), "elderly": (65.0, 200.0),
    "elderly patients": (65.0, 200.0), "older adults": (65.0, 200.0),
}  # fmt: skip
_SEXES = {
    "men": "male", "males": "male", "male": "male", "male patients": "male", "women": "female", "females": "female",
    "female": "female", "female patients": "female",
}  # fmt: skip
_GENERAL = {"", "general population", "all patients", "everyone", "people in general"}
_VERDICTS: dict[str, Fitness] = {
    "applies": "applies", "recommended": "applies", "likelier": "likelier", "caution": "caution", "avoid": "not", "not": "not",
}  # fmt: skip
_WORST: tuple[Fitness, ...] = ("not", "caution", "likelier", "applies")


def conditions_of(graph: Graph, edge: int) -> list[Condition]:
    """What one edge states: the age from and until which it holds, a sex, and groups of people."""
    shown, found = graph.edge(edge), []
    low, high = shown.age_from, shown.age_to
    if low or high is not None:
        bounds = [f"age >= {low:g}" if low else "", f"age <= {high:g}" if high is not None else ""]
        found.append(Condition("age", " and ".join(text for text in bounds if text)))
    if shown.sex:
        found.append(Condition("sex", shown.sex.lower()))
    return found + [Condition("group", said, advice, because) for said, advice, because in graph.groups(edge)]


def conditions(graph: Graph, evidence: Evidence) -> list[Condition]:
    """What the edges behind a triple state, each once."""
    found = [one for edge in edges_of(graph, evidence) for one in conditions_of(graph, edge)]
    return list(dict.fromkeys(found))


def applicable(graph: Graph, evidence: Evidence, person: Person) -> Applied:
    """Whether a triple counts for a person: where several edges say it, as soon as one of them does."""
    name = getattr(evidence.locator, "relations", [""])[0]
    found = [_edge(graph, edge, name, person) for edge in edges_of(graph, evidence)]
    order: tuple[Fitness, ...] = ("applies", "likelier", "caution", "unstated", "unknown", "not")
    return min(found, key=lambda one: order.index(one.verdict), default=Applied("unstated"))


def _edge(graph: Graph, edge: int, relation: str, person: Person) -> Applied:
    stated = conditions_of(graph, edge)
    if not stated:
        return Applied("unstated", "no condition is stated")
    bounds = [one for one in stated if one.kind != "group"]
    held = {one: holds(graph, one, person) for one in stated}
    for one in bounds:
        if held[one] is False:
            return Applied("not", f"holds for {one.says}")
    open_bounds = tuple(one for one in bounds if held[one] is None)
    groups = [one for one in stated if one.kind == "group"]
    special = [one for one in groups if not _general(one.says)]
    fits = [one for one in special if held[one]]
    undecided = tuple(one for one in special if held[one] is None)
    if not fits and not undecided:
        fits = [one for one in groups if _general(one.says)]
    if fits and not open_bounds:
        return _advised(fits, relation, undecided)
    if open_bounds or undecided:
        return Applied("unknown", "what is known of the person does not decide it", open_bounds + undecided)
    if groups:
        return (
            Applied("not", "holds for " + "; ".join(one.says for one in groups))
            if _all_positive(groups, relation)
            else Applied("unstated", "its groups are others")
        )
    return Applied("applies", "holds for " + " and ".join(one.says for one in bounds))


def _advised(fits: list[Condition], relation: str, undecided: tuple[Condition, ...]) -> Applied:
    """The most careful of what is advised for the groups that fit."""
    verdicts = [(_WORST.index(_means(one.advice, relation)), one) for one in fits]
    at, first = min(verdicts, key=lambda pair: pair[0])
    why = f"{first.advice}: {first.says or 'people in general'}" + (
        f" ({first.because})" if first.because else ""
    )
    return Applied(_WORST[at], why, undecided)


def _means(advice: str, relation: str) -> Fitness:
    """What advice means for an edge: to avoid a drug is what a contraindication says."""
    verdict = _VERDICTS.get(advice, "applies")
    if relation.startswith("contraindic") and advice in ("avoid", "recommended"):
        return "applies" if advice == "avoid" else "not"
    return verdict


def _all_positive(groups: Iterable[Condition], relation: str) -> bool:
    return all(_means(one.advice, relation) != "not" for one in groups)


def holds(graph: Graph, condition: Condition, person: Person) -> bool | None:
    """Whether a condition holds for a person; None where that is not known."""
    if condition.kind == "sex":
        return None if person.sex not in ("male", "female") else person.sex == condition.says
    said = condition.says.strip().casefold()
    if _general(said):
        return True
    if condition.kind == "age":
        parts = [_age(part, person) for part in said.split(" and ")]
        return None if None in parts else all(parts)
    if said in _SEXES:
        return None if person.sex not in ("male", "female") else person.sex == _SEXES[said]
    if said in _PEOPLE:
        low, high = _PEOPLE[said]
        return None if person.age is None else low <= person.age < high
    without = _OPEN.sub("", said, count=1)
    if _AGE.fullmatch(without):
        return _age(without, person)
    return _has(graph, (said, without), person)


def _general(said: str) -> bool:
    return said.strip().strip("()").casefold() in _GENERAL


def _age(said: str, person: Person) -> bool | None:
    match = _AGE.fullmatch(said.strip())
    if match is None or person.age is None:
        return None
    years = float(match["n"]) / (12 if (match["unit"] or "").startswith("month") else 1)
    sign = match["sign"]
    if sign in (">=", "≥", "at least"):
        return person.age >= years
    if sign in ("<=", "≤"):
        return person.age <= years
    return person.age > years if sign in (">", "over", "above", "older than") else person.age < years


def _has(graph: Graph, said: Iterable[str], person: Person) -> bool | None:
    """Whether the person has what a group is named by: the same name, or a narrower one of the graph's hierarchy."""
    keys = {name_key(text) for text in said}
    groups = {at for text in said for at in _nodes(graph, text)}
    for owned, verdict in ((person.has, True), (person.lacks, False)):
        if any(name_key(one) in keys for one in owned):
            return verdict
        for at in (at for one in owned for at in _nodes(graph, one)):
            # Who has the narrower has the broader; who lacks the broader lacks the narrower.
            pairs = ((at, group) if verdict else (group, at) for group in groups)
            if any(low == high or is_above(graph, low, high) for low, high in pairs):
                return verdict
    return None


def _nodes(graph: Graph, text: str) -> list[int]:
    try:
        return resolve(graph, text)
    except Unplaced:
        return []
