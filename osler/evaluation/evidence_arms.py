"""What is done to the evidence of a run before a method sees it: taken away, swapped for another case's, or the gold put in a place.

    {"arm": "removed"}                                           nothing is found
    {"arm": "swapped"}                                           what is found for another question of the data, of another group
    {"arm": "gold", "gold": FILE, "position": "first", "k": "8"} the passages that hold the answer stand at that place of k

Positions are first, middle, last, a number from 1, or none (they are taken out). Gold passages are given to the retriever by the
evaluation, as a search would give them: the method asks as ever and does not know. A file of gold has JSON lines: `id` (the item's
key) or `question`, and `text` (with `document` and `title` if you like) or `document` (an id of the run's corpora).
Answers that do not change when evidence is removed or swapped did not rest on it (specification of the H19 kind of test).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files
from osler.case import Case
from osler.data.cache import digest
from osler.errors import InputError, UsageError
from osler.evaluation.plan import Plan, Source
from osler.knowledge.retrieval.medrag import Pooled
from osler.knowledge.retrieval.sources import Opened
from osler.passages import Filters, Fit, Passage, Retriever, VectorRetriever

ARMS = ("removed", "swapped", "gold")
NEEDS = "JSON lines with id or question, and text or document"
PLACES = ("first", "middle", "last", "none")


def apply(plan: Plan, source: Source, opened: Opened) -> None:
    """Put what the plan says between its cases and its corpus. Raises UsageError for an arm that is none or cannot be."""
    if not plan.evidence:
        return
    arm = plan.evidence.get("arm")
    if opened.retriever is None:
        raise UsageError("evidence can only be changed where there is some; name a corpus with --corpus")
    if arm == "removed":
        opened.per_case = lambda _case, whole: Removed(whole)
    elif arm == "swapped":
        opened.per_case = _swapper(source)
    elif arm == "gold":
        opened.per_case = _placer(plan, opened)
    else:
        raise UsageError(f"evidence is {', '.join(ARMS)}, not {arm!r}")


class Removed:
    """A corpus that finds nothing."""

    def __init__(self, whole: Retriever) -> None:
        self.whole, self.name = whole, whole.name
        self.encoder: Any = getattr(whole, "encoder", None)

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """Nothing."""
        return []

    def nearest(self, vector: Any, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """Nothing."""
        return self.search("", top, filters)

    def fit(self, question: str, passage: Passage) -> Fit:
        """As the corpus does."""
        return self.whole.fit(question, passage)


class Swapped(Removed):
    """Whatever is asked, what is found is what another question finds, less what the case's own would have found."""

    def __init__(self, whole: Retriever, other: str) -> None:
        super().__init__(whole)
        self.other = other

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The passages of the other question alone."""
        own = {place_in(one) for one in self.whole.search(query, top, filters)}
        others = self.whole.search(self.other, 2 * top, filters)
        return [one for one in others if place_in(one) not in own][:top]


class Placed(Removed):
    """What is found with the gold passages at a place among it (from 0; None takes them out)."""

    def __init__(self, whole: Retriever, gold: tuple[Passage, ...], place: int | None) -> None:
        super().__init__(whole)
        self.gold, self.place = gold, place

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """What the corpus finds, the gold in its place; scores say this order."""
        return self._placed(Pooled(self.whole).search(query, top + 2 * len(self.gold), filters), top)

    def nearest(self, vector: Any, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The same among the passages nearest to a vector. Raises UsageError where the corpus has no vectors."""
        if not isinstance(self.whole, VectorRetriever):
            raise UsageError(f"{self.name} has no vectors to search by")
        return self._placed(self.whole.nearest(vector, top + 2 * len(self.gold), filters), top)

    def _placed(self, passages: Sequence[Passage], top: int) -> list[Passage]:
        known = {(one.corpus, one.document) for one in self.gold} | {one.text for one in self.gold}
        found = [one for one in passages if (one.corpus, one.document) not in known and one.text not in known]
        if self.place is not None:
            # With fewer passages than places, the gold stands as near to its place as there are passages before it.
            found[self.place : self.place] = self.gold
        return [one._replace(score=float(len(found) - at)) for at, one in enumerate(found[:top])]


