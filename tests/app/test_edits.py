"""What a person changes in a case, and takes back."""

from __future__ import annotations

import pytest

from osler.app import edits
from osler.app.sessions import Held
from osler.case import Case, Demographics, Finding, Span, Term
from osler.errors import InputError, UsageError


def finding(number, status="present", start=None) -> Finding:
    span = None if start is None else Span(start=start, end=start + 3)
    return Finding(
        term=Term(id=f"HP:{number:07d}", label=f"Sign {number}"),
        status=status,
        span=span,
        spans=[span] if span else [],
    )


def held(*findings, **about) -> Held:
    return Held(Case(findings=list(findings), **about))


def told(one: Held) -> list[tuple[str, str]]:
    return [(f.id, f.status) for f in one.case.findings]


def test_a_key_outlives_a_change_of_status() -> None:
    one = held(finding(1), finding(2), finding(1, "family"))
    keys = [key for key, _ in edits.keyed(one.case.findings)]

    edits.set_status(one, "HP-0000001.2", "uncertain")

    assert keys == ["HP-0000001", "HP-0000002", "HP-0000001.2"]
    assert [key for key, _ in edits.keyed(one.case.findings)] == keys
    assert told(one)[2] == ("HP:0000001", "uncertain")


def test_the_last_word_counts_against_the_contrary() -> None:
    one = held(finding(1, "absent"), finding(1, "family"))

    edits.add(one, Term(id="HP:0000001", label="Sign 1"), "present")

    assert told(one) == [("HP:0000001", "family"), ("HP:0000001", "present")]


def test_two_that_become_the_same_are_one_with_both_places() -> None:
    one = held(finding(1, "present", start=0), finding(1, "uncertain", start=9))

    edits.set_status(one, "HP-0000001.2", "present")

    assert told(one) == [("HP:0000001", "present")]
    assert [span.start for span in one.case.findings[0].spans] == [0, 9]


def test_a_replaced_term_keeps_its_place_in_the_text() -> None:
    one = held(finding(1, "absent", start=4))

    edits.replace(one, "HP-0000001", Term(id="HP:0000002", label="Sign 2"))

    assert told(one) == [("HP:0000002", "absent")]
    assert one.case.findings[0].span == Span(start=4, end=7)


def test_every_change_can_be_taken_back_in_order() -> None:
    one = held(finding(1), demographics=Demographics(age_days=3652.5, sex="female"))
    start = (told(one), one.case.demographics)

    edits.add(one, Term(id="HP:0000003"))
    edits.remove(one, "HP-0000001")
    edits.set_person(one, "11", "male")
    for _ in range(3):
        edits.undo(one)

    assert (told(one), one.case.demographics) == start
    assert not edits.can_undo(one)
    with pytest.raises(UsageError, match="nothing is left"):
        edits.undo(one)


def test_the_age_as_read_stays_where_the_years_shown_were_left() -> None:
    one = held(demographics=Demographics(age_days=1000))

    edits.set_person(one, "2.74", "female")

    assert one.case.demographics.age_days == 1000
    edits.set_person(one, "", "")
    assert (one.case.demographics.age_days, one.case.demographics.sex) == (None, None)


@pytest.mark.parametrize(
    ("age", "sex", "why"),
    [("x", "", "no number"), ("-1", "", "impossible"), ("nan", "", "impossible"), ("1", "x", "sex")],
)
def test_impossible_persons_are_refused_and_change_nothing(age, sex, why) -> None:
    one = held()

    with pytest.raises(InputError, match=why):
        edits.set_person(one, age, sex)
    assert not edits.can_undo(one)


def test_a_finding_that_is_gone_is_said_to_be() -> None:
    with pytest.raises(UsageError, match="not in the case any more"):
        edits.remove(held(finding(1)), "HP-0000009")


def test_words_that_mean_no_one_term_are_told_with_those_that_are_near(knowledge) -> None:
    assert edits.meant_term("long slender fingers", knowledge) == Term(
        id="HP:0001166", label="Arachnodactyly"
    )
    with pytest.raises(InputError, match="did you mean"):
        edits.meant_term("arachno", knowledge)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: edits.set_status(one, "HP-0000001", "absent"),
        lambda one: edits.replace(one, "HP-0000001", Term(id="HP:0000009", label="Sign 9")),
        lambda one: edits.add(one, Term(id="HP:0000009", label="Sign 9")),
        lambda one: edits.remove(one, "HP-0000001"),
    ],
)
def test_who_holds_the_findings_as_they_stood_sees_no_change(change) -> None:
    one = held(finding(1), finding(2))
    before = one.case.findings

    change(one)

    assert one.case.findings is not before
    assert [(f.id, f.status) for f in before] == [("HP:0000001", "present"), ("HP:0000002", "present")]
