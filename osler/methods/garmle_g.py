"""GARMLE-G: the model predicts, and what it is answered with is a guideline's own recommendations, word for word, or none.

Source: Li et al. 2025 (arXiv 2506.21615), checked against its abstract. Stages: (1) one call reads the record, names up to three
diagnoses and quotes the facts on which treatment depends; quotes that do not stand in the record are dropped; (2) each
diagnosis with those facts is a query, and all are searched at once, ever wider (up to 400 passages) until enough recommendations
are among what was found; (3) they are ordered by the cosine of their vector to their query's; other versions of those that
would be shown are looked for by their words, and only the newest (by date, then version) is kept; below `floor` none is shown;
(4) the answer holds the recommendations as the corpus has them, each under its id, authority, version, date, strength and
certainty, and nothing else: no word of the model. The prediction stands in the note, and which facts each recommendation shares words with in the trace. Before it is
given, every sentence is looked up again in the passage it is from (`unsupported`). Defaults: top 5, floor 0.4 (a first
guess for MiniLM: in a trial of two cases and six recommendations those on the disease lay at 0.48 to 0.60, the others below 0.35;
another encoder needs another), three diagnoses; greedy. Calls per case: 1.
Deviations: the abstract names neither models nor numbers, so those above are Osler's; its ICD codes are left out, for they add
nothing to a search by meaning; only passages that are numbered recommendations count (see docs/corpora.md), however well
another fits; options of a question are not shown and enter no query. Where nothing reaches the floor it abstains with "no
guideline found" and the nearest one's cosine; a prediction that cannot be read is unreadable, and nothing is searched.
Failure modes: a wrong prediction brings the right words of the wrong guideline; a recommendation without the conditions that
stand elsewhere in its guideline is unsafe, so its section is shown and its document opens whole; a guideline that was not added
is not found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import Field

from osler.case import Case
from osler.context import Context, cited
from osler.methods import task
from osler.passages import Passage, VectorRetriever, day_number
from osler.registry import method
from osler.trace import Answer

PREDICT = (
    "{case}\n\nFirst reason about this record. Then name up to {most} diagnoses that it supports, the most likely first, each as a guideline would "
    "call it. Then quote the facts on which treatment would depend (age, sex, pregnancy, values, other diseases, medicines), each a few words long "
    "and exactly as the record has it."
)
NOT_FOUND = "no guideline found"
_FACTS = 12
# A search for recommendations is widened up to so many passages; other versions of one are looked for among so many.
WIDEST, VERSIONS = 400, 20
_HEAD = re.compile(r"^\[([^\[\]\n]+)\](?: .*)?$")
_YEAR = re.compile(r"(?:19|20)\d\d\b")
_VERSION = re.compile(r"\d{1,9}")
_WORD = re.compile(r"[^\W_]{4,}|\d+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@method(
    "garmle-g",
    source="Li et al. 2025 (GARMLE-G)",
    needs=("model", "corpus", "encoder"),
    fidelity="abstract",
    cost="1 call",
    calls=lambda: 1,
    answers=("text",),
)
async def garmle_g(
    case: Case,
    ctx: Context,
    top: Annotated[int, Field(ge=1, le=20)] = 5,
    floor: Annotated[float, Field(ge=-1, le=1)] = 0.4,
    diagnoses: Annotated[int, Field(ge=1, le=5)] = 3,
) -> Answer:
    """Predict, then answer with guideline recommendations word for word, each with its id, or "no guideline found"."""
    asked = await ctx.greedy().ask(
        ctx.prompt("garmle-g.predict", PREDICT).format(
            case=task.present(case, with_options=False), most=diagnoses
        ),
        schema=_form(diagnoses),
        system=task.SYSTEM,
        kind="hypothesise",
        label="predict",
    )
    names = [task.line(name) for name in asked.value["diagnoses"] if name.strip()] if asked.readable else []
    if not names:
        return Answer(kind="text", unreadable=True)
    record = _record(case)
    quotes = list(dict.fromkeys(asked.value["facts"]))
    facts = [quote for quote in quotes if task.locate(record, quote)][:_FACTS]
    queries = [". ".join([name, *facts]) for name in names[:diagnoses]]
    seen = await _searched(ctx, queries, top)
    await _with_versions(ctx, seen, queries, [one for one in seen.ranked() if one.score >= floor][: 2 * top])
    found = seen.ranked()
    kept = [one for one in found if one.score >= floor][:top]
    predicted = f"predicted: {'; '.join(names[:diagnoses])}"
    if not kept:
        with ctx.step("conclude") as step:
            step.note(f"{NOT_FOUND}\n", facts=facts, looked_at=seen.looked)
        near = f"the nearest recommendation is {found[0].document} at {found[0].score:.2f}, below {floor:g}" if found else seen.why_none()  # fmt: skip
        return Answer(kind="text", abstained=True, note=f"{NOT_FOUND}: {near}; {predicted}")
    text = shown(kept)
    wrong = unsupported(text, {one.document: one.text for one in kept}.get)
    with ctx.step("conclude") as step:
        matched = [{"document": one.document, "cosine": round(one.score, 4), "facts": _shared(facts, one)} for one in kept]  # fmt: skip
        step.note(
            "".join(f"{one.document}\n" for one in kept), [cited(one, supports=True) for one in kept],
            recommendations=matched, facts=facts, dropped=[quote for quote in quotes if quote not in facts], unsupported=wrong,
        )  # fmt: skip
    return Answer(kind="text", text=text, note=predicted)


def shown(passages: Sequence[Passage]) -> str:
    """Recommendations word for word, each under a line with its id and what is known of it."""
    return "\n\n".join(f"{_head(one)}\n{one.text}" for one in passages)


def unsupported(text: str, document: Callable[[str], str | None]) -> list[str]:
    """The sentences of an answer that do not stand, as they are, in the document whose id is above them; [] where all do.

    `document` gives a document's text by its id, None where there is none. Sentences before the first id are unsupported too.
    """
    source: str | None = None
    missing = []
    for line in text.splitlines():
        if (head := _HEAD.match(line)) and (source is None or line not in source):
            source = document(head[1]) or ""
            if not source:
                missing.append(line)
            continue
        missing += [part for part in _SENTENCE.split(line) if part.strip() and part not in (source or "")]
    return missing


def _form(most: int) -> dict[str, Any]:
    words = {"type": "array", "items": {"type": "string"}}
    fields: dict[str, Any] = {
        "reasoning": {"type": "string", "description": task.REASONING["reasoning"]},
        "diagnoses": {**words, "minItems": 1, "maxItems": most},
        "facts": {**words, "maxItems": _FACTS},
    }
    return task.form(**fields)


def _record(case: Case) -> str:
    """What a quote may be from."""
    own = "\n".join(document.text for document in case.documents)
    return "\n".join([case.text or task.described(case), task.added_by_user(case), own, case.question or ""])


@dataclass
class Seen:
    """What the searches gave: recommendations by what names them, the newest of each, and how many passages were looked at."""

    newest: dict[tuple[str, ...], Passage] = field(default_factory=dict)
    looked: int = 0
    whole: bool = True

    def ranked(self) -> list[Passage]:
        """The recommendations by the cosine to the query that is nearest, the best first."""
        return sorted(self.newest.values(), key=lambda one: (-one.score, one.document))

    def add(self, one: Passage) -> None:
        """Keep a recommendation where no newer version of it is known."""
        known = self.newest.get(_key(one))
        if known is None or newer(one, known):
            self.newest[_key(one)] = one

    def why_none(self) -> str:
        """In words, why there is no recommendation at all."""
        which = (
            f"the {self.looked} passages that the search gave"
            if self.whole
            else f"the nearest {self.looked} passages"
        )
        return (
            f"none of {which} is a numbered recommendation" if self.looked else "the search gave no passage"
        )


async def _searched(ctx: Context, queries: list[str], top: int) -> Seen:
    """Recommendations for all queries at once, each scored by the cosine to the query that it is nearest to."""
    vectors = await ctx.embed(queries)
    dense = isinstance(ctx.retriever, VectorRetriever)
    lists = await ctx.gather(
        _enough(ctx.child(), query, vector if dense else None, top)
        for query, vector in zip(queries, vectors, strict=True)
    )
    seen = Seen(
        looked=len({place_of(one) for found, _ in lists for one in found}),
        whole=all(whole for _, whole in lists),
    )
    pairs = [(at, one) for at, (found, _) in enumerate(lists) for one in found if one.field("recommendation")]
    for one in await _scored(ctx, [one for _, one in pairs], [vectors[at] for at, _ in pairs]):
        seen.add(one)
    return seen


async def _enough(ctx: Context, query: str, vector: Any, top: int) -> tuple[list[Passage], bool]:
    """Passages for one query, ever more until `top` recommendations are among them; and whether the search had no more."""
    width = 4 * top
    while True:
        found = await ctx.retrieve(query, width, label="guideline", vector=vector)
        if len(found) < width:
            return found, True
        if len({_key(one) for one in found if one.field("recommendation")}) >= top or width >= WIDEST:
            return found, False
        width = min(4 * width, WIDEST)


async def _scored(ctx: Context, found: Sequence[Passage], vectors: Sequence[Any]) -> list[Passage]:
    """Each passage with the cosine of its own vector to the one beside it."""
    if not found:
        return []
    rows = await ctx.embed([_words(one) for one in found], "passage")
    return [
        one._replace(score=float(row @ vector)) for one, row, vector in zip(found, rows, vectors, strict=True)
    ]


async def _with_versions(ctx: Context, seen: Seen, queries: list[str], chosen: Sequence[Passage]) -> None:
    """Look in the corpus for other versions of the chosen recommendations; the newest takes the place of an older one."""
    known = {place_of(one) for one in seen.newest.values()}
    dense = isinstance(ctx.retriever, VectorRetriever)
    near = (
        await ctx.embed([_words(one) for one in chosen], "passage")
        if dense and chosen
        else [None] * len(chosen)
    )
    lists = await ctx.gather(
        ctx.child().retrieve(_words(one), VERSIONS, label="versions", vector=vector)
        for one, vector in zip(chosen, near, strict=True)
    )
    fresh = {
        place_of(other): other
        for one, found in zip(chosen, lists, strict=True)
        for other in found
        if other.field("recommendation") and _key(other) == _key(one) and place_of(other) not in known
    }
    if not fresh:
        return
    vectors = await ctx.embed(queries)
    for other in fresh.values():
        seen.add(max(await _scored(ctx, [other] * len(queries), list(vectors)), key=lambda one: one.score))


def place_of(one: Passage) -> tuple[str, str, int, str]:
    """What makes a passage itself: its words too, since versions may go by one id."""
    return one.corpus, one.document, one.start, one.text


def _words(one: Passage) -> str:
    return f"{one.title}. {one.section}. {one.text}"


def _key(one: Passage) -> tuple[str, ...]:
    """What all versions of a recommendation share; one that names no guideline is its document's own."""
    return (
        one.field("authority"),
        one.field("guideline") or f"document {one.document}",
        one.field("recommendation"),
    )


