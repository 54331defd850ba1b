"""The disease model: profiles compiled into the arrays that all rankers share. Knows nothing of any patient.

A disease is a set of terms with frequencies. Its closed profile holds every ancestor too, with the largest frequency
found below it. Information content and background frequency are statistics of the whole knowledge; a model of a few
diseases with rows withheld (`leave_out`) is compiled from those rows with the same statistics, so that its scores can
be put in place of the full model's.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from scipy import sparse

from osler.data.arrays import Arrays
from osler.data.cache import cached_arrays, digest
from osler.diagnosis.course import CourseTables, compile_course, course_tables
from osler.knowledge.compile import pool_pairs
from osler.knowledge.profiles import Knowledge
from osler.ontology.graph import CSR

_T = TypeVar("_T")

FORMAT = 5
# Frequency assumed where the profile states none: near the mean of the stated ones.
UNKNOWN_FREQUENCY = 0.45
# Shares are shrunk by half a patient with and half without, so that 1 of 1 does not count like 40 of 40.
SHRINK = 0.5
# Rows of postings kept for terms that were asked about lately.
_ROWS_KEPT = 300


class Model:
    """Compiled profiles of `n` diseases over one ontology's terms.

    Postings (closed profiles by term): `post_indptr` (int32[terms + 1]), `post_disease` (int32), `post_frequency`
    (float32), `post_exact` (bool: the disease is annotated with the term itself). Profiles (by disease, as annotated):
    `prof_indptr` (int32[n + 1]), `prof_term`, `prof_frequency`, `prof_known` (bool: a frequency is stated),
    `prof_stated` (float32: the pooled share as stated, nan where none is),
    Closed profiles by disease: `closed_indptr`, `closed_term`,
    `closed_frequency`. Statistics per term: `information` (nats), `background` (mean frequency over diseases).
    `climb`: for each term its phenotypic ancestors, itself included, by rising information. `course`: onset and
    inheritance. All arrays are read-only.
    """

    def __init__(
        self,
        arrays: Mapping[str, np.ndarray],
        knowledge: Knowledge,
        statistics: Model | None = None,
        diseases: np.ndarray | None = None,
    ):
        self._arrays = arrays
        self.knowledge = knowledge
        self.ontology = knowledge.ontology
        self.post_indptr = arrays["post_indptr"]
        self.post_disease = arrays["post_disease"]
        self.post_frequency = arrays["post_frequency"]
        self.post_exact = arrays["post_exact"]
        self.prof_indptr = arrays["prof_indptr"]
        self.prof_term = arrays["prof_term"]
        self.prof_frequency = arrays["prof_frequency"]
        self.prof_known = arrays["prof_known"]
        self.prof_stated = arrays["prof_stated"]
        self.closed_indptr = arrays["closed_indptr"]
        self.closed_term = arrays["closed_term"]
        self.closed_frequency = arrays["closed_frequency"]
        self.n = len(self.prof_indptr) - 1
        # Positions of the model's diseases in the knowledge.
        self.diseases = np.arange(self.n) if diseases is None else diseases
        self.full = statistics or self
        own = arrays if statistics is None else statistics._arrays
        self.information: np.ndarray = own["information"]
        self.background: np.ndarray = own["background"]
        self.climb = CSR(own["climb_indptr"], own["climb_indices"])
        self._derived: dict[str, Any] = {}
        self._values: OrderedDict[tuple[str, int], np.ndarray] = OrderedDict()
        self._rows: OrderedDict[int, np.ndarray] = OrderedDict()

    @property
    def terms(self) -> int:
        """Number of terms of the ontology."""
        return len(self.information)

    def posting(self, term: int) -> slice:
        """Where the postings of a term lie."""
        return slice(int(self.post_indptr[term]), int(self.post_indptr[term + 1]))

    def best_posting(self, term: int) -> np.ndarray:
        """For each disease the posting of the most informative ancestor that it shares with `term` (int32[n], -1: none).

        The ancestors are walked by rising information, each overwriting what came before; the last one wins.
        """
        row = self._rows.get(term)
        if row is not None:
            self._rows.move_to_end(term)
            return row
        row = np.full(self.n, -1, np.int32)
        for ancestor in self.climb.row(term).tolist():
            start, stop = int(self.post_indptr[ancestor]), int(self.post_indptr[ancestor + 1])
            row[self.post_disease[start:stop]] = self._positions[start:stop]
        row.flags.writeable = False
        self._rows[term] = row
        if len(self._rows) > _ROWS_KEPT:
            self._rows.popitem(last=False)
        return row

    def best_values(self, name: str, values: np.ndarray, term: int) -> np.ndarray:
        """`values` (one per posting) at the best postings of a term (float32[n], 0 where there is none)."""
        key = (name, term)
        row = self._values.get(key)
        if row is not None:
            self._values.move_to_end(key)
            return row
        posting = self.best_posting(term)
        row = (
            np.where(posting >= 0, values[posting], np.float32(0))
            if len(values)
            else np.zeros(self.n, np.float32)
        )
        self._values[key] = row
        if len(self._values) > 2 * _ROWS_KEPT:
            self._values.popitem(last=False)
        return row

    @cached_property
    def _positions(self) -> np.ndarray:
        return np.arange(len(self.post_disease), dtype=np.int32)

    @cached_property
    def post_term(self) -> np.ndarray:
        """The term of each posting (int32)."""
        return np.repeat(np.arange(self.terms, dtype=np.int32), np.diff(self.post_indptr))

    @cached_property
    def post_information(self) -> np.ndarray:
        """The information content of each posting's term (float32)."""
        return self.information[self.post_term]

    @cached_property
    def prof_disease(self) -> np.ndarray:
        """The disease of each profile entry (int32)."""
        return np.repeat(np.arange(self.n, dtype=np.int32), np.diff(self.prof_indptr))

    @cached_property
    def sizes(self) -> np.ndarray:
        """Number of terms in each profile (int32[n])."""
        return np.diff(self.prof_indptr)

    def derived(self, name: str, make: Callable[[Model], _T]) -> _T:
        """What a ranker derives from this model alone, made on first use and kept with it."""
        if name not in self._derived:
            self._derived[name] = make(self)
        return self._derived[name]

    def by_profile(self, values: np.ndarray) -> sparse.csr_matrix:
        """Values of the profile entries as a sparse matrix, diseases by terms."""
        return sparse.csr_matrix(
            (values.astype(np.float32), self.prof_term, self.prof_indptr), shape=(self.n, self.terms)
        )

    @cached_property
    def weights(self) -> sparse.csr_matrix:
        """Frequencies of the profile entries, each disease's scaled to sum to one (float32, n by terms)."""
        sums = np.bincount(self.prof_disease, self.prof_frequency, self.n)
        return self.by_profile(self.prof_frequency / np.maximum(sums[self.prof_disease], 1e-9))

    @cached_property
    def course(self) -> Arrays:
        """Onset and inheritance of the diseases; see `course.compile_course`."""
        prefix = "course."
        return Arrays({k.removeprefix(prefix): self._arrays[k] for k in self._arrays if k.startswith(prefix)})


