"""Finding a disease or a term by what people type, and what is shown of it."""

import pytest

from osler.knowledge.search import best, search_diseases, search_terms
from osler.knowledge.views import disease_view, term_view


@pytest.mark.parametrize(
    ("query", "found", "kind"),
    [
        ("OMIM:154700", "OMIM:154700", "id"),
        ("omim 154700", "OMIM:154700", "id"),
        ("ORPHA:558", "OMIM:154700", "id"),
        ("orphanet_558", "OMIM:154700", "id"),
        ("Marfan syndrome", "OMIM:154700", "name"),
        ("  MARFAN   SYNDROME ", "OMIM:154700", "name"),
        ("marfan", "OMIM:154700", "short name"),
        ("marfan's syndrome", "OMIM:154700", "name"),
        ("Marfan lipodystrophy", "OMIM:616914", "short name"),
        ("usher syndrome, type 1C", "OMIM:276904", "name"),
    ],
)
def test_one_disease_is_meant(knowledge, query, found, kind):
    match = best(search_diseases(knowledge, query))
    assert match is not None and (match.id, match.kind) == (found, kind)


@pytest.mark.parametrize(
    ("query", "found", "kind"),
    [
        ("HP:0001083", "HP:0001083", "id"),
        ("hp1083", "HP:0001083", "id"),
        ("HP:0000057", "HP:0008665", "id"),
        ("ectopia lentis", "HP:0001083", "name"),
        ("lens dislocation", "HP:0001083", "synonym"),
        ("Ectopia lent", "HP:0001083", "prefix"),
    ],
)
def test_one_term_is_meant(knowledge, query, found, kind):
    match = best(search_terms(knowledge.ontology, query))
    assert match is not None and (match.id, match.kind) == (found, kind)
    assert bool(match.note) == (query == "HP:0000057")


@pytest.mark.parametrize(
    ("query", "suggested"),
    [
        ("marphan syndrome", "OMIM:154700"),
        ("epileptic encephalopathy", "OMIM:619340"),
        ("DEE", "OMIM:619004"),
    ],
)
def test_what_is_not_meant_for_certain_is_suggested(knowledge, query, suggested):
    matches = search_diseases(knowledge, query, limit=200)
    assert best(matches) is None and suggested in [match.id for match in matches]


@pytest.mark.parametrize("query", ["", "   ", "?!", "xyzzy plugh", "OMIM:999999"])
def test_nothing_is_found(knowledge, query):
    assert best(search_diseases(knowledge, query)) is None
    assert best(search_terms(knowledge.ontology, query)) is None


def test_a_profile_is_shown_with_frequencies_negations_and_citations(small):
    view = disease_view(small, 0)
    assert (view["id"], view["xrefs"], view["group"]) == (
        "OMIM:100001",
        ["OMIM:100001", "ORPHA:77"],
        "Quivering syndrome",
    )
    assert [item["label"] for item in view["inheritance"]] == ["Autosomal dominant inheritance"]
    assert [item["label"] for item in view["course"]] == ["Congenital onset"]
    seizure, fever = view["phenotypes"]
    assert seizure["stated"] == "4/10" and seizure["onset"][0]["label"] == "Congenital onset"
    assert seizure["references"] == ["PMID:11", "OMIM:100001", "PMID:12", "ORPHA:77"]
    assert seizure["sex"] == ["female"] and fever["stated"] == "40 %" and not fever["negated"]


def test_a_term_is_shown_with_its_neighbours_and_diseases(small):
    view = term_view(small, small.ontology.index("HP:0001250"))
    assert view["definition"].startswith("A sudden") and view["synonyms"][0]["layperson"]
    assert view["parents"] == [{"id": "HP:0000707", "label": "Abnormality of the nervous system"}]
    assert view["children"] == [{"id": "HP:0002373", "label": "Febrile seizure"}]
    assert view["diseases"] == 3 and view["most_frequent"][0]["id"] == "OMIM:100001"
    assert {item["term"]["id"] for item in view["most_frequent"]} == {"HP:0001250", "HP:0002373"}


def test_of_findings_as_frequent_the_one_seen_in_more_patients_comes_first(knowledge):
    always = [
        item["stated"]
        for item in disease_view(knowledge, knowledge.disease_index("OMIM:147920"))["phenotypes"]
        if item["frequency"] == 1 and "/" in item["stated"]
    ]
    patients = [int(stated.split("/")[1]) for stated in always]
    assert len(patients) > 5 and patients == sorted(patients, reverse=True)
