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
from pathlib import Path
from typing import Any

from osler.data.paths import private_folder
from osler.data.progress import progress
from osler.errors import InputError, UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.stopwords import IDLE
from osler.knowledge.corpus.unspaced import spaced
from osler.knowledge.corpus.variants import Alternative, alternatives, compounds
from osler.passages import Filters, Fit, Passage, day_number

LONGEST = 64  # letters of a word; longer ones are no words
HEAP = 64_000_000
MOST_WORDS = 200
_WORD = re.compile(r"[^\W_]+")
_ANALYSER = "medical"


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
        except ValueError:
            raise InputError(f"the index of corpus {name} is damaged; remove it and add it again") from None
        self._index.register_tokenizer(_ANALYSER, analyser())
        self._schema = self._index.schema
        self._searcher = self._index.searcher()
        self._stems: dict[str, tuple[str, ...]] = {}
        self._frequency: dict[str, int] = {}
        self._words: dict[str, list[tuple[str, ...]]] = {}
        self._parts: dict[tuple[str, ...], Any] = {}
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
        # A few more than asked for, so that equal scores at the end are cut in the corpus's own order.
        lists = [self._found(wanted, top + 2) for wanted in self._queries(query, filters)]
        if not lists:
            return []
        if len(lists) == 1:
            return _in_order(lists[0])[:top]
        best: dict[int, float] = {}  # a passage in both lists counts with its higher score
        for score, number in sorted(chain(*lists), key=_by_score):
            best.setdefault(number, score)
        return [(score, number) for number, score in best.items()][:top]

    def _found(self, wanted: Any, most: int) -> list[tuple[float, int]]:
        """Score and number of what one of tantivy's queries finds, by score."""
        hits = self._searcher.search(wanted, most, count=False).hits
        if not hits:
            return []
        scores, addresses = zip(*hits, strict=True)
        numbers: Any = self._searcher.fast_field_values("number", list(addresses))
        return list(zip(scores, numbers, strict=True))

    def _queries(self, text: str, filters: Filters | None) -> list[Any]:
        """One query for the plain words; where there are phrases, another for the passages that hold one of them.

        tantivy skips through a plain sum of words, and no longer does when a phrase is in it. A passage with a phrase has its
        whole score in the second list; one without has it in the first; so the best of both are the best of all.
        """
        wanted = dict.fromkeys(stems for word in self.content_words(text) for stems in self._word(word))
        for others in compounds(text):
            wanted |= dict.fromkeys(self._there(others))
        plain = [self._part(stems) for stems in wanted if len(stems) == 1]
        slow = [self._part(stems) for stems in wanted if len(stems) > 1]
        if self.synonyms is not None:
            slow += [self._best(there) for others in self.synonyms(text) if (there := self._there(others))]
        made, occur = self._tantivy.Query, self._tantivy.Occur
        must = [
            (occur.Must, made.const_score_query(part, 0.0))
            for part in (self._filters(filters) if filters else [])
        ]
        any_of = [(occur.Should, part) for part in plain]
        queries = [any_of] if plain else []
        if slow:
            held = made.boolean_query([(occur.Should, part) for part in slow])
            queries.append([(occur.Must, held), *any_of])
        if not must:
            return [made.boolean_query(parts) for parts in queries]
        return [made.boolean_query([*must, (occur.Must, made.boolean_query(parts))]) for parts in queries]

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

    def _best(self, there: list[tuple[str, ...]]) -> Any:
        """The best of a term's names: of a dozen synonyms a passage may well have several."""
        return self._tantivy.Query.disjunction_max_query([self._part(stems) for stems in there])

    def _filters(self, filters: Filters) -> list[Any]:
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


def _by_score(one: tuple[float, int]) -> tuple[float, int]:
    return -one[0], one[1]


def _in_order(found: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """What stands by score already, with equal scores in the order of the corpus."""
    # Most lists have no equal scores, and to see that is several times as fast as sorting.
    return found if len({score for score, _ in found}) == len(found) else sorted(found, key=_by_score)
