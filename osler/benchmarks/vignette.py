"""Tells the same vignette in different sets: words without case, punctuation and layout, and a hash of how it begins.

MedQA's vignettes come back in MediQ, MEDEC and MIRAGE with other questions, options or one changed sentence. What stays
is the beginning, so the hash is over the first 24 words; a text of fewer words is hashed whole. Intervals are clustered by
it and pools of examples are held out by it. Two vignettes that begin alike fall together, which errs on the safe side.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

OPENING = 24
_BEGINNING = 400
# Scripts without blanks between words are compared character by character.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")


def normal_words(text: str) -> list[str]:
    """The words of a text, folded: compatibility forms, letter case and punctuation make no difference."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def vignette_hash(text: str) -> str:
    """16 hex digits for how a text begins; texts that differ later, or in layout only, have the same."""
    # The beginning says it all where it holds more words than needed: only its last word may be cut.
    words = normal_words(text[:_BEGINNING])
    if len(words) <= OPENING and len(text) > _BEGINNING:
        words = normal_words(text)
    opening = " ".join(words[:OPENING])
    return hashlib.blake2b(opening.encode(), digest_size=8, person=b"osler.vignette").hexdigest()
