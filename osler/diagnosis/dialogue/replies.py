"""The replies of the dialogue, one for each kind of question: from the engine's contributions and the trace, without a model.

A reply is None where it cannot be given; a what-if raises Unclear where it is not clear what is supposed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from osler.diagnosis.contrast import SAME, contrast
from osler.diagnosis.counterfactual import Counterfactual, counterfactuals
from osler.diagnosis.dialogue.asked import Kind, about_none
from osler.diagnosis.dialogue.meanings import inheritance, meaning
from osler.diagnosis.dialogue.provenance import sources, steps
from osler.diagnosis.dialogue.quoting import (
    MOST_AGAINST,
    MOST_FOR,
    MOST_MISSING,
    listed,
    ordinal,
    quoted,
    said,
    telling,
)
from osler.diagnosis.dialogue.supposed import Supposition, supposition
from osler.diagnosis.dialogue.turn import Asking, Row, State, Turn
from osler.diagnosis.ranker import stated_frequency
from osler.diagnosis.result import Reason
from osler.diagnosis.shares import percent, signed
from osler.errors import UsageError
from osler.knowledge.search import search_diseases
from osler.trace import Evidence

# A fall in probability that is worth a word.
FELT = 0.005
TABLE = 5


def _why(asking: Asking, state: State) -> Turn:
    disease = asking.named[0] if asking.named else int(state.order[0])
    support, against, missing = state.reasons(disease)
    support, against = telling(support), telling(against)
    text = _family_lines(asking, state, disease)
    text.append(f"{state.name(disease)} is {ordinal(state.place(disease))} with {state.share(disease)}.")
    text.append(
        f"What speaks for it most: {listed(support, MOST_FOR)}."
        if support
        else "Nothing known of the patient speaks for it."
    )
    if against:
        text.append(f"Against it: {listed(against, MOST_AGAINST)}.")
    if missing:
        text.append(
            f"Typical of it, and not mentioned: {', '.join(one.label for one in missing[:MOST_MISSING])}."
        )
    return Turn(
        question=asking.question, kind="why", about=state.ids([disease]), text=text,
        evidence=quoted(state, disease, support, against, missing),
    )  # fmt: skip


def _why_not(asking: Asking, state: State) -> Turn:
    if len(asking.named) > 1:
        each = [_why_not(replace(asking, named=[one]), state) for one in asking.named[:MOST_MISSING]]
        return Turn(
            question=asking.question,
            kind="why not",
            about=state.ids(asking.named),
            text=[line for one in each for line in one.text],
            evidence=[row for one in each for row in one.evidence],
        )
    first = int(state.order[0])
    against_it = re.search(
        r"\bagainst (?:it|that|this)\b|(?:n't|\bnot) (?:really |quite |well )?(?:fit|match|agree|explain\w*|typical|consistent|compatible)\b|less likely\b|\bunlikely\b|improbable\b",
        asking.question,
        re.I,
    )
    disease = asking.named[0] if asking.named else first if against_it else int(state.order[1])
    if disease == first:
        return _why_not_first(asking, state, first)
    support, against, missing = state.reasons(disease)
    text = [
        f"{state.name(disease)} is {ordinal(state.place(disease))} with {state.share(disease)}; "
        f"{state.name(first)} is first with {state.share(first)}."
    ]
    text[:0] = _family_lines(asking, state, disease)
    worse = [
        one for one in contrast(state.engine, state.query, first, disease).known if one.difference > SAME
    ]
    if worse:
        parts = [
            f"{said(one.label, one.status)} ({signed(one.difference)} to {state.name(first)})"
            for one in worse[:MOST_FOR]
        ]
        text.append(f"What puts it behind: {'; '.join(parts)}.")
    if against := telling(against):
        text.append(f"Against it: {listed(against, MOST_AGAINST)}.")
    if missing:
        text.append(
            f"Typical of it, and not mentioned: {', '.join(one.label for one in missing[:MOST_MISSING])}."
        )
    shown = {one.id for one in worse[:MOST_FOR]}
    other = [one for one in state.reasons(first)[0] if one.id in shown][:MOST_MISSING]
    evidence = quoted(state, disease, support[:2], against, missing)
    evidence += [state.evidence(first, one, True) for one in other]
    return Turn(
        question=asking.question,
        kind="why not",
        about=state.ids([disease, first]),
        text=text,
        evidence=evidence,
    )


def _why_not_first(asking: Asking, state: State, first: int) -> Turn:
    _, against, missing = state.reasons(first)
    against = telling(against)
    text = _family_lines(asking, state, first)
    text.append(f"{state.name(first)} is not ruled out: it is first with {state.share(first)}.")
    text.append(
        f"Against it speaks: {listed(against, MOST_AGAINST)}."
        if against
        else "Nothing known of the patient speaks against it."
    )
    evidence = quoted(state, first, [], against, missing)
    return Turn(
        question=asking.question, kind="why not", about=state.ids([first]), text=text, evidence=evidence
    )


def _family_lines(asking: Asking, state: State, disease: int) -> list[str]:
    """What the diseases of a name have together, where it is theirs and not one disease's."""
    family = asking.families.get(disease)
    if family is None:
        return []
    many = len(family.members)
    return [
        f"{family.label}: the {many} diseases of that name have {state.together(family)} together; the likeliest of them:"
    ]


