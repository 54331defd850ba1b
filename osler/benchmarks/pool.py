"""Few-shot pools: solved cases of a training split, drawn at random or by similarity, never the case at hand.

What is held out for a case: ids that were named, the same case, every example that shares its vignette (see vignette.py),
and any whose words are nearly the same (TF-IDF cosine of `TOO_NEAR` and more). Similarity is TF-IDF cosine over text and
question, without options, offline and deterministic. Knows no references: an example's answer belongs to training data.
"""

from __future__ import annotations

import random
import re
from collections.abc import Collection, Sequence

import numpy as np

from osler.benchmarks.similarity import Tfidf
from osler.benchmarks.vignette import vignette_hash
from osler.case import Case
from osler.errors import InputError
from osler.services import Example

TOO_NEAR = 0.9
_LINE_NUMBER = re.compile(r"(?m)^\d{1,3} ")


class Pool:
    """Examples with held-out rules; implements `osler.context.Examples`.

    Raises InputError when there are no examples, or none is left once the ids held out are taken away.
    """

    def __init__(self, examples: Sequence[Example], held_out: Collection[str] = ()) -> None:
        self.examples = [example for example in examples if example.case.id not in set(held_out)]
        if not self.examples:
            raise InputError(
                "the pool holds no examples; name a training split or a file of your own with --examples"
            )
        self._ids = np.array([example.case.id for example in self.examples])
        self._vignettes = np.array([vignette_hash(vignette(example.case)) for example in self.examples])
        self._tfidf = Tfidf([wording(example.case) for example in self.examples])
        self._last: tuple[str, np.ndarray, np.ndarray] | None = None

    def __len__(self) -> int:
        return len(self.examples)

    def sample(self, case: Case, k: int, rng: random.Random) -> list[Example]:
        """`k` examples drawn without replacement, or all that may be shown."""
        allowed = self._allowed(case)[0]
        chosen = rng.sample(allowed.tolist(), min(k, len(allowed)))
        return [self.examples[i] for i in chosen]

    def nearest(self, case: Case, k: int | None = None) -> list[tuple[int, Example]]:
        """Examples with their number in the pool, the most similar first; all that may be shown without `k`.

        Equal similarities keep the pool's order.
        """
        allowed, likeness = self._allowed(case)
        order = allowed[np.argsort(-likeness[allowed], kind="stable")][:k]
        return [(int(i), self.examples[i]) for i in order]

    def _allowed(self, case: Case) -> tuple[np.ndarray, np.ndarray]:
        """Positions that may be shown for a case, and the similarity of every example to it."""
        asked = wording(case)
        key = f"{case.id} {asked}"
        if self._last is None or self._last[0] != key:
            likeness = self._tfidf.cosine(asked)
            same = (self._ids == case.id) | (self._vignettes == vignette_hash(vignette(case)))
            allowed = np.flatnonzero(~(same | (likeness >= TOO_NEAR)))
            self._last = (key, allowed, likeness)
        return self._last[1], self._last[2]


def vignette(case: Case) -> str:
    """The part of a case that other sets may share: its text, else its question, else its documents; no line numbers."""
    text = case.text or case.question or " ".join(document.text for document in case.documents)
    return _LINE_NUMBER.sub("", text)


def wording(case: Case) -> str:
    """What similarity is measured on: text, question and documents; never options."""
    return " ".join([case.text, case.question or "", *(document.text for document in case.documents)])
