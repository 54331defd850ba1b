"""Questions of a new user that were once answered wrongly: what is not read is refused, and each answer is to what was asked."""

from __future__ import annotations

import pytest
from diagnosis_dialogue import asked, marfan_like

from osler import runtime
from osler.diagnosis.dialogue.supposed import supposition
from osler.diagnosis.dialogue.turn import State
from osler.diagnosis.shares import percent
from osler.trace import Answer, Evidence, Step, Trace


@pytest.fixture(scope="module")
def case(knowledge):
    return marfan_like(knowledge)


@pytest.fixture(scope="module")
def engine(knowledge):
    return runtime.engine(knowledge)


@pytest.mark.parametrize(
    ("question", "supposed"),
    [
        ("what if ectopia lentis were absnet?", "Ectopia lentis is absent"),
        ("Suppose arachnodactyly is abesnt", "Arachnodactyly is absent"),
        ("what if teh scoliosis were absnet?", "Scoliosis is absent"),
        ("what if scoliosis were nto present", "Scoliosis is absent"),
        ("wihtout the scoliosis?", "Scoliosis is absent"),
        ("what if the scoliosis isnt there", "Scoliosis is absent"),
        ("What if he weren't tall?", "Tall stature is absent"),
        ("What if he were not tall?", "Tall stature is absent"),
        ("What if scoliosis were ruled out?", "Scoliosis is absent"),
        ("no ectopia lentis but a cleft palate", "Ectopia lentis is absent and Cleft palate is present"),
        ("What if there were fever instead of scoliosis?", "Fever is present and Scoliosis is absent"),
        ("What if he had neither scoliosis nor arachnodactyly?", "Scoliosis is absent and Arachnodactyly is absent"),
        ("if the scoliosis were absent would it still be first?", "Scoliosis is absent"),
        ("Suppose the scoliosis turns out to be absent on x-ray", "Scoliosis is absent"),
        ("What if the scoliosis was never there?", "Scoliosis is absent"),
        ("What if no scoliosis was found on examination?", "Scoliosis is absent"),
        ("And if he were short?", "Short stature is present"),
    ],
)  # fmt: skip
def test_a_status_is_read_however_it_is_written(case, engine, question, supposed) -> None:
    turn = asked(engine, case, question)

    assert turn.kind == "what if"
    assert f"Suppose {supposed}; the case itself stays as it is." in turn.text
    assert not any("Short syndrome" in line for line in turn.text)


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("what if the patient isn't male?", "It is not clear which sex is meant"),
        ("What if he weren't a boy?", "It is not clear which sex is meant"),
        ("What if the patient isn't tall and not male?", "It is not clear which sex is meant"),
        ("what if he wasn't 24 years old", "It is not clear which age is meant"),
        ("What if the scoliosis were common?", "Not read: “common”"),
        ("What if the scoliosis were not progressive?", "Not read: “progressive”"),
        ("what if the scoliosis was the only finding", "Not read: “only”"),
        ("What if the ectopia lentis was misreported?", "Not read: “misreported”"),
        ("What if the scoliosis were blorple?", "Not read: “blorple”"),
    ],
)
def test_a_what_if_with_words_that_could_turn_it_is_refused(case, engine, question, why) -> None:
    turn = asked(engine, case, question)

    assert not turn.answered
    assert not turn.table
    assert why in turn.text[0]


@pytest.mark.parametrize(
    "question",
    [
        "Could this be a common disease?",
        "Could it be something common?",
        "What about common diseases?",
        "How sure are you?",
    ],
)
def test_common_disease_is_said_not_to_be_assessed_in_the_words_of_the_notice(case, engine, question) -> None:
    notices = runtime.diagnose(case, base=engine.knowledge).notices
    [notice] = [one.text for one in notices if one.code == "conditional"]
    turn = asked(engine, case, question)

    assert notice in turn.text
    assert "not ruled out" not in " ".join(turn.text)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("how likely is Loeys-Dietz overall?", "how sure"),
        ("Why not Loeys-Dietz?", "why not"),
        ("Why not Loeys-Dietz syndrome?", "why not"),
        ("Is Marfan more likely than Loeys-Dietz?", "compare"),
        ("What if the fever were absent, would Loeys-Dietz be first?", "what if"),
    ],
)
def test_a_name_of_several_diseases_has_their_probability_together(case, engine, question, kind) -> None:
    state, names = State(engine, case), engine.knowledge.disease_names.tolist()
    members = [at for at, name in enumerate(names) if name.startswith("Loeys-Dietz syndrome")]
    likeliest = min(members, key=state.place)
    turn = asked(engine, case, question)

    assert turn.kind == kind
    assert percent(float(state.probability[members].sum())) in " ".join(turn.text)
    assert names[likeliest] in " ".join(turn.text)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("CF", "cystic fibrosis"),
        ("EDS", "ehlers-danlos"),
        ("Lou Gehrig's disease", "amyotrophic lateral sclerosis"),
        ("brittle bone disease", "osteogenesis imperfecta"),
        ("severe congenital neutropenia", "neutropenia, severe congenital"),
    ],
)
def test_lay_names_short_forms_and_other_orders_of_words_are_read(case, engine, name, meant) -> None:
    turn = asked(engine, case, f"Why not {name}?")
    base = engine.knowledge

    assert turn.kind == "why not"
    assert len(turn.about) == 2
    assert base.disease_names[base.disease_index(turn.about[0])].casefold().startswith(meant)


