"""A dialogue about a differential: why, why not, what if, how sure, what next; each reply quotes the engine's evidence.

Source: Lakkaraju et al. 2022 (arXiv 2202.01875): explanations as a conversation, in which a person asks back. Plain rules read the
kind of question and the diseases and findings it names; the engine, and the trace where there is one, answer. No language model.
What is not understood is said to be so. A follow-up ("and Marfan syndrome?", "why not that one?") takes kind or disease from the
turn before. A what-if ranks a changed copy; the case itself is never changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from pydantic import BaseModel, Field

from osler.case import Case
from osler.diagnosis.asked import Kind, about_none, bare, diseases, findings_in, kind_of
from osler.diagnosis.contrast import SAME, contrast
from osler.diagnosis.counterfactual import counterfactual
from osler.diagnosis.engine import Engine
from osler.diagnosis.explain import reasons
from osler.diagnosis.matching import Matching
from osler.diagnosis.query import Query
from osler.diagnosis.result import Missing, Reason
from osler.diagnosis.shares import percent
from osler.diagnosis.supposed import Unclear, supposed
from osler.errors import UsageError
from osler.trace import Evidence, Trace

MOST_FOR, MOST_AGAINST, MOST_MISSING, TABLE = 5, 4, 3, 5


class Row(BaseModel):
    """A disease's probability before and after a change."""

    name: str
    before: float
    after: float


class Turn(BaseModel):
    """A question and its reply: lines of text, the evidence they quote, and a table for a what-if.

    `about` are ids of the diseases it was about, for the turns after it; `answered` is false where it was not understood;
    `names` are those of the diseases that the evidence is about, by id.
    """

    question: str
    kind: Kind
    about: list[str] = Field(default_factory=list)
    text: list[str] = Field(default_factory=list)
    evidence: list[Evidence] = Field(default_factory=list)
    table: list[Row] = Field(default_factory=list)
    answered: bool = True
    names: dict[str, str] = Field(default_factory=dict)


@dataclass
class _State:
    """A case as the engine ranks it."""

    engine: Engine
    case: Case

    def __post_init__(self) -> None:
        base = self.engine.knowledge
        self.query = Query.from_case(self.case, base)
        self.matching = Matching(self.engine.model, self.query)
        self.scores = self.engine.scores(self.query)
        self.probability, self.none_fits = self.engine.posterior(self.scores, self.query)
        self.order = np.lexsort((-self.scores, -self.probability))

    def name(self, disease: int) -> str:
        return str(self.engine.knowledge.disease_names[disease])

    def place(self, disease: int) -> int:
        return int(np.flatnonzero(self.order == disease)[0]) + 1

    def share(self, disease: int) -> str:
        return percent(float(self.probability[disease]))

    def reasons(self, disease: int) -> tuple[list[Reason], list[Reason], list[Missing]]:
        return reasons(self.engine.ranker, self.matching, disease)

    def evidence(self, disease: int, one: Reason | Missing, supports: bool | None) -> Evidence:
        base = self.engine.knowledge
        about = {"source": f"{base.name} {base.release}", "supports": supports}
        own = base.disease_ids[disease]
        if isinstance(one, Missing):
            return Evidence(
                record=f"{own} {one.id}",
                quote=one.label,
                score=one.frequency,
                score_unit="frequency",
                **about,
            )
        return Evidence(
            record=f"{own} {one.matched_id or one.id}",
            quote=f"no {one.label}" if one.status == "absent" else one.label,
            score=one.contribution,
            score_unit=self.engine.ranker.contribution_unit,
            references=one.references,
            **about,
        )


