"""Texts as hashed TF-IDF vectors: what a map rests on where a corpus has no vectors of a model.

Words are stemmed as the full-text index stems them, hashed into `FEATURES` columns (CRC-32, so that it is the same everywhere), weighed
by (1 + ln count) · ln(N / documents with it), and each text is scaled to length 1. Function words and those in fewer than two
texts or in more than half of them say nothing of where a text belongs, and are left out.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from osler.knowledge.corpus.stopwords import IDLE
from osler.knowledge.corpus.unspaced import spaced

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FEATURES = 1 << 16
LONGEST = 20_000  # characters of a text that count
_WORD = re.compile(r"[^\W_]+")


def tfidf(texts: Iterable[str], advance: Callable[[float], None] = lambda _: None) -> csr_matrix:
    """float32 [texts, columns in use], each row of length 1, or 0 where a text has no word that counts."""
    from scipy.sparse import csr_matrix

    columns, counts, ends = [], [], [0]
    known: dict[str, int] = {}
    for text in texts:
        words = Counter(_WORD.findall(spaced(text[:LONGEST].lower())))
        row: Counter[int] = Counter()
        for word, count in words.items():
            if (column := known.get(word)) is None:
                column = known[word] = _column(word)
            if column >= 0:
                row[column] += count
        columns.extend(row)
        counts.extend(row.values())
        ends.append(len(columns))
        if len(ends) % 500 == 0:
            advance(500)
    n = len(ends) - 1
    data = 1.0 + np.log(np.array(counts, np.float32))
    matrix = csr_matrix((data, np.array(columns, np.int32), np.array(ends, np.int64)), shape=(n, FEATURES))
    return _weighed(matrix)


def _column(word: str) -> int:
    if word in IDLE or (len(word) < 3 and not word.isalpha()):
        return -1
    from osler.knowledge.corpus.lexical import analyser

    stems = analyser().analyze(word)
    return zlib.crc32(stems[0].encode()) % FEATURES if stems else -1


def _weighed(matrix: csr_matrix) -> csr_matrix:
    n = len(matrix.indptr) - 1
    often = np.bincount(matrix.indices, minlength=FEATURES)
    # A handful of texts has no words that are rare or common.
    kept = (often >= min(2, max(1, n // 50))) & (often <= max(2, n // 2))
    weight = np.where(kept, np.log(max(n, 2) / np.maximum(often, 1)), 0.0).astype(np.float32)
    matrix.data *= weight[matrix.indices]
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data *= np.repeat(1.0 / np.maximum(length, 1e-9), np.diff(matrix.indptr)).astype(np.float32)
    matrix.eliminate_zeros()
    used = np.unique(matrix.indices)  # most columns of a small corpus are empty
    return matrix[:, used] if len(used) else matrix[:, :2]
