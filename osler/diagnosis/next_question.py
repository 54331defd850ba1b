"""What to find out next: the finding whose answer is expected to tell most about which disease it is.

Mutual information between the answer and the disease, exact, by two sparse matrix-vector products:
    I(t) = h(Σ_d π_d f_td) − Σ_d π_d h(f_td),   h the binary entropy in bits,
π the posterior (with the none-fits mass as one more disease that has the background frequencies), f the closed
frequency of the term in the disease. Answers are taken to be certain.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from osler.diagnosis.burden import Questions
from osler.diagnosis.matching import Matching
from osler.diagnosis.model import Model
from osler.diagnosis.result import NextQuestion

# Terms of so many bits at least are offered; below that an answer changes nothing.
LEAST_GAIN = 1e-3


def information_gain(model: Model, probability: np.ndarray, none_fits: float = 0.0) -> np.ndarray:
    """Expected information in bits about the disease from knowing each term (float64[terms])."""
    shares, entropies = model.derived("answer_tables", _tables)
    weight = probability.astype(np.float32)
    usual = model.derived(
        "usual_answers", lambda m: np.where(m.information > 0, np.minimum(m.background, 1), 0)
    )
    chance = shares @ weight + none_fits * usual
    known = entropies @ weight + none_fits * binary_entropy(usual)
    return np.maximum(binary_entropy(chance) - known, 0.0)


def binary_entropy(share: np.ndarray) -> np.ndarray:
    """−p log₂ p − (1 − p) log₂ (1 − p), 0 at the ends (float64)."""
    p = np.clip(np.asarray(share, np.float64), 1e-12, 1 - 1e-12)
    return -p * np.log2(p) - (1 - p) * np.log2(1 - p)


def open_terms(matching: Matching) -> np.ndarray:
    """Terms whose answer does not follow from what is known (bool[terms]).

    A phenotype, not a present finding or an ancestor of one, not an absent finding or a descendant of one, and not the
    root, which every patient has.
    """
    model = matching.model
    below_root = model.climb.counts() > 1
    return model.ontology.phenotypic & below_root & ~matching.in_closure & ~matching.denied


def next_questions(
    matching: Matching,
    questions: Questions,
    probability: np.ndarray,
    none_fits: float,
    count: int = 5,
    skip: np.ndarray | None = None,
) -> list[NextQuestion]:
    """The best questions: askable terms first come, ordered by gain times the worth of their cost class.

    `skip` (term positions) are not asked again. Of a term and its ancestors only the best is offered.
    """
    model = matching.model
    gain = information_gain(model, probability, none_fits)
    allowed = open_terms(matching) & (gain >= LEAST_GAIN)
    if skip is not None and len(skip):
        allowed[skip] = False
    value = np.where(allowed, gain * questions.worth, 0.0)
    # A term without lay words is offered only where it is worth much more than those with.
    value = np.where(questions.askable, value, 0.5 * value)
    chosen: list[int] = []
    for term in _largest(value, 20 * count + 20):
        if len(chosen) == count:
            break
        if not any(_related(model, term, other) for other in chosen):
            chosen.append(term)
    ids, labels = model.ontology.ids, model.ontology.labels
    return [
        NextQuestion(
            id=ids[term],
            label=labels[term],
            question=questions.texts[term],
            gain=round(float(gain[term]), 4),
            cost=questions.cost_name(term),
        )
        for term in chosen
    ]


def _largest(values: np.ndarray, count: int) -> list[int]:
    """Positions of the largest values above zero, largest first, equal ones by position."""
    count = min(count, len(values) - 1)
    cut = max(float(np.partition(values, -count)[-count]), 1e-300)
    near = np.flatnonzero(values >= cut)
    return near[np.argsort(-values[near], kind="stable")].tolist()


def _related(model: Model, a: int, b: int) -> bool:
    return model.ontology.is_a(a, b) or model.ontology.is_a(b, a)


def _tables(model: Model) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Frequencies and their entropies, terms by diseases."""
    shape = (model.terms, model.n)
    index = (model.post_disease, model.post_indptr)
    entropy = binary_entropy(model.post_frequency).astype(np.float32)
    return sparse.csr_matrix((model.post_frequency, *index), shape=shape), sparse.csr_matrix(
        (entropy, *index), shape=shape
    )
