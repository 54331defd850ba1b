"""Plain-data views of a disease profile and of a term, as `osler disease` and `osler term` print them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from osler.knowledge.hpoa import FREQUENCY_CLASSES
from osler.knowledge.profiles import SEX, C, I, Knowledge, P

_CLASSES = [name for name, _ in FREQUENCY_CLASSES.values()]


def disease_view(knowledge: Knowledge, disease: int) -> dict[str, Any]:
    """One profile: ids, group, inheritance, onset and course, and every phenotype with frequency and citations.

    Phenotypes are ordered by frequency, of the same frequency the one seen in more patients first; those not stated
    after them, negated ones last.
    """
    ontology, series = knowledge.ontology, int(knowledge.series[disease])
    phenotypes = [
        _phenotype(knowledge, pair)
        for pair in range(*knowledge.pairs.of(disease).indices(len(knowledge.pairs)))
    ]
    phenotypes.sort(key=_how_sure)
    members = np.flatnonzero(knowledge.series == series)
    return {
        "id": knowledge.disease_ids[disease],
        "name": knowledge.disease_names[disease],
        "xrefs": knowledge.xrefs[disease],
        "group": knowledge.series_names[series] if len(members) > 1 else None,
        "group_size": len(members),
        "in_release": bool(knowledge.in_release[disease]),
        "inheritance": [_term(knowledge, t) for t in knowledge.terms_of(disease, I)],
        "course": [_term(knowledge, t) for t in knowledge.terms_of(disease, C)],
        "phenotypes": phenotypes,
        "knowledge": {"name": knowledge.name, "release": knowledge.release, "terms": ontology.release},
    }


def term_view(knowledge: Knowledge, term: int, diseases: int = 10) -> dict[str, Any]:
    """One term: definition, synonyms, neighbours, and how many and which diseases have it or a term below it."""
    ontology = knowledge.ontology
    with_it = _diseases_with(knowledge, term)
    with_it.sort(key=lambda d: (d["frequency"] is None, -(d["frequency"] or 0), -d["patients"], d["name"]))
    return {
        "id": ontology.ids[term],
        "label": ontology.labels[term],
        "definition": ontology.definition(term),
        "question": ontology.question(term) or None,
        "synonyms": [
            {"text": s.text, "scope": s.scope, "layperson": s.layperson} for s in ontology.synonyms(term)
        ],
        "parents": [_term(knowledge, t) for t in ontology.parents.row(term)],
        "children": [_term(knowledge, t) for t in ontology.children.row(term)],
        "information": round(float(knowledge.information[term]), 4),
        "diseases": len(with_it),
        "most_frequent": with_it[:diseases],
        "knowledge": {"name": knowledge.name, "release": knowledge.release, "terms": ontology.release},
    }


def _how_sure(phenotype: dict[str, Any]) -> tuple:
    _, slash, patients = phenotype["stated"].partition("/")
    share = phenotype["frequency"]
    return (
        phenotype["negated"],
        share is None,
        -(share or 0),
        -int(patients) if slash else 0,
        phenotype["label"],
    )


def stated_frequency(knowledge: Knowledge, rows: np.ndarray) -> str:
    """What the rows state in words: pooled counts "3/8", else "frequent", else "45 %"; "" where nothing is stated."""
    table = knowledge.rows
    rows = rows[~table.negated[rows]]
    counted = rows[table.den[rows] > 0]
    if len(counted):
        return f"{int(table.num[counted].sum())}/{int(table.den[counted].sum())}"
    classes = table.frequency_class[rows]
    if (classes >= 0).any():
        return _CLASSES[int(classes[classes >= 0].min())]
    shares = table.frequency[rows]
    shares = shares[~np.isnan(shares)]
    return f"{100 * float(shares.mean()):.0f} %" if len(shares) else ""


def _phenotype(knowledge: Knowledge, pair: int) -> dict[str, Any]:
    """One (disease, term) pair with all that its rows say."""
    pairs, table = knowledge.pairs, knowledge.rows
    disease, term = int(pairs.disease[pair]), int(pairs.term[pair])
    part = knowledge.rows_of(disease)
    rows = part.start + np.flatnonzero((table.term[part] == term) & (table.aspect[part] == P))
    onsets = {int(o) for o in table.onset[rows] if o >= 0}
    sexes = {SEX[int(s)].lower() for s in table.sex[rows] if s > 0}
    return _term(knowledge, term) | {
        "frequency": _share(pairs.frequency[pair]),
        "stated": stated_frequency(knowledge, rows),
        "negated": bool(pairs.negated[pair]),
        "onset": [_term(knowledge, o) for o in sorted(onsets)],
        "sex": sorted(sexes),
        "references": list(dict.fromkeys(r for row in rows for r in knowledge.references_of(int(row)))),
        "supplement": bool(table.supplement[rows].all()),
    }


def _diseases_with(knowledge: Knowledge, term: int) -> list[dict[str, Any]]:
    """Diseases with the term or one below it, each with its most frequent such pair."""
    pairs = knowledge.pairs
    below = np.zeros(len(knowledge.ontology), dtype=bool)
    below[knowledge.ontology.descendants.row(term)] = True
    chosen: dict[int, int] = {}
    frequency = np.nan_to_num(pairs.frequency, nan=-1.0)
    for pair in np.flatnonzero(below[pairs.term] & ~pairs.negated & (pairs.frequency != 0)):
        disease = int(pairs.disease[pair])
        if disease not in chosen or frequency[pair] > frequency[chosen[disease]]:
            chosen[disease] = int(pair)
    return [
        {
            "id": knowledge.disease_ids[disease],
            "name": knowledge.disease_names[disease],
            "frequency": _share(pairs.frequency[pair]),
            "patients": int(pairs.den[pair]),
            "term": _term(knowledge, int(pairs.term[pair])),
        }
        for disease, pair in chosen.items()
    ]


def _term(knowledge: Knowledge, index: int) -> dict[str, str]:
    ontology = knowledge.ontology
    return {"id": ontology.ids[int(index)], "label": ontology.labels[int(index)]}


def _share(value: float) -> float | None:
    return None if math.isnan(value) else round(float(value), 4)
