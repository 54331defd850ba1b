"""Turns annotation rows into the arrays of a `Knowledge`: merged diseases, columns, citations, pooled frequencies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from osler.data.arrays import Arrays, pack_strings
from osler.knowledge.hpoa import FREQUENCY_CLASSES, Annotation
from osler.knowledge.merge import MergedDisease, group_series, merge_diseases, sort_key
from osler.knowledge.profiles import ASPECTS, EVIDENCE, SEX
from osler.ontology.graph import CSR, csr, transpose
from osler.ontology.hpo import Ontology

FORMAT = 8
# A stated share without counts (a class, a percentage) weighs as much as this many observed patients.
PSEUDO_COUNT = 5.0


def compile_knowledge(
    rows: Sequence[Annotation],
    ontology: Ontology,
    *,
    supplement: Sequence[Annotation] = (),
    equivalent: Mapping[str, str] | None = None,
    priors: Mapping[str, float] | None = None,
    meta: Mapping[str, object],
) -> Arrays:
    """Arrays of a `Knowledge`.

    `rows` are the release's; `supplement` rows are marked, and diseases that only they name come last in the order.
    `equivalent` maps disease ids to Mondo classes (see `merge_diseases`); `priors` maps disease ids to weights
    (see `_priors`). Rows whose term the ontology cannot resolve are left out and counted in `meta["notices"]`.
    """
    diseases, released = _order_diseases(rows, supplement, equivalent)
    kept, terms, notices = _resolve(rows, supplement, ontology)
    position = {source: i for i, disease in enumerate(diseases) for source in disease.ids}
    order = sorted(range(len(kept)), key=lambda i: position[kept[i][0].disease])
    kept = [kept[i] for i in order]
    arrays = _disease_tables(diseases)
    arrays["in_release"] = np.arange(len(diseases)) < released
    arrays["priors"] = _priors(diseases, priors)
    arrays |= _columns(kept, np.array(terms, np.int32)[order], ontology, diseases, position)
    arrays |= _citations([row for row, _ in kept])
    arrays |= pool_pairs(arrays, len(diseases))
    arrays["information"] = information(arrays, ontology, len(diseases))
    return Arrays(arrays, {**meta, "notices": notices})


def _order_diseases(
    rows: Sequence[Annotation], supplement: Sequence[Annotation], equivalent: Mapping[str, str] | None
) -> tuple[list[MergedDisease], int]:
    """Merged diseases, those of the release first, and how many those are. Release ids come first within a disease."""
    own = dict(reversed([(row.disease, row.name) for row in rows]))
    names = dict(reversed([(row.disease, row.name) for row in supplement])) | own
    groups = merge_diseases(names, equivalent)
    first, last = [], []
    for group in groups:
        ids = tuple(sorted(group.ids, key=lambda i: (i not in own, sort_key(i))))
        (first if ids[0] in own else last).append(MergedDisease(ids, names[ids[0]] or group.name))
    for part in (first, last):
        part.sort(key=lambda disease: sort_key(disease.ids[0]))
    return _with_other_ids(first + last, equivalent or {}), len(first)


def _with_other_ids(diseases: list[MergedDisease], equivalent: Mapping[str, str]) -> list[MergedDisease]:
    """Add the ids that no row uses but that Mondo holds to be exactly the same disease."""
    taken = {source for disease in diseases for source in disease.ids}
    others: dict[str, list[str]] = {}
    for source, target in equivalent.items():
        if source not in taken and not source.startswith("OMIMPS:"):
            others.setdefault(target, []).append(source)
    return [
        MergedDisease((*disease.ids, *sorted(extra, key=sort_key)), disease.name)
        for disease in diseases
        for extra in [others.get(next((equivalent[i] for i in disease.ids if i in equivalent), ""), [])]
    ]


def _resolve(
    rows: Sequence[Annotation], supplement: Sequence[Annotation], ontology: Ontology
) -> tuple[list[tuple[Annotation, bool]], list[int], list[str]]:
    """Rows with a known term (and whether each is supplementary), their terms, and what was left out."""
    resolved: dict[str, int] = {}
    kept, terms, lost = [], [], set()
    count = 0
    for part, extra in ((rows, False), (supplement, True)):
        for row in part:
            if row.term not in resolved:
                resolved[row.term] = ontology.resolve(row.term).index
            index = resolved[row.term]
            if index >= 0:
                kept.append((row, extra))
                terms.append(index)
            else:
                count += 1
                lost.add(row.term)
    shown = ", ".join(sorted(lost)[:5])
    notices = (
        [f"{count} rows name {len(lost)} terms that the ontology does not have ({shown})"] if lost else []
    )
    return kept, terms, notices


def _disease_tables(diseases: Sequence[MergedDisease]) -> dict[str, np.ndarray]:
    groups, labels = group_series([disease.name for disease in diseases])
    arrays = pack_strings("disease_ids", [disease.ids[0] for disease in diseases])
    arrays |= pack_strings("disease_names", [disease.name for disease in diseases])
    arrays |= pack_strings("source_ids", [source for disease in diseases for source in disease.ids])
    arrays |= pack_strings("series_names", labels)
    arrays["series"] = np.array(groups, dtype=np.int32)
    owners = [i for i, disease in enumerate(diseases) for _ in disease.ids]
    arrays["source_disease"] = np.array(owners, dtype=np.int32)
    return arrays


def _priors(diseases: Sequence[MergedDisease], weights: Mapping[str, float] | None) -> np.ndarray:
    """Uniform; with weights, half for the weighted diseases in proportion and half uniform over the others."""
    prior = np.full(len(diseases), 1 / max(len(diseases), 1))
    if weights is None:
        return prior
    known = np.array(
        [sum(weights.get(i, 0.0) for i in disease.ids) for disease in diseases], dtype=np.float64
    )
    others = known == 0
    share = 0.5 if others.any() else 1.0
    prior = known / known.sum() * share
    prior[others] = (1 - share) / max(int(others.sum()), 1)
    return prior


def _columns(
    kept: Sequence[tuple[Annotation, bool]],
    terms: np.ndarray,
    ontology: Ontology,
    diseases: Sequence[MergedDisease],
    position: Mapping[str, int],
) -> dict[str, np.ndarray]:
    sources = {source: k for k, source in enumerate(s for disease in diseases for s in disease.ids)}
    classes = {term: k for k, term in enumerate(FREQUENCY_CLASSES)}
    onsets: dict[str, int] = {"": -1}
    for row, _ in kept:
        if row.onset not in onsets:
            onsets[row.onset] = ontology.resolve(row.onset).index
    disease = np.array([position[row.disease] for row, _ in kept], dtype=np.int32)

    def codes(values: list[str], table: Sequence[str]) -> np.ndarray:
        known = {value: k for k, value in enumerate(table)}
        return np.array([known.get(value, 0) for value in values], dtype=np.int8)

    columns = {
        "disease": disease,
        "source_id": np.array([sources[row.disease] for row, _ in kept], dtype=np.int32),
        "term": terms,
        "frequency": np.array([row.frequency for row, _ in kept], dtype=np.float32),
        "num": np.array([row.num for row, _ in kept], dtype=np.int32),
        "den": np.array([row.den for row, _ in kept], dtype=np.int32),
        "frequency_class": np.array([classes.get(row.frequency_class, -1) for row, _ in kept], dtype=np.int8),
        "negated": np.array([row.negated for row, _ in kept], dtype=bool),
        "onset": np.array([onsets[row.onset] for row, _ in kept], dtype=np.int32),
        "sex": codes([row.sex for row, _ in kept], SEX),
        "evidence": codes([row.evidence for row, _ in kept], EVIDENCE),
        "aspect": codes([row.aspect for row, _ in kept], ASPECTS),
        "supplement": np.array([extra for _, extra in kept], dtype=bool),
    }
    indptr = np.zeros(len(diseases) + 1, dtype=np.int32)
    np.cumsum(np.bincount(disease, minlength=len(diseases)), out=indptr[1:])
    return {f"rows.{name}": column for name, column in columns.items()} | {"row_indptr": indptr}


def _citations(rows: Sequence[Annotation]) -> dict[str, np.ndarray]:
    references = sorted({reference for row in rows for reference in row.references})
    position = {reference: i for i, reference in enumerate(references)}
    cited = csr([[position[reference] for reference in row.references] for row in rows])
    citing = transpose(cited, len(references))
    arrays = pack_strings("references", references)
    arrays |= {"ref_indptr": cited.indptr, "ref_indices": cited.indices}
    return arrays | {"citing.indptr": citing.indptr, "citing.indices": citing.indices}


def pool_pairs(arrays: Mapping[str, np.ndarray], n_diseases: int) -> dict[str, np.ndarray]:
    """(disease, term) pairs of phenotype rows (aspect P), pooled over rows.

    Rule: with M and N the sums of the counts m/n, and k rows that state a share f without counts, the frequency is
    (M + c·Σf) / (N + c·k), c = 5: an expert's class weighs like a report of five patients. Rows that state nothing
    count only when no other row does (nan). A negated row (NOT) without counts states f = 0.
    """
    keep = np.flatnonzero(arrays["rows.aspect"] == 0)
    key = arrays["rows.disease"][keep].astype(np.int64) << 32 | arrays["rows.term"][keep]
    pairs, owner = np.unique(key, return_inverse=True)
    negated = arrays["rows.negated"][keep]
    share = np.where(negated, 0.0, arrays["rows.frequency"][keep].astype(np.float64))
    counted = (arrays["rows.den"][keep] > 0) & ~negated
    expert = ~counted & ~np.isnan(share)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(owner, weights=values, minlength=len(pairs))

    num = total(np.where(counted, arrays["rows.num"][keep], 0))
    den = total(np.where(counted, arrays["rows.den"][keep], 0))
    above = num + PSEUDO_COUNT * total(np.where(expert, share, 0.0))
    below = den + PSEUDO_COUNT * total(expert)
    frequency = np.divide(above, below, out=np.full(len(pairs), math.nan), where=below > 0)
    indptr = np.zeros(n_diseases + 1, dtype=np.int32)
    np.cumsum(np.bincount(pairs >> 32, minlength=n_diseases), out=indptr[1:])
    return {
        "pairs.indptr": indptr,
        "pairs.term": (pairs & 0xFFFFFFFF).astype(np.int32),
        "pairs.frequency": frequency.astype(np.float32),
        "pairs.num": num.astype(np.int32),
        "pairs.den": den.astype(np.int32),
        "pairs.negated": total(~negated) == 0,
    }


def information(arrays: Mapping[str, np.ndarray], ontology: Ontology, n_diseases: int) -> np.ndarray:
    """Information content -ln(n_t / N) of each term (float32, nats; Resnik 1995).

    n_t counts diseases with a pair at the term or below it that is not negated and not of frequency 0; a term of no
    disease counts as one of one. N counts diseases with any such pair.
    """
    present = ~arrays["pairs.negated"] & ~(arrays["pairs.frequency"] == 0)
    disease = np.repeat(np.arange(n_diseases), np.diff(arrays["pairs.indptr"]))[present]
    term = arrays["pairs.term"][present]
    counts = np.zeros(len(ontology), dtype=np.int64)
    starts = np.searchsorted(disease, np.arange(n_diseases + 1))
    for i in range(n_diseases):
        own = term[starts[i] : starts[i + 1]]
        if len(own):
            counts[closed_terms(ontology.ancestors, own)] += 1
    annotated = max(len(np.unique(disease)), 1)
    return -np.log(np.maximum(counts, 1) / annotated).astype(np.float32)


def closed_terms(ancestors: CSR, terms: np.ndarray) -> np.ndarray:
    """The terms and everything above them, sorted, each once (int32)."""
    return np.unique(np.concatenate([ancestors.row(int(term)) for term in terms]))