def model_of(knowledge: Knowledge) -> Model:
    """The model of all diseases of a knowledge base, compiled once into the user's cache."""
    key = f"model-{knowledge.name}-{digest(knowledge.checksum, FORMAT)}"
    return Model(cached_arrays(key, lambda: compile_model(knowledge)), knowledge)


def compile_model(knowledge: Knowledge) -> dict[str, np.ndarray]:
    """Arrays of the full `Model`, with the statistics."""
    pairs = knowledge.pairs
    columns = {"term": pairs.term, "frequency": pairs.frequency, "num": pairs.num, "den": pairs.den}
    rows = np.arange(len(knowledge.rows))
    diseases = np.arange(len(knowledge), dtype=np.int64)
    columns |= {"indptr": pairs.indptr, "negated": pairs.negated}
    arrays = _profiles(knowledge, columns, course_tables(knowledge), rows, diseases)
    arrays |= _closed(arrays, knowledge)
    return arrays | _statistics(arrays, knowledge)


def leave_out(full: Model, withheld: np.ndarray) -> tuple[np.ndarray, Model]:
    """The diseases that the withheld rows belong to, and a model of them alone without those rows."""
    diseases = np.unique(full.knowledge.rows.disease[withheld])
    return diseases, part_of(full, diseases, withheld)


def part_of(full: Model, diseases: np.ndarray, withheld: np.ndarray | None = None) -> Model:
    """A model of a few diseases (positions, rising) alone, with the statistics of the full one and without withheld rows."""
    knowledge = full.knowledge
    rows = np.concatenate([np.r_[knowledge.rows_of(int(d))] for d in diseases])
    if withheld is not None:
        rows = np.setdiff1d(rows, withheld)
    columns = {f"rows.{name}": knowledge.rows[name][rows] for name in knowledge.rows.names}
    columns["rows.disease"] = np.searchsorted(diseases, columns["rows.disease"]).astype(np.int32)
    pooled = pool_pairs(columns, len(diseases))
    pairs = {name.removeprefix("pairs."): values for name, values in pooled.items()}
    tables = full.full.derived("course_tables", lambda model: course_tables(model.knowledge))
    arrays = _profiles(knowledge, pairs, tables, rows, diseases)
    arrays |= _closed(arrays, knowledge)
    return Model(arrays, knowledge, statistics=full.full, diseases=diseases)


