"""How sure an extractive answer is on a large corpus: tests the probability of `osler/knowledge/corpus/extract.py` on MedQuAD.

    OSLER_DATA=… python perf/not_found.py

Half of MedQuAD's topics are indexed, answers only, without their questions. Questions on topics of either half are asked. The
best passage is right where it comes from a page on the question's topic (same focus, or one the page calls a synonym); a
passage on another page that also says it counts as wrong, so the probability errs to the low side. The weights are those that
not_found_sizes.py fits on topics of one half; only topics of the other are tested. "Before" is the formula that was shipped first.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree

import numpy as np

ASKED, SEED = 8000, 1


class Row(NamedTuple):
    """A pair: its topic's names, question and answer."""

    names: frozenset[str]
    question: str
    answer: str


def rows(archive: Path) -> list[Row]:
    """All pairs of MedQuAD; those whose answer was taken out have an empty one."""
    found = []
    with zipfile.ZipFile(archive) as packed:
        for name in sorted(packed.namelist()):
            if not name.endswith(".xml"):
                continue
            page = ElementTree.fromstring(packed.read(name))
            names = [page.findtext("Focus") or "", *(one.text or "" for one in page.iter("Synonym"))]
            topic = frozenset(
                folded for one in names if (folded := " ".join(re.findall(r"\w+", one.lower())))
            )
            found += [
                Row(
                    topic,
                    " ".join((pair.findtext("Question") or "").split()),
                    (pair.findtext("Answer") or "").strip(),
                )
                for pair in page.iter("QAPair")
            ]
    return [row for row in found if row.names and row.question]


def bit(row: Row, which: int) -> int:
    """A fair coin of the topic's name."""
    return hashlib.sha256(min(row.names).encode()).digest()[which] & 1


def before(question: str, passage: Any, words: Any) -> float:
    """The probability by the formula shipped before: rarest third of the words, and BM25 as a share of its most."""
    from osler.knowledge.corpus.extract import _stems

    wanted = {word: found for word in words.content_words(question) if (found := words.writings(word))}
    weights = {word: max(map(words.weight, found[0])) for word, found in wanted.items()}
    there = set(_stems(f"{passage.title} {passage.section} {passage.text}", words))
    heavy = sorted(weights, key=lambda word: (-weights[word], word))[: max(1, math.ceil(len(weights) / 3))]
    held = [word for word in heavy if any(there.issuperset(one) for one in wanted[word])]
    whole = sum(weights[word] for word in heavy)
    rarest = sum(weights[word] for word in held) / whole if whole else 0.0
    strength = min(1.0, passage.score / (2.2 * sum(weights.values()))) if whole else 0.0
    return 1 / (1 + math.exp(-(-5.8 + 1.5 * rarest + 7.3 * strength)))


def observed(every: list[Row]) -> np.ndarray:
    """For each question asked: its best passage's probability, that of before, whether it is right, the topic's second coin."""
    from osler.knowledge.corpus.extract import figures
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.corpus.lexical import LexicalRetriever

    shelf = [row for row in every if row.answer and not bit(row, 0)]
    source = Path(os.environ["XDG_DATA_HOME"]) / "half.jsonl"
    source.write_text(
        "".join(json.dumps({"id": str(n), "text": row.answer}) + "\n" for n, row in enumerate(shelf))
    )
    add("half", source)
    retriever = LexicalRetriever("half")
    asked = random.Random(SEED).sample([row for row in every if row.answer], ASKED)
    seen = []
    for row in asked:
        best = next(iter(retriever.search(row.question, 1)), None)
        now, old = (
            (figures(row.question, best, retriever).probability, before(row.question, best, retriever))
            if best
            else (0.0, 0.0)
        )
        seen.append((now, old, bool(best and row.names & shelf[int(best.document)].names), bit(row, 1)))
    return np.array(seen, float)


def main() -> None:
    from osler.data.store import locate

    folder = locate("medquad") or Path(os.environ["OSLER_DATA"]) / "medquad"
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_DATA_HOME"] = place
        seen = observed(rows(next(folder.glob("*.zip"))))
    test = seen[:, 3] == 1
    report(f"before (n {test.sum()})", seen[test, 1], seen[test, 2])
    report("shipped", seen[test, 0], seen[test, 2])


def report(name: str, sure: np.ndarray, right: np.ndarray) -> None:
    """Calibration error (ten equal-sized bins), how well right and wrong are told apart, and what the threshold does."""
    order = np.argsort(sure, kind="stable")
    bins = np.array_split(order, 10)
    error = sum(len(b) * abs(sure[b].mean() - right[b].mean()) for b in bins) / len(sure)
    ranks = np.empty(len(sure))
    ranks[order] = np.arange(len(sure))
    n1 = right.sum()
    auroc = (ranks[right == 1].sum() - n1 * (n1 - 1) / 2) / (n1 * (len(right) - n1))
    said = sure >= 0.5
    print(f"{name}: right {right.mean():.3f}, ECE {error:.3f}, AUROC {auroc:.3f}; answers {said.mean():.3f} of them, "
          f"right {_mean(right[said])} when answering, {_mean(right[~said])} when 'not found'")  # fmt: skip


def _mean(some: np.ndarray) -> str:
    return f"{some.mean():.3f}" if len(some) else "–"


if __name__ == "__main__":
    main()
