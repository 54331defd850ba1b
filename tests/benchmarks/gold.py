"""The answer that an item's reference asks for, for tests of scorers."""

from osler.case import Span
from osler.scoring.references import (
    ChoiceReference,
    ChoicesReference,
    CorrectionReference,
    DiagnosisReference,
    SpanReference,
)
from osler.trace import Answer, Candidate


def gold_answer(item) -> Answer:
    reference, kind = item.reference, item.case.answer_kind
    if isinstance(reference, ChoiceReference):
        return Answer(kind=kind, choice=reference.key)
    if isinstance(reference, ChoicesReference):
        return Answer(kind=kind, choices=list(reference.choices))
    if isinstance(reference, DiagnosisReference):
        return Answer(kind=kind, differential=[Candidate(id="", name=reference.names[0])])
    if isinstance(reference, SpanReference):
        return Answer(kind=kind, spans=[Span(start=a, end=b) for a, b in reference.spans])
    assert isinstance(reference, CorrectionReference)
    return Answer(kind=kind, text=reference.answer)
