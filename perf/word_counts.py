"""Makes `osler/knowledge/corpus/word_counts.txt`: how rare each word is in medical writing, for corpora too small to tell.

    OSLER_DATA=… python perf/word_counts.py

Counted: passages of MedQuAD's answers and PubMedQA's abstracts that hold a stem. Kept: stems in `LEAST` passages or more, in
levels of half a bit. No text of either is kept; a stem that is in no level counts as in two passages.
"""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter, defaultdict
from pathlib import Path

from not_found import rows

from osler.knowledge.corpus.chunks import chunks
from osler.knowledge.corpus.lexical import analyser
from osler.knowledge.corpus.unspaced import spaced
from osler.knowledge.corpus.word_weights import TABLE

LEAST = 8


def main() -> None:
    data = Path(os.environ["OSLER_DATA"])
    texts = [row.answer for row in rows(data / "medquad" / "medquad.zip")]
    asked = json.loads((data / "pubmedqa" / "data" / "ori_pqal.json").read_text()).values()
    texts += [" ".join(one["CONTEXTS"]) for one in asked]
    found, passages = Counter(), 0
    for text in texts:
        for chunk in chunks(text):
            words = set(re.findall(r"[^\W_]+", spaced(text[chunk.start : chunk.end].lower())))
            found.update({stem for word in words for stem in analyser().analyze(word)})
            passages += 1
    levels = defaultdict(list)
    for stem, n in found.items():
        if n >= LEAST and stem.isascii() and (stem.isalpha() or len(stem) < 3):
            levels[round(2 * math.log2(passages / n))].append(stem)
    TABLE.write_text(
        f"{passages}\n" + "".join(f"{one} {' '.join(sorted(levels[one]))}\n" for one in sorted(levels))
    )
    print(
        f"{sum(map(len, levels.values())):,} stems from {passages:,} passages, {TABLE.stat().st_size:,} bytes"
    )


if __name__ == "__main__":
    main()