@pytest.mark.parametrize(
    ("question", "kind", "said"),
    [
        ("What is MASS syndrome?", "meaning", "No definition of Mass syndrome is held here"),
        ("What does pectus excavatum mean?", "meaning", "Pectus excavatum: A defect of the chest wall"),
        ("Why is it first?", "why", "Marfan syndrome is first"),
    ],
)
def test_a_full_question_leaves_the_supposition(case, engine, question, kind, said) -> None:
    alone = asked(engine, case, question)
    after = asked(engine, case, "What if the scoliosis were absent?", question)

    assert (after.kind, after.suppose) == (kind, None)
    assert said in " ".join(after.text)
    assert after.text == alone.text


@pytest.mark.parametrize(
    ("question", "why"),
    [
        ("How common is Marfan syndrome?", "How common a disease is among people is not held here"),
        ("Did you consider the family history?", "A family history is not read"),
        ("Could he have both Marfan and Loeys-Dietz?", "two at once are not assessed"),
        ("What did the method do?", "No method has been run here"),
        ("which passages were read?", "No method has been run here"),
    ],
)
def test_what_the_ranking_does_not_hold_is_refused_with_the_reason(case, engine, question, why) -> None:
    turn = asked(engine, case, "What if the scoliosis were absent?", question)

    assert not turn.answered
    assert why in turn.text[0]


@pytest.mark.parametrize(
    ("question", "kind", "said"),
    [
        ("is there anything that doesn't fit?", "why not", "Against it speaks: no Cleft palate"),
        ("What makes it less likely?", "why not", "Against it speaks: no Cleft palate"),
        ("What test would confirm it?", "next", "The ranking holds no tests"),
        ("I think it's homocystinuria, convince me otherwise", "why not", "puts it behind"),
        ("Where does the 79% come from?", "sources", "The ranking rests on"),
        ("How common is scoliosis in Marfan syndrome?", "finding", "of people with Marfan syndrome have it"),
        ("How much weight did you give the aortic root?", "finding", "Marfan syndrome +"),
        ("Is it hereditary?", "inheritance", "Autosomal dominant inheritance"),
        ("Would mitral valve prolapse help?", "finding", "Mitral valve prolapse is not in the case"),
    ],
)
def test_an_answer_is_to_what_was_asked(case, engine, question, kind, said) -> None:
    turn = asked(engine, case, question)

    assert (turn.kind, turn.answered) == (kind, True)
    assert said in " ".join(turn.text)


def test_none_of_these_is_asked_of_all_even_after_one_disease(case, engine) -> None:
    turn = asked(engine, case, "Why not Stickler syndrome?", "what is the chance that it is none of these?")

    assert turn.text[0].startswith("That none of the")


@pytest.fixture
def ran():
    """A run that answered by a passage, with a search's score."""
    cited = Evidence(source="guidelines", record="anaemia.txt", quote="ferritin is low", score=24.64, score_unit="BM25", supports=True)  # fmt: skip
    return Trace(
        case_id="c", method="rag", answer=Answer(kind="text", text="It is iron deficiency anaemia."),
        steps=[Step(path=(0,), kind="retrieve", label="guidelines", text="five passages"),
               Step(path=(1,), kind="conclude", label="answer", evidence=[cited])],
    )  # fmt: skip


@pytest.mark.parametrize(
    "question", ["Where does that answer come from?", "What did it do?", "What did the run do?"]
)
def test_the_score_of_a_search_is_no_contribution(case, engine, ran, question) -> None:
    turn = asked(engine, case, question, trace=ran)
    [cited] = [one for one in turn.evidence if one.source == "guidelines"]

    assert (cited.score, cited.supports) == (None, None)


def test_why_a_run_answered_as_it_did_is_told_by_its_steps(case, engine, ran) -> None:
    turn = asked(engine, case, "why iron deficiency anaemia?", trace=ran)

    assert "is what the run answered" in turn.text[0]
    assert any("five passages" in line for line in turn.text)


def test_a_disease_that_loses_by_what_speaks_for_it_is_explained(case, engine) -> None:
    turn = asked(engine, case, "What if he were short?")

    assert "yet its probability falls" in " ".join(turn.text)


def test_numbers_are_written_as_everywhere_else(case, engine) -> None:
    used = engine.used().diseases
    texts = [asked(engine, case, one).text for one in ("How sure are you?", "Why?", "What is the source?")]
    said = " ".join(line for text in texts for line in text)

    assert f"{used:,} profiled diseases" in said
    assert "−0.11" in said
    assert "(-0" not in said and "(0.00)" not in said


def test_half_a_character_is_written_without_it(case, engine) -> None:
    turn = asked(engine, case, "why not \ud800?")

    assert turn.model_dump_json()


def test_words_not_read_are_said(case, engine) -> None:
    assert supposition("What if the mild scoliosis were absent?", case).unread == ["mild"]
    assert "Not read: “qzxv”." in asked(engine, case, "How likely is Marfan syndrome qzxv?").text
