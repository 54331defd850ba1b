"""A dialogue about a differential: each kind of question, follow-ups, what-ifs that leave the case alone, and words not understood."""

from __future__ import annotations

import pytest

from osler import runtime
from osler.diagnosis.counterfactual import counterfactuals
from osler.diagnosis.dialogue import replies, reply
from osler.diagnosis.dialogue.asked import kind_of
from osler.diagnosis.dialogue.named import diseases
from osler.diagnosis.dialogue.supposed import supposition
from osler.diagnosis.dialogue.turn import State
from osler.trace import Step, Trace

MARFAN = ("Ectopia lentis", "Arachnodactyly", "Scoliosis", "Aortic root aneurysm")


@pytest.fixture(scope="module")
def case(knowledge):
    return runtime.case_from(present=MARFAN, absent=["Cleft palate"], age=24, sex="male", base=knowledge)


@pytest.fixture(scope="module")
def engine(knowledge):
    return runtime.engine(knowledge)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Why is it first?", "why"),
        ("why not Loeys-Dietz syndrome?", "why not"),
        ("Why isn't it Stickler syndrome?", "why not"),
        ("What if the fever were absent?", "what if"),
        ("without the scoliosis?", "what if"),
        ("How sure are you?", "how sure"),
        ("Why Marfan rather than Loeys-Dietz?", "compare"),
        ("What would change the order?", "change"),
        ("What should I ask next?", "next"),
        ("Where does this come from?", "sources"),
        ("What did you look up?", "steps"),
        ("Sing a song", "unknown"),
    ],
)
def test_what_is_asked_is_read_from_the_words(question, kind) -> None:
    assert kind_of(question) == kind


def test_why_quotes_what_speaks_for_and_against_the_first(case, engine) -> None:
    turn = reply("Why is it first?", case, engine)

    first = runtime.diagnose(case, base=engine.knowledge).differential[0]
    assert turn.about == [first.id]
    assert turn.text[0].startswith(f"{first.name} is first")
    ours = {(one.quote, one.score) for one in turn.evidence if one.supports}
    assert ours == {
        (one.label if one.status == "present" else f"no {one.label}", one.contribution)
        for one in first.support[:5]
    }
    assert any(one.quote == "no Cleft palate" for one in turn.evidence if one.supports is False)


def test_why_not_says_what_puts_a_disease_behind(case, engine) -> None:
    turn = reply("Why not Stickler syndrome type 1?", case, engine)

    assert turn.kind == "why not"
    assert "Stickler" in turn.text[0]
    assert "What puts it behind" in " ".join(turn.text)
    assert any(turn.about[0] in one.record for one in turn.evidence)


def test_a_follow_up_keeps_the_kind_and_that_one_means_the_last_disease(case, engine) -> None:
    turns = [reply("Why not Stickler syndrome type 1?", case, engine)]
    turns.append(reply("and Loeys-Dietz syndrome 2?", case, engine, turns))
    turns.append(reply("How sure are you of that?", case, engine, turns))

    assert [turn.kind for turn in turns] == ["why not", "why not", "how sure"]
    assert turns[2].about[0] == turns[1].about[0] == "OMIM:610168"


def test_a_what_if_ranks_a_changed_copy_and_leaves_the_case_alone(case, engine) -> None:
    before = case.to_json()
    turn = reply("What if the ectopia lentis were absent?", case, engine)

    assert case.to_json() == before
    changed = runtime.case_from(
        present=[one for one in MARFAN if one != "Ectopia lentis"], absent=["Cleft palate", "Ectopia lentis"], age=24, sex="male",
        base=engine.knowledge,
    )  # fmt: skip
    first = runtime.diagnose(changed, base=engine.knowledge).differential[0]
    [row] = [one for one in turn.table if one.name == first.name]
    assert row.after == pytest.approx(first.probability)
    assert "Ectopia lentis is absent" in turn.text[0]
    assert {one.quote for one in turn.evidence} <= {"Ectopia lentis", "no Ectopia lentis"}


def test_what_if_takes_findings_that_are_new_age_and_sex(case, engine) -> None:
    assert "Fever is absent" in reply("What if the fever were absent?", case, engine).text[0]
    turn = reply("What if she were a 3 year old girl with seizures?", case, engine)
    assert "Seizure is present" in turn.text[0]
    assert "3 years old" in turn.text[0]
    assert "female" in turn.text[0]


def test_a_name_that_means_several_is_taken_as_the_likeliest_and_says_so(case, engine) -> None:
    turn = reply("Why Marfan syndrome rather than mucopolysaccharidosis?", case, engine)

    assert turn.kind == "compare"
    assert turn.text[0].startswith("“mucopolysaccharidosis” is taken as")


def test_how_sure_gives_probabilities_and_what_would_tell_most(case, engine) -> None:
    text = " ".join(reply("How sure are you?", case, engine).text)

    assert "none fits" in text
    assert "What would tell most" in text


def test_what_it_did_is_told_from_the_trace(case, engine) -> None:
    trace = Trace(
        case_id="c",
        method="rag",
        steps=[Step(path=(0,), kind="retrieve", label="guidelines", text="five passages")],
    )

    turn = reply("What did you look up?", case, engine, trace=trace)
    assert turn.text == ["rag took 1 steps:", "retrieve guidelines: five passages"]
    assert not reply("What did you look up?", case, engine).answered