def _with_share(asking: Asking, state: State, disease: int) -> str:
    family = asking.families.get(disease)
    alone = f"{state.name(disease)} {state.share(disease)}"
    if family is None:
        return alone
    return f"{family.label} {state.together(family)} ({len(family.members)} diseases together; the likeliest is {alone})"


def _compare(asking: Asking, state: State) -> Turn | None:
    # "and Stickler syndrome?" after a pair: the first of the pair stays.
    first = asking.known[:1] if asking.follows and len(asking.named) == 1 else []
    if not asking.named and re.search(
        r"\b(?:them|they|these|those|both|the two|the pair)\b", asking.question, re.I
    ):
        first = asking.known[:2]
    pair = list(dict.fromkeys([*first, *asking.named, *(int(one) for one in state.order[:2])]))[:2]
    if len(pair) < 2:
        return None
    first, second = pair
    found = contrast(state.engine, state.query, first, second)
    text = [f"{_with_share(asking, state, first)}, {_with_share(asking, state, second)}."]
    evidence: list[Evidence] = []
    for disease, other, sign in ((first, second, 1), (second, first, -1)):
        better = [one for one in found.known if sign * one.difference > SAME][:MOST_AGAINST]
        if better:
            words = "; ".join(f"{said(one.label, one.status)} ({abs(one.difference):.2f})" for one in better)
            text.append(f"For {state.name(disease)} rather than {state.name(other)}: {words}.")
        ids = {one.id for one in better}
        support, against, _ = state.reasons(disease)
        evidence += [
            state.evidence(disease, one, one in support) for one in (*support, *against) if one.id in ids
        ]
    if found.open:
        text.append(
            f"Not known yet, and telling: {', '.join(one.label for one in found.open[:MOST_MISSING])}."
        )
    return Turn(question=asking.question, kind="compare", about=state.ids(pair), text=text, evidence=evidence)


def _what_if(asking: Asking, state: State) -> Turn:
    given = supposition(asking.question, state.case, asking.suppose)
    return supposed(asking, state, given)


def supposed(asking: Asking, state: State, given: Supposition) -> Turn:
    """What becomes of the differential under a supposition. Raises Unclear for one that contradicts itself."""
    changed, follows = given.applied(state.case, state.engine.knowledge.ontology)
    text = [f"Suppose {' and '.join(given.words())}; the case itself stays as it is.", *follows]
    if given.unread:
        text.append(f"Not read: {', '.join(f'“{word}”' for word in given.unread[:4])}.")
    turn = Turn(question=asking.question, kind="what if", suppose=given, text=text)
    after = State(state.engine, changed)
    if after.query.empty:
        turn.text.append("Then nothing would be known to rank by.")
        return turn
    if given.holds(state.case):
        turn.text.append("The case has that already, so nothing changes.")
    old, new = int(state.order[0]), int(after.order[0])
    shown = list(dict.fromkeys([*asking.named, *(int(one) for one in state.order[:TABLE]), new]))
    turn.table = [
        Row(name=state.name(one), before=float(state.probability[one]), after=float(after.probability[one]))
        for one in shown
    ]
    for family in asking.families.values():
        before, now = state.together(family), after.together(family)
        turn.text.append(
            f"{family.label}: the {len(family.members)} diseases of that name would have {now} together rather than {before}."
        )
    for one in asking.named[:2]:
        if one not in (old, new):
            turn.text.append(
                f"{state.name(one)} would be {ordinal(after.place(one))} with {after.share(one)}, rather than "
                f"{ordinal(state.place(one))} with {state.share(one)}."
            )
    if old == new:
        turn.text.append(
            f"{state.name(old)} would still be first, with {after.share(old)} rather than {state.share(old)}."
        )
    else:
        turn.text.append(
            f"{after.name(new)} would be first with {after.share(new)}; {state.name(old)} would be {ordinal(after.place(old))} with {after.share(old)}."
        )
    turn.text += _though_for(asking, state, after, given)
    turn.text.append(
        f"That none of the known diseases fits: {percent(after.none_fits)} rather than {percent(state.none_fits)}."
    )
    turn.evidence = _of_change(asking, state, after, {term.id for term, _ in given.findings})
    turn.about = state.ids(asking.named or [new])
    return turn


