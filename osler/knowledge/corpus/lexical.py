"""BM25 over a corpus with tantivy: builds the index, and finds passages behind the `Retriever` protocol.

Index: one field of words (title, section heading, passage), each lower-cased, without accents, stemmed (English), with
positions; source and section by whole name; the day; the passage's number. Texts stay in the corpus's own files. Score: BM25 of
Robertson et al. 1994 as in Lucene (k1 1.2, b 0.75), summed over the query's words; a word's
other writings (variants.py) count as words of their own. Equal scores stand in the order of the corpus.
"""

from __future__ import annotations

import math
import re
import shutil
from functools import lru_cache
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from osler.data.paths import private_folder
from osler.data.progress import progress
from osler.errors import Damaged, UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.stopwords import IDLE
from osler.knowledge.corpus.unspaced import spaced
from osler.knowledge.corpus.variants import Alternative, alternatives, compounds
from osler.passages import Filters, Fit, Passage, day_number

LONGEST = 64  # letters of a word; longer ones are no words
HEAP = 64_000_000
MOST_WORDS = 200
MORE = 2  # asked for beyond what is wanted, so that equal scores at the end are cut in the corpus's own order
# Phrases are few where the words of a query stand in so many times as many passages; then this many more are looked at.
SPARSE, DEEPER = 20, 90
_WORD = re.compile(r"[^\W_]+")
_ANALYSER = "medical"
_place = attrgetter("segment_ord", "doc")


@lru_cache(maxsize=1)
def analyser() -> Any:
    """The analyser that index and queries share: words of letters and digits, lower case, no accents, English stems."""
    import tantivy

    wanted = (
        tantivy.Filter.remove_long(LONGEST), tantivy.Filter.lowercase(), tantivy.Filter.ascii_fold(),
        tantivy.Filter.stemmer("english"),
    )  # fmt: skip
    made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    for one in wanted:
        made = made.filter(one)
    return made.build()


@lru_cache(maxsize=1)
def schema() -> Any:
    """The index's fields."""
    import tantivy

    made = tantivy.SchemaBuilder()
    made.add_text_field("words", tokenizer_name=_ANALYSER, index_option="position")
    made.add_text_field("source", tokenizer_name="raw", index_option="basic")
    made.add_text_field("section", tokenizer_name="raw", index_option="basic")
    made.add_text_field("field", tokenizer_name="raw", index_option="basic")
    made.add_integer_field("number", fast=True)
    made.add_integer_field("day", indexed=True, fast=True)
    return made.build()


def words_of(head: str, meta: dict[str, Any], text: str) -> str:
    """What of a passage is indexed: its document's title, its section's heading, its words."""
    return spaced(f"{meta.get('title', '')}\n{head}\n{text}")


def build_index(reader: store.Reader, folder: Path) -> None:
    """Index every passage. A folder that a killed build left is begun anew; `corpus.json` names none that is not whole."""
    import tantivy

    if folder.exists():
        shutil.rmtree(folder)
    index = tantivy.Index(schema(), str(private_folder(folder)))
    index.register_tokenizer(_ANALYSER, analyser())
    writer = index.writer(HEAP, 1)
    with progress("Indexing", float(reader.n_passages)) as advance:
        for number in range(reader.n_passages):
            _, text, head, meta = reader.passage(number)
            entry: dict[str, Any] = {"words": words_of(head, meta, text), "number": number}
            if source := meta.get("source"):
                entry["source"] = source.lower()
            if head:
                entry["section"] = head.lower()
            if (day := day_number(meta.get("date", ""))) is not None:
                entry["day"] = day
            if fields := meta.get("fields"):
                entry["field"] = [f"{key}={value}".lower() for key, value in fields.items()]
            writer.add_document(tantivy.Document(**entry))
            if number % 1000 == 999:
                advance(1000)
        writer.commit()
        writer.wait_merging_threads()
    for path in folder.iterdir():
        path.chmod(0o600)


