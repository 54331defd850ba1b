"""What retrieval shares: which words are a date, and the host of an address."""

from __future__ import annotations

import pytest

from osler.errors import UsageError
from osler.passages import Filters, day_number, host_of


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024", 20240000),
        ("2024-2", 20240200),
        (" 2024-02-29 ", 20240229),
        ("2023-02-29", None),
        ("2024-99-99", None),
        ("2024-13", None),
        ("2024-00", None),
        ("2024-01-00", None),
        ("0000", None),
        ("soon", None),
    ],
)
def test_a_date_is_one_of_the_calendar(text, day):
    assert day_number(text) == day


def test_a_filter_by_a_day_that_there_is_not_is_refused():
    with pytest.raises(UsageError, match="no date"):
        Filters(since="2024-13-01").days()
    assert Filters(since="2024", until="2024").days() == (20240000, 20249999)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://WWW.Agency.gov/a?b", "www.agency.gov"),
        ("http://[x", ""),
        ("http://[::1]:8080/", "::1"),
        ("", ""),
        ("agency.gov", ""),
    ],
)
def test_the_host_of_an_address_that_cannot_be_read_is_none(url, host):
    assert host_of(url) == host