def _though_for(asking: Asking, state: State, after: State, given: Supposition) -> list[str]:
    """Why a disease loses by what speaks for it: the others gain more."""
    text = []
    for disease in dict.fromkeys([*asking.named[:1], int(state.order[0])]):
        support, _, _ = after.reasons(disease)
        counted = {one.id: one for one in telling(support)}
        own = [counted[term.id] for term, status in given.findings if status and term.id in counted]
        if (
            own
            and state.probability[disease] - after.probability[disease] > FELT
            and len(own) == len(given.findings)
        ):
            text.append(
                f"{listed(own, MOST_FOR)} speaks for {state.name(disease)}, yet its probability falls: "
                "it speaks more for others, or what stood there before spoke more, and all share one whole."
            )
    return text


def _of_change(asking: Asking, state: State, after: State, terms: set[str]) -> list[Evidence]:
    """What the findings that change tell of the diseases in question, after and before; else what speaks for the first after it."""
    old, new = int(state.order[0]), int(after.order[0])
    evidence = []
    for disease in dict.fromkeys([*asking.named[:1], new, old]):
        for where in (after, state):
            support, against, _ = where.reasons(disease)
            rows = [one for one in (*support, *against) if one.id in terms]
            evidence += [where.evidence(disease, one, one in support) for one in rows]
    return evidence or quoted(after, new, after.reasons(new)[0], [], [])


def _finding(asking: Asking, state: State) -> Turn | None:
    """What single findings tell: of the disease named, else of the first five."""
    if not asking.findings:
        return None
    shown = asking.named or [int(one) for one in state.order[:TABLE]]
    turn = Turn(question=asking.question, kind="finding", about=state.ids(shown[:1]))
    for term in asking.findings[:MOST_MISSING]:
        status = next((one.status for one in state.case.findings if one.id == term.id), None)
        rows = [(disease, *_told_by(state, disease, term.id)) for disease in shown] if status else []
        rows = [(disease, one, supports) for disease, one, supports in rows if one is not None]
        if rows:
            parts = [f"{state.name(disease)} {signed(one.contribution)}" for disease, one, _ in rows]
            turn.text.append(
                f"{term.label}, {status} in the case, counts (above zero it speaks for the disease): {'; '.join(parts)}."
            )
            turn.evidence += [state.evidence(disease, one, supports) for disease, one, supports in rows]
            turn.text += [_in_profile(state, one, term.id) for one in asking.named[:1]]
            continue
        turn.text.append(
            f"{term.label} is {status} in the case, which the ranking does not count."
            if status
            else f"{term.label} is not in the case, so it counts neither for nor against a disease."
        )
        turn.text.append(_in_profile(state, shown[0], term.id))
        turn.text.append(f"To see what it would change, ask “what if {term.label} were present?”")
        if same := _of_that_name(state, term.label):
            turn.text.append(f"There is a disease of that name too; ask “why not {same}?”")
    return turn


def _told_by(state: State, disease: int, term: str) -> tuple[Reason | None, bool]:
    support, against, _ = state.reasons(disease)
    found = next((one for one in (*support, *against) if one.id == term), None)
    return found, found in support


def _of_that_name(state: State, label: str) -> str:
    """The likeliest disease whose name begins with a finding's; "" where there is none."""
    found = [
        one
        for one in search_diseases(state.engine.knowledge, label, 40)
        if one.kind in ("name", "short name", "prefix")
    ]
    return min(found, key=lambda one: state.place(one.index)).name if found else ""


def _in_profile(state: State, disease: int, term: str) -> str:
    place = state.engine.knowledge.ontology.resolve(term)
    share = stated_frequency(state.matching, disease, place.index) if place.id is not None else None
    if share is None:
        return f"The profile of {state.name(disease)} states no frequency for it."
    return f"By its profile {percent(round(share, 4))} of people with {state.name(disease)} have it."


