"""NLM's XML of articles and book chapters (JATS, BITS; `.nxml`): StatPearls as the MedRAG corpora hold it, PubMed Central.

An article is one document, its sections under Markdown headings, so that passages know them; a paragraph that is nothing but
bold words is a heading too, as StatPearls writes its lower ones. References, figures' graphics and formulas' markup are left
out. Ids: a StatPearls file's own name (`article-17137`), as in MedRAG's chunks; else the PMC id, PMID or Bookshelf id.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.markup import protected

ROOTS = ("article", "book-part-wrapper", "book-part", "book")
_DROPPED = frozenset(
    {"ref-list", "xref-group", "object-id", "label", "fn-group", "graphic", "tex-math", "alternatives"}
)
_DEEPEST = 12


def article(element: Any, name: str, skip: Callable[[str, str], None]) -> Iterator[Document]:
    """The article or chapter as one document."""
    lines: list[str] = []
    for abstract in element.iterfind(".//abstract"):
        lines += ["## Abstract", ""]
        _walk(abstract, 2, lines)
    for body in element.iterfind(".//body"):
        _walk(body, 1, lines)
    text = "\n".join(lines).strip()
    if not any(line and not line.startswith("#") for line in lines):
        skip("article without text", name)
        return
    identity, url = _identity(element, name)
    title = _first(
        element, ".//book-part-meta//title", ".//article-meta//article-title", ".//book-meta//book-title", ".//title"
    )  # fmt: skip
    source = _first(element, ".//journal-title", ".//book-meta//book-title", ".//collection-meta//title")
    if "statpearls" in name.lower() or (source in ("", title) and "article-" in identity):
        source = "StatPearls"
    yield Document(identity, text, title, source, "", _date(element), url, True)


def _identity(element: Any, name: str) -> tuple[str, str]:
    stem = name.rsplit("/", 1)[-1].removesuffix(".gz").rsplit(".", 1)[0]
    known = {
        (one.get("pub-id-type") or one.get("book-part-id-type") or one.get("book-id-type") or ""): (one.text or "").strip()
        for path in (".//article-meta/article-id", ".//book-part-meta/book-part-id")
        for one in element.iterfind(path)
    }  # fmt: skip
    book = next(
        (value for value in [*known.values(), element.get("id") or ""] if value.startswith("NBK")), ""
    )
    pmc = (known.get("pmc") or known.get("pmcid") or "").removeprefix("PMC")
    if stem.startswith("article-"):
        return stem, f"https://www.ncbi.nlm.nih.gov/books/{book}/" if book else ""
    if pmc.isdigit():
        return f"PMC{pmc}", f"https://pmc.ncbi.nlm.nih.gov/articles/PMC{pmc}/"
    if known.get("pmid"):
        return f"PMID:{known['pmid']}", f"https://pubmed.ncbi.nlm.nih.gov/{known['pmid']}/"
    return (book, f"https://www.ncbi.nlm.nih.gov/books/{book}/") if book else (stem, "")


def _first(element: Any, *paths: str) -> str:
    for path in paths:
        found = element.find(path)
        if found is not None and (words := _words(found)):
            return words
    return ""


def _date(element: Any) -> str:
    for path in (".//pub-history/date[@date-type='updated']", ".//article-meta/pub-date", ".//book-part-meta//pub-date", ".//pub-date"):  # fmt: skip
        for when in element.iterfind(path):
            year, month, day = (when.findtext(part) or "" for part in ("year", "month", "day"))
            if year.isdigit() and len(year) == 4:
                date = year + (f"-{int(month):02}" if month.isdigit() and 1 <= int(month) <= 12 else "")
                return date + (f"-{int(day):02}" if len(date) == 7 and day.isdigit() else "")
    return ""


def _walk(element: Any, level: int, lines: list[str]) -> None:
    """Put down an element's blocks, headings at this level and below."""
    for child in element:
        tag = child.tag
        if tag in _DROPPED or not isinstance(tag, str):
            continue
        if tag == "title":
            _heading(_words(child), level, lines)
        elif tag == "p" and (head := _bold(child)):
            _heading(head, level + 1, lines)
        elif tag in ("p", "disp-quote", "caption", "def-item", "td", "th"):
            _paragraph(child, lines)
        elif tag in ("list", "def-list"):
            lines += [f"- {words}" for item in child if (words := _words(item))] + [""]
        elif tag == "tr":
            cells = [_words(cell) for cell in child]
            lines += [" | ".join(cells), ""] if any(cells) else []
        elif level < _DEEPEST:
            _walk(child, level + (tag in ("sec", "body", "boxed-text")), lines)
        elif words := _words(child):
            lines += [protected(words), ""]


def _heading(words: str, level: int, lines: list[str]) -> None:
    if words:
        lines += ["", f"{'#' * min(6, level)} {words}", ""]


def _paragraph(child: Any, lines: list[str]) -> None:
    """A paragraph; lists and tables within it stand on lines of their own."""
    inner = [one for one in child if one.tag in ("list", "def-list", "table-wrap", "boxed-text")]
    if not inner:
        if words := _words(child):
            lines += [protected(words), ""]
        return
    said = [child.text or ""]
    for one in child:
        if one in inner:
            if words := " ".join("".join(said).split()):
                lines += [protected(words), ""]
            holder = [one]
            _walk(holder, 3, lines)
            said = [one.tail or ""]
        else:
            said += ["".join(one.itertext()), one.tail or ""]
    if words := " ".join("".join(said).split()):
        lines += [protected(words), ""]


def _bold(child: Any) -> str:
    """The words of a paragraph that is nothing but bold ones, which is a heading."""
    only = list(child)
    if len(only) != 1 or only[0].tag != "bold" or (child.text or "").strip() or (only[0].tail or "").strip():
        return ""
    words = _words(only[0])
    return words if len(words) <= 120 else ""


def _words(element: Any) -> str:
    """All words below an element, blanks folded."""
    return " ".join("".join(element.itertext()).split())
