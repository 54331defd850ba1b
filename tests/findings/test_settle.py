"""Contradictions are decided by a stated rule and named; repeats are joined."""

from __future__ import annotations

from osler.case import Finding, Span, Term
from osler.findings.settle import settle
from osler.findings.values import Notes


def finding(term_id, status="present", source="text", **more):
    return Finding(term=Term(id=term_id, label=""), status=status, source=source, **more)


def statuses(findings, ontology=None):
    notes = Notes()
    return {f.id: f.status for f in settle(findings, notes, ontology)}, [n.code for n in notes.notices()]


def test_equal_sources_leave_it_uncertain():
    found, codes = statuses([finding("HP:0001250"), finding("HP:0001250", "absent")])
    assert found == {"HP:0001250": "uncertain"}
    assert codes == ["contradictory-findings"]


def test_the_more_specific_source_decides():
    text, record = finding("HP:0001250", "absent"), finding("HP:0001250", source="fhir")
    user = finding("HP:0001250", "absent", source="user")
    assert statuses([text, record])[0] == {"HP:0001250": "present"}
    assert statuses([text, record, user])[0] == {"HP:0001250": "absent"}


def test_family_history_contradicts_nobody():
    notes = Notes()
    found = settle([finding("HP:0001250", "family"), finding("HP:0001250", "absent")], notes, None)
    assert [f.status for f in found] == ["family", "absent"]
    assert notes.notices() == []


def test_repeats_are_joined_with_all_their_spans():
    spans = [Span(start=0, end=3), Span(start=9, end=12)]
    (one,) = settle([finding("HP:0001250", span=s, spans=[s]) for s in spans], Notes(), None)
    assert (one.mentions, one.spans) == (2, spans)


def test_an_absent_ancestor_of_a_present_term_is_uncertain(knowledge):
    found, codes = statuses([finding("HP:0001250", "absent"), finding("HP:0007359")], knowledge.ontology)
    assert found == {"HP:0001250": "uncertain", "HP:0007359": "present"}
    assert codes == ["contradictory-narrower"]


def test_foreign_terms_are_kept_and_said(knowledge):
    found, codes = statuses([finding("SNOMEDCT:22298006")], knowledge.ontology)
    assert found == {"SNOMEDCT:22298006": "present"}
    assert codes == ["term-foreign"]


def test_very_many_contradictions_make_one_short_notice():
    terms = [f"HP:{number:07d}" for number in range(5000)]
    notes = Notes()
    found = settle([finding(t, s) for t in terms for s in ("present", "absent")], notes, None)
    assert [f.status for f in found] == ["uncertain"] * 5000
    (notice,) = notes.notices()
    assert "and 4980 more" in notice.text
    assert len(notice.text) < 2000