def _profiles(
    knowledge: Knowledge,
    pairs: Mapping[str, np.ndarray],
    tables: CourseTables,
    rows: np.ndarray,
    diseases: np.ndarray,
) -> dict[str, np.ndarray]:
    """Profile entries from pooled pairs: those that speak for the disease, with a shrunken frequency."""
    count = np.diff(pairs["indptr"])
    owner = np.repeat(np.arange(len(count), dtype=np.int32), count)
    stated = ~np.isnan(pairs["frequency"])
    share = np.where(stated, pairs["frequency"], UNKNOWN_FREQUENCY).astype(np.float64)
    keep = ~pairs["negated"] & (share > 0) & knowledge.ontology.phenotypic[pairs["term"]]
    den = pairs["den"].astype(np.float64)
    # A share without counts weighs like the patients that pooling gives it.
    weight = np.where(den > 0, den, 5.0)
    shrunken = (share * weight + SHRINK) / (weight + 2 * SHRINK)
    frequency = np.where(stated, shrunken, UNKNOWN_FREQUENCY)[keep].astype(np.float32)
    indptr = np.zeros(len(diseases) + 1, np.int32)
    np.cumsum(np.bincount(owner[keep], minlength=len(diseases)), out=indptr[1:])
    term = pairs["term"][keep].astype(np.int32)
    arrays = {
        "prof_indptr": indptr,
        "prof_term": term,
        "prof_frequency": frequency,
        "prof_known": stated[keep],
        "prof_stated": pairs["frequency"][keep].astype(np.float32),
    }
    course = compile_course(knowledge, tables, rows, diseases)
    return arrays | {f"course.{name}": values for name, values in course.items()}


def _closed(arrays: Mapping[str, np.ndarray], knowledge: Knowledge) -> dict[str, np.ndarray]:
    """Closed profiles, by term and by disease: each ancestor with the largest frequency below it."""
    n, terms = len(arrays["prof_indptr"]) - 1, len(knowledge.ontology)
    term = arrays["prof_term"]
    owner = np.repeat(np.arange(n, dtype=np.int64), np.diff(arrays["prof_indptr"]))
    above = knowledge.ontology.ancestors
    counts = above.counts()[term]
    entry = np.repeat(np.arange(len(term)), counts)
    offset = np.arange(len(entry)) - np.repeat(np.cumsum(counts) - counts, counts)
    ancestor = above.indices[above.indptr[term][entry] + offset]
    inside = knowledge.ontology.phenotypic[ancestor]
    entry, ancestor = entry[inside], ancestor[inside]
    key = ancestor.astype(np.int64) * n + owner[entry]
    frequency = arrays["prof_frequency"][entry]
    order = np.lexsort((frequency, key))
    key, frequency, exact = key[order], frequency[order], (ancestor == term[entry])[order]
    first = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.empty(0, np.int64)
    last = np.r_[first[1:], len(key)] - 1 if len(key) else first
    keys = key[last]
    indptr = np.searchsorted(keys, np.arange(terms + 1, dtype=np.int64) * n).astype(np.int32)
    disease = (keys % n).astype(np.int32)
    by_disease = np.lexsort((keys // n, disease))
    closed_indptr = np.zeros(n + 1, np.int32)
    np.cumsum(np.bincount(disease, minlength=n), out=closed_indptr[1:])
    return {
        "post_indptr": indptr,
        "post_disease": disease,
        "post_frequency": frequency[last],
        "post_exact": np.logical_or.reduceat(exact, first) if len(key) else exact,
        "closed_indptr": closed_indptr,
        "closed_term": (keys // n).astype(np.int32)[by_disease],
        "closed_frequency": frequency[last][by_disease],
    }


def _statistics(arrays: Mapping[str, np.ndarray], knowledge: Knowledge) -> dict[str, np.ndarray]:
    """Information content, background frequency, and each term's ancestors by rising information."""
    ontology = knowledge.ontology
    annotated = max(int((np.diff(arrays["prof_indptr"]) > 0).sum()), 1)
    indptr = arrays["post_indptr"]
    counts = np.diff(indptr)
    information = np.where(ontology.phenotypic, -np.log(np.maximum(counts, 0.5) / annotated), 0.0)
    sums = np.add.reduceat(
        np.r_[arrays["post_frequency"].astype(np.float64), 0.0], indptr[:-1].astype(np.int64)
    )
    background = np.maximum(np.where(counts > 0, sums, 0.0), 0.3) / annotated
    above = ontology.ancestors
    owner = np.repeat(np.arange(len(ontology)), above.counts())
    order = np.lexsort((above.indices, information[above.indices], owner))
    order = order[ontology.phenotypic[above.indices[order]]]
    climb_indptr = np.zeros(len(ontology) + 1, np.int32)
    np.cumsum(np.bincount(owner[order], minlength=len(ontology)), out=climb_indptr[1:])
    return {
        "information": information.astype(np.float32),
        "background": background.astype(np.float32),
        "climb_indptr": climb_indptr,
        "climb_indices": above.indices[order],
    }
