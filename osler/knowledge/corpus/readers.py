"""Files to documents: tables, plain text, Markdown, web pages, PDF, YAML and XML; one document at a time.

Columns are known by their usual names (`FIELDS`), so that BEIR's and MedRAG's layouts read as they are. What cannot be used is
counted in `Reading.skipped` with its reason, and never stops the rest. Nothing is read without a bound: not a line, a text, an
article or a page.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any

import orjson

from osler.errors import InputError
from osler.knowledge.corpus import guidelines, jats, markup, medquad, medrag, miriad, parquet, pdf, pubmed
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.sources import Unit
from osler.passages import day_number

FIELDS: dict[str, tuple[str, ...]] = {
    "id": ("id", "_id", "docid", "doc_id", "document", "patient_uid", "pmid", "answerid", "qid"),
    "text": (
        "clean_text",
        "text",
        "content",
        "contents",
        "body",
        "abstract",
        "passage",
        "answer",
        "answers",
        "patient",
    ),
    "title": ("title", "question", "questions", "name", "heading", "rare-disease", "rare_disease"),
    "source": ("source", "journal", "publisher", "corpus"),
    "section": ("section", "qtype", "chapter", "category", "property"),
    "date": ("date", "year", "published", "publication_date", "updated"),
    "url": ("url", "link", "uri"),
}
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LONG_CELL = 400
MAX_TEXT = 50_000_000
MAX_ARTICLE = 100_000_000


@dataclass
class Reading:
    """What was set aside while reading, by reason, and the first place of each."""

    skipped: Counter[str] = field(default_factory=Counter)
    places: dict[str, str] = field(default_factory=dict)

    def skip(self, reason: str, place: str) -> None:
        """Count something that was set aside."""
        self.skipped[reason] += 1
        self.places.setdefault(reason, place)


def documents(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    """The documents of one file, in order. Raises InputError for a file that is not what its ending says."""
    if unit.suffix in (".jsonl", ".ndjson"):
        yield from _json_lines(unit, file, reading)
    elif unit.suffix in (".csv", ".tsv"):
        yield from _table(unit, file, reading)
    elif unit.suffix == ".parquet":
        yield from _parquet(unit, file, reading)
    elif unit.suffix in (".xml", ".nxml"):
        yield from _xml(unit, file, reading)
    elif unit.suffix == ".pdf":
        yield from pdf.pages(file, unit.name, reading.skip)
    elif unit.suffix in (".yaml", ".yml"):
        yield from _yaml(unit, file, reading)
    else:
        yield from _plain(unit, file, reading)


def decoded(data: bytes) -> str:
    """Text of bytes: by its byte-order mark, else UTF-8, else Windows-1252; the mark is left out, line ends stay as they are."""
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _plain(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    """Text, Markdown or a web page: a guideline's recommendations, or one document."""
    data = _bounded(unit, file, reading)
    if data is None:
        return
    if unit.suffix in (".html", ".htm"):
        page = markup.page(markup.decoded_page(data))
        text, title, words, begin, markdown = page.text, page.title, page.metas, 0, True
        url = page.url or page.metas.get("og:url", "")
        title = title or _title("", unit, False)
    else:
        text, markdown, url = decoded(data), unit.suffix in (".md", ".markdown"), ""
        words, begin = guidelines.front(text)
        title = _title(text[begin:], unit, markdown)
    if not text[begin:].strip():
        reading.skip("empty", unit.name)
        return
    about = guidelines.about(words, unit.name, title, url, reading.skip)
    found = guidelines.documents(text, about, begin)
    yield from found or [
        Document(unit.name, text, about.title, unit.name, "", about.date, about.url, markdown)
    ]


def _bounded(unit: Unit, file: IO[bytes], reading: Reading) -> bytes | None:
    """The whole of a text; None, with a note, where it is too long or no text."""
    data = file.read(MAX_TEXT + 1)
    if len(data) > MAX_TEXT:
        reading.skip(f"over {MAX_TEXT // 1_000_000} MB for one text", unit.name)
    elif b"\x00" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        reading.skip("not text", unit.name)
    elif not data.strip():
        reading.skip("empty", unit.name)
    else:
        return data
    return None