def test_what_is_not_understood_is_said_and_a_model_is_offered_where_there_is_one(case, engine) -> None:
    alone = reply("Sing me a song", case, engine)
    helped = reply("Sing me a song", case, engine, model=True)

    assert not alone.answered
    assert not alone.evidence
    assert "language model" not in " ".join(alone.text)
    assert "language model" in " ".join(helped.text)


@pytest.mark.parametrize(
    "question",
    ["", "?", "why " * 200, "<script>why</script>", "why not ((((", "what if \\d+", "\u202e why not 💊"],
)
def test_no_words_make_it_fail(case, engine, question) -> None:
    assert reply(question, case, engine).question == question


def test_without_findings_there_is_nothing_to_explain(engine) -> None:
    from osler.case import Case

    assert not reply("Why?", Case(), engine).answered


@pytest.mark.parametrize(
    ("exact", "said"), [(True, "fewest changes:"), (False, "fewest changes that were found:")]
)
def test_the_fewest_changes_are_said_to_be_so_only_where_that_was_shown(
    case, engine, monkeypatch, exact, said
) -> None:
    def searched(*given, **named):
        return [one.model_copy(update={"exact": exact}) for one in counterfactuals(*given, **named)]

    monkeypatch.setattr(replies, "counterfactuals", searched)
    turn = reply("What would change the order?", case, engine)

    assert turn.text[0].endswith(said)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("What if seizures were absent and cleft palate present?", {"Seizure": "absent", "Cleft palate": "present"}),
        ("What if seizures were present but cleft palate absent?", {"Seizure": "present", "Cleft palate": "absent"}),
        ("What if she had fever but no seizures?", {"Fever": "present", "Seizure": "absent"}),
        ("What if fever and seizures were absent?", {"Fever": "absent", "Seizure": "absent"}),
        ("What if there were no fever or seizures?", {"Fever": "absent", "Seizure": "absent"}),
        ("Without the scoliosis?", {"Scoliosis": "absent"}),
        ("What if scoliosis were unknown and fever present?", {"Scoliosis": None, "Fever": "present"}),
        ("What if seizures were absent, would Marfan syndrome be first?", {"Seizure": "absent"}),
    ],
)  # fmt: skip
def test_each_finding_of_a_what_if_has_the_status_of_its_own_clause(case, knowledge, question, said) -> None:
    given = supposition(question, case)
    assert {term.label: status for term, status in given.findings} == said

    changed, _ = given.applied(case, knowledge.ontology)
    after = {one.label: one.status for one in changed.findings}
    assert {name: after.get(name) for name in said} == said


@pytest.mark.parametrize(
    "question",
    [
        "What if the seizures were not absent?",
        "What if the fever lasted 10 days?",
        "What if she were 3 years older?",
        "What if his mother had seizures?",
        "What if the scoliosis began 2 years ago?",
        "What if seizures were absent and cleft palate?",
        "What if fever were present and purple thoughts absent?",
    ],
)
def test_a_what_if_that_is_not_clear_is_not_answered(case, engine, question) -> None:
    turn = reply(question, case, engine)

    assert not turn.answered
    assert not turn.table
    assert "A what-if takes findings" in " ".join(turn.text)


@pytest.mark.parametrize(
    ("words", "years"), [("were 3 years old", 3), ("was aged 40", 40), ("were 12", 12), ("were 6 months old", 0.5)]
)  # fmt: skip
def test_an_age_is_read_only_where_it_is_said_to_be_one(case, words, years) -> None:
    given = supposition(f"What if the patient {words}?", case)

    assert given.age_days == pytest.approx(years * 365.25, abs=4)


def test_an_exact_name_wins_over_a_longer_one(case, engine, knowledge) -> None:
    order = State(engine, case).order
    for disease in order[:25].tolist():
        name = str(knowledge.disease_names[disease])
        named = diseases(f"Why not {name}?", knowledge, order)
        assert [str(knowledge.disease_names[one]) for one in named.found] == [name]
        assert named.notes == []
    [marfan] = diseases("Why not Marfan syndrome?", knowledge, order).found
    assert knowledge.disease_names[marfan] == "Marfan syndrome"


def test_a_part_of_a_name_is_said_to_be_taken_as_the_whole(case, engine) -> None:
    turn = reply("Why not lipodystrophy?", case, engine)

    assert turn.text[0].startswith("“lipodystrophy” is taken as")


def test_none_of_them_and_a_share_in_percent_are_asked_of_the_probability(case, engine) -> None:
    none = reply("How likely is none of them?", case, engine)
    share = reply("Is Marfan syndrome over 90 % probable?", case, engine)

    assert none.text[0].startswith("That none of the")
    assert share.kind == "how sure"
    assert share.text[0].startswith("Marfan syndrome: ")
    assert kind_of("Why Marfan syndrome over Loeys-Dietz syndrome?") == "compare"


def test_why_not_is_about_the_second_only_where_nothing_is_named(case, engine) -> None:
    second = runtime.diagnose(case, base=engine.knowledge).differential[1]

    assert reply("Why not?", case, engine).about[0] == second.id
    assert not reply("Why not fever?", case, engine).answered
    past = [reply("Why not?", case, engine)]
    assert not reply("and fever?", case, engine, past).answered