class _Asked(NamedTuple):
    """The queries for a text: of plain words, of phrases, of passages with a phrase by all words, and how many may hold one.

    None where there is no such part; 0 where there are not few.
    """

    plain: Any
    held: Any = None
    both: Any = None
    few: int = 0


class LexicalRetriever:
    """A corpus's passages by BM25. `synonyms` gives more alternatives of words, found in the whole query (synonyms.py)."""

    def __init__(self, name: str, synonyms: Any = None) -> None:
        import tantivy

        about = store.about(name)
        folder = store.corpora_dir() / name / about["data"]
        self.name, self.synonyms, self.pages = name, synonyms, bool(about.get("pages"))
        self.reader = store.Reader(folder)
        try:
            self._index = tantivy.Index.open(str(folder / "index"))
            self._searcher = self._index.searcher()
            self._searcher.doc_freq(
                "words", "a"
            )  # opens what a search needs, so that a missing file is told here
        except ValueError:
            raise Damaged(
                f"the index of corpus {name} is damaged; remove it and add it again", f"corpus {name}"
            ) from None
        self._index.register_tokenizer(_ANALYSER, analyser())
        self._schema = self._index.schema
        self._stems: dict[str, tuple[str, ...]] = {}
        self._frequency: dict[str, int] = {}
        self._words: dict[str, list[tuple[str, ...]]] = {}
        self._parts: dict[tuple[str, ...], Any] = {}
        self._clauses: dict[tuple[str, ...], Any] = {}
        self._tantivy = tantivy

    def search(self, query: str, top: int = 10, filters: Filters | None = None) -> list[Passage]:
        """At most `top` passages, best first; none where no word of the query is in the corpus."""
        give, name = self.reader.give, self.name
        return [give(number, score, name) for score, number in self.numbers(query, top, filters)]

    def fit(self, question: str, passage: Passage) -> Fit:
        """Hold a passage that was found against the question (see extract.py)."""
        from osler.knowledge.corpus.extract import fit

        return fit(question, passage, self)

    def text_of(self, passage: Passage) -> str | None:
        """The whole text of a passage's document; None where the corpus has no such document."""
        number = self.reader.find(passage.document)
        return None if number is None else self.reader.text(number)

    def numbers(self, query: str, top: int = 10, filters: Filters | None = None) -> list[tuple[float, int]]:
        """Score and number of the passages, best first."""
        asked = self._asked(query, filters)
        if asked.held is None:
            return _in_order(self._found(asked.plain, top + MORE))[:top] if asked.plain is not None else []
        if asked.few and (found := self._by_sums(asked, top)) is not None:
            return found
        lists = [self._found(one, top + MORE) for one in (asked.plain, asked.both) if one is not None]
        return _merged(lists)[:top]

    def _found(self, wanted: Any, most: int) -> list[tuple[float, int]]:
        """Score and number of what one of tantivy's queries finds, by score."""
        return self._numbered(self._searcher.search(wanted, most, count=False).hits)

    def _numbered(self, hits: list[Any]) -> list[tuple[float, int]]:
        if not hits:
            return []
        scores, addresses = zip(*hits, strict=True)
        numbers: Any = self._searcher.fast_field_values("number", list(addresses))
        return list(zip(scores, numbers, strict=True))

    def _by_sums(self, asked: _Asked, top: int) -> list[tuple[float, int]] | None:
        """What `plain` and `both` find together, from `plain` and `held`, for phrases that few passages hold.

        `both` adds up every word of every passage, and that is slow where words are many. What it adds up is a passage's score
        by `plain` and its score by `held`, in 32 bits. Passages beyond the first hundred by `plain` have less of it than those,
        so that where even with the best phrase they would not be among the `top`, sums for the hundred will do. None where
        they might be. Tests hold this against `both`.
        """
        first = self._searcher.search(asked.plain, top + DEEPER, count=False).hits
        held = self._searcher.search(asked.held, asked.few, count=False).hits
        extra = {_place(address): score for score, address in held}
        sums = [(_sum32(score, extra[at]), one) for score, one in first if (at := _place(one)) in extra]
        sums.sort(key=lambda hit: (-hit[0], _place(hit[1])))
        found = _merged([self._numbered(first[: top + MORE]), self._numbered(sums[: top + MORE])])[:top]
        if not held:
            return found
        beyond = (first[-1][0] if first else 0.0) + held[0][0]
        return found if len(found) == top and found[-1][0] > beyond * (1 + 1e-6) else None

    def _asked(self, text: str, filters: Filters | None) -> _Asked:
        """The queries for a text: tantivy skips through a plain sum of words, and no longer does when a phrase is in it.

        A passage with a phrase has its whole score by `both`; one without has it by `plain`; so the best of both lists are
        the best of all.
        """
        wanted = dict.fromkeys(stems for word in self.content_words(text) for stems in self._word(word))
        for others in compounds(text):
            wanted |= dict.fromkeys(self._there(others))
        made, occur = self._tantivy.Query, self._tantivy.Occur
        must = [(occur.Must, made.const_score_query(part, 0.0)) for part in self._filters(filters)]
        phrases = [stems for stems in wanted if len(stems) > 1]
        plain_words = [stems for stems in wanted if len(stems) == 1] if phrases else wanted
        known = self._clauses  # made once for a word: a query of thirty words asks for thirty
        any_of = [known.get(stems) or self._clause(stems) for stems in plain_words]
        plain = self._within(must, any_of) if any_of else None
        slow = [self._part(stems) for stems in phrases]
        if self.synonyms is not None:
            slow += [self._best(there) for others in self.synonyms(text) if (there := self._there(others))]
        if not slow:
            return _Asked(plain)
        held = made.boolean_query([(occur.Should, part) for part in slow])
        both = self._within(must, [(occur.Must, held), *any_of])
        few = self._most_that_hold(phrases) if plain is not None and len(slow) == len(phrases) else 0
        if few * SPARSE > sum(self.frequency(stems[0]) for stems in plain_words):
            few = 0
        return _Asked(plain, self._within(must, [(occur.Must, held)]), both, few)

    def _within(self, must: list[Any], parts: list[Any]) -> Any:
        made = self._tantivy.Query
        if not must:
            return made.boolean_query(parts)
        return made.boolean_query([*must, (self._tantivy.Occur.Must, made.boolean_query(parts))])

    def _most_that_hold(self, phrases: list[tuple[str, ...]]) -> int:
        """A bound on how many passages hold one of the phrases: each is as rare as its rarest word."""
        return sum(min(self.frequency(stem) for stem in stems) for stems in phrases)

    def content_words(self, text: str) -> list[str]:
        """The words of a query that count, each once, at most `MOST_WORDS`: no function words, unless there are no others."""
        words = list(dict.fromkeys(_WORD.findall(spaced(text.lower()))))
        return [word for word in words if word not in IDLE][:MOST_WORDS] or words[:MOST_WORDS]

    def stems(self, word: str) -> tuple[str, ...]:
        """A word as the index holds it (usually one stem)."""
        if (known := self._stems.get(word)) is None:
            known = self._remember(self._stems, word, tuple(analyser().analyze(word)))
        return known

    def writings(self, word: str) -> list[tuple[str, ...]]:
        """The stems of each writing of a word, its own first."""
        own = (tuple(s for part in one for s in self.stems(part)) for one in ((word,), *alternatives(word)))
        return [stems for stems in own if stems]

    def frequency(self, stem: str) -> int:
        """In how many passages a stem is."""
        if (known := self._frequency.get(stem)) is None:
            known = self._remember(self._frequency, stem, self._searcher.doc_freq("words", stem))
        return known

    @property
    def size(self) -> int:
        """The number of passages."""
        return self._searcher.num_docs

    def weight(self, stem: str) -> float:
        """BM25's weight of a stem, ln(1 + (N − n + ½) / (n + ½))."""
        n = self.frequency(stem)
        return math.log1p((self._searcher.num_docs - n + 0.5) / (n + 0.5))

    def _word(self, word: str) -> list[tuple[str, ...]]:
        """The stems of a word, and those of its other writings that the corpus has.

        They are summed, not held against each other: a passage rarely has two writings of one word, and tantivy skips
        through a plain sum of words several times as fast.
        """
        if (known := self._words.get(word)) is None:
            known = self._remember(self._words, word, self._there(((word,), *alternatives(word))))
        return known

    def _there(self, others: tuple[Alternative, ...]) -> list[tuple[str, ...]]:
        """The stems of each writing, where the corpus has them all."""
        wanted = dict.fromkeys(tuple(s for word in one for s in self.stems(word)) for one in others)
        return [stems for stems in wanted if stems and all(self.frequency(stem) for stem in stems)]

    def _part(self, stems: tuple[str, ...]) -> Any:
        """The query for a stem, or for several that follow each other."""
        if (known := self._parts.get(stems)) is None:
            made = self._tantivy.Query
            if len(stems) == 1:
                known = made.term_query(self._schema, "words", stems[0], "freq")
            else:
                known = made.phrase_query(self._schema, "words", list(stems))
            self._remember(self._parts, stems, known)
        return known

    def _clause(self, stems: tuple[str, ...]) -> Any:
        """A part as one that may be there."""
        return self._remember(self._clauses, stems, (self._tantivy.Occur.Should, self._part(stems)))

    def _best(self, there: list[tuple[str, ...]]) -> Any:
        """The best of a term's names: of a dozen synonyms a passage may well have several."""
        return self._tantivy.Query.disjunction_max_query([self._part(stems) for stems in there])

    def _filters(self, filters: Filters | None) -> list[Any]:
        if filters is None:
            return []
        made = self._tantivy.Query
        found = [
            made.term_query(self._schema, field, value.lower(), "basic")
            for field, value in (("source", filters.source), ("section", filters.section))
            if value
        ]
        for name, value in (("authority", filters.authority), ("strength", filters.strength)):
            if value:
                found.append(self._field(name, value))
        first, last = filters.days()
        if first is not None or last is not None:
            kind = self._tantivy.FieldType.Integer
            # A lower bound is always given: a passage without a date has no day.
            found.append(made.range_query(self._schema, "day", kind, first or 1, last or 99_999_999))
        return found

    def _field(self, name: str, value: str) -> Any:
        try:
            return self._tantivy.Query.term_query(self._schema, "field", f"{name}={value}".lower(), "basic")
        except ValueError:
            raise UsageError(
                f"corpus {self.name} was made before passages had an {name}; osler corpus remove {self.name}, then add it again"
            ) from None

    def passage(self, number: int, score: float = 0.0) -> Passage:
        """A passage of the corpus by its number, from 0."""
        return self.reader.give(number, score, self.name)

    def _remember(self, memory: dict[Any, Any], key: Any, value: Any) -> Any:
        if len(memory) > 50_000:
            memory.clear()
        memory[key] = value
        return value


def _merged(lists: list[list[tuple[float, int]]]) -> list[tuple[float, int]]:
    """Several lists as one, best first; a passage in more than one counts with its highest score."""
    best: dict[int, float] = {}
    for score, number in sorted(chain(*lists), key=_by_score):
        best.setdefault(number, score)
    return [(score, number) for number, score in best.items()]


def _sum32(one: float, other: float) -> float:
    """As tantivy adds: in 32 bits."""
    return float(np.float32(one + other))


def _by_score(one: tuple[float, int]) -> tuple[float, int]:
    return -one[0], one[1]


def _in_order(found: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """What stands by score already, with equal scores in the order of the corpus."""
    # Most lists have no equal scores, and to see that is several times as fast as sorting.
    return found if len({score for score, _ in found}) == len(found) else sorted(found, key=_by_score)
