"""The year of a publication, estimated from its PubMed number alone, so that it works offline.

PubMed numbers its records roughly in order of arrival. The table gives the number reached at the start of each year;
a number belongs to the last year that starts at or below it. Checked on the 385 case files of the PhEval LIRICAL
corpus, whose names carry the year: 326 exact, 373 within one year (a record may arrive before its issue appears).
Numbers below 10.6 million, and the block 12.95–14.6 million that holds retrospective records, are not in order: they
count as "before 2000" (returned as 1999). After 2025 the table extends nothing: newer numbers count as its last year.
"""

from __future__ import annotations

from bisect import bisect_right

BEFORE_2000 = 1999

_STARTS: tuple[tuple[int, int], ...] = (
    (10_600_000, 2000),
    (11_140_000, 2001),
    (11_770_000, 2002),
    (12_500_000, 2003),
    (12_960_000, BEFORE_2000),
    (14_600_000, 2003),
    (14_690_000, 2004),
    (15_630_000, 2005),
    (16_390_000, 2006),
    (17_200_000, 2007),
    (18_170_000, 2008),
    (19_120_000, 2009),
    (20_040_000, 2010),
    (21_200_000, 2011),
    (22_210_000, 2012),
    (23_280_000, 2013),
    (24_380_000, 2014),
    (25_560_000, 2015),
    (26_720_000, 2016),
    (28_040_000, 2017),
    (29_290_000, 2018),
    (30_600_000, 2019),
    (31_890_000, 2020),
    (33_380_000, 2021),
    (34_970_000, 2022),
    (36_590_000, 2023),
    (38_160_000, 2024),
    (39_740_000, 2025),
)
_NUMBERS = [number for number, _ in _STARTS]


def year_of(publication: str) -> int | None:
    """Estimated year of a `PMID:…` CURIE; 1999 stands for every year before 2000; None for any other reference."""
    prefix, _, number = publication.partition(":")
    if prefix != "PMID" or not number.isdecimal():
        return None
    place = bisect_right(_NUMBERS, int(number)) - 1
    return _STARTS[place][1] if place >= 0 else BEFORE_2000
