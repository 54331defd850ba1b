"""Reading a choice from free text by a short published list of patterns; a reading audit compares three strengths.

`strict`: the whole reply is the key, or its last line says `Answer: KEY`. `standard`, which every method uses: the
patterns of `PATTERNS`, in that order; within a pattern the last statement counts, and a statement of two keys
("A or B") is none. `lenient`, for the audit only: also a lone key in brackets, or the one option whose text is named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Mode = Literal["standard", "strict", "lenient"]

# KEY is one of the option keys, in brackets, bold, boxed or dollar signs if it likes; END keeps "A" out of "A viral …".
PATTERNS: tuple[tuple[str, str], ...] = (
    ("boxed", r"\\boxed\{{\s*(?:\\text\{{)?\s*\(?{key}\)?\s*\}}"),
    ("tag", r"<(?i:answer)>\s*\(?{key}\)?[.):]?(?:\s[^<]*)?</(?i:answer)>"),
    ("final answer", r"(?i:final\s+answer)\W{{0,4}}(?i:\s*(?:is|:))?[\s:]*{mark}{key}{end}"),
    ("answer is", r"(?i:answer|choice|option)\W{{0,3}}\s+(?i:is|would\s+be)[\s:]*(?i:option\s+|choice\s+)?{mark}{key}{end}"),
    ("answer:", r"(?i:answer|choice)(?:\s+(?i:letter|key|choice))?[*_\"'`]{{0,3}}\s*[:=][\s*]*(?i:option\s+)?{mark}{key}{end}"),
    ("key alone", r"\A\s*{mark}{key}(?:[).:*\]$\"'`]*\s*\Z|[).:]\s+[^\n]*\s*\Z)"),
)  # fmt: skip
_MARK = r"(?:\*{0,2}[\[({$\"'`]*)"
_END = r"(?![\w-])(?!\s*(?:or|and|/|,|&)\s*\(?(?:{keys})(?!\w))"
# "Answer: A viral infection" does not choose A; "The answer is A because …" does.
_ARTICLE = r"(?!\s+(?!(?:because|since|as|due|for|given|which)\b)[a-z])"


@dataclass(frozen=True, slots=True)
class Choice:
    """What was read: the key, or None; and by which pattern."""

    key: str | None
    how: str


@lru_cache(maxsize=512)
def _compiled(keys: tuple[str, ...]) -> tuple[tuple[str, re.Pattern[str]], ...]:
    # A letter is read in its own case, a word ("yes", "maybe") in any.
    forms = [
        f"(?i:{re.escape(k)})" if len(k) > 1 else re.escape(k) for k in sorted(keys, key=len, reverse=True)
    ]
    either = "|".join(forms)
    end = _END.format(keys=either)
    if {"A", "I"} & set(keys):
        end = rf"(?:(?<=\b[AI]){_ARTICLE}|(?<!\b[AI])){end}"
    return tuple(
        (name, re.compile(pattern.format(key=f"(?P<key>{either})", mark=_MARK, end=end)))
        for name, pattern in PATTERNS
    )


def read_choice(
    text: str, keys: Sequence[str], mode: Mode = "standard", options: Mapping[str, str] | None = None
) -> Choice:
    """The option a text decides on, or None. `options` maps keys to texts; only `lenient` reads those.

    Never a guess: a text that decides on nothing, or on two, gives None.
    """
    keys = tuple(keys)
    if mode == "strict":
        return _strict(text, keys)
    for name, pattern in _compiled(keys):
        found = [match["key"] for match in pattern.finditer(text)]
        if found:
            return Choice(_own(found[-1], keys), name)
    if mode == "lenient":
        return _lenient(text, keys, options or {})
    return Choice(None, "unreadable")


def without_choice(text: str, keys: Sequence[str]) -> str:
    """A text with the words left out that state a choice: what was argued, not what was answered."""
    for _, pattern in _compiled(tuple(keys)):
        text = re.sub(rf"(?:\b[Tt]he\s+)?(?:{pattern.pattern})[)\]}}*$]*\.?", "", text)
    return text.strip()


def _own(found: str, keys: tuple[str, ...]) -> str:
    return found if found in keys else next(k for k in keys if k.casefold() == found.casefold())


def _strict(text: str, keys: tuple[str, ...]) -> Choice:
    stripped = text.strip()
    if stripped in keys:
        return Choice(stripped, "key alone")
    last = stripped.rsplit("\n", 1)[-1].strip()
    for key in keys:
        if re.fullmatch(rf"(?:Final answer|Answer|ANSWER): ?\(?{re.escape(key)}\)?\.?", last):
            return Choice(key, "answer:")
    return Choice(None, "unreadable")


def _lenient(text: str, keys: tuple[str, ...], options: Mapping[str, str]) -> Choice:
    either = "|".join(re.escape(key) for key in keys)
    bracketed = set(re.findall(rf"[(\[]({either})[)\]]", text))
    if len(bracketed) == 1:
        return Choice(bracketed.pop(), "key in brackets")
    folded = text.casefold()
    named = [key for key in keys if options.get(key) and options[key].casefold() in folded]
    if len(named) == 1:
        return Choice(named[0], "option text")
    alone = set(re.findall(rf"(?<![\w'])({either})(?![\w'])", text)) if len(keys) > 1 else set()
    return Choice(alone.pop(), "lone key") if len(alone) == 1 else Choice(None, "unreadable")
