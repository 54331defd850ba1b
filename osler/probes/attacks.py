"""Small attacks on a question, by rule and always the same: negation, swapped words, a sentence that distracts.

After the adversarial attacks that UKP-SQuARE v2 shows beside its saliency maps (Sachdeva et al. 2022, arXiv:2208.09316), which are
gradient-based; these need no model, so they are the same for every one. What an attack changes can change the right answer (a
negation mostly does): a prediction that moves is something to look at, not an error by itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_WORD = re.compile(r"(?<![\w-])[^\W\d_]+(?:['’-][^\W\d_]+)*(?![\w-])")
# A verb and how it is denied; the first that a sentence has is taken.
_NEGATED = (
    (re.compile(r"\b(is|are|was|were|can|should|will|would|could|may|must|does|do|did|has been|have been)\b(?! not)", re.I), r"\1 not"),
    (re.compile(r"\bhas\b(?! not)", re.I), "does not have"),
    (re.compile(r"\bhave\b(?! not)", re.I), "do not have"),
    (re.compile(r"\bhad\b(?! not)", re.I), "did not have"),
    (re.compile(r"\b(?:shows|presents with|reports|complains of|develops|takes|with)\b", re.I), "without"),
)  # fmt: skip
_DENIED = (
    (re.compile(r"\b(?:does|do|did) not have\b", re.I), "has"),
    (re.compile(r"\b(is|are|was|were|can|should) not\b", re.I), r"\1"),
    (re.compile(r"\bno history of\b", re.I), "a history of"),
    (re.compile(r"\bwithout\b", re.I), "with"),
)
_SHORTEST = 5  # letters of a word that is worth swapping


@dataclass(frozen=True)
class Attack:
    """A changed text: `name` is negation, word swap or distractor, `what` says in words what was done."""

    name: str
    text: str
    what: str


def attacks(text: str, options: Sequence[str] = (), salient: Sequence[str] = ()) -> list[Attack]:
    """Every attack that this text allows. `salient` words, the weightiest first, are those swapped; else the longest are."""
    found = (negate(text), swap(text, salient), distract(text, options))
    return [one for one in found if one is not None]


def negate(text: str) -> Attack | None:
    """Deny the first statement, or state what was denied; None where no verb is known."""
    for rules, done in ((_DENIED, "a denial was taken back"), (_NEGATED, "a statement was denied")):
        hits = [(found.start(), found, by) for rule, by in rules if (found := rule.search(text))]
        if hits:
            _, found, by = min(hits, key=lambda hit: hit[0])
            put = found.expand(by) if "\\" in by else by
            changed = text[: found.start()] + put + text[found.end() :]
            return Attack("negation", changed, f"{done}: “{found[0]}” became “{put}”")
    return None


def swap(text: str, salient: Sequence[str] = ()) -> Attack | None:
    """Let two words change places: the two weightiest, or the two longest; None where there are not two."""
    words = [(one[0], one.span()) for one in _WORD.finditer(text) if len(one[0]) >= _SHORTEST]
    order = {word.lower(): place for place, word in reversed(list(enumerate(salient)))}
    ranked = sorted(words, key=lambda row: (order.get(row[0].lower(), len(order)), -len(row[0]), row[1]))
    first = ranked[0] if ranked else None
    second = next((row for row in ranked if first and row[0].lower() != first[0].lower()), None)
    if first is None or second is None:
        return None
    a, b = sorted((first, second), key=lambda row: row[1])
    changed = text[: a[1][0]] + b[0] + text[a[1][1] : b[1][0]] + a[0] + text[b[1][1] :]
    return Attack("word swap", changed, f"“{a[0]}” and “{b[0]}” changed places")


def distract(text: str, options: Sequence[str] = ()) -> Attack:
    """Put a sentence before the last one that says nothing of the patient; with options it names the last of them."""
    about = f"was once given the answer “{options[-1]}”" if options else "has a dog that limps"
    sentence = f"A neighbour of the patient {about}."
    head, mark, last = text.rstrip().rpartition(". ")
    changed = f"{head}{mark}{sentence} {last}" if mark else f"{sentence} {text}"
    return Attack("distractor", changed, f"a sentence was added: {sentence}")