def _yaml(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    """A guideline's recommendations. Aliases are refused: a few of them can stand for gigabytes."""
    import yaml

    data = _bounded(unit, file, reading)
    if data is None:
        return
    try:
        text = decoded(data)
        if any(isinstance(token, yaml.AliasToken) for token in yaml.scan(text, Loader=_loader())):
            reading.skip("YAML with aliases, which are not read", unit.name)
            return
        content = yaml.load(text, Loader=_loader())
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reading.skip(f"damaged YAML ({type(error).__name__})", unit.name)
        return
    yield from guidelines.of_yaml(content, unit.name, reading.skip)


def _loader() -> Any:
    """YAML as plain words (2019-08 stays what it is, 1.10 does not become 1.1)."""
    import yaml

    return yaml.BaseLoader


def _title(text: str, unit: Unit, markdown: bool) -> str:
    """The first heading of a Markdown file, else the file's name in words."""
    first = text.lstrip().split("\n", 1)[0]
    if markdown and first.startswith("# "):
        return first.strip("# \r")
    return unit.name.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").replace("-", " ")


def _json_lines(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    number = 0
    while line := file.readline(MAX_TEXT):
        number += 1
        place = f"{unit.name} line {number}"
        if len(line) == MAX_TEXT and not line.endswith(b"\n"):
            while (more := file.readline(MAX_TEXT)) and not more.endswith(b"\n"):
                pass
            reading.skip(f"over {MAX_TEXT // 1_000_000} MB for one line", place)
            continue
        if not line.strip():
            continue
        try:
            row = orjson.loads(line.removeprefix(b"\xef\xbb\xbf"))
        except orjson.JSONDecodeError:
            reading.skip("not JSON", place)
            continue
        if isinstance(row, dict):
            yield from _row(row, f"{unit.name}:{number}", place, unit, reading)
        else:
            reading.skip("no JSON object", place)


def _table(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    encoding = "utf-16" if _start(file).startswith(_UTF16) else "utf-8-sig"
    words = io.TextIOWrapper(file, encoding=encoding, errors="replace", newline="")
    csv.field_size_limit(MAX_TEXT)
    rows = csv.DictReader(words, delimiter="\t" if unit.suffix == ".tsv" else ",")
    try:
        _check_columns(unit, rows.fieldnames or ())
        for number, row in enumerate(rows, 2):
            place = f"{unit.name} row {number}"
            if any(isinstance(cell, str) and cell.count("\n") > _LONG_CELL for cell in row.values()):
                reading.skip(f"a cell of over {_LONG_CELL} lines, kept: is a quote not closed?", place)
            yield from _row(row, f"{unit.name}:{number}", place, unit, reading)
    except csv.Error as error:
        raise InputError(f"{unit.name} is no table ({error})") from None


def _start(file: IO[bytes]) -> bytes:
    """The first bytes of a file, which stay to be read."""
    peek: Any = getattr(file, "peek", None)
    return bytes(peek(4)[:4]) if peek else bytes(file.getvalue()[:4]) if isinstance(file, io.BytesIO) else b""


def _check_columns(unit: Unit, there: Iterable[Any]) -> None:
    if not any(str(name).lower() in _TEXTS for name in there if name):
        named = ", ".join(map(str, there)) or "no columns"
        raise InputError(
            f"{unit.name} has no column of text ({named}); call one of them {', '.join(FIELDS['text'])}"
        )


def _parquet(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    wanted = {name for names in FIELDS.values() for name in names} | {*guidelines.FIELDS, *miriad.FIELDS}
    for number, (there, row) in enumerate(parquet.rows(file, unit.name, wanted), 1):
        if number == 1:
            _check_columns(unit, there)
        yield from _row(row, f"{unit.name}:{number}", f"{unit.name} row {number}", unit, reading)


_ADDRESS = re.compile(r"https?://\S+")
_TEXTS = {*FIELDS["text"], "recommendation"}


def _row(
    row: Mapping[Any, Any], fallback: str, place: str, unit: Unit, reading: Reading
) -> Iterator[Document]:
    known = {str(key).lower(): words for key, value in row.items() if (words := _words(value))}
    if miriad.is_row(known):
        yield miriad.pair(known)
        return
    found = {name: next((known[k] for k in keys if known.get(k)), "") for name, keys in FIELDS.items()}
    if not found["text"] and " " in known.get("recommendation", ""):  # the words of one, not its number
        found["text"] = known.pop("recommendation")
    if not found["text"].strip():
        reading.skip("no text", place)
        return
    if _ADDRESS.fullmatch(found["text"].strip()):
        reading.skip("an address in place of the text", place)
        return
    found |= medrag.chunk(row, unit)
    if "answerid" in known:
        found |= medquad.judged(found["text"]) | {"id": found["id"].removesuffix(".txt")}
    date = found["date"] if day_number(found["date"]) else ""
    if found["date"] and not date:
        reading.skip("date not read (the row is kept)", place)
    known |= {
        name: _limited(name, known[name], place, reading) for name in guidelines.FIELDS if known.get(name)
    }
    fields = tuple((name, known[name]) for name in guidelines.FIELDS if known.get(name))
    number, guideline = known.get("recommendation", ""), known.get("guideline", "")
    own = _own_id(found["id"], guideline, known.get("version", ""), number) or fallback
    source = found["source"] or known.get("authority") or unit.name
    yield Document(
        own, found["text"], found["title"], source, found["section"], date, found["url"], whole=bool(number), fields=fields
    )  # fmt: skip


def _limited(name: str, words: str, place: str, reading: Reading) -> str:
    return guidelines.limited("number" if name == "recommendation" else name, words, place, reading.skip)


def _own_id(given: str, guideline: str, version: str, number: str) -> str:
    """A row's id; of a guideline's row it tells the version, since other versions have rows of the same id."""
    if not (guideline and number):
        return given
    named = guidelines.edition(given, version) if given and version not in given else given
    return named or f"{guidelines.edition(guideline, version)}/{number}"


def _words(value: Any) -> str:
    """A cell as words; a list of them (Huatuo's questions and answers) one below the other."""
    if isinstance(value, list):
        return "\n".join(words for one in value[:1000] if (words := _words(one)))
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def _xml(unit: Unit, file: IO[bytes], reading: Reading) -> Iterator[Document]:
    """The articles of an XML file, each let go when it is read; entities that multiply are refused by the parser itself."""
    import xml.etree.ElementTree as ET

    counted = _Counted(file)
    try:
        root, last = None, 0
        for event, element in ET.iterparse(counted, events=("start", "end")):  # type: ignore[arg-type]
            if root is None:
                root = element
                if element.tag not in _ROOTS:
                    reading.skip(f"XML of <{str(element.tag)[:60]}>, which is not read", unit.name)
                    return
            if counted.total - last > MAX_ARTICLE:
                reading.skip(f"over {MAX_ARTICLE // 1_000_000} MB for one article", unit.name)
                return
            if event == "start":
                continue
            made = _article(element, root, unit, reading)
            if made is not None:
                yield from made
                root.clear()
                last = counted.total
    except (ET.ParseError, RecursionError) as error:
        reading.skip(f"damaged XML ({error})", unit.name)


_ROOTS = (*medquad.ROOTS, *jats.ROOTS, "PubmedArticle", "PubmedArticleSet", "pmc-articleset")


def _article(element: Any, root: Any, unit: Unit, reading: Reading) -> Iterator[Document] | None:
    """The documents of an element that is a whole article or page; None for any other."""
    if element.tag == "PubmedArticle":
        return pubmed.article(element, unit.name, reading.skip)
    if root is element and element.tag in medquad.ROOTS:
        return medquad.pairs(element, unit.name, reading.skip)
    if element.tag in jats.ROOTS and (root is element or root.tag == "pmc-articleset"):
        return jats.article(element, unit.name, reading.skip)
    return None


class _Counted:
    """A file that tells how much was read of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.total = file, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._file.read(size)
        self.total += len(data)
        return data
