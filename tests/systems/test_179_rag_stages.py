"""Row 179, RAG stage-wise expert evaluation: an annotated sample run gives passage precision, evidence-selection precision and
recall, factuality and completeness by hand; adding the filter step raises precision."""

import json
import re

import pytest
from commands import osler
from spoken import Spoken, fields

from osler.evaluation import language
from osler.evaluation.plan import Plan
from osler.llm import Model, Prices

DOCUMENTS = {
    "gout-1": "Colchicine treats acute gout.",
    "gout-2": "Allopurinol prevents further attacks of gout and is not started in an acute attack.",
    "gout-3": "Gout is named after a drop.",
    "gout-4": "The first toe is the commonest place of gout; gout was called a disease of kings.",
}
RELEVANT = ["gout-1", "gout-2"]
QUESTION = "How is acute gout treated?"
# Of three statements the first is supported by gout-1, the second contradicts gout-2, the third stands nowhere.
SAID = "Colchicine treats acute gout [1]. Allopurinol is started in an acute attack of gout. Rest for nine days helps as well."
MUST_HAVE = ["Colchicine treats acute gout", "Allopurinol prevents further attacks of gout"]


def reader(filter_keeps=RELEVANT):
    """Judges passages as an expert would, and cites the first shown passage and the last."""

    def say(text, schema):
        if "relevant" in fields(schema):
            (document,) = re.findall(r"\| (gout-\d)", text)
            return {"reason": "", "relevant": document in filter_keeps}
        if "citations" in fields(schema):
            shown = re.findall(r"<<< passage \[(\d+)\]\n.*?\b(gout-\d)", text)
            order = {document: int(number) for number, document in shown}
            cited = [order["gout-1"], *([order["gout-3"]] if "gout-3" in order else [])]
            return {"reasoning": "", "citations": cited, "answer": SAID}
        return (
            "acute gout treated with colchicine or allopurinol; the toe, kings and the drop it is named after"
        )

    return say


@pytest.fixture
def place(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    from osler.knowledge.corpus.ingest import add

    rows = [{"id": key, "text": text} for key, text in DOCUMENTS.items()]
    (tmp_path / "gout.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    add("gout", tmp_path / "gout.jsonl")
    (tmp_path / "questions.jsonl").write_text(
        json.dumps({"question": QUESTION, "answer": "colchicine"}) + "\n"
    )
    marks = {"question": QUESTION, "relevant": RELEVANT, "must_have": MUST_HAVE}
    (tmp_path / "marks.jsonl").write_text(json.dumps(marks) + "\n")
    return tmp_path


def made(place, method, name):
    provider = Spoken(reader())
    plan = Plan(
        "own",
        place / "questions.jsonl",
        method,
        columns={"question": "question", "answer": "answer", "kind": "text"},
        corpus="gout",
    )
    language.start(plan, place / name, {"main": Model(provider, prices=Prices())})
    return place / name


def test_every_stage_is_what_a_hand_makes_of_it(place, capfd):
    run = made(place, "rag(k=4)", "plain")
    found = osler(capfd, "score", run, "--scorer", "evidence-use", "--marks", place / "marks.jsonl")
    assert found["passage_precision"] == found["in_view_precision"] == 0.5  # two of four
    assert found["selection_precision"] == 0.5  # gout-1 rightly, gout-3 wrongly
    assert found["selection_recall"] == 0.5  # gout-2 was not used
    assert found["supported"] == pytest.approx(1 / 3)
    assert found["completeness"] == 0.5  # that allopurinol prevents attacks is not said
    assert found["citations_resolve"] == 1.0
    assert found["citation_recall"] == pytest.approx(1 / 3) and found["citation_precision"] == 1.0
    assert found["judge"].startswith("words contained")


def test_the_filter_step_raises_precision(place, capfd):
    plain = made(place, "filtered-rag(k=4, filter=false)", "unfiltered")
    filtered = made(place, "filtered-rag(k=4)", "filtered")
    before, after = (
        osler(capfd, "score", run, "--scorer", "evidence-use", "--marks", place / "marks.jsonl")
        for run in (plain, filtered)
    )
    assert before["passage_precision"] == after["passage_precision"] == 0.5  # the search is the same
    assert after["in_view_precision"] == 1.0 > before["in_view_precision"]
    assert after["selection_precision"] == 1.0 > before["selection_precision"]


def test_an_experts_verdicts_stand_above_the_judges(place, capfd):
    verdicts = {
        "Colchicine treats acute gout.": "supported",
        "Allopurinol is started in an acute attack of gout.": "contradicted",
        "Rest for nine days helps as well.": "neither",
    }
    marks = {"question": QUESTION, "relevant": RELEVANT, "evidence": ["gout-1"], "statements": verdicts}
    marks["tags"] = {"gout-1": ["timely", "authoritative"], "gout-2": ["timely"]}
    (place / "marks.jsonl").write_text(json.dumps(marks) + "\n")
    found = osler(
        capfd,
        "score",
        made(place, "rag(k=4)", "run"),
        "--scorer",
        "evidence-use",
        "--marks",
        place / "marks.jsonl",
    )
    assert (found["supported"], found["contradicted"]) == pytest.approx((1 / 3, 1 / 3))
    assert found["selection_recall"] == 1.0
    assert (found["in_view timely"], found["in_view authoritative"]) == (0.5, 0.25)  # PolyEVAL's tags


def test_a_citation_whose_words_moved_does_not_resolve(place, capfd):
    run = made(place, "rag(k=4)", "run")
    from osler.knowledge.corpus import store
    from osler.knowledge.corpus.ingest import add

    store.remove("gout")
    changed = {"gout-1": "Old: colchicine treats acute gout.", "gout-3": DOCUMENTS["gout-3"]}
    (place / "gout.jsonl").write_text(
        "".join(json.dumps({"id": k, "text": v}) + "\n" for k, v in changed.items())
    )
    add("gout", place / "gout.jsonl")
    found = osler(capfd, "score", run, "--scorer", "evidence-use", "--marks", place / "marks.jsonl")
    assert found["citations_resolve"] == 0.5


def test_a_model_may_judge_and_its_name_stands_with_the_figures(place):
    from osler.evaluation.stages import stages

    def judge(text, schema):
        said = text.partition("<<< statement")[2]
        return {"reasoning": "", "verdict": "supported" if "Rest" in said else "contradicted"}

    model = Model(Spoken(judge), prices=Prices())
    found = stages(made(place, "rag(k=4)", "run"), place / "marks.jsonl", {"main": model})
    assert (found["supported"], found["contradicted"]) == pytest.approx((1 / 3, 2 / 3))
    assert found["judge"] == model.name and found["completeness"] == 0.0


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"question": QUESTION, "relevant": "gout-1"},
        {"question": QUESTION, "relevant": [5]},
        {"question": QUESTION, "must_have": "all of it"},
        {"question": QUESTION, "statements": {"x": "true"}},
        {"question": QUESTION, "statements": {"x": []}},
        {"question": QUESTION, "tags": ["timely"]},
    ],
)
def test_marks_in_another_form_name_their_row(place, row):
    from osler.errors import InputError
    from osler.evaluation.stages import read_marks

    (place / "marks.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.raises(InputError, match="line 1"):
        read_marks(place / "marks.jsonl")