def newer(one: Passage, known: Passage) -> bool:
    """Whether one is of a later version: by date, then by the numbers of the version; where neither tells, the nearer to a query."""
    days = [_day(passage) for passage in (one, known)]
    if None not in days and days[0] != days[1]:
        return (days[0] or 0) > (days[1] or 0)
    versions = [_VERSION.findall(passage.field("version")) for passage in (one, known)]
    mine, yours = (tuple(map(int, version)) for version in versions)
    if mine and yours and mine != yours:
        return mine > yours
    if (days[0] is None) != (days[1] is None):
        return days[0] is not None
    return one.score > known.score


def _day(one: Passage) -> int | None:
    """The date as a number that sorts; where there is none, a version that is a year."""
    year = _YEAR.match(one.field("version"))
    return day_number(one.date) or (day_number(year[0]) if year else None)


def _head(one: Passage) -> str:
    about = [
        task.line(one.title), task.line(one.section), one.field("authority"),
        *(f"{name} {value}" for name in ("version", "strength", "certainty") if (value := one.field(name))), one.date,
    ]  # fmt: skip
    return f"[{one.document}] {'; '.join(task.line(part) for part in about if part)}".rstrip()


def _shared(facts: Sequence[str], one: Passage) -> list[str]:
    """The facts of the record that share a word with a recommendation."""
    held = set(_WORD.findall(one.text.lower()))
    return [fact for fact in facts if held.intersection(_WORD.findall(fact.lower()))]
