"""From rows to Knowledge: diseases, columns, citations, pooled frequencies, information content."""

import math

import numpy as np
import pytest

from osler.knowledge.compile import PSEUDO_COUNT
from osler.knowledge.hpoa import parse_hpoa
from osler.knowledge.profiles import C, I

HEADER = "database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration\n"


def row(disease="OMIM:1", term="HP:0001250", frequency="", qualifier="", reference="PMID:1", aspect="P"):
    return (
        f"{disease}\tName {disease}\t{qualifier}\t{term}\t{reference}\tPCS\t\t{frequency}\t\t\t{aspect}\t\n"
    )


def rows(*lines):
    return parse_hpoa(HEADER + "".join(lines)).rows


def test_diseases_keep_all_their_ids(small):
    assert small.disease_ids.tolist() == ["OMIM:100001", "OMIM:100002", "DECIPHER:5"]
    assert small.xrefs == [["OMIM:100001", "ORPHA:77"], ["OMIM:100002"], ["DECIPHER:5"]]
    assert small.disease_index("ORPHA:77") == 0 and small.disease_index("OMIM:999999") is None
    assert small.disease_names[0] == "Quivering syndrome 1"


def test_numbered_subtypes_are_one_series(small):
    assert small.series.tolist()[:2] == [0, 0] and small.series_names[0] == "Quivering syndrome"
    assert small.series[2] != 0


def test_rows_are_sorted_by_disease_and_hold_every_column(small):
    table = small.rows
    assert (np.diff(table.disease) >= 0).all() and len(table) == 9
    first = small.rows_of(0)
    assert (first.start, first.stop) == (0, 7)
    assert [small.source_ids[int(i)] for i in table.source_id[first]] == ["OMIM:100001"] * 5 + [
        "ORPHA:77"
    ] * 2
    assert table.num[0] == 3 and table.den[0] == 4 and table.frequency[0] == 0.75
    assert small.ontology.labels[int(table.onset[0])] == "Congenital onset" and table.onset[1] == -1
    assert table.negated.tolist()[:5] == [False, False, True, False, False]
    assert table["sex"].tolist()[1] == 2 and table["evidence"].tolist()[0] == 3
    assert table.aspect.tolist()[3:5] == [I, C]
    with pytest.raises(KeyError):
        table["gene"]


def test_citations_lead_both_ways(small):
    assert small.references_of(1) == ["OMIM:100001", "PMID:12"]
    assert small.citing("PMID:11").tolist() == [0, 2, 3, 4]
    assert small.citing("PMID:0").tolist() == []


def test_inheritance_and_course(small):
    labels = small.ontology.labels
    assert [labels[int(t)] for t in small.terms_of(0, I)] == ["Autosomal dominant inheritance"]
    assert [labels[int(t)] for t in small.terms_of(0, C)] == ["Congenital onset"]


def test_unknown_terms_are_left_out_and_said(small):
    assert small.notices == ["1 rows name 1 terms that the ontology does not have (HP:0012345)"]


def test_alternative_ids_of_terms_are_followed(small):
    decipher = small.rows_of(2)
    assert small.ontology.ids[int(small.rows.term[decipher][0])] == "HP:0001250"


@pytest.mark.parametrize(
    ("cells", "frequency", "num", "den"),
    [
        (["3/4", "1/6"], 4 / 10, 4, 10),
        (["HP:0040280"], 1.0, 0, 0),
        (["3/4", "HP:0040280"], (3 + PSEUDO_COUNT) / (4 + PSEUDO_COUNT), 3, 4),
        (["40%", "60%"], 0.5, 0, 0),
        (["", "1/2"], 0.5, 1, 2),
        (["0/9"], 0.0, 0, 9),
        (["", ""], math.nan, 0, 0),
    ],
)
def test_frequencies_are_pooled_over_rows(build, cells, frequency, num, den):
    pairs = build(rows(*[row(frequency=cell) for cell in cells])).pairs
    assert len(pairs) == 1 and not pairs.negated[0]
    assert pairs.frequency[0] == pytest.approx(frequency, nan_ok=True)
    assert (pairs.num[0], pairs.den[0]) == (num, den)


def test_a_pair_is_negated_only_when_all_its_rows_are(build):
    pairs = build(
        rows(row(qualifier="NOT"), row(term="HP:0001945"), row(term="HP:0001945", qualifier="NOT"))
    ).pairs
    assert pairs.negated.tolist() == [True, False] and pairs.frequency[0] == 0
    assert pairs.disease.tolist() == [0, 0] and pairs.of(0) == slice(0, 2)


def test_information_counts_diseases_below_a_term(build):
    knowledge = build(
        rows(
            row("OMIM:1", "HP:0002373"),
            row("OMIM:2", "HP:0001250"),
            row("OMIM:3", "HP:0001945"),
            row("OMIM:4", "HP:0001250", "0/7"),
        )
    )
    ic = {term: float(v) for term, v in zip(knowledge.ontology.ids, knowledge.information, strict=True)}
    assert ic["HP:0001250"] == pytest.approx(math.log(3 / 2)) and ic["HP:0002373"] == pytest.approx(
        math.log(3)
    )
    assert ic["HP:0000118"] == 0
    assert ic["HP:0000006"] == pytest.approx(math.log(3))  # no disease counts as one


def test_a_supplement_is_marked_and_comes_last(build, small_rows):
    extra = rows(row("OMIM:50", reference="hpo3 2031-01-01"), row("OMIM:100002", "HP:0001945"))
    knowledge = build(supplement=extra)
    assert knowledge.disease_ids.tolist() == ["OMIM:100001", "OMIM:100002", "DECIPHER:5", "OMIM:50"]
    assert knowledge.in_release.tolist() == [True, True, True, False]
    assert np.flatnonzero(knowledge.rows.supplement).tolist() == [8, 10]
    assert knowledge.references_of(10) == ["hpo3 2031-01-01"]


def test_mondo_joins_and_adds_ids_that_no_row_uses(build):
    equivalent = {"OMIM:100001": "M:1", "DECIPHER:5": "M:1", "ORPHA:4711": "M:1", "OMIMPS:9": "M:1"}
    knowledge = build(equivalent=equivalent)
    assert knowledge.xrefs[0] == ["OMIM:100001", "DECIPHER:5", "ORPHA:4711"]
    assert knowledge.disease_index("ORPHA:4711") == 0


def test_priors_are_uniform_or_half_for_the_weighted(build):
    assert build().priors.tolist() == pytest.approx([1 / 3] * 3)
    assert build(priors={"OMIM:100002": 7}).priors.tolist() == pytest.approx([0.25, 0.5, 0.25])
