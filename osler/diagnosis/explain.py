"""Why a disease is where it is: contributions of the findings with frequencies and citations, and what is missing.

Made for a handful of diseases at a time; nothing here ranks.
"""

from __future__ import annotations

import numpy as np

from osler.diagnosis.matching import Matching
from osler.diagnosis.ranker import Contribution, Ranker
from osler.diagnosis.result import Missing, Reason
from osler.knowledge.profiles import P

REFERENCES = 5
MISSING = 10
# An ancestor that most diseases have (less information than this, in nats) is no match to cite: nearly all have it.
BROAD = 0.7
# A finding is typical of a disease from this share on.
TYPICAL = 0.5


def reasons(
    ranker: Ranker, matching: Matching, disease: int
) -> tuple[list[Reason], list[Reason], list[Missing]]:
    """What speaks for the disease, what against it (each strongest first), and typical findings not mentioned.

    Every present and every absent finding of the query is in one of the first two lists: in the first where its
    contribution is above zero.
    """
    contributions = [c for c in ranker.explain(matching, disease) if c.kind != "missing"]
    told = {c.term for c in contributions}
    for term in matching.absent.tolist():
        if term not in told:
            contributions.append(Contribution(term, 0.0, "absent"))
    contributions.sort(key=lambda c: (-abs(c.value), c.term))
    made = [(c.value > 0, _reason(matching, disease, c)) for c in contributions]
    support = [reason for good, reason in made if good]
    against = [reason for good, reason in made if not good]
    return support, against, typical_missing(matching, disease)


def typical_missing(matching: Matching, disease: int) -> list[Missing]:
    """Findings typical of the disease that the query neither has nor denies, most frequent first, at most ten."""
    model = matching.model
    part = slice(int(model.prof_indptr[disease]), int(model.prof_indptr[disease + 1]))
    term, share, known = model.prof_term[part], model.prof_stated[part], model.prof_known[part]
    asked = ~matching.in_closure[term] & ~matching.denied[term] & known & (share >= TYPICAL)
    order = np.flatnonzero(asked)[np.argsort(-share[asked], kind="stable")][:MISSING]
    ids, labels = model.ontology.ids, model.ontology.labels
    return [
        Missing(id=ids[int(term[i])], label=labels[int(term[i])], frequency=_round(float(share[i])))
        for i in order
    ]


def _reason(matching: Matching, disease: int, contribution: Contribution) -> Reason:
    model = matching.model
    ids, labels = model.ontology.ids, model.ontology.labels
    matched = contribution.matched
    other = matched >= 0 and matched != contribution.term
    if other and model.information[matched] < BROAD:  # the profile has nothing like it: no row to quote
        return Reason(
            id=ids[contribution.term],
            label=labels[contribution.term],
            status=contribution.kind,
            contribution=_round(contribution.value) or 0.0,
        )
    return Reason(
        id=ids[contribution.term],
        label=labels[contribution.term],
        status=contribution.kind,
        contribution=_round(contribution.value) or 0.0,
        frequency=_round(contribution.frequency),
        matched_id=ids[matched] if other else None,
        matched_label=labels[matched] if other else None,
        references=cited(matching, disease, matched) if matched >= 0 else [],
    )


def cited(matching: Matching, disease: int, term: int, limit: int = REFERENCES) -> list[str]:
    """Citations of the disease's rows of a term, else of rows below it; publications first, at most `limit`."""
    model, knowledge = matching.model, matching.model.knowledge
    part = knowledge.rows_of(int(model.diseases[disease]))
    rows = knowledge.rows
    usable = (rows.aspect[part] == P) & ~rows.negated[part]
    mine = usable & (rows.term[part] == term)
    if not mine.any():
        mine = usable & matching.below(term)[rows.term[part]]
    found: dict[str, None] = {}
    for row in (np.flatnonzero(mine) + part.start).tolist():
        found |= dict.fromkeys(knowledge.references_of(row))
        if len(found) >= 2 * limit:
            break
    return sorted(found, key=lambda reference: not reference.startswith("PMID:"))[:limit]


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
