"""Writes small PDF files: pages of lines, one below the other, and what the file says of itself."""

from __future__ import annotations

from collections.abc import Sequence


def pdf(pages: Sequence[Sequence[str] | str], **about: str) -> bytes:
    """A PDF with these lines on each page; `about` are entries of its description (title="Gout" gives /Title)."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< " + b" ".join(b"/" + name.encode() + b" (" + _escaped(words) + b")" for name, words in _named(about)) + b" >>",
    ]  # fmt: skip
    kids = []
    for page in pages:
        lines = page.strip("\n").split("\n") if isinstance(page, str) else page
        shown = b"".join(b"(" + _escaped(line) + b") Tj 0 -14 Td\n" for line in lines)
        content = b"BT /F1 10 Tf 50 780 Td\n" + shown + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    return _file(objects)


def _named(about: dict[str, str]) -> list[tuple[str, str]]:
    standing = {"title": "Title", "author": "Author", "creation": "CreationDate"}
    return [(standing.get(name, name), words) for name, words in about.items()]


def _escaped(words: str) -> bytes:
    return words.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252")


def _file(objects: list[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    trailer = b"trailer << /Size %d /Root 1 0 R /Info 4 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(out),
    )
    return out + head + trailer
