"""TF-IDF over words as sparse rows, and cosine between texts. Knows nothing of benchmarks.

Weights are (1 + ln tf) × (ln((1 + n) / (1 + df)) + 1), rows of unit length (Salton & Buckley 1988, "ltc" smoothed).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from osler.benchmarks.vignette import normal_words

if TYPE_CHECKING:
    from scipy import sparse


class Tfidf:
    """Fitted on `texts`; `matrix` is (n_texts, n_words), CSR, unit rows. Words met in one text only count too."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._place: dict[str, int] = {}
        counted = [Counter(normal_words(text)) for text in texts]
        for counts in counted:
            for word in counts:
                self._place.setdefault(word, len(self._place))
        found = np.zeros(len(self._place))
        for counts in counted:
            for word in counts:
                found[self._place[word]] += 1
        self._idf = np.log((1 + len(texts)) / (1 + found)) + 1
        self.matrix = self._weighted(counted)

    def rows(self, texts: Iterable[str]) -> sparse.csr_matrix:
        """Other texts in the same space; words that were not fitted are left out."""
        return self._weighted([Counter(normal_words(text)) for text in texts])

    def cosine(self, text: str) -> np.ndarray:
        """Cosine of one text with every fitted one; shape (n_texts,)."""
        return np.asarray((self.matrix @ self.rows([text]).T).todense()).ravel()

    def _weighted(self, counted: list[Counter[str]]) -> sparse.csr_matrix:
        from scipy import sparse  # a tenth of a second that runs without examples need not spend

        indptr, columns, values = [0], [], []
        for counts in counted:
            known = [(self._place[word], n) for word, n in counts.items() if word in self._place]
            weights = np.array([1 + np.log(n) for _, n in known]) * self._idf[[column for column, _ in known]]
            length = float(np.sqrt(np.square(weights).sum()))
            columns += [column for column, _ in known]
            values += (weights / length if length else weights).tolist()
            indptr.append(len(columns))
        shape = (len(counted), len(self._place))
        return sparse.csr_matrix((values, np.array(columns, dtype=np.int32), indptr), shape=shape)
