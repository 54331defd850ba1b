"""What a finding or a disease is, and how a disease is inherited, as far as the knowledge says it."""

from __future__ import annotations

from osler.diagnosis.dialogue.quoting import MOST_MISSING, ordinal, quoted
from osler.diagnosis.dialogue.turn import Asking, State, Turn
from osler.diagnosis.shares import percent
from osler.knowledge.profiles import I


def meaning(asking: Asking, state: State) -> Turn:
    """What a finding is by its definition; of a disease, which has none here, what its profile has most often."""
    ontology, text, evidence = state.engine.knowledge.ontology, [], []
    for term in asking.findings[:MOST_MISSING]:
        place = ontology.resolve(term.id)
        told = ontology.definition(place.index) if place.id is not None else ""
        text.append(f"{term.label}: {told}" if told else f"No definition of {term.label} is held here.")
    for disease in asking.named[:MOST_MISSING]:
        frequent = _frequent(state, disease)
        said = f" Its profile has most often: {', '.join(frequent)}." if frequent else ""
        text.append(f"No definition of {state.name(disease)} is held here.{said}")
        text.append(
            f"In this differential it is {ordinal(state.place(disease))} with {state.share(disease)}."
        )
        evidence += quoted(state, disease, state.reasons(disease)[0][:2], [], [])
    return Turn(
        question=asking.question, kind="meaning", about=state.ids(asking.named), text=text, evidence=evidence
    )


def _frequent(state: State, disease: int, most: int = 5) -> list[str]:
    """The findings that a profile states the highest shares for, with these."""
    model = state.engine.model
    part = slice(*model.prof_indptr[disease : disease + 2].tolist())
    rows = zip(model.prof_term[part].tolist(), model.prof_stated[part].tolist(), strict=True)
    stated = sorted(
        ((share, term) for term, share in rows if share == share), key=lambda one: (-one[0], one[1])
    )
    return [f"{model.ontology.labels[term]} ({percent(round(share, 4))})" for share, term in stated[:most]]


def inheritance(asking: Asking, state: State) -> Turn:
    """How a disease is inherited, by its profile."""
    base = state.engine.knowledge
    disease = asking.named[0] if asking.named else int(state.order[0])
    modes = [base.ontology.labels[int(one)] for one in base.terms_of(disease, I)]
    text = [
        f"{state.name(disease)}: {', '.join(modes)}, by {base.name} {base.release}."
        if modes
        else f"{base.name} {base.release} states no mode of inheritance for {state.name(disease)}.",
        "Whether the patient's illness is inherited is not assessed.",
    ]
    return Turn(question=asking.question, kind="inheritance", about=state.ids([disease]), text=text)