def reply(
    question: str,
    case: Case,
    engine: Engine,
    past: Sequence[Turn] = (),
    trace: Trace | None = None,
    model: bool = False,
) -> Turn:
    """Answer one question about a case's differential. `model` says that a method with a model can be offered.

    `past` are the turns before it, oldest first. Never raises for words it does not understand: it says so.
    """
    state = _State(engine, case)
    if state.query.empty:
        return Turn(question=question, kind="unknown", answered=False,
                    text=["No finding is present or absent yet, so there is no differential to explain."])  # fmt: skip
    before = next((turn for turn in reversed(past) if turn.answered), None)
    kind = kind_of(question, before.kind if before else None)
    aside = findings_in(question, case) if kind == "what if" else []
    known = [
        one for one in map(engine.knowledge.disease_index, before.about if before else []) if one is not None
    ]
    named, note = diseases(question, engine.knowledge, state.order, known, aside, kind != "what if")
    answer = _ANSWERS.get(kind)
    if kind == "why not" and not bare(question) and not diseases(question, engine.knowledge, state.order)[0]:
        # It names something that is no disease known here: another disease is not what was asked.
        answer = None
    try:
        turn = answer(question, state, named, trace) if answer else None
    except Unclear as why:
        turn = _not_understood(question, model)
        turn.text.insert(0, str(why))
        return turn
    if turn is None:
        return _not_understood(question, model)
    if note and kind not in ("next", "steps"):
        turn.text.insert(0, note)
    ids = {one.record.partition(" ")[0] for one in turn.evidence}
    known = {one: engine.knowledge.disease_index(one) for one in sorted(ids)}
    turn.names = {one: state.name(found) for one, found in known.items() if found is not None}
    return turn


