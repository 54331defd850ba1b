"""The extractive answer's held-out check: three small made-up guidelines with 10 answerable and 10 unanswerable questions each.

    python perf/not_found_guidelines.py [--each]

The guidelines and questions (tests/knowledge/corpus/small_guidelines) were written before any probability of them was seen and are
never used to fit. "Absent" asks about a disease the guideline never mentions, "unanswered" about its own disease, something that
it does not say. "Before" is the formula that was shipped first.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from not_found import before

FOLDER = Path(__file__).parents[1] / "tests" / "knowledge" / "corpus" / "small_guidelines"


def main() -> None:
    from osler.knowledge.corpus.ingest import add
    from osler.knowledge.corpus.lexical import LexicalRetriever

    counts: dict[tuple[str, str], list[int]] = {}
    with tempfile.TemporaryDirectory() as place:
        os.environ["XDG_DATA_HOME"] = place
        for name, asked in json.loads((FOLDER / "questions.json").read_text()).items():
            add(name, FOLDER / f"{name}.md")
            retriever = LexicalRetriever(name)
            for kind, questions in asked.items():
                for question in questions:
                    best = next(iter(retriever.search(question, 1)), None)
                    now = retriever.fit(question, best).probability if best else 0.0
                    old = before(question, best, retriever) if best else 0.0
                    numbers = questions[question].split("|") if kind == "answered" else []
                    right = bool(best and best.document.rpartition("/")[2] in numbers)
                    row = counts.setdefault((name, kind), [0, 0, 0, 0, 0])
                    more = (1, right, now >= 0.5, now >= 0.5 and right, old >= 0.5)
                    row[:] = [a + int(b) for a, b in zip(row, more, strict=True)]
                    if "--each" in sys.argv:
                        print(
                            f"{name} {kind} {now:.2f} (before {old:.2f}) {'right' if right else '-'} {question}"
                        )
    for (name, kind), (n, best, said, right, old) in counts.items():
        told = f"best passage right {best}, answered {said}, answered rightly {right}, answered before {old}"
        print(f"{name}, {kind}: {n} questions, {told}")


if __name__ == "__main__":
    main()
