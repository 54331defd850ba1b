"""PDF by pypdf: one document for each page, so that a citation names its page; scanned pages have no text and are counted.

Ids are `FILE#page=3`, which opens the page in a browser. Words and lines are pypdf's reading of the page. Pages are read
one by one; a page that cannot be read is counted and the others are kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any

from osler.errors import UsageError
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.sources import seekable

MOST_PAGES = 20_000


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
        title, date = _about(reader)
        for number in range(min(count, MOST_PAGES)):
            text = _text(reader, number, f"{name} page {number + 1}", skip)
            if text:
                yield Document(
                    f"{name}#page={number + 1}", text, title or _named(name), name, f"page {number + 1}", date,
                    fields=(("page", str(number + 1)),),
                )  # fmt: skip
        if count > MOST_PAGES:
            skip(f"pages after the {MOST_PAGES:,}th", name)


def _text(reader: Any, number: int, place: str, skip: Callable[[str, str], None]) -> str:
    try:
        text = reader.pages[number].extract_text() or ""
    except Exception as error:
        skip("PDF page that cannot be read", f"{place} ({type(error).__name__})")
        return ""
    text = text.replace("\x00", "").strip()
    if not text:
        skip("PDF page without text (scanned?)", place)
    return text


def _about(reader: Any) -> tuple[str, str]:
    """Title and date of the file's own description."""
    try:
        said = reader.metadata
        title = " ".join(str(said.title or "").split()) if said else ""
        made = said.creation_date if said else None
        return title[:300], made.date().isoformat() if made else ""
    except Exception:  # a damaged description is none
        return "", ""


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