def _why(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn:
    disease = named[0] if named else int(state.order[0])
    support, against, missing = state.reasons(disease)
    text = [f"{state.name(disease)} is {_ordinal(state.place(disease))} with {state.share(disease)}."]
    text.append(
        f"What speaks for it most: {_listed(support, MOST_FOR)}."
        if support
        else "Nothing known of the patient speaks for it."
    )
    if against:
        text.append(f"Against it: {_listed(against, MOST_AGAINST)}.")
    if missing:
        text.append(
            f"Typical of it, and not mentioned: {', '.join(one.label for one in missing[:MOST_MISSING])}."
        )
    return Turn(
        question=question, kind="why", about=_ids(state, [disease]), text=text,
        evidence=_quoted(state, disease, support, against, missing),
    )  # fmt: skip


def _why_not(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn:
    first = int(state.order[0])
    against_it = re.search(r"\bagainst (?:it|that|this)\b", question, re.I)
    disease = named[0] if named else first if against_it else int(state.order[1])
    if disease == first and len(named) < 2:
        _, against, missing = state.reasons(first)
        text = [f"{state.name(first)} is not ruled out: it is first with {state.share(first)}."]
        text.append(
            f"Against it speaks: {_listed(against, MOST_AGAINST)}."
            if against
            else "Nothing known of the patient speaks against it."
        )
        evidence = _quoted(state, first, [], against, missing)
        return Turn(
            question=question, kind="why not", about=_ids(state, [first]), text=text, evidence=evidence
        )
    support, against, missing = state.reasons(disease)
    text = [
        f"{state.name(disease)} is {_ordinal(state.place(disease))} with {state.share(disease)}; "
        f"{state.name(first)} is first with {state.share(first)}."
    ]
    worse = [
        one for one in contrast(state.engine, state.query, first, disease).known if one.difference > SAME
    ]
    if worse:
        parts = [
            f"{_said(one.label, one.status)} ({one.difference:+.2f} to {state.name(first)})"
            for one in worse[:MOST_FOR]
        ]
        text.append(f"What puts it behind: {'; '.join(parts)}.")
    if against:
        text.append(f"Against it: {_listed(against, MOST_AGAINST)}.")
    if missing:
        text.append(
            f"Typical of it, and not mentioned: {', '.join(one.label for one in missing[:MOST_MISSING])}."
        )
    telling = {one.id for one in worse[:MOST_FOR]}
    other = [one for one in state.reasons(first)[0] if one.id in telling][:MOST_MISSING]
    evidence = _quoted(state, disease, support[:2], against, missing)
    evidence += [state.evidence(first, one, True) for one in other]
    return Turn(
        question=question, kind="why not", about=_ids(state, [disease, first]), text=text, evidence=evidence
    )


def _compare(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn | None:
    pair = list(dict.fromkeys([*named, *(int(one) for one in state.order[:2])]))[:2]
    if len(pair) < 2:
        return None
    first, second = pair
    found = contrast(state.engine, state.query, first, second)
    text = [f"{state.name(first)} {state.share(first)}, {state.name(second)} {state.share(second)}."]
    evidence: list[Evidence] = []
    for disease, other, sign in ((first, second, 1), (second, first, -1)):
        better = [one for one in found.known if sign * one.difference > SAME][:MOST_AGAINST]
        if better:
            said = "; ".join(f"{_said(one.label, one.status)} ({abs(one.difference):.2f})" for one in better)
            text.append(f"For {state.name(disease)} rather than {state.name(other)}: {said}.")
        ids = {one.id for one in better}
        support, against, _ = state.reasons(disease)
        evidence += [
            state.evidence(disease, one, one in support) for one in (*support, *against) if one.id in ids
        ]
    if found.open:
        text.append(
            f"Not known yet, and telling: {', '.join(one.label for one in found.open[:MOST_MISSING])}."
        )
    return Turn(question=question, kind="compare", about=_ids(state, pair), text=text, evidence=evidence)


def _what_if(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn | None:
    changed, said, terms = supposed(question, state.case)
    if not said:
        return None
    after = _State(state.engine, changed)
    if after.query.empty:
        return Turn(question=question, kind="what if", text=["Then nothing would be known to rank by."])
    shown = list(dict.fromkeys([*named, *(int(one) for one in state.order[:TABLE]), int(after.order[0])]))
    table = [
        Row(name=state.name(one), before=float(state.probability[one]), after=float(after.probability[one]))
        for one in shown
    ]
    old, new = int(state.order[0]), int(after.order[0])
    text = [f"Suppose {' and '.join(said)}; the case itself stays as it is."]
    if old == new:
        text.append(
            f"{state.name(old)} would still be first, with {after.share(old)} rather than {state.share(old)}."
        )
    else:
        text.append(
            f"{after.name(new)} would be first with {after.share(new)}; {state.name(old)} would be {_ordinal(after.place(old))} with {after.share(old)}."
        )
    text.append(
        f"That none of the known diseases fits: {percent(after.none_fits)} rather than {percent(state.none_fits)}."
    )
    evidence = []
    for disease in dict.fromkeys([*named[:1], new, old]):
        for where in (after, state):
            support, against, _ = where.reasons(disease)
            rows = [one for one in (*support, *against) if one.id in terms]
            evidence += [where.evidence(disease, one, one in support) for one in rows]
    if not evidence:
        evidence = _quoted(after, new, after.reasons(new)[0], [], [])
    return Turn(
        question=question,
        kind="what if",
        about=_ids(state, named or [new]),
        text=text,
        table=table,
        evidence=evidence,
    )


def _how_sure(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn:
    if not named and about_none(question):
        return _how_sure_none(question, state)
    disease = named[0] if named else int(state.order[0])
    rival = int(next(one for one in state.order if int(one) != disease))
    text = [
        f"{state.name(disease)}: {state.share(disease)}, if the patient has one of the {len(state.order):,} profiled diseases or none of them.",
        f"The next is {state.name(rival)} with {state.share(rival)}; that none fits: {percent(state.none_fits)}.",
    ]
    share = float(state.probability[disease])
    text.append(
        "That is a lead, not a diagnosis."
        if share < 0.5
        else "Still, it rests on what is known so far, and on profiles that are not complete."
    )
    asked = state.engine.next_questions(state.query, state.probability, state.none_fits, 1)
    if asked:
        text.append(f"What would tell most: {asked[0].question} ({asked[0].gain:.2f} bits)")
    support, against, missing = state.reasons(disease)
    return Turn(question=question, kind="how sure", about=_ids(state, [disease]), text=text,
                evidence=_quoted(state, disease, support[:3], against[:2], missing[:1]))  # fmt: skip


def _how_sure_none(question: str, state: _State) -> Turn:
    first = int(state.order[0])
    text = [
        f"That none of the {len(state.order):,} profiled diseases fits: {percent(state.none_fits)}.",
        f"The likeliest of them is {state.name(first)} with {state.share(first)}.",
    ]
    support, against, missing = state.reasons(first)
    evidence = _quoted(state, first, support[:1], against, missing)
    return Turn(question=question, kind="how sure", about=_ids(state, [first]), text=text, evidence=evidence)


def _change(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn | None:
    first, second = (
        (named[1], named[0])
        if len(named) > 1
        else (int(state.order[0]), named[0] if named else int(state.order[1]))
    )
    try:
        found = counterfactual(state.engine, state.query, first, second)
    except UsageError:
        return None
    text, terms = [], set()
    for flip in found.flips:
        said = "; ".join(f"{one.label}: {one.before} → {one.after}" for one in flip.changes)
        text.append(
            f"{said}. Then {found.second} has {percent(flip.second_probability)}, {found.first} {percent(flip.first_probability)}."
        )
        terms |= {one.id for one in flip.changes}
    if not text:
        text = [f"Nothing that was tried ({found.tried} changes) puts {found.second} before {found.first}."]
    else:
        fewest = "the fewest changes" if found.exact else "the fewest changes that were found"
        text.insert(0, f"What would put {found.second} before {found.first}, with {fewest}:")
    support, against, _ = state.reasons(first)
    evidence = [state.evidence(first, one, one in support) for one in (*support, *against) if one.id in terms]
    evidence = evidence or _quoted(state, first, support[:3], [], [])
    return Turn(
        question=question, kind="change", about=_ids(state, [first, second]), text=text, evidence=evidence
    )


def _next(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn:
    asked = state.engine.next_questions(state.query, state.probability, state.none_fits, 3)
    text = [f"{one.question} ({one.gain:.2f} bits, {one.cost})" for one in asked] or [
        "No question would tell more."
    ]
    first = int(state.order[0])
    missing = state.reasons(first)[2]
    return Turn(
        question=question,
        kind="next",
        about=_ids(state, [first]),
        text=text,
        evidence=_quoted(state, first, [], [], missing),
    )


def _steps(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn | None:
    if trace is None:
        return None
    text = [f"{trace.method} took {len(trace.steps)} steps:"]
    for step in trace.steps[:12]:
        said = " ".join(part for part in (step.role or "", step.kind, step.label) if part)
        text.append(f"{said}: {_short(step.text)}" if step.text.strip() else said)
    evidence = [
        one
        for step in trace.steps
        if step.kind in ("retrieve", "calculate", "conclude")
        for one in step.evidence
    ][:6]
    return Turn(question=question, kind="steps", text=text, evidence=evidence)


def _sources(question: str, state: _State, named: list[int], trace: Trace | None) -> Turn:
    base = state.engine.knowledge
    disease = named[0] if named else int(state.order[0])
    support = [one for one in state.reasons(disease)[0] if one.references]
    text = [f"The ranking rests on {base.name} release {base.release}, {len(state.order):,} diseases."]
    text.append(
        f"For {state.name(disease)} its rows cite:"
        if support
        else f"The rows for {state.name(disease)} name no publication."
    )
    evidence = [state.evidence(disease, one, True) for one in support[: MOST_FOR + 1]]
    if trace is not None:
        evidence += [one for step in trace.steps if step.kind == "conclude" for one in step.evidence][:4]
    return Turn(question=question, kind="sources", about=_ids(state, [disease]), text=text, evidence=evidence)


_ANSWERS: dict[Kind, Callable[[str, _State, list[int], Trace | None], Turn | None]] = {
    "why": _why,
    "why not": _why_not,
    "compare": _compare,
    "what if": _what_if,
    "how sure": _how_sure,
    "change": _change,
    "next": _next,
    "steps": _steps,
    "sources": _sources,
}


def _not_understood(question: str, model: bool) -> Turn:
    text = [
        "The engine and the trace cannot answer that. They answer: why is it first, why not another disease, what if a finding "
        "were absent or present, how sure, what tells two diseases apart, what would change the order, what to ask next, and "
        "where it is from."
    ]
    if model:
        text.append(
            "A method with a language model can try: put the question above, with the case, to zero-shot-cot, say."
        )
    return Turn(question=question, kind="unknown", text=text, answered=False)


def _quoted(
    state: _State,
    disease: int,
    support: Sequence[Reason],
    against: Sequence[Reason],
    missing: Sequence[Missing],
) -> list[Evidence]:
    return [
        *(state.evidence(disease, one, True) for one in support[:MOST_FOR]),
        *(state.evidence(disease, one, False) for one in against[:MOST_AGAINST]),
        *(state.evidence(disease, one, None) for one in missing[:MOST_MISSING]),
    ]


def _ids(state: _State, diseases: Sequence[int]) -> list[str]:
    return [state.engine.knowledge.disease_ids[one] for one in diseases]


def _listed(found: Sequence[Reason], most: int) -> str:
    return ", ".join(f"{_said(one.label, one.status)} ({one.contribution:+.2f})" for one in found[:most])


def _said(label: str, status: str) -> str:
    return f"no {label}" if status == "absent" else label


def _ordinal(place: int) -> str:
    names = ("first", "second", "third")
    return names[place - 1] if place <= 3 else f"at place {place:,}"


def _short(text: str, most: int = 160) -> str:
    words = " ".join(text.split())
    return words if len(words) <= most else f"{words[: most - 2]} …"