def _how_sure(asking: Asking, state: State) -> Turn:
    if not asking.named and about_none(asking.question):
        return _how_sure_none(asking, state)
    disease = asking.named[0] if asking.named else int(state.order[0])
    family = asking.families.get(disease)
    own = family.members if family else (disease,)
    rival = int(next(one for one in state.order if int(one) not in own))
    text = [
        *_family_lines(asking, state, disease),
        f"{state.name(disease)}: {state.share(disease)}, if the patient has one of the {state.profiled:,} profiled diseases or none of them.",
        f"The {'likeliest other' if family or disease != int(state.order[0]) else 'next'} is {state.name(rival)} with {state.share(rival)}; that none fits: {percent(state.none_fits)}.",
    ]
    share = float(state.probability[list(own)].sum())
    text.append(
        "That is a lead, not a diagnosis."
        if share < 0.5
        else "Still, it rests on what is known so far, and on profiles that are not complete."
    )
    asked = state.engine.next_questions(state.query, state.probability, state.none_fits, 1)
    if asked:
        text.append(f"What would tell most: {asked[0].question} ({asked[0].gain:.2f} bits)")
    if not asking.named:
        text.append(state.conditional)
    support, against, missing = state.reasons(disease)
    return Turn(question=asking.question, kind="how sure", about=state.ids([disease]), text=text,
                evidence=quoted(state, disease, support[:3], against[:2], missing[:1]))  # fmt: skip


def common(asking: Asking, state: State) -> Turn:
    """What the ranking knows of common disease: the notice that the differential is shown with."""
    turn = _how_sure_none(asking, state)
    turn.text.insert(0, state.conditional)
    return turn


def _how_sure_none(asking: Asking, state: State) -> Turn:
    first = int(state.order[0])
    text = [
        f"That none of the {state.profiled:,} profiled diseases fits: {percent(state.none_fits)}.",
        f"The likeliest of them is {state.name(first)} with {state.share(first)}.",
    ]
    support, against, missing = state.reasons(first)
    evidence = quoted(state, first, support[:1], against, missing)
    return Turn(
        question=asking.question, kind="how sure", about=state.ids([first]), text=text, evidence=evidence
    )


def _change(asking: Asking, state: State) -> Turn | None:
    first, second = (
        (asking.named[1], asking.named[0])
        if len(asking.named) > 1
        else (int(state.order[0]), asking.named[0] if asking.named else int(state.order[1]))
    )
    second = second if second != first else int(next(one for one in state.order if int(one) != first))
    try:
        found = counterfactuals(state.engine, state.query, first, second)
    except UsageError:
        return None
    text, terms = [], set()
    for one, where in zip(
        found, ("if something known were otherwise", "if something new were found"), strict=True
    ):
        text += _flips(one, where)
        terms |= {change.id for flip in one.flips for change in flip.changes}
    support, against, _ = state.reasons(first)
    evidence = [state.evidence(first, one, one in support) for one in (*support, *against) if one.id in terms]
    evidence = evidence or quoted(state, first, support[:3], [], [])
    return Turn(
        question=asking.question,
        kind="change",
        about=state.ids([first, second]),
        text=text,
        evidence=evidence,
    )


def _flips(found: Counterfactual, where: str) -> list[str]:
    """The changes of one kind in words, those after which the second itself leads first."""
    names = f"{found.second} before {found.first}"
    if not found.flips:
        return [f"What would put {names}, {where}: nothing of {found.tried:,} changes that were tried."]
    fewest = "the fewest changes" if found.exact else "the fewest changes that were found"
    text = [f"What would put {names}, {where}, with {fewest}:"]
    for flip in found.flips:
        words = " and ".join(
            f"{one.label} {'not known' if one.after == 'unknown' else one.after}" for one in flip.changes
        )
        leads = "" if flip.new_first_id == found.second_id else f" ({flip.new_first} would then lead)"
        text.append(
            f"{words}: {percent(flip.second_probability)} against {percent(flip.first_probability)}{leads}."
        )
    return text


def _next(asking: Asking, state: State) -> Turn:
    asked = state.engine.next_questions(state.query, state.probability, state.none_fits, 3)
    text = [f"{one.question} ({one.gain:.2f} bits, {one.cost})" for one in asked] or [
        "No question would tell more."
    ]
    if re.search(
        r"\border (?:an?|the|any|some)\b|\b(?:tests?|investigations?|confirm\w*|scan|imaging|labs?|biops\w+|sequenc\w+|x ?ray|mri)\b",
        asking.question,
        re.I,
    ):
        text.insert(0, "The ranking holds no tests; of findings, these would tell most:")
    first = int(state.order[0])
    missing = state.reasons(first)[2]
    return Turn(
        question=asking.question,
        kind="next",
        about=state.ids([first]),
        text=text,
        evidence=quoted(state, first, [], [], missing),
    )


ANSWERS: dict[Kind, Callable[[Asking, State], Turn | None]] = {
    "why": _why,
    "why not": _why_not,
    "compare": _compare,
    "what if": _what_if,
    "how sure": _how_sure,
    "change": _change,
    "next": _next,
    "steps": steps,
    "sources": sources,
    "finding": _finding,
    "meaning": meaning,
    "inheritance": inheritance,
}
