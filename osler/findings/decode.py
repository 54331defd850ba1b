"""Bytes to text: byte-order marks, UTF-8/16/32, gzip within a limit, a Western fallback that is said, binaries refused.

Knows nothing of what the text means.
"""

from __future__ import annotations

import re
import zlib

from osler.case import Notice
from osler.errors import InputError

# Magic numbers of formats that people give by mistake, with what to do instead.
_BINARY = (
    (b"%PDF-", "a PDF; export its text first (for instance with pdftotext)"),
    (b"PK\x03\x04", "a zip archive or an Office document; unpack it or save it as plain text"),
    (b"\xd0\xcf\x11\xe0", "an old Office document; save it as plain text"),
    (b"\x89PNG", "a PNG image; a text or a record is needed"),
    (b"\xff\xd8\xff", "a JPEG image; a text or a record is needed"),
    (b"GIF8", "a GIF image; a text or a record is needed"),
    (b"{\\rtf", "a rich-text document; save it as plain text"),
    (b"BZh", "bzip2-compressed; unpack it first"),
    (b"\xfd7zXZ\x00", "xz-compressed; unpack it first"),
    (b"(\xb5/\xfd", "zstd-compressed; unpack it first"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "a database"),
)
_BOMS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32-le"),
    (b"\x00\x00\xfe\xff", "utf-32-be"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_MOST_MEMBERS = 2_000
_MAX_CONTROL_SHARE = 0.005


def over_limit(name: str, max_bytes: int) -> InputError:
    """The error for an input larger than `max_bytes`."""
    limit = f"{max_bytes / 1e6:g} MB" if max_bytes >= 100_000 else f"{max_bytes} bytes"
    return InputError(
        f"{name} is larger than the limit of {limit}; split it, or raise the limit (--max-mb, or max_bytes in Python)"
    )


def too_many_words(max_text: int) -> InputError:
    """The error for more free text than `max_text` characters."""
    return InputError(
        f"the free text is longer than the limit of {max_text:,} characters; split it, or raise the limit (--max-text of osler serve)"
    )


def decode(data: bytes, name: str = "the input", *, max_bytes: int = 10_000_000) -> tuple[str, list[Notice]]:
    """Decode a file's bytes.

    `max_bytes` bounds the input, and what gzip makes of it. Returns the text with `\\n` line ends left as they are,
    and notices on what had to be guessed. Raises InputError for empty, binary or over-long input.
    """
    if len(data) > max_bytes:
        raise over_limit(name, max_bytes)
    if data[:2] == b"\x1f\x8b":
        data = _gunzip(data, name, max_bytes)
    if not data.strip():
        raise InputError(f"{name} is empty; give a text, a phenopacket, a FHIR record or an Osler case")
    text, notices = _to_text(data, name)
    if not text.strip():
        raise InputError(f"{name} holds only white space; give a text or a record")
    return text, notices


def _gunzip(data: bytes, name: str, max_bytes: int) -> bytes:
    """All members of a gzip file, refused as soon as they pass the limit (a small file can unpack to gigabytes)."""
    parts, room = [], max_bytes + 1
    try:
        while data[:2] == b"\x1f\x8b" and room > 0:
            # What is left is copied for each member: very many empty ones would take minutes.
            if len(parts) == _MOST_MEMBERS:
                raise InputError(f"{name} is a gzip file of more than {_MOST_MEMBERS} parts; unpack it first")
            stream = zlib.decompressobj(wbits=31)
            parts.append(stream.decompress(data, room))
            room -= len(parts[-1])
            if not stream.eof:
                break
            data = stream.unused_data
    except zlib.error:
        raise InputError(f"{name} is a damaged gzip file; get it again") from None
    if room <= 0:
        raise over_limit(f"{name}, unpacked,", max_bytes)
    if not stream.eof:
        raise InputError(f"{name} is a gzip file that stops early; get it again")
    return b"".join(parts)


def _to_text(data: bytes, name: str) -> tuple[str, list[Notice]]:
    for magic, what in _BINARY:
        if data.startswith(magic):
            raise InputError(f"{name} is {what}")
    if data[128:132] == b"DICM":
        raise InputError(f"{name} is a DICOM image; a text or a record is needed")
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _with_bom(data[len(bom) :], encoding, name)
    if b"\x00" in data:
        return _without_bom(data, name), [_guessed(name, "UTF-16 without a byte-order mark")]
    if len(_CONTROL.findall(data)) > max(2, _MAX_CONTROL_SHARE * len(data)):
        raise _binary(name)
    try:
        return data.decode("utf-8"), []
    except UnicodeDecodeError as error:
        return _not_utf8(data, error, name)


def _with_bom(data: bytes, encoding: str, name: str) -> tuple[str, list[Notice]]:
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "utf-8":
            return _replaced(data, name)
        raise InputError(f"{name} starts as {encoding} but is not; save it as UTF-8") from None
    if "\x00" in text:
        raise _binary(name)
    return text, []


def _without_bom(data: bytes, name: str) -> str:
    """UTF-16 text shows as NULs in every other byte; NULs anywhere else mean a binary file."""
    even, odd = data[0::2].count(0), data[1::2].count(0)
    half = len(data) // 2
    for encoding, zeros, others in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if len(data) % 2 == 0 and zeros > 0.7 * half and others == 0:
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                break
    raise _binary(name)


def _not_utf8(data: bytes, error: UnicodeDecodeError, name: str) -> tuple[str, list[Notice]]:
    """Broken UTF-8 keeps its good characters; anything else is taken as Windows-1252, the usual Western encoding."""
    good = data.decode("utf-8", "ignore")
    multibyte = sum(character > "\x7f" for character in good)
    broken = data.decode("utf-8", "replace").count("�") - good.count("�")
    if multibyte > broken or (error.start >= len(data) - 3 > 0 and multibyte):
        return _replaced(data, name)
    high = sum(byte > 0x7F for byte in data)
    if high > 0.3 * len(data):
        raise InputError(
            f"{name} is in an encoding that could not be told, or is binary; save it as UTF-8 text"
        )
    try:
        return data.decode("cp1252"), [_guessed(name, "Windows-1252")]
    except UnicodeDecodeError:
        return data.decode("latin-1"), [_guessed(name, "Latin-1")]


def _replaced(data: bytes, name: str) -> tuple[str, list[Notice]]:
    text = data.decode("utf-8", "replace")
    note = f"{name} is UTF-8 with broken bytes; they were replaced by � and what they stood for is lost"
    return text, [Notice(code="encoding-broken", text=note)]


def _guessed(name: str, encoding: str) -> Notice:
    text = f"{name} is not UTF-8; it was read as {encoding}, so accented letters and signs such as µ may be wrong"
    return Notice(code="encoding-guessed", text=text)


def _binary(name: str) -> InputError:
    return InputError(
        f"{name} is a binary file; a text, a phenopacket, a FHIR record or an Osler case is needed"
    )
