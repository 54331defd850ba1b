"""The year of a publication from its PubMed number."""

from osler.benchmarks.publication_year import BEFORE_2000, year_of


def test_numbers_of_known_publications():
    assert year_of("PMID:10851256") == 2000
    assert year_of("PMID:15200509") == 2004
    assert year_of("PMID:23812913") == 2013
    assert year_of("PMID:31502381") == 2019
    assert year_of("PMID:36189931") == 2022


def test_old_and_retrospective_numbers_count_as_before_2000():
    assert year_of("PMID:1577472") == BEFORE_2000
    assert year_of("PMID:13500000") == BEFORE_2000


def test_other_references_have_no_year():
    assert year_of("OMIM:154700") is None
    assert year_of("PMID:abc") is None
