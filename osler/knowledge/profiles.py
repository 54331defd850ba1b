"""Disease profiles: every annotation row with its frequency and citations, and what rankers need ready-made.

Knows nothing about cases or ranking.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from osler.data.arrays import Arrays, Strings
from osler.ontology.graph import CSR
from osler.ontology.hpo import Ontology

EVIDENCE = ("", "IEA", "TAS", "PCS")
SEX = ("", "MALE", "FEMALE")
ASPECTS = "PICMH"
P, I, C, M, H = range(5)  # noqa: E741 - the letters are HPO's own names of the aspects


class Rows:
    """Annotation rows as columns of equal length, sorted by disease; all read-only.

    `disease` (int32, position in `Knowledge.disease_ids`), `source_id` (int32, position in `Knowledge.source_ids`: the
    original id of the row), `term` (int32), `frequency` (float32 share, nan where not stated), `num` and `den` (int32
    counts, 0/0 where none are given), `frequency_class` (int8, position in `hpoa.FREQUENCY_CLASSES` or -1),
    `negated` (bool), `onset` (int32 term or -1), `sex` (int8 in SEX), `evidence` (int8 in EVIDENCE), `aspect` (int8 in
    ASPECTS: P phenotype, I inheritance, C course and onset, M modifier, H past history), `supplement` (bool: the row
    is not of the release itself).
    """

    names = (
        "disease", "source_id", "term", "frequency", "num", "den", "frequency_class", "negated", "onset", "sex",
        "evidence", "aspect", "supplement",
    )  # fmt: skip
    disease: np.ndarray
    source_id: np.ndarray
    term: np.ndarray
    frequency: np.ndarray
    num: np.ndarray
    den: np.ndarray
    frequency_class: np.ndarray
    negated: np.ndarray
    onset: np.ndarray
    sex: np.ndarray
    evidence: np.ndarray
    aspect: np.ndarray
    supplement: np.ndarray

    def __init__(self, columns: Mapping[str, np.ndarray]):
        for name in self.names:
            setattr(self, name, columns[f"rows.{name}"])

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.names:
            raise KeyError(name)
        return getattr(self, name)

    def __len__(self) -> int:
        return len(self.disease)


class Pairs:
    """(disease, term) pairs of phenotype rows, pooled over rows; see `compile.pool_pairs` for the rule.

    `indptr` (int32[n_diseases + 1]), `term` (int32, sorted within a disease), `frequency` (float32 share; nan where no
    row states one; 0 where only negated rows exist), `num`, `den` (int32 pooled counts), `negated` (bool: all rows
    of the pair are negated).
    """

    def __init__(self, columns: Mapping[str, np.ndarray]):
        self.indptr: np.ndarray = columns["pairs.indptr"]
        self.term: np.ndarray = columns["pairs.term"]
        self.frequency: np.ndarray = columns["pairs.frequency"]
        self.num: np.ndarray = columns["pairs.num"]
        self.den: np.ndarray = columns["pairs.den"]
        self.negated: np.ndarray = columns["pairs.negated"]

    def __len__(self) -> int:
        return len(self.term)

    @cached_property
    def disease(self) -> np.ndarray:
        """The disease of each pair (int32)."""
        return np.repeat(np.arange(len(self.indptr) - 1, dtype=np.int32), np.diff(self.indptr))

    def of(self, disease: int) -> slice:
        """The pairs of one disease."""
        return slice(int(self.indptr[disease]), int(self.indptr[disease + 1]))


class Knowledge:
    """One release of disease profiles over one ontology.

    Attributes: `name`, `release`, `checksum`, `ontology`; `disease_ids` (primary CURIEs, OMIM preferred),
    `disease_names`, `xrefs` (all ids of each disease, primary first); `series` (int32[n], group of subtypes that cannot
    be told apart clinically) and `series_names`; `source_ids` (original ids) and `source_disease` (int32);
    `rows` (Rows), `row_indptr` (int32[n + 1]); `ref_indptr`, `ref_indices`, `references` (row → citations); `pairs`
    (Pairs); `information` (float32[n_terms], -ln of the share of diseases annotated with the term or below it);
    `priors` (float64[n], sums to 1; uniform unless the knowledge base states them); `in_release` (bool[n], False for
    diseases that only the supplement knows); `notices` (what was set aside at compile time, in words).
    """

    def __init__(self, arrays: Arrays, ontology: Ontology):
        self._arrays, self.ontology = arrays, ontology
        meta = arrays.meta
        self.name: str = meta["name"]
        self.release: str = meta["release"]
        self.checksum: str = meta["checksum"]
        self.supplement: str = meta.get("supplement", "")
        self.notices: list[str] = list(meta.get("notices", []))
        self.disease_ids: Strings = arrays.strings("disease_ids")
        self.disease_names: Strings = arrays.strings("disease_names")
        self.source_ids: Strings = arrays.strings("source_ids")
        self.source_disease: np.ndarray = arrays["source_disease"]
        self.series: np.ndarray = arrays["series"]
        self.series_names: Strings = arrays.strings("series_names")
        self.rows = Rows(arrays)
        self.row_indptr: np.ndarray = arrays["row_indptr"]
        self.ref_indptr: np.ndarray = arrays["ref_indptr"]
        self.ref_indices: np.ndarray = arrays["ref_indices"]
        self.references: Strings = arrays.strings("references")
        self.pairs = Pairs(arrays)
        self.information: np.ndarray = arrays["information"]
        self.priors: np.ndarray = arrays["priors"]
        self.in_release: np.ndarray = arrays["in_release"]

    def __len__(self) -> int:
        return len(self.disease_ids)

    def __repr__(self) -> str:
        return f"<Knowledge {self.name} {self.release}, {len(self)} diseases, {len(self.rows)} rows>"

    @cached_property
    def xrefs(self) -> list[list[str]]:
        """All ids of each disease, the primary one first."""
        result: list[list[str]] = [[] for _ in range(len(self))]
        for source, disease in zip(self.source_ids, self.source_disease.tolist(), strict=True):
            result[disease].append(source)
        return result

    def disease_index(self, any_id: str) -> int | None:
        """Position of the disease that has this id (primary or not), None where none has."""
        return self._by_id.get(any_id)

    def rows_of(self, disease: int) -> slice:
        """The rows of one disease, as a slice of every column."""
        return slice(int(self.row_indptr[disease]), int(self.row_indptr[disease + 1]))

    def references_of(self, row: int) -> list[str]:
        """The citations of one row ("PMID:…", "OMIM:…", …)."""
        return [
            self.references[int(i)] for i in self.ref_indices[self.ref_indptr[row] : self.ref_indptr[row + 1]]
        ]

    def citing(self, reference: str) -> np.ndarray:
        """Indices of the rows (int32, sorted) that cite a reference such as "PMID:31675180"; empty where none does."""
        at = self._by_reference.get(reference)
        return np.empty(0, np.int32) if at is None else self._citing.row(at)

    def terms_of(self, disease: int, aspect: int) -> np.ndarray:
        """Distinct terms (int32) of a disease's rows of one aspect that are not negated, such as its inheritance."""
        part = self.rows_of(disease)
        keep = (self.rows.aspect[part] == aspect) & ~self.rows.negated[part]
        return np.unique(self.rows.term[part][keep])

    @cached_property
    def _by_id(self) -> dict[str, int]:
        return dict(zip(self.source_ids.tolist(), self.source_disease.tolist(), strict=True))

    @cached_property
    def _by_reference(self) -> dict[str, int]:
        return {reference: i for i, reference in enumerate(self.references.tolist())}

    @cached_property
    def _citing(self) -> CSR:
        return CSR(self._arrays["citing.indptr"], self._arrays["citing.indices"])
