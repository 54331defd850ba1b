"""Stages of an answer from passages: are the passages relevant, are the right ones used, is what is said supported and complete?

Source: the three stages of Kim et al. 2025 (arXiv 2511.06738; definitions of precision and recall as in its abstract), and
citation recall and precision as in Gao et al. 2023 (ALCE, arXiv 2305.14627). A passage is named by its document, or by document
and place. Entailment is decided by whoever is asked (`Judge`); `contained` decides it by words, without a model: a statement
counts as supported by a text one of whose sentences holds most of its content words and its numbers, and as contradicted where
such a sentence negates and the statement does not, or the other way round. That is a rough stand-in, and results say which judge
they are by. Knows nothing of runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from osler.knowledge.corpus.stopwords import IDLE
from osler.registry import scorer
from osler.scoring.intervals import cluster_bootstrap
from osler.scoring.resampling import estimate
from osler.scoring.spans import Counts, count

Verdict = Literal["supported", "contradicted", "neither"]
VERDICTS: tuple[Verdict, ...] = ("supported", "contradicted", "neither")
Judge = Callable[[str, str], Verdict]  # statement, text
# A statement is contained where a text holds so many of its content words.
ENOUGH = 0.8
_WORD = re.compile(r"\d+(?:[.,]\d+)?|[^\W\d_]+")
_NOT = frozenset(
    {"no", "not", "never", "none", "without", "neither", "nor", "cannot", "absent", "lacks", "denies"}
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9])|\n+")
_CITES = re.compile(r"\s*\[[\d\s,;–-]+\]")


@dataclass(frozen=True)
class Marks:
    """What an expert marked for one case. Passages are document ids, or (document, start, end).

    `relevant` passages bear on the question; `evidence` are those an answer should rest on (the relevant ones where none is
    named); `must_have` are statements that a complete answer makes; `statements` the verdicts on those it made, by text;
    `tags` say of a document what it is (PolyEVAL: timely, authoritative, common …).
    """

    relevant: frozenset[Hashable]
    evidence: frozenset[Hashable] = frozenset()
    must_have: tuple[str, ...] = ()
    statements: Mapping[str, Verdict] = field(default_factory=dict)
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Used:
    """What an answer was made from: places (document, start, end) found, in view and cited, the texts cited, and what it says.

    `unknown` counts citations of passages that were not in view; `unresolved` those that do not open at their words.
    """

    found: tuple[tuple[str, int, int], ...]
    in_view: tuple[tuple[str, int, int], ...]
    cited: tuple[tuple[str, int, int], ...] = ()
    cited_texts: tuple[str, ...] = ()
    text: str = ""
    unknown: int = 0
    unresolved: int = 0


@scorer("passage precision", source="Kim et al. 2025: share of retrieved passages that are relevant")
def passage_precision(places: Sequence[tuple[str, int, int]], relevant: Collection[Hashable]) -> float | None:
    """The share of passages that are marked relevant; None without any."""
    marked = [bool(_marks_of(place) & set(relevant)) for place in places]
    return sum(marked) / len(marked) if marked else None


@scorer("evidence selection", source="Kim et al. 2025: precision and recall of the evidence an answer used")
def selection(used: Sequence[tuple[str, int, int]], marked: Collection[Hashable]) -> Counts:
    """Counts of the passages used against those marked: a mark is met by any used passage that it names."""
    wanted = set(marked)
    met = {mark for place in used for mark in _marks_of(place) & wanted}
    wrong = {place for place in used if not _marks_of(place) & wanted}
    return count([*met, *wrong], wanted)


@scorer("factuality", source="Kim et al. 2025: verdict on each statement of an answer")
def factuality(verdicts: Sequence[Verdict]) -> dict[str, float | None]:
    """The share of statements supported, and of those contradicted; None without a statement."""
    n = len(verdicts)
    return {name: list(verdicts).count(name) / n if n else None for name in VERDICTS[:2]}


@scorer("completeness", source="Kim et al. 2025: share of must-have statements that an answer makes")
def completeness(text: str, must_have: Sequence[str], judge: Judge) -> float | None:
    """The share of must-have statements that the answer entails; None where none is marked."""
    if not must_have:
        return None
    return sum(judge(statement, text) == "supported" for statement in must_have) / len(must_have)


def contained(statement: str, text: str) -> Verdict:
    """Whether a text holds a statement, by words alone (see the module). A rough judge that needs no model."""
    wanted = _words(statement)
    if not wanted:
        return "neither"
    numbers = {word for word in wanted if word[0].isdigit()}
    best: Verdict = "neither"
    for part in statements_of(text):
        there = _words(part)
        if len(wanted & there) / len(wanted) < ENOUGH or not numbers <= there:
            continue
        if bool(_negations(statement)) == bool(_negations(part)):
            return "supported"
        best = "contradicted"
    return best


def statements_of(text: str) -> list[str]:
    """The sentences of an answer, without their citations in brackets."""
    return [words for part in _SENTENCE.split(text) if (words := _CITES.sub("", part).strip())]


def score_stages(marks: Marks, used: Used, judge: Judge = contained) -> dict[str, Any]:
    """Every stage of one case; a figure is left out where nothing was marked or said for it."""
    chosen = selection(used.cited, marks.evidence or marks.relevant)
    said = statements_of(used.text)
    grounds = "\n".join((*used.cited_texts, *marks.must_have))
    verdicts: list[Verdict] = [marks.statements.get(one) or judge(one, grounds) for one in said]
    cites = len(used.cited) + used.unknown
    rows: dict[str, Any] = {
        "passage_precision": passage_precision(used.found, marks.relevant),
        "in_view_precision": passage_precision(used.in_view, marks.relevant),
        "selection_precision": chosen.precision if used.cited else None,
        "selection_recall": chosen.recall if marks.evidence or marks.relevant else None,
        **factuality(verdicts),
        "completeness": completeness(used.text, marks.must_have, judge),
        "citations_resolve": (len(used.cited) - used.unresolved) / cites if cites else None,
        "citation_recall": _mean([_any(judge, one, used.cited_texts) for one in said])
        if used.cited
        else None,
        "citation_precision": _mean([_any_of(judge, said, one) for one in used.cited_texts])
        if said
        else None,
    }
    for tag in sorted({tag for tags in marks.tags.values() for tag in tags}):
        rows[f"in_view {tag}"] = _mean([tag in marks.tags.get(place[0], ()) for place in used.in_view])
    return {name: value for name, value in rows.items() if value is not None}


def summarise_stages(rows: Sequence[Mapping[str, Any]], groups: Sequence[Hashable]) -> dict[str, Any]:
    """The mean of each figure over the cases that have it, how many they are, and its interval."""
    figures: dict[str, Any] = {"n": len(rows), "ci": {}, "of": {}}
    for name in dict.fromkeys(name for row in rows for name in row):
        places = [place for place, row in enumerate(rows) if name in row]
        found = estimate([rows[place][name] for place in places], [groups[place] for place in places])
        figures[name], figures["ci"][name], figures["of"][name] = found.value, list(found.ci), len(places)
    return figures


def difference(
    first: Sequence[float], second: Sequence[float], groups: Sequence[Hashable]
) -> tuple[float, list[float]]:
    """Mean of second minus first over paired cases, with its 95 % interval, groups resampled together."""
    gaps = [b - a for a, b in zip(first, second, strict=True)]
    return sum(gaps) / len(gaps), list(cluster_bootstrap(gaps, groups)[0])


def _marks_of(place: tuple[str, int, int]) -> set[Hashable]:
    return {place[0], place}


def _any(judge: Judge, statement: str, texts: Sequence[str]) -> bool:
    return any(judge(statement, text) == "supported" for text in texts)


def _any_of(judge: Judge, statements: Sequence[str], text: str) -> bool:
    return any(judge(statement, text) == "supported" for statement in statements)


def _mean(values: Sequence[bool]) -> float | None:
    return sum(values) / len(values) if values else None


def _words(text: str) -> set[str]:
    found = {word.lower() for word in _WORD.findall(text)}
    return {_stem(word) for word in found - IDLE - _NOT} or found


def _stem(word: str) -> str:
    """Plural and the commonest endings off, so that "treats" and "treated" are one word."""
    for end in ("ing", "ed", "es", "s"):
        if word.endswith(end) and len(word) - len(end) > 3:
            return word[: -len(end)]
    return word.rstrip("e") if len(word) > 4 else word


def _negations(text: str) -> int:
    return sum(word.lower() in _NOT or word.lower().endswith("n't") for word in re.findall(r"[\w']+", text))
