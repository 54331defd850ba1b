"""RealMedQA: questions that clinicians could ask, each to be led to the guideline recommendation that answers it.

Source: Kell et al. 2024 (arXiv 2408.08624), checked against the released code. Layout: a JSON, JSON-lines or CSV file of pairs with
the columns `Question`, `Recommendation` (NICE's words), and the verifier's labels `Plausible` and `Answered` (Completely, Partially,
Not …); who wrote a question is in `Generator` where the file has it. As in the released code the pairs that are completely
plausible and completely answered are asked (`ideal`), and the distinct recommendations of those pairs are searched. Subsets: `ideal`;
`all` pairs with all their recommendations; the ideal pairs of one `Generator` (`human`, …) over the recommendations of `ideal`.

Departures: a question that stands in several pairs is asked once, and all its recommendations are right (released: each pair
alone, so that the other's answer counts as wrong); average precision is that of the true ranking (released: scikit-learn's over
scores that are put in another order than the ranking, for BM25).

`overlaps` gives, pair by pair, how many words question and recommendation share: the paper's point is that they share few. Each
query carries it as a tag.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from osler.benchmarks.files import Files, Row, words_of
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.stopwords import IDLE
from osler.registry import benchmark
from osler.scoring.rouge import words

NEEDS = "RealMedQA's file of pairs (RealMedQA.json, .jsonl or .csv), or its folder"
MEASURES = ("AP", "nDCG@10", "R@1", "R@2", "R@5", "R@10", "R@20", "R@50", "R@100")
_IDEAL = "completely"
_WRITERS = ("generator", "question_generator", "source", "author")
_SHARES = ((0.0, "none"), (0.1, "up to 0.1"), (0.2, "0.1 to 0.2"), (1.0, "above 0.2"))


@dataclass(frozen=True)
class Pair:
    """A question and the recommendation it was written for, with the verifier's labels and who wrote it."""

    question: str
    recommendation: str
    plausible: str
    answered: str
    writer: str

    @property
    def ideal(self) -> bool:
        """Completely plausible and completely answered."""
        return self.plausible.lower() == self.answered.lower() == _IDEAL


@dataclass(frozen=True)
class Overlap:
    """Words that question and recommendation share: of all words of both (`jaccard`), and of the question's (`covered`)."""

    question: str
    recommendation: str
    jaccard: float
    covered: float


@benchmark(
    "realmedqa",
    source="Kell et al. 2024 (RealMedQA)",
    needs=(f"--data {NEEDS}",),
    judged=True,
    splits=("train",),
)
class RealMedQA:
    """Clinicians' questions over the guideline recommendations that answer them, with lexical overlap as a tag."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """The ideal pairs, or those of a subset; there is one split."""
        if split not in (None, "train"):
            raise InputError(f"RealMedQA has one split, train, not {split!r}")
        pairs = list(read(path))
        ideal = [pair for pair in pairs if pair.ideal]
        name = subset or "ideal"
        asked = {"ideal": ideal, "all": pairs}.get(name)
        if asked is None:
            asked = [pair for pair in ideal if pair.writer == name]
        if not asked:
            known = ", ".join(_names(pairs))
            raise InputError(f"{path} has no pair of {name!r} to ask; there are: {known}")
        searched = pairs if name == "all" else ideal
        collection = "all" if name == "all" else "ideal"
        return [JudgedSet(name, tuple(_queries(asked)), lambda: _documents(searched), MEASURES, collection)]

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """ideal, all, and who wrote the questions, where the file says so."""
        return _names(list(read(path)))


def read(path: Path) -> Iterator[Pair]:
    """The pairs in the order of the file. Raises InputError that names the row."""
    with Files(path, NEEDS) as files:
        for where, row in files.rows(
            files.only("*RealMedQA*.json*", "*RealMedQA*.csv", "*.jsonl", "*.json", "*.csv")
        ):
            known: Row = {str(key).strip().lower(): value for key, value in row.items()}
            writer = next((str(known[name]) for name in _WRITERS if known.get(name)), "")
            yield Pair(
                words_of(known, "question", where), words_of(known, "recommendation", where),
                str(known.get("plausible") or "").strip(), str(known.get("answered") or "").strip(), writer.strip().lower(),
            )  # fmt: skip


def overlaps(path: Path, *, ideal: bool = True) -> list[Overlap]:
    """How many words each pair shares, function words left out; of the ideal pairs unless all are asked for."""
    return [overlap(pair) for pair in read(path) if pair.ideal or not ideal]


def overlap(pair: Pair) -> Overlap:
    """The words that a question and its recommendation share."""
    asked, said = _content(pair.question), _content(pair.recommendation)
    both, either = len(asked & said), len(asked | said)
    return Overlap(
        pair.question, pair.recommendation, both / either if either else 0.0, both / len(asked) if asked else 0.0
    )  # fmt: skip


def _content(text: str) -> set[str]:
    return {word for word in words(text) if word not in IDLE}


def _names(pairs: list[Pair]) -> list[str]:
    writers = sorted({pair.writer for pair in pairs if pair.ideal and pair.writer})
    return ["ideal", "all", *writers]


def _queries(pairs: list[Pair]) -> Iterator[JudgedQuery]:
    """Each question once, with all its recommendations."""
    gains: dict[str, dict[str, float]] = {}
    shared: dict[str, list[float]] = {}
    writers: dict[str, str] = {}
    for pair in pairs:
        gains.setdefault(pair.question, {})[_id(pair.recommendation)] = 1.0
        shared.setdefault(pair.question, []).append(overlap(pair).jaccard)
        writers.setdefault(pair.question, pair.writer)
    for question, judged in gains.items():
        tags: Mapping[str, str] = {"word overlap": _bin(max(shared[question]))}
        if writers[question]:
            tags = {**tags, "writer": writers[question]}
        # Questions on one recommendation hang together, so intervals are over recommendations.
        yield JudgedQuery(_id(question), question, judged, min(judged), tags)


def _bin(share: float) -> str:
    return next(name for most, name in _SHARES if share <= most)


def _documents(pairs: list[Pair]) -> Iterator[Document]:
    for text in dict.fromkeys(pair.recommendation for pair in pairs):
        yield Document(_id(text), text, source="NICE")


def _id(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
