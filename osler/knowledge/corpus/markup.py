"""A web page to text: headings become Markdown headings, lists and tables lines; scripts, menus and hidden parts are left out.

The tags are found by a few patterns that never look twice at the same place, so that a hostile page costs no more than a
plain one of its length: the standard library's parser takes half a minute for 60 kB of unfinished tags. Words are those of
the page (entities resolved, blanks folded as a browser does). Knows nothing of what a page is about.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape

_TAG = re.compile(r"<(?:!--|(?P<end>/)?(?P<name>[a-zA-Z][^\s/>]*)|[!?])")
_CLOSE = re.compile(r"(?:[^>=]++|=\s*+(?:\"[^\"]*+\"|'[^']*+')?+)*+>")
_ATTRIBUTE = re.compile(r"([^\s=/>\"']+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")
_HIDDEN = re.compile(r"(?:^|\s)hidden(?:[\s=/>]|$)|display\s*:\s*none|aria-hidden\s*=\s*[\"']?true", re.I)
_RAW = frozenset({"script", "style", "textarea", "title", "xmp"})
_DROPPED = frozenset(
    {"script", "style", "template", "noscript", "svg", "iframe", "object", "nav", "footer", "button", "select",
     "textarea", "form", "canvas", "audio", "video"}
)  # fmt: skip
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)
_BLOCK = frozenset(
    {"address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset",
     "figcaption", "figure", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "table",
     "tbody", "thead", "tr", "ul", "head"}
)  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_ENDS_ITSELF = frozenset({"p", "li", "td", "th", "tr", "dt", "dd", "option"})
_BREAK = "\x00"  # a line break that the page asks for; those of its source are blanks
_CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([a-zA-Z0-9_:.-]+)", re.I)


@dataclass
class Page:
    """What a page says: its text as Markdown, its title, and its `<meta>` words by lower-case name."""

    text: str = ""
    title: str = ""
    url: str = ""
    metas: dict[str, str] = field(default_factory=dict)


def decoded_page(data: bytes) -> str:
    """A page's letters: by its byte-order mark, its own charset, UTF-8, or Windows-1252."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    said = _CHARSET.search(data[:4096])
    for name in ("utf-8-sig", said[1].decode() if said else "cp1252"):
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", "replace")


def protected(line: str) -> str:
    """A line that would be taken for a Markdown heading or fence, moved in so that it is not."""
    return f"    {line}" if line.startswith(("#", "```", "~~~")) else line


def page(html: str) -> Page:
    """The text of a page; the first top heading is its title where it has one."""
    reader = _Reader()
    at, size = 0, len(html)
    while at < size:
        found = _TAG.search(html, at)
        if found is None:
            reader.text(html[at:])
            break
        reader.text(html[at : found.start()])
        if found[0] == "<!--":
            end = html.find("-->", found.end())
            at = size if end < 0 else end + 3
            continue
        closed = _CLOSE.match(html, found.end())
        if closed is None:  # an unfinished tag is dropped with all behind it, as a browser does
            break
        at = closed.end()
        name = (found["name"] or "").lower()
        if not name:
            continue
        inside = html[found.end() : at - 1]
        if found["end"]:
            reader.close(name)
            continue
        reader.open(name, inside)
        if name in _RAW:
            stop = re.compile(rf"</{name}[\s/>]", re.I).search(html, at)
            end = stop.start() if stop else size
            if name == "title":
                reader.made.title = reader.made.title or _folded(unescape(html[at:end]))
            at = end
    return reader.done()


def _folded(text: str) -> str:
    return " ".join(text.split())


class _Reader:
    """Collects lines while the tags go by."""

    def __init__(self) -> None:
        self.made = Page()
        self._lines: list[str] = []
        self._words: list[str] = []
        self._skipping, self._depth = "", 0
        self._heading = 0
        self._lists: list[int] = []  # the next number of an ordered list, -1 for bullets
        self._mark = ""
        self._pre = 0
        self._first_heading = ""

    def text(self, words: str) -> None:
        """Text between tags."""
        if words and not self._skipping:
            self._words.append(unescape(words).replace(_BREAK, " "))

    def open(self, name: str, inside: str) -> None:
        """An opening tag."""
        if self._skipping:
            if name == self._skipping:
                if name not in _ENDS_ITSELF:
                    self._depth += 1
                    return
                self._skipping = ""
            else:
                return
        if name in ("meta", "link"):
            self._about(name, inside)
        hidden = ("idden" in inside or "display" in inside) and _HIDDEN.search(inside) is not None
        if (name in _DROPPED or hidden) and name not in _VOID and not inside.endswith("/"):
            self._flush()
            self._skipping, self._depth = name, 1
        elif name == "br":
            self._words.append(_BREAK)
        elif name in ("td", "th"):
            if self._words and "".join(self._words).strip():
                self._words.append(" | ")
        elif name in _HEADINGS:
            self._flush()
            self._heading = _HEADINGS[name]
        elif name in _BLOCK:
            self._block(name)

    def _block(self, name: str) -> None:
        self._flush()
        if name in ("ul", "ol"):
            self._lists.append(1 if name == "ol" else -1)
        elif name == "li":
            number = self._lists[-1] if self._lists else -1
            self._mark = f"{number}. " if number > 0 else "- "
            if self._lists and number > 0:
                self._lists[-1] += 1
        elif name == "pre":
            self._pre += 1

    def close(self, name: str) -> None:
        """A closing tag."""
        if self._skipping:
            if name == self._skipping:
                self._depth -= 1
                if self._depth == 0:
                    self._skipping = ""
            return
        if name in _HEADINGS or name in _BLOCK:
            self._flush()
        if name in ("ul", "ol") and self._lists:
            self._lists.pop()
        elif name == "pre" and self._pre:
            self._pre -= 1

    def done(self) -> Page:
        """The page when all is read."""
        self._flush()
        self.made.text = "\n".join(self._lines).strip() + "\n" if any(self._lines) else ""
        self.made.title = self._first_heading or self.made.title
        return self.made

    def _flush(self) -> None:
        """Put down the words since the last block, if there are any."""
        said, self._words = "".join(self._words), []
        pieces = said.replace(_BREAK, "\n").split("\n") if self._pre else said.split(_BREAK)
        lines = [line for piece in pieces if (line := piece.rstrip() if self._pre else _folded(piece))]
        heading, self._heading = self._heading, 0
        if not lines:
            return
        if heading:
            words = " ".join(lines)
            if heading == 1 and not self._first_heading:
                self._first_heading = words
            self._lines += ["", f"{'#' * heading} {words}", ""]
            return
        mark, self._mark = self._mark, ""
        if not mark and not (self._lists and self._lines):
            self._lines.append("")
        self._lines.append(mark + (lines[0] if mark else protected(lines[0])))
        self._lines += [protected(line) for line in lines[1:]]

    def _about(self, name: str, inside: str) -> None:
        found = {
            match[1].lower(): unescape(match[2] or match[3] or match[4] or "")
            for match in _ATTRIBUTE.finditer(inside)
        }
        if name == "link" and found.get("rel", "").lower() == "canonical":
            self.made.url = found.get("href", "")
        elif name == "meta" and (key := found.get("name") or found.get("property")):
            self.made.metas.setdefault(key.lower(), found.get("content", ""))
