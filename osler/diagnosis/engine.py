"""The embedded engine: one knowledge base and one ranker; queries in, scores, probabilities and reasons out.

    engine = Engine(load_knowledge("hpo"))
    result = engine.differential(Query.of(engine.knowledge, present=["HP:0001083", "HP:0001166"]))

Works offline and asks no language model.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from osler import registry
from osler.diagnosis.burden import Questions, questions_of
from osler.diagnosis.explain import reasons
from osler.diagnosis.fusion import Fusion
from osler.diagnosis.matching import Matching
from osler.diagnosis.memory import Memory
from osler.diagnosis.model import leave_out, model_of
from osler.diagnosis.naive_bayes import NaiveBayes
from osler.diagnosis.next_question import next_questions
from osler.diagnosis.notices import notices_for
from osler.diagnosis.posterior import CLOSED, DEFAULTS, posterior
from osler.diagnosis.query import Query
from osler.diagnosis.ranker import LeftOut, Ranker
from osler.diagnosis.result import Differential, KnowledgeUsed, NextQuestion, RankedDisease
from osler.diagnosis.review import review
from osler.diagnosis.weights import Weights, packaged
from osler.knowledge.profiles import Knowledge
from osler.trace import Candidate


class Engine:
    """Ranks the diseases of a knowledge base.

    `method`: a registered ranker's name; "embedded" is naive Bayes on knowledge whose tables are complete. `weights`: fitted weights, the packaged ones by default. `memory`: solved
    cases whose nearest add to the scores; none by default. Raises UsageError for an unknown method.
    """

    def __init__(
        self,
        knowledge: Knowledge,
        method: str = "embedded",
        weights: Weights | None = None,
        memory: Memory | None = None,
    ) -> None:
        self.knowledge = knowledge
        self.method = method
        self.weights = weights or packaged()
        self.memory = memory
        self.model = model_of(knowledge)
        kind = registry.get("ranker", method).object
        if kind is Fusion and complete(knowledge):
            kind = NaiveBayes
        self.ranker: Ranker = kind(self.weights) if issubclass(kind, Fusion) else kind()
        self._empty = self.model.sizes == 0

    # --- Scores ------------------------------------------------------------------------------------------------
    def scores(
        self, query: Query, withheld: Collection[str] | None = None, key: str | None = None
    ) -> np.ndarray:
        """Score of each disease (float64[n]), -inf where its profile is empty.

        `withheld` references are removed from every disease. `key` (an evaluation's opaque id of the case) chooses
        weights that were not fitted on it; leave it out for a new patient.
        """
        matching = Matching(self.model, query)
        left = self._left_out(query, withheld)
        options = {"key": key} if isinstance(self.ranker, Fusion) else {}
        if left is None:
            scores = self.ranker.scores(matching, **options)
        else:
            scores = self.ranker.scores_without(matching, left, **options)
        if self.memory is not None:
            scores = scores + self.memory.bonus(query, self.model, withheld)
        scores[self._empty] = -np.inf
        if left is not None:
            scores[left.diseases[left.matching.model.sizes == 0]] = -np.inf
        return scores

    def rank_batch(
        self,
        queries: Sequence[Query],
        withheld: Sequence[frozenset[str] | None] | None = None,
        keys: Sequence[str | None] | None = None,
    ) -> np.ndarray:
        """Scores of many queries (float64[n_queries, n_diseases]); row by row what `scores` gives."""
        result = np.empty((len(queries), self.model.n))
        for i, query in enumerate(queries):
            hidden = withheld[i] if withheld is not None else None
            result[i] = self.scores(query, hidden, keys[i] if keys is not None else None)
        return result

    def _left_out(self, query: Query, withheld: Collection[str] | None) -> LeftOut | None:
        rows = [self.knowledge.citing(reference) for reference in sorted(withheld or ())]
        found = np.unique(np.concatenate(rows)) if rows else np.empty(0, np.int32)
        if not len(found):
            return None
        diseases, model = leave_out(self.model, found)
        return LeftOut(diseases, Matching(model, query))

    # --- Probabilities -----------------------------------------------------------------------------------------
    def posterior(self, scores: np.ndarray, query: Query, key: str | None = None) -> tuple[np.ndarray, float]:
        """Probabilities of the diseases (float64[n]) and of none of them; together they sum to one."""
        return posterior(scores, query, self.model, self._parameters(key), self._log_prior)

    def values(self, scores: np.ndarray, diseases: np.ndarray, key: str | None = None) -> np.ndarray:
        """What orders the differential, of some diseases (positions): slope · score, plus the log prior (float64[k]).

        `scores` are theirs, in the same order.
        """
        value = self._parameters(key)["slope"] * scores
        return value if self._log_prior is None else value + self._log_prior[diseases]

    def _parameters(self, key: str | None) -> dict[str, Any]:
        if isinstance(self.ranker, NaiveBayes):
            return CLOSED
        return {**DEFAULTS, **self.weights.for_case(key).posterior.get(self.method, {})}

    @cached_property
    def _log_prior(self) -> np.ndarray | None:
        priors = self.knowledge.priors
        if np.ptp(priors) < 1e-12:
            return None
        return np.log(np.maximum(priors, 1e-9)) - np.log(priors.mean())

    # --- The differential --------------------------------------------------------------------------------------
    def differential(
        self,
        query: Query,
        top: int = 10,
        explain: bool = True,
        next_questions: int = 5,
        key: str | None = None,
    ) -> Differential:
        """The ranked differential with reasons, what to ask next, and notices.

        `top` diseases are shown, and explained where `explain`; `next_questions` are computed (0: none).
        """
        scores = self.scores(query, key=key)
        probability, none_fits = self.posterior(scores, query, key)
        matching = Matching(self.model, query)
        return Differential(
            differential=self.ranked(scores, probability, top, matching if explain else None),
            none_fits=none_fits,
            next=self.next_questions(query, probability, none_fits, next_questions) if next_questions else [],
            knowledge=self.used(),
            method=self.method,
            score_unit=self.ranker.score_unit,
            contribution_unit=self.ranker.contribution_unit,
            notices=notices_for(query, self.model, none_fits, self._log_prior is not None, self._reads_lists),
        )

    def ranked(
        self, scores: np.ndarray, probability: np.ndarray, top: int, matching: Matching | None = None
    ) -> list[RankedDisease]:
        """The best diseases, with reasons where a `matching` to explain is given."""
        order = _order(scores, probability, top)
        return [self._ranked(rank, int(d), scores, probability, matching) for rank, d in enumerate(order, 1)]

    def placed(self, query: Query, disease: int) -> RankedDisease | None:
        """One disease (its position) with its place among all and its reasons; None where its profile is empty."""
        scores = self.scores(query)
        if not np.isfinite(scores[disease]):
            return None
        probability, _ = self.posterior(scores, query)
        rank = int(np.flatnonzero(_order(scores, probability, len(scores)) == disease)[0]) + 1
        return self._ranked(rank, disease, scores, probability, Matching(self.model, query))

    def next_questions(
        self,
        query: Query,
        probability: np.ndarray,
        none_fits: float,
        count: int = 5,
        skip: np.ndarray | None = None,
    ) -> list[NextQuestion]:
        """The questions whose answers are expected to tell most, best first; gain in bits."""
        matching = Matching(self.model, query)
        return next_questions(matching, self.questions, probability, none_fits, count, skip)

    def review(self, query: Query, diseases: Sequence[int]) -> list[Candidate]:
        """Chosen diseases (positions) held against their profiles; see `osler.diagnosis.review.review`."""
        matching = Matching(self.model, query)
        return [review(self.ranker, matching, disease) for disease in diseases]

    @property
    def _reads_lists(self) -> bool:
        return isinstance(self.ranker, Fusion) and self.ranker.variant == "embedded"

    @cached_property
    def questions(self) -> Questions:
        """Question texts and cost classes of the ontology's terms."""
        return questions_of(self.knowledge.ontology)

    def _ranked(
        self, rank: int, disease: int, scores: np.ndarray, probability: np.ndarray, matching: Matching | None
    ) -> RankedDisease:
        knowledge = self.knowledge
        members = self._series_sizes[knowledge.series[disease]]
        shared = float(probability[knowledge.series == knowledge.series[disease]].sum())
        support, against, missing = reasons(self.ranker, matching, disease) if matching else ([], [], [])
        return RankedDisease(
            rank=rank,
            id=knowledge.disease_ids[disease],
            xrefs=[i for i in knowledge.xrefs[disease] if i != knowledge.disease_ids[disease]],
            name=knowledge.disease_names[disease],
            group=knowledge.series_names[int(knowledge.series[disease])] if members > 1 else None,
            group_probability=shared if members > 1 else None,
            probability=float(probability[disease]),
            score=float(scores[disease]),
            support=support,
            against=against,
            missing=missing,
        )

    @cached_property
    def _series_sizes(self) -> np.ndarray:
        return np.bincount(self.knowledge.series)

    def used(self) -> KnowledgeUsed:
        """Which release and how many diseases this engine ranks by."""
        known = self.knowledge
        return KnowledgeUsed(
            name=known.name,
            release=known.release,
            diseases=int((~self._empty).sum()),
            checksum=known.checksum,
        )

    def weights_note(self) -> dict[str, Any]:
        """Which fitted weights are in use, for a run's manifest."""
        return {"checksum": self.weights.checksum, "method": self.method, **self.weights.about.get("fit", {})}


def complete(knowledge: Knowledge) -> bool:
    """Whether the knowledge states priors and the frequency of every finding, as a table drawn from patients does."""
    pairs = knowledge.pairs
    return bool(np.ptp(knowledge.priors) > 1e-12 and len(pairs) and not np.isnan(pairs.frequency).any())


def _order(scores: np.ndarray, probability: np.ndarray, top: int) -> np.ndarray:
    """Positions of the best diseases: by probability, then score, then position; unscored ones left out."""
    finite = np.flatnonzero(np.isfinite(scores))
    count = min(top, len(finite))
    if not count:
        return finite
    cut = np.partition(probability[finite], -count)[-count]
    near = finite[probability[finite] >= cut]
    return near[np.lexsort((near, -scores[near], -probability[near]))][:top]
