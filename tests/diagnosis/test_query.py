"""What a case becomes: positions, and notices on what could not be used."""

import pytest

from osler.case import Case, Demographics, Finding, Onset, Term
from osler.diagnosis.engine import Engine
from osler.diagnosis.query import Query


def finding(term, status="present", source="user", onset=None):
    return Finding(term=Term(id=term), status=status, source=source, onset=onset)


def codes(query):
    return [notice.code for notice in query.notices]


def test_what_the_patient_has_had_or_lacks_counts_and_nothing_else(knowledge):
    statuses = ("present", "absent", "uncertain", "family", "historical", "hypothetical")
    ids = ("HP:0001250", "HP:0001251", "HP:0001252", "HP:0001263", "HP:0001257", "HP:0001290")
    case = Case(findings=[finding(t, s) for t, s in zip(ids, statuses, strict=True)])
    query = Query.from_case(case, knowledge)
    assert [knowledge.ontology.ids[int(t)] for t in query.present] == ["HP:0001250", "HP:0001257"]
    assert [knowledge.ontology.ids[int(t)] for t in query.absent] == ["HP:0001251"]


def test_a_finding_stated_as_present_and_absent_is_neither(knowledge):
    query = Query.of(knowledge, ["HP:0001250", "HP:0000252"], ["HP:0001250"])
    assert len(query.present) == 1 and len(query.absent) == 0 and "contradictory" in codes(query)


def test_a_special_form_that_is_present_overrides_a_general_denial(knowledge):
    focal, seizure = "HP:0007359", "HP:0001250"
    query = Query.of(knowledge, [focal], [seizure])
    assert len(query.present) == 1 and len(query.absent) == 0 and codes(query) == ["contradictory"]
    # The other way round is no contradiction.
    assert not Query.of(knowledge, [seizure], [focal]).notices


def test_unknown_ids_are_told_and_alternative_ids_replaced(knowledge):
    old = next(iter(knowledge.ontology.alternatives))
    query = Query.of(knowledge, ["HP:0000000", old, "HP:0001250"])
    assert {"term-unknown", "term-replaced"} <= set(codes(query))


def test_onset_terms_and_modifiers_are_no_findings_but_inheritance_is_kept(knowledge):
    query = Query.of(knowledge, ["HP:0003577", "HP:0000007", "HP:0001250"])
    assert len(query.present) == 1 and codes(query) == ["not-a-phenotype"]
    assert [knowledge.ontology.ids[t] for t in query.inheritance] == ["HP:0000007"]


def test_the_stated_mode_of_inheritance_raises_diseases_that_have_it(knowledge):
    engine = Engine(knowledge)
    plain = Query.of(knowledge, ["HP:0001083", "HP:0001166"], sex="male")
    told = Query.of(knowledge, ["HP:0001083", "HP:0001166", "HP:0000006"], sex="male")
    marfan, homocystinuria = (knowledge.disease_index(i) for i in ("OMIM:154700", "OMIM:236200"))
    before, after = engine.scores(plain), engine.scores(told)
    assert after[marfan] - before[marfan] == pytest.approx(1.0)
    assert after[homocystinuria] == pytest.approx(before[homocystinuria])


def test_onset_age_and_sex_come_along(knowledge):
    case = Case(
        findings=[
            finding("HP:0001250", onset=Onset(age_days=90)),
            finding("HP:0000252", onset=Onset(age_days=400)),
        ],
        demographics=Demographics(age_days=4000, sex="male"),
    )
    query = Query.from_case(case, knowledge)
    assert (query.onset_days, query.age_days, query.sex) == (90, 4000, "male")


def test_only_a_case_reports_list_of_excluded_findings_was_looked_for(knowledge):
    case = Case(
        findings=[
            finding("HP:0001250", "absent", "phenopacket"),
            finding("HP:0000252", "absent", "text"),
            finding("HP:0001263", "present", "phenopacket"),
        ]
    )
    query = Query.from_case(case, knowledge)
    assert len(query.absent) == 2
    assert [knowledge.ontology.ids[int(t)] for t in query.looked_for] == ["HP:0001250"]


def test_an_answer_grows_the_query(knowledge):
    term = knowledge.ontology.index("HP:0001250")
    query = Query.of(knowledge, ["HP:0000252"])
    assert term in query.with_answer(term, True).present
    assert term in query.with_answer(term, False).absent and len(query.absent) == 0


@pytest.mark.parametrize(
    ("present", "absent", "code"),
    [
        ([], [], "no-findings"),
        ([], ["HP:0001250"], "only-absent"),
        (["HP:0001250"], [], "non-specific"),
        (["HP:0001259", "HP:0002133", "HP:0000252"], [], "emergency"),
        (["HP:0001083", "HP:0001166", "HP:0002616"], [], "conditional"),
    ],
)
def test_notices_say_what_must_be_said(knowledge, present, absent, code):
    result = Engine(knowledge).differential(Query.of(knowledge, present, absent), top=3)
    assert code in [notice.code for notice in result.notices]
    assert len(result.differential) == 3


def test_a_specific_presentation_gets_no_warning(knowledge):
    query = Query.of(knowledge, ["HP:0001083", "HP:0001166", "HP:0002616", "HP:0000545"])
    found = [n.code for n in Engine(knowledge).differential(query).notices]
    assert found == ["conditional"]


def test_a_hint_taken_from_a_reports_list_is_told_and_the_strict_method_takes_none(knowledge):
    listed = ["HP:0001250", "HP:0002650"]
    query = Query.of(knowledge, ["HP:0001083", "HP:0001166", "HP:0002616"], listed, looked_for=listed)
    codes = {
        m: [n.code for n in Engine(knowledge, m).differential(query).notices]
        for m in ("embedded", "embedded-strict")
    }
    assert "looked-for" in codes["embedded"] and "looked-for" not in codes["embedded-strict"]
