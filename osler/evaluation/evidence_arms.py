"""What is done to the evidence of a run before a method sees it: taken away, swapped for another case's, or the gold put in a place.

    {"arm": "removed"}                                           nothing is found
    {"arm": "swapped"}                                           what is found for another question of the data, of another group
    {"arm": "gold", "gold": FILE, "position": "first", "k": "8"} the passages that hold the answer stand at that place of k

Positions are first, middle, last, a number from 1, or none (they are taken out). Gold passages are given to the retriever by the
evaluation, as a search would give them: the method asks as ever and does not know. A file of gold has JSON lines: `id` (the item's
key) or `question`, and `text` (with `document` and `title` if you like) or `document` (an id of the run's corpora). What the
search itself finds of them is taken out: passages of that document, and those whose words overlap the gold's by half.
Answers that do not change when evidence is removed or swapped did not rest on it (specification of the H19 kind of test).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from osler.benchmarks.files import Files
from osler.case import Case
from osler.data.cache import digest
from osler.errors import InputError, UsageError
from osler.evaluation.plan import Plan, Source, choose
from osler.knowledge.retrieval.medrag import Pooled
from osler.knowledge.retrieval.sources import Opened
from osler.passages import Filters, Fit, Passage, Retriever, VectorRetriever

ARMS = ("removed", "swapped", "gold")
NEEDS = "JSON lines with id or question, and text or document"
PLACES = ("first", "middle", "last", "none")
# The document of a gold passage that names none.
UNNAMED = "gold"
# A passage holds gold where so much of the shorter one's runs of so many words stand in the other.
ALIKE, RUN = 0.5, 5
# Texts of fewer words hold gold only where they are the same.
LEAST = 3


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

    def nearest(self, vector: Any, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """The other question's passages, less those nearest to the vector. Raises UsageError where the corpus has no vectors."""
        if not isinstance(self.whole, VectorRetriever):
            raise UsageError(f"{self.name} has no vectors to search by")
        own = {place_in(one) for one in self.whole.nearest(vector, top, filters)}
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
        found = [one for one in passages if not any(_is_gold(one, gold) for gold in self.gold)]
        if self.place is not None:
            # With fewer passages than places, the gold stands as near to its place as there are passages before it.
            found[self.place : self.place] = self.gold
        return [one._replace(score=float(len(found) - at)) for at, one in enumerate(found[:top])]


def _is_gold(passage: Passage, gold: Passage) -> bool:
    """Whether a passage that was found holds gold: of its document (in any corpus where the gold's is unknown), or in its words."""
    named = gold.document != UNNAMED and passage.document == gold.document
    if named and gold.corpus in ("", passage.corpus):
        return True
    first, second = (re.findall(r"\w+", text.casefold()) for text in (passage.text, gold.text))
    size = min(RUN, len(first), len(second))
    if size < LEAST:
        return first == second
    short, long = sorted((_runs(first, size), _runs(second, size)), key=len)
    return len(short & long) / len(short) >= ALIKE


def _runs(words: Sequence[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}


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
    if told.get("sha256") not in (None, checksum(Path(told["gold"]))):
        raise UsageError(
            f"the gold in {told['gold']} changed since the run began; start a new run with --out"
        )
    matched(plan, Path(told["gold"]))

    def per_case(case: Case, whole: Retriever) -> Retriever:
        own = _of(gold, case.id, case)
        return Placed(whole, tuple(own), place_of(position, k, len(own))) if own else whole

    return per_case


def matched(plan: Plan, gold: Path) -> tuple[int, int]:
    """How many of the cases of a plan a file of gold names, and how many cases there are.

    Raises UsageError where it names none: every place of the gold would give the same figures. InputError as reading does.
    """
    keys, source = _keys(gold), Source(plan)
    n, _ = source.survey()
    chosen = choose(plan, n)
    places = None if chosen is None else set(chosen)
    found = [
        item.key in keys or _folded(_asked(item.case)) in keys
        for place, item in enumerate(source)
        if places is None or place in places
    ]
    if not any(found):
        raise UsageError(
            f"{gold} names none of the {len(found)} cases of {plan.data}; ids are the cases' keys, questions are whole"
        )
    return sum(found), len(found)


def checksum(path: Path) -> str:
    """The digest of a file of gold. Raises InputError where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}") from None


def _of(gold: Mapping[str, Sequence[Passage]], key: str, case: Case) -> Sequence[Passage]:
    return gold.get(key) or gold.get(_folded(_asked(case))) or ()


def _keys(path: Path) -> frozenset[str]:
    with Files(path, NEEDS) as files:
        return frozenset(_key(row) for _, row in files.rows(files.names[0]))


def _key(row: Mapping[str, Any]) -> str:
    return str(row.get("id") or "") or _folded(str(row.get("question") or ""))


def read_gold(path: Path, opened: Opened) -> Mapping[str, Sequence[Passage]]:
    """The gold passages by item key or folded question. Raises InputError that names the row."""
    found: dict[str, list[Passage]] = {}
    with Files(path, NEEDS) as files:
        for where, row in files.rows(files.names[0]):
            key = _key(row)
            if not key or not (row.get("text") or row.get("document")):
                raise InputError(f"{where}: is not {NEEDS}")
            found.setdefault(key, []).append(_gold(row, where, opened))
    if not found:
        raise InputError(f"{path} holds no gold passage; it takes {NEEDS}")
    return found


def _gold(row: Mapping[str, Any], where: str, opened: Opened) -> Passage:
    text, document = str(row.get("text") or ""), str(row.get("document") or UNNAMED)
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
