"""Which regime a case belongs to, on a knowledge base of five diseases (see toy.py)."""

import pytest
import toy

from osler.benchmarks.items import Reference
from osler.evaluation.regimes import RegimeView, in_regime


@pytest.fixture(scope="module")
def view():
    return RegimeView(toy.toy_knowledge(), toy.LISTED)


def standing(view, disease, *publications):
    return view.standing(Reference((disease,), publications))


def regimes(found):
    stored = found.__dict__
    return [
        name for name in ("as-is", "not-cited", "not-cited-clean", "leave-out") if in_regime(stored, name)
    ]


def test_a_profile_that_cites_the_publication_is_cited(view):
    found = standing(view, "OMIM:100001", "PMID:11")
    assert found.cited and regimes(found) == ["as-is", "leave-out"]


def test_not_cited_is_clean_only_where_every_row_names_its_publication(view):
    assert regimes(standing(view, "OMIM:100001", "PMID:20")) == [
        "as-is",
        "not-cited",
        "not-cited-clean",
        "leave-out",
    ]
    one_row_names_only_omim = standing(view, "OMIM:100002", "PMID:20")
    assert regimes(one_row_names_only_omim) == ["as-is", "not-cited", "leave-out"]


def test_a_row_that_names_a_publication_beside_omim_counts_as_named(view):
    rows = view.knowledge.rows_of(view.knowledge.disease_index("OMIM:100004"))
    assert sorted(view._names_publication[rows]) == [False, True]


def test_a_profile_whose_every_row_cites_the_publication_is_emptied(view):
    assert standing(view, "OMIM:100003", "PMID:13").emptied
    assert not standing(view, "OMIM:100001", "PMID:11").emptied


def test_a_disease_with_only_an_inheritance_row_has_no_profile(view):
    found = standing(view, "OMIM:100005", "PMID:20")
    assert not found.profile and not found.listed


def test_a_case_that_names_no_publication_is_only_in_as_is(view):
    assert regimes(standing(view, "OMIM:100001")) == ["as-is"]


def test_an_unprofiled_diagnosis_is_in_every_regime_and_will_count_as_missed(view):
    found = standing(view, "OMIM:999999", "PMID:20")
    assert not found.profile and len(regimes(found)) == 4


def test_withheld_rows_are_those_of_every_disease(view):
    rows = view.citing_rows(Reference(("OMIM:100001",), ("PMID:11",)))
    names = {view.knowledge.disease_ids[int(d)] for d in view.knowledge.rows.disease[rows]}
    assert names == {"OMIM:100001", "OMIM:100004"}


def test_numbered_subtypes_are_one_series(view):
    alpha = view.knowledge.disease_index("OMIM:100001")
    names = {view.knowledge.disease_ids[int(i)] for i in view.series_members([alpha])}
    assert names == {"OMIM:100001", "OMIM:100002"}
    assert len(view.series_members([])) == 0


def test_standings_agree_with_a_plain_reading_of_the_release_file(knowledge):
    """phenotype.hpoa read line by line, without any of the compiled arrays."""
    from osler.knowledge import packaged_disease_ids
    from osler.ontology.releases import packaged_files

    path = packaged_files().rows
    lines = [
        line.rstrip("\n").split("\t") for line in path.open(encoding="utf-8") if not line.startswith("#")
    ]
    column = {name: place for place, name in enumerate(lines[0])}
    rows = {}
    for line in lines[1:]:
        rows.setdefault(line[column["database_id"]], []).append(line)

    def phenotype(row):
        return row[column["aspect"]] == "P" and row[column["qualifier"]] != "NOT"

    listed = packaged_disease_ids()
    assert listed == {disease for disease, own in rows.items() if any(map(phenotype, own))}
    view = RegimeView(knowledge, listed)
    for disease in sorted(rows)[::60]:
        merged = knowledge.xrefs[knowledge.disease_index(disease)]
        own = [row for name in merged for row in rows.get(name, [])]
        publications = [row[column["reference"]].split(";")[0] for row in own]
        for publication in {publications[0], "PMID:1"}:
            without = [row for row in own if publication not in row[column["reference"]].split(";")]
            found = standing(view, disease, publication)
            assert found.cited == (len(without) < len(own))
            assert found.emptied == (not any(map(phenotype, without)))
            assert found.clean == all("PMID:" in row[column["reference"]] for row in own)
