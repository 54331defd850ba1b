"""Bytes to text: encodings are told, guesses are said, binaries are refused with what to do."""

from __future__ import annotations

import gzip

import pytest

from osler.errors import InputError
from osler.findings.decode import decode

LETTER = "Naïve café: fièvre 38 °C, 5 µg/L"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_in_any_dress(encoding):
    text = "Fever and cough. " * 4 if encoding in ("utf-16-le", "utf-16-be") else LETTER
    assert decode(text.encode(encoding))[0] == text


def test_western_text_is_read_and_said():
    text, notices = decode(LETTER.encode("cp1252"))
    assert text == LETTER
    assert [notice.code for notice in notices] == ["encoding-guessed"]


def test_broken_utf8_keeps_what_is_good():
    text, notices = decode(("é" * 20).encode() + b" then \xff bad")
    assert text.startswith("é" * 20) and "�" in text
    assert [notice.code for notice in notices] == ["encoding-broken"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        ("\u00a0\u2003".encode(), "only white space"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04....", "unpack"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\x00" * 128 + b"DICM", "DICOM"),
        (bytes(range(256)) * 4, "binary"),
        (b"abc\x00def", "binary"),
        (b"\x01\x02\x03\x04\x05\x06 text", "binary"),
        (bytes(range(0x81, 0xFF)), "could not be told"),
    ],
)
def test_what_is_no_text_is_refused(data, says):
    with pytest.raises(InputError, match=says):
        decode(data)


def test_gzip_is_unpacked():
    assert decode(gzip.compress(b"Fever.") + gzip.compress(b" Cough."))[0] == "Fever. Cough."


def test_a_gzip_bomb_stops_at_the_limit():
    with pytest.raises(InputError, match="larger than the limit"):
        decode(gzip.compress(b"0" * 5_000_000), max_bytes=1_000_000)


def test_a_gzip_of_very_many_empty_parts_is_refused():
    with pytest.raises(InputError, match="parts"):
        decode(gzip.compress(b"") * 100_000)


@pytest.mark.parametrize("cut", [12, 15])
def test_a_damaged_gzip_is_refused(cut):
    with pytest.raises(InputError, match="get it again"):
        decode(gzip.compress(b"Fever and cough and rash")[:cut])


def test_size_is_limited():
    with pytest.raises(InputError, match="larger than the limit of 10 bytes"):
        decode(b"01234567890", max_bytes=10)
