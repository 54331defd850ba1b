"""Where the differential and a run's answer are from: the steps of the run, and the publications behind a profile."""

from __future__ import annotations

from collections.abc import Sequence

from osler.diagnosis.dialogue.quoting import MOST_FOR, as_quoted, short
from osler.diagnosis.dialogue.turn import Asking, State, Turn
from osler.knowledge.search import words_of


def steps(asking: Asking, state: State) -> Turn | None:
    """What the run did, step by step; None without one."""
    if asking.trace is None:
        return None
    text = [f"{asking.trace.method} took {len(asking.trace.steps)} steps:"]
    for step in asking.trace.steps[:12]:
        words = " ".join(part for part in (step.role or "", step.kind, step.label) if part)
        text.append(f"{words}: {short(step.text)}" if step.text.strip() else words)
    evidence = [
        one
        for step in asking.trace.steps
        if step.kind in ("retrieve", "calculate", "conclude")
        for one in step.evidence
    ][:6]
    evidence = [as_quoted(one, state) for one in evidence]
    return Turn(question=asking.question, kind="steps", text=text, evidence=evidence)


def answered_by_run(asking: Asking, state: State, names: Sequence[str]) -> Turn | None:
    """What the run did, where names that are not known here are in its own answer."""
    answer = asking.trace.answer if asking.trace else None
    if answer is None:
        return None
    words = words_of(
        " ".join([answer.text or "", answer.choice or "", *(one.name for one in answer.differential)])
    )
    told = f" {' '.join(words)} "
    if not all(f" {' '.join(words_of(name))} " in told for name in names):
        return None
    turn = steps(asking, state)
    if turn is not None:
        turn.text.insert(
            0, f"“{names[0]}” is what the run answered; it is no disease of the ranking. What the run did:"
        )
    return turn


def sources(asking: Asking, state: State) -> Turn:
    """What the ranking of a disease rests on, and what the run cites."""
    base = state.engine.knowledge
    disease = asking.named[0] if asking.named else int(state.order[0])
    support = [one for one in state.reasons(disease)[0] if one.references]
    text = [f"The ranking rests on {base.name} release {base.release}, {state.profiled:,} diseases."]
    text.append(
        f"For {state.name(disease)} its rows cite:"
        if support
        else f"The rows for {state.name(disease)} name no publication."
    )
    evidence = [state.evidence(disease, one, True) for one in support[: MOST_FOR + 1]]
    if asking.trace is not None:
        cited = [one for step in asking.trace.steps if step.kind == "conclude" for one in step.evidence][:4]
        evidence += [as_quoted(one, state) for one in cited]
        text.append(
            f"What the run ({asking.trace.method}) cites is quoted too."
            if cited
            else "The run cites nothing."
        )
    return Turn(
        question=asking.question, kind="sources", about=state.ids([disease]), text=text, evidence=evidence
    )
