"""How sure an extractive answer is on corpora of pages: tests, and fits, the second probability of `osler/knowledge/corpus/extract.py`.

    OSLER_DATA=… python perf/not_found_pages.py

Half of the pages of each of drugs, profiles and calculators are indexed, and template questions about pages of either half asked;
of drugs also about every disease. The best passage is right where it is on the page asked about or names its id. Weights are
fitted on one half of what is asked about and tested on the other, the three corpora counting alike. The templates and the list
of asking words are by one hand: people's questions will do worse.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from not_found import report
from scipy.optimize import minimize

MOST, SEED = 4000, 1
TERM = ("What is {}?", "What does {} mean?", "Define {}", "{} definition")
DISEASE = ("Which drugs treat {}?", "What is the treatment of {}?", "What helps against {}?", "Which medicines relieve {}?")  # fmt: skip
ASKED = {
    "drugs": ("What is {} used for?", "Which diseases does {} treat?", "What are the indications of {}?", "Is {} effective?", "{}"),
    "profiles": ("What are the symptoms of {}?", "Which findings does {} have?", "What are the features of {}?",
                 "How is {} inherited?", "What is {}?", "Tell me about {}", "How often does seizure occur in {}?", "{}"),
    "calculators": ("How is {} calculated?", "What are the inputs of {}?", "When does {} not hold?",
                    "How do I interpret the {}?", "{} formula", "How do I work out {}?"),
}  # fmt: skip


def coin(text: str, which: int) -> int:
    """A fair coin of a text."""
    return hashlib.sha256(text.encode()).digest()[which] & 1


def questions(name: str, pages: Sequence[Any]) -> list[tuple[str, str]]:
    """Questions about the pages, each with the id of what it asks about."""
    chance = random.Random(SEED)
    found = [
        (chance.choice(TERM if page.id.startswith("HP:") else ASKED[name]).format(page.title), page.id)
        for page in pages
    ]
    if name == "drugs":
        named = {match for page in pages for match in re.findall(r"- (.+) \((DOID:\d+)\)", page.text)}
        found += [(how.format(disease), doid) for disease, doid in sorted(named) for how in DISEASE]
    chance.shuffle(found)
    return found[:MOST]


def observed(name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each question: figures of its best passage (shipped probability, coverage, whole), whether it is right, a coin."""
    from osler.knowledge.corpus.builtin import BuiltIn, built_in
    from osler.knowledge.corpus.extract import figures
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.corpus.lexical import LexicalRetriever
    from osler.registry import register

    pages = list((built_in(name).documents or list)())
    kept = [page for page in pages if not coin(page.id, 0)]
    half = BuiltIn("", "", documents=lambda: iter(kept), version=lambda: "1", pages=True)
    register("corpus", f"half-{name}", source="half of the pages")(lambda: half)
    add(f"half-{name}", f"builtin:half-{name}")
    retriever = LexicalRetriever(f"half-{name}")
    rows = []
    for question, about in questions(name, pages):
        best = next(iter(retriever.search(question, 1)), None)
        if best is None:
            rows.append((1 / (1 + np.exp(7.7)), 0.0, 0.0, 0.0, coin(about, 1)))
            continue
        held = figures(question, best, retriever)
        right = best.document == about or about in best.text
        rows.append((held.probability, held.coverage, held.coverage > 0.999, right, coin(about, 1)))
    table = np.array(rows, float)
    return table[:, :3], table[:, 3], table[:, 4]


def fitted(seen: dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]) -> np.ndarray:
    """Intercept, coverage and whole by maximum likelihood on the first half of what is asked about."""

    def loss(weights: np.ndarray) -> float:
        total = 0.0
        for figures, right, side in seen.values():
            first = side == 0
            margin = weights[0] + figures[first, 1:] @ weights[1:]
            total += float(np.mean(np.logaddexp(0, margin) - right[first] * margin))
        return total

    return minimize(loss, np.zeros(3)).x


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_DATA_HOME"] = place
        seen = {name: observed(name) for name in ASKED}
    weights = fitted(seen)
    print(f"fitted weights {np.round(weights, 2).tolist()}")
    for name, (figures, right, side) in seen.items():
        test = side == 1
        report(
            f"{name}, fitted",
            1 / (1 + np.exp(-(weights[0] + figures[test, 1:] @ weights[1:]))),
            right[test],
        )
        report(f"{name}, shipped (n {test.sum()})", figures[test, 0], right[test])


if __name__ == "__main__":
    main()
