"""Reads a question about a differential by plain rules: what is asked, and which diseases and findings it names.

Knows nothing of how a question is answered.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np

from osler.case import Case, Term
from osler.findings.text import find_findings
from osler.knowledge.profiles import Knowledge
from osler.knowledge.search import KINDS, named_disease, search_diseases, words_of

Kind = Literal["why", "why not", "what if", "how sure", "compare", "change", "next", "steps", "sources", "unknown"]  # fmt: skip
_ASKED: tuple[tuple[Kind, str], ...] = (
    ("what if", r"\bwhat if\b|\bsuppose\b|\bassum\w+|\bif (?:the|she|he|they|there|it|no|only)\b|^(?:and )?(?:without|with)\b|\bhad (?:no|not)\b"),
    ("why not", r"\bwhy (?:not|is(?: it)? not|isn'?t|wasn'?t|aren'?t)\b|\brule[sd]? out\b|\bwhy\b.*\b(?:not|lower|behind|below|unlikely|excluded)\b|\bagainst\b"),
    ("compare", r"\b(?:rather than|instead of|versus|vs\.?|compare[sd]?|differen\w+|tells? .* apart|over(?! *(?:\d|half\b|one\b|ninety|eighty|fifty)))\b"),
    ("change", r"\bwhat (?:would|could) (?:change|flip)|\bchange (?:the|your) (?:order|mind|answer|differential)|\bcounterfactual"),
    ("how sure", r"\bhow (?:sure|certain|confident|likely|probable|reliable)\b|\bconfiden\w+|\bprobab\w+|\bcertain\w*|\bsure\b|\d *(?:%|per ?cent\b)"),
    ("next", r"\bwhat (?:else |next|now)|\b(?:ask|test|examine|look for|find out)\b.*\b(?:next|now|else)\b|\bnext question|\bwhat should"),
    ("steps", r"\bwhat did you (?:do|look|retrieve|search|calculate|read)|\bhow did you\b|\bsteps?\b|\bretriev\w+|\bcalculat\w+"),
    ("sources", r"\bsources?\b|\bcit\w+|\breferences?\b|\bpapers?\b|\bpublication|\bwhere (?:is|does|do|did)\b|\bhow do you know\b"),
    ("why", r"\bwhy\b|\breasons?\b|\bbecause\b|\bexplain\b|\bspeaks? for\b|\bsupports?\b|\bevidence\b"),
)  # fmt: skip
_PLACE = {
    "first": 0,
    "top": 0,
    "leading": 0,
    "second": 1,
    "runner-up": 1,
    "third": 2,
    "fourth": 3,
    "fifth": 4,
}
# Words that name no disease by themselves.
_IDLE = frozenset(["why", "not", "what", "if", "is", "it", "the", "a", "an", "of", "and", "or", "how", "sure", "that", "this", "one", "are", "you", "about", "for", "was", "were", "rather", "than", "instead", "over", "against", "rule", "out", "ruled", "does", "do", "did", "be", "in", "with", "without", "would", "could", "there", "no", "disease", "syndrome"])  # fmt: skip
_COMMON = frozenset(["first", "second", "third", "fourth", "fifth", "likely", "unlikely", "probable", "higher", "lower", "behind", "ahead", "ranked", "place", "patient", "case", "think", "differential", "diagnosis", "answer", "order", "change", "certain", "confident", "source", "sources", "reference", "evidence", "reason", "reasons", "explain", "support", "supports", "speaks", "where", "which", "other", "another", "really", "still", "compare", "compared", "difference", "between", "versus", "excluded", "ranking", "disease", "diseases", "paper", "papers", "comes", "about", "please", "would", "could", "should"])  # fmt: skip
_SMALL = frozenset(["can", "we", "i", "has", "have", "been", "so", "but", "then", "me", "any", "others", "rest", "next", "all", "isn", "wasn", "aren", "t", "s", "say", "says", "speak", "more", "less", "them", "these", "those", "too", "ones", "above", "first"])  # fmt: skip
_EXACT = ("id", "name", "short name")
LONGEST_NAME, HIGH = 16, 25


def kind_of(question: str, before: Kind | None = None) -> Kind:
    """What a question asks; that of the turn before for a follow-up ("and Marfan syndrome?")."""
    words = " ".join(question.casefold().replace("’", "'").split())
    for kind, pattern in _ASKED:
        if re.search(pattern, words):
            return kind
    follows = re.match(r"(?:and|or|but|what about|how about)\b", words)
    return before if before is not None and follows else "unknown"


def diseases(
    question: str,
    base: Knowledge,
    order: np.ndarray,
    before: Sequence[int] = (),
    aside: Sequence[Term] = (),
    loosely: bool = True,
) -> tuple[list[int], str]:
    """The diseases (positions) that a question names, in its order, and a sentence where one was meant by part of its name.

    `order` has all diseases, the likeliest first; "the second" goes by it, and "that one" means the first of `before`.
    Words of the findings `aside` name no disease; without `loosely` a single word of a name does not either.
    """
    words = f" {' '.join(words_of(question))} "
    for term in aside:
        words = words.replace(f" {' '.join(words_of(term.label))} ", "  ")
    left, found, rest, notes = words.split(), [], [], []
    while left:
        size, disease, taken = _longest_name(left, base, order, loosely)
        if disease is None:
            rest.append(left[0])
        elif disease not in found:
            found.append(disease)
            notes += [taken] if taken else []
        left = left[size:]
    meant, note = _by_part(rest, base, order) if loosely else (None, "")
    if meant is not None and meant not in found:
        found.append(meant)
        notes.append(note)
    if found:
        return found, " ".join(notes)
    for word, place in _PLACE.items():
        if re.search(rf"\b{word}\b", question, re.I):
            return [int(order[place])], ""
    return list(before[:1]) if re.search(r"\b(?:that|this|it|one)\b", question, re.I) else [], ""


def _by_part(rest: Sequence[str], base: Knowledge, order: np.ndarray) -> tuple[int | None, str]:
    """The likeliest disease whose name holds a word that nothing else explained, and a sentence that says so."""
    for word in rest:
        if len(word) < 6 or word in _IDLE or word in _COMMON:
            continue
        near = [
            one for one in search_diseases(base, word, 400) if KINDS.index(one.kind) <= KINDS.index("words")
        ]
        if not near:
            continue
        places = {int(disease): place for place, disease in enumerate(order)}
        best, *others = sorted(near, key=lambda one: places[one.index])
        also = f"; also: {', '.join(one.name for one in others[:3])}" if others else ""
        return best.index, f"“{word}” is taken as {best.name}, the likeliest of that name{also}."
    return None, ""


def _longest_name(
    words: Sequence[str], base: Knowledge, order: np.ndarray, loosely: bool
) -> tuple[int, int | None, str]:
    """How many words at the start name a disease, which, and a sentence where they are not its name but a part of it.

    The longest words come first, and of the same words the disease that has them as id, name or short name; only then `loosely` one
    high in the differential whose name holds them all, or one whose name begins with them.
    """
    if words[0] in _IDLE:
        return 1, None, ""
    for size in range(min(LONGEST_NAME, len(words)), 0, -1):
        part = words[:size]
        if part[-1] in _IDLE - {"disease", "syndrome"}:
            continue
        match = named_disease(base, " ".join(part))
        if match is not None and match.kind in _EXACT:
            return size, match.index, ""
        wanted = set(part) - {"disease", "syndrome"}
        near = [one for one in order[:HIGH].tolist() if wanted <= set(words_of(str(base.disease_names[one])))]
        if not (wanted and (size > 1 or (loosely and len(part[0]) > 4))):
            near = []
        if not near and match is not None and size > 1:
            near = [match.index]
        if near:
            first, *others = (str(base.disease_names[one]) for one in near)
            also = f"; also: {', '.join(others[:3])}" if others else ""
            return size, near[0], f"“{' '.join(part)}” is taken as {first}{also}."
    return 1, None, ""


def about_none(question: str) -> bool:
    """Whether it asks for the probability that none of the diseases fits."""
    return bool(
        re.search(
            r"\b(?:none|neither|something else|another disease|other disease|not listed)\b", question, re.I
        )
    )


def bare(question: str) -> bool:
    """Whether nothing is named that is left to explain, as in "why not?" or "what speaks against it?"."""
    return not set(words_of(question.replace("’", "'"))) - _IDLE - _COMMON - _SMALL - set(_PLACE)


def findings_in(words: str, case: Case) -> list[Term]:
    """The findings that a question names: those of the case by their label or own words, then any term that is read in it."""
    asked = f" {' '.join(words_of(words))} "
    found: dict[str, Term] = {}
    for one in sorted(case.findings, key=lambda one: -len(one.label)):
        for name in (one.label, one.text or ""):
            own = " ".join(words_of(name))
            if own and f" {own} " in asked and one.id not in found:
                found[one.id] = one.term
                asked = asked.replace(f" {own} ", "  ")
    rest = " ".join(asked.split())
    for one in find_findings(rest):
        found.setdefault(one.id, one.term)
    if found:
        return list(found.values())
    # A part of a finding's name is enough where it means one finding of the case alone: "the lens" for ectopia lentis is not.
    part = {word for word in asked.split() if len(word) > 4}
    near = [one.term for one in case.findings if part & set(words_of(one.label))]
    return near[:1] if len({one.id for one in near}) == 1 else []