def place_in(passage: Passage) -> tuple[str, str, int, int]:
    """Where a passage stands: what tells it from every other."""
    return passage.corpus, passage.document, passage.start, passage.end


def place_of(position: str, k: int, gold: int = 1) -> int | None:
    """Where the gold passages begin among `k`, from 0; None for `none`. Raises UsageError for a position that is none."""
    if position == "none":
        return None
    if position.isdecimal() and 1 <= int(position) <= k:
        return int(position) - 1
    places = {"first": 0, "middle": max(0, (k - gold) // 2), "last": max(0, k - gold)}
    if position not in places:
        raise UsageError(
            f"the gold stands {', '.join(PLACES)}, or at a number from 1 to {k}, not {position!r}"
        )
    return places[position]


def _swapper(source: Source) -> Callable[[Case, Retriever], Retriever]:
    """Each case gets the question of a case of another group, the same in every run."""
    rows = [(item.key, item.group, _asked(item.case)) for item in source]
    groups = {key: group for key, group, _ in rows}
    if len(set(groups.values())) < 2:
        raise UsageError("evidence cannot be swapped: all cases are of one group")

    def per_case(case: Case, whole: Retriever) -> Retriever:
        rng = random.Random(int(digest("swap", case.id), 16))
        while True:
            key, group, other = rows[rng.randrange(len(rows))]
            if key != case.id and group != groups[case.id]:
                return Swapped(whole, other)

    return per_case


def _placer(plan: Plan, opened: Opened) -> Callable[[Case, Retriever], Retriever]:
    told = plan.evidence
    k, position = int(told["k"]), told["position"]
    gold = read_gold(Path(told["gold"]), opened)

    def per_case(case: Case, whole: Retriever) -> Retriever:
        own = gold.get(case.id) or gold.get(_folded(_asked(case))) or ()
        return Placed(whole, tuple(own), place_of(position, k, len(own))) if own else whole

    return per_case


def read_gold(path: Path, opened: Opened) -> Mapping[str, Sequence[Passage]]:
    """The gold passages by item key or folded question. Raises InputError that names the row."""
    found: dict[str, list[Passage]] = {}
    with Files(path, NEEDS) as files:
        for where, row in files.rows(files.names[0]):
            key = str(row.get("id") or "") or _folded(str(row.get("question") or ""))
            if not key or not (row.get("text") or row.get("document")):
                raise InputError(f"{where}: is not {NEEDS}")
            found.setdefault(key, []).append(_gold(row, where, opened))
    if not found:
        raise InputError(f"{path} holds no gold passage; it takes {NEEDS}")
    return found


def _gold(row: Mapping[str, Any], where: str, opened: Opened) -> Passage:
    text, document = str(row.get("text") or ""), str(row.get("document") or "gold")
    if text:
        return Passage(
            text, document, 0, len(text), str(row.get("source") or ""), 0.0, title=str(row.get("title") or "")
        )
    from osler.knowledge.corpus import store

    for known in opened.about.get("corpora", ()):
        name = known.get("name", "")
        if name not in store.names():
            continue
        reader = store.Reader(store.place(name) / store.about(name)["data"])
        if (number := reader.find(document)) is not None:
            meta = reader.meta(number)
            whole = reader.text(number)
            about = {key: meta.get(key, "") for key in ("title", "section", "date", "url")}
            return Passage(whole, document, 0, len(whole), meta.get("source", ""), 0.0, name, **about)
    raise InputError(f"{where}: no corpus of the run has document {document!r}")


def _asked(case: Case) -> str:
    return f"{case.text}\n{case.question or ''}".strip()[:4000]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
