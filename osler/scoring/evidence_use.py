"""Stages of an answer from passages: are the passages relevant, are the right ones used, is what is said supported and complete?

Source: the three stages of Kim et al. 2025 (arXiv 2511.06738; definitions of precision and recall as in its abstract), and
citation recall and precision sentence by sentence as in Gao et al. 2023 (ALCE, arXiv 2305.14627). A passage is named by its
document, or by document and place; a place is met by any passage that overlaps it, so that a passage that was cut still counts.
Entailment is decided by whoever is asked (`Judge`); `contained` decides it by words, without a model: a statement
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
_RANGE = re.compile(r"(\d+)\s*[–-]\s*(\d+)|(\d+)")
# A citation after the full stop belongs to the sentence that ends there.
_AFTER_STOP = re.compile(r"([.!?])\s*((?:\[[\d\s,;–-]+\]\s*)+)")
# A range of more numbers than this is none.
_WIDEST = 100


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

    `in_view` is None where the method does not say what it showed. `numbers` are the texts cited by the numbers under which they
    were shown. `unknown` counts citations of passages that were not in view; `unresolved` those that do not open at their words.
    """

    found: tuple[tuple[str, int, int], ...]
    in_view: tuple[tuple[str, int, int], ...] | None
    cited: tuple[tuple[str, int, int], ...] = ()
    cited_texts: tuple[str, ...] = ()
    text: str = ""
    numbers: Mapping[int, str] = field(default_factory=dict)
    unknown: int = 0
    unresolved: int = 0


@scorer("passage precision", source="Kim et al. 2025: share of retrieved passages that are relevant")
def passage_precision(places: Sequence[tuple[str, int, int]], relevant: Collection[Hashable]) -> float | None:
    """The share of passages that are marked relevant; None without any."""
    return _mean([any(_meets(mark, place) for mark in relevant) for place in places])


@scorer("evidence selection", source="Kim et al. 2025: precision and recall of the evidence an answer used")
def selection(
    used: Sequence[tuple[str, int, int]], marked: Collection[Hashable]
) -> tuple[float | None, float | None]:
    """Precision: the share of the passages used that a mark names. Recall: the share of the marks that a passage used meets.

    None where nothing was used, or nothing is marked.
    """
    met = [any(_meets(mark, place) for place in used) for mark in marked]
    return passage_precision(used, marked), _mean(met)


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
    return [words for words, _ in cited_statements(text)]


def cited_statements(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of an answer without their brackets, each with the numbers it cites, those after its full stop among them."""
    parts = _SENTENCE.split(_AFTER_STOP.sub(r" \2\1 ", text))
    return [(words, _numbers(part)) for part in parts if (words := _uncited(part))]


@scorer("citations", source="Gao et al. 2023 (ALCE): recall by sentence, precision by citation")
def citations(
    text: str, numbers: Mapping[int, str], judge: Judge, unknown: int = 0
) -> tuple[float | None, float | None]:
    """Citation recall and precision; both 0 for an answer that cites nothing, None for one that says nothing.

    Recall: the share of sentences that the texts they cite together entail. Precision: the share of citations whose sentence
    is entailed and which bear on it: alone they entail it, or without them the rest does not. A citation of what was not shown
    counts against both. Where a reply names its citations beside its words and no sentence has brackets, as with an option that
    was chosen, all citations belong to each sentence. `unknown` are citations of what was not shown that stand outside the words.
    """
    said = cited_statements(text)
    if not said:
        return None, None
    beside = not any(own for _, own in said)
    if beside:
        said = [(words, tuple(numbers)) for words, _ in said]
    recalled: list[bool] = []
    precise: list[bool] = [False] * (unknown if beside else 0)
    for words, own in said:
        texts = [numbers[one] for one in own if one in numbers]
        entailed = bool(texts) and judge(words, "\n".join(texts)) == "supported" and len(texts) == len(own)
        recalled.append(entailed)
        precise += [_bears(judge, words, texts, place) and entailed for place in range(len(texts))]
        precise += [False] * (len(own) - len(texts))
    return _mean(recalled), _mean(precise) or 0.0


def score_stages(marks: Marks, used: Used, judge: Judge = contained) -> dict[str, Any]:
    """Every stage of one case; a figure is left out where nothing was marked or said for it.

    `supported` and `contradicted` are by the texts that the answer cites (or the expert's own verdict on a statement);
    `…_by_expert` by the statements that a complete answer makes, whatever is cited.
    """
    precision, recall = selection(used.cited, marks.evidence or marks.relevant)
    said, grounds = statements_of(used.text), "\n".join(used.cited_texts)
    verdicts: list[Verdict] = [marks.statements.get(one) or judge(one, grounds) for one in said]
    agreed: list[Verdict] = (
        [judge(one, "\n".join(marks.must_have)) for one in said] if marks.must_have else []
    )
    cited = citations(used.text, used.numbers, judge, used.unknown)
    view = used.in_view
    cites = len(used.cited) + used.unknown
    rows: dict[str, Any] = {
        "passage_precision": passage_precision(used.found, marks.relevant),
        "in_view_precision": None if view is None else passage_precision(view, marks.relevant),
        "selection_precision": precision,
        "selection_recall": recall,
        **factuality(verdicts),
        **{f"{name}_by_expert": share for name, share in factuality(agreed).items()},
        "completeness": completeness(used.text, marks.must_have, judge),
        "citations_resolve": (len(used.cited) - used.unresolved) / cites if cites else None,
        "citation_recall": cited[0],
        "citation_precision": cited[1],
    }
    for tag in sorted({tag for tags in marks.tags.values() for tag in tags}):
        rows[f"in_view {tag}"] = _mean([tag in marks.tags.get(place[0], ()) for place in view or ()])
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


def _meets(mark: Hashable, place: tuple[str, int, int]) -> bool:
    """Whether a mark names a passage: its document, or a place that overlaps it."""
    if not isinstance(mark, tuple):
        return mark == place[0]
    document, start, end = mark
    return document == place[0] and max(start, place[1]) < min(end, place[2])


def _bears(judge: Judge, statement: str, texts: Sequence[str], place: int) -> bool:
    """Whether one of the texts a statement cites is wanted: it entails it alone, or the others do not without it."""
    others = "\n".join((*texts[:place], *texts[place + 1 :]))
    alone = judge(statement, texts[place]) == "supported"
    without = bool(others) and judge(statement, others) == "supported"
    return alone or not without


def _uncited(part: str) -> str:
    """A sentence without its brackets; nothing where only a stop is left."""
    words = _CITES.sub("", part).strip()
    return words if re.search(r"\w", words) else ""


def _numbers(part: str) -> tuple[int, ...]:
    """The numbers in the brackets of a sentence: [2], [1, 4], [3-5]; each once."""
    found: list[int] = []
    for inside in _CITES.findall(part):
        for low, high, single in _RANGE.findall(inside):
            if single:
                found.append(int(single))
            elif int(high) - int(low) < _WIDEST:
                found += range(int(low), int(high) + 1)
    return tuple(dict.fromkeys(found))


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
