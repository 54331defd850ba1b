"""PDF by pypdf: one document for each page, so that a citation names its page; scanned pages have no text and are counted.

A guideline gives one for each recommendation, and its pages without them (pdf_guidelines.py); for that its pages are held until the
last is read. Ids of pages are `FILE#page=3`, which opens the page in a browser. Words and lines are pypdf's reading of the page. Pages
are read one by one; a page that cannot be read is counted and the others are kept.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import IO, Any

from osler.errors import UsageError
from osler.knowledge.corpus import pdf_guidelines
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.pdf_budget import Budget, Over
from osler.knowledge.corpus.pdf_text import folded
from osler.knowledge.corpus.sources import seekable

MOST_PAGES = 20_000
# A title that is only what the file was called before it was printed.
_FILE_NAME = re.compile(
    r"^(?:Microsoft \w+ - )?[^/]{1,200}\.(?:html?|docx?|pdf|md|txt|rtf|odt|tex|indd|pptx?|xlsx?)$|^file:|^untitled",
    re.I,
)
# Pages, characters and lines that are held at once, to look for recommendations across pages.
MOST_JOINED, MOST_TEXT, MOST_LINES = 3_000, 8_000_000, 150_000


def pages(file: IO[bytes], name: str, skip: Callable[[str, str], None]) -> Iterator[Document]:
    """The pages of a PDF that hold text. Raises UsageError where pypdf is missing."""
    try:
        import pypdf  # pyright: ignore[reportMissingImports]
    except ImportError:
        raise UsageError(f"{name}: to read PDF, install pypdf: pip install 'osler[documents]'") from None
    with _quiet(), seekable(file) as whole:
        try:
            reader = pypdf.PdfReader(whole)
            if reader.is_encrypted and not reader.decrypt(""):
                skip("encrypted PDF (take the password off and add it again)", name)
                return
            count = len(reader.pages)
        except Exception as error:  # pypdf lets many kinds of errors through on damaged files
            encrypted = "crypt" in str(error).lower()
            why = "encrypted PDF (take the password off and add it again)" if encrypted else "damaged PDF"
            skip(why, f"{name} ({type(error).__name__})")
            return
        title, date, said = _about(reader)
        budget = Budget(whole, count)
        texts = _texts(reader, min(count, MOST_PAGES), name, skip, budget)
        try:
            held, whole_text = _held(texts) if count <= MOST_JOINED else ([], False)
            if whole_text:
                found = pdf_guidelines.documents(held, said, name, title, date, skip)
                if found is not None:
                    yield from found
                    return
            for number, text in chain(held, texts):
                yield Document(
                    f"{name}#page={number}", text, title or _named(name), name, f"page {number}", date,
                    fields=(("page", str(number)),),
                )  # fmt: skip
        except Over:
            skip("damaged PDF: its pages unpack to far more than the file's size (print it anew)", name)
            return
        if count > MOST_PAGES:
            skip(f"pages after the {MOST_PAGES:,}th", name)


def _texts(
    reader: Any, count: int, name: str, skip: Callable[[str, str], None], budget: Budget
) -> Iterator[tuple[int, str]]:
    """The pages that hold text, by number from 1. Raises Over."""
    for number in range(count):
        text = _text(reader, number, f"{name} page {number + 1}", skip, budget)
        if text:
            yield number + 1, text


def _held(texts: Iterator[tuple[int, str]]) -> tuple[list[tuple[int, str]], bool]:
    """The pages and True; or so many that they are over `MOST_TEXT` or `MOST_LINES`, and False."""
    held, size, lines = [], 0, 0
    while page := next(texts, None):
        held.append(page)
        size += len(page[1])
        lines += page[1].count("\n")
        if size > MOST_TEXT or lines > MOST_LINES:
            return held, False
    return held, True


def _text(reader: Any, number: int, place: str, skip: Callable[[str, str], None], budget: Budget) -> str:
    try:
        text = budget.text(reader.pages[number])
    except Exception as error:
        skip("PDF page that cannot be read", f"{place} ({type(error).__name__})")
        return ""
    if text is None:
        skip("PDF page that is the same object as one before", place)
        return ""
    text = folded(text).strip()
    if not text:
        skip("PDF page without text (scanned?)", place)
    return text


def _about(reader: Any) -> tuple[str, str, dict[str, str]]:
    """Title and date of the file's own description, and all that it says, by names in small letters."""
    try:
        found = reader.metadata
        title = " ".join(str(found.title or "").split()) if found else ""
        made = found.creation_date if found else None
        said = {str(key).lstrip("/").lower(): str(value)[:2_000] for key, value in (found or {}).items()}
        if _FILE_NAME.search(title):
            title = said["title"] = ""
        return title[:300], made.date().isoformat() if made else "", said
    except Exception:  # a damaged description is none
        return "", "", {}


def _named(name: str) -> str:
    return name.rsplit("/", 1)[-1].rsplit(".", 1)[0].replace("_", " ").replace("-", " ")


@contextmanager
def _quiet() -> Iterator[None]:
    """pypdf tells of every oddity in a file through `logging`; what matters here is counted instead."""
    log = logging.getLogger("pypdf")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)
