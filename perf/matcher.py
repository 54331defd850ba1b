"""Speed of text to HPO against a bare ahocorasick_rs automaton over the same names on the same text, in one run.

Usage: python perf/matcher.py [FILE ...]     (without files: a letter and a list of names, repeated)

Prints characters per second of CPU for both and their ratio. The bare automaton lower-cases and looks names up as they
are written: no variants, no word boundaries, no ambiguity; it is the price of finding strings, not of finding findings.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import ahocorasick_rs

from osler.findings.lexicon import load_lexicon, names
from osler.findings.matcher import find_matches
from osler.findings.text import find_findings
from osler.ontology.load import load_ontology

LETTER = """Dear colleague, thank you for referring this 14-year-old girl, whom we saw on Monday with her mother. She was
born at term after an uneventful pregnancy and walked at fifteen months. Since the age of six she has had recurrent
seizures, mostly at night, and her teachers report learning difficulties. There was no fever, rash or headache. On
examination she was of short stature with low-set ears and a high palate; there were several café-au-lait spots and the
gait was mildly ataxic. Hearing was normal. Family history: a maternal uncle has epilepsy. We plan to repeat the EEG.

"""


def seconds(work: Callable[[], object], repeats: int = 3) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def line(what: str, characters: int, spent: float, base: float) -> None:
    print(f"{what:42} {characters / spent / 1e6:8.2f} Mchar/s   {base / spent:6.3f} x bare automaton")


def main() -> None:
    texts = [Path(name).read_text(errors="replace") for name in sys.argv[1:]] or [LETTER * 4] * 100
    characters = sum(map(len, texts))
    ontology = load_ontology("hpo")
    start = time.process_time()
    lexicon = load_lexicon(ontology)
    print(f"lexicon ready in {time.process_time() - start:.3f} s CPU, {len(lexicon.bags)} bags of words")
    start = time.process_time()
    automaton = ahocorasick_rs.AhoCorasick(
        sorted({name.text.lower() for name in names(ontology)}),
        matchkind=ahocorasick_rs.MatchKind.LeftmostLongest,
    )
    print(f"automaton built in {time.process_time() - start:.3f} s CPU")
    print(f"{len(texts)} texts, {characters} characters, one at a time")
    base = seconds(lambda: [automaton.find_matches_as_indexes(text.lower()) for text in texts])
    line("ahocorasick_rs, lower case, longest", characters, base, base)
    line(
        "find_matches, longest", characters, seconds(lambda: [find_matches(t, lexicon) for t in texts]), base
    )
    line(
        "find_matches, nested",
        characters,
        seconds(lambda: [find_matches(t, lexicon, True) for t in texts]),
        base,
    )
    line(
        "find_findings (with scope and onset)",
        characters,
        seconds(lambda: [find_findings(t, lexicon) for t in texts]),
        base,
    )
    joined = "\n\n".join(texts)
    line(
        "find_matches, nested, as one text",
        len(joined),
        seconds(lambda: find_matches(joined, lexicon, True)),
        base * len(joined) / characters,
    )


if __name__ == "__main__":
    main()
