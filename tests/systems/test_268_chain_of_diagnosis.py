"""Row 268, CoD / DiagnosisGPT: on a toy disease table confidences sum to one, the asked symptom matches brute-force
entropy search, and a higher threshold gives more turns."""

import math

import numpy as np
import pytest

from osler.diagnosis.engine import Engine
from osler.diagnosis.interactive import ask_until
from osler.diagnosis.query import Query
from osler.knowledge.compile import compile_knowledge
from osler.knowledge.hpoa import Annotation
from osler.knowledge.profiles import Knowledge
from osler.ontology.hpo import Ontology, compile_ontology, compile_texts
from osler.ontology.obo import TermRecord

ROOT = "HP:0000118"
SYMPTOMS = [f"TOY:S{i}" for i in range(12)]
DISEASES = [f"TOY:D{i}" for i in range(8)]
TABLE = np.random.default_rng(268).integers(2, 98, (len(DISEASES), len(SYMPTOMS))) / 100


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    records = [TermRecord(ROOT, "Symptoms")] + [TermRecord(s, s, parents=[ROOT]) for s in SYMPTOMS]
    arrays = compile_ontology(records, name="table", release="1", checksum="toy-268", root=ROOT)
    questions = {s: f"Do you have {s}?" for s in SYMPTOMS}
    ontology = Ontology(arrays, lambda: compile_texts(records, questions))
    rows = [
        Annotation(d, d, s, False, ("toy",), "PCS", "", p, round(p * 10**6), 10**6, "", "", (), "P", "")
        for d, shares in zip(DISEASES, TABLE.tolist(), strict=True)
        for s, p in zip(SYMPTOMS, shares, strict=True)
    ]
    meta = {"name": "table", "release": "1", "checksum": "toy-268"}
    knowledge = Knowledge(compile_knowledge(rows, ontology, meta=meta), ontology)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        made = Engine(knowledge, "naive-bayes")
        assert made.questions is not None
        yield made


def patient(disease, seed=0):
    """Answers as the disease's own probabilities have it."""
    has = np.random.default_rng(seed).random(len(SYMPTOMS)) < TABLE[DISEASES.index(disease)]
    return lambda question: "yes" if has[SYMPTOMS.index(question.id)] else "no"


def entropy(p):
    return -sum(x * math.log2(x) for x in p if x > 0)


def brute_force(present, absent):
    """The open symptom whose answer leaves the least expected entropy, by Bayes' rule over the table."""
    weight = np.ones(len(DISEASES))
    for s in present:
        weight = weight * TABLE[:, SYMPTOMS.index(s)]
    for s in absent:
        weight = weight * (1 - TABLE[:, SYMPTOMS.index(s)])
    weight = weight / weight.sum()
    left = {}
    for i, s in enumerate(SYMPTOMS):
        if s not in present and s not in absent:
            yes, no = weight * TABLE[:, i], weight * (1 - TABLE[:, i])
            left[s] = yes.sum() * entropy(yes / yes.sum()) + no.sum() * entropy(no / no.sum())
    return min(left, key=left.__getitem__)


def names(engine, terms):
    return [engine.knowledge.ontology.ids[int(t)] for t in terms]


def test_confidences_sum_to_one_at_every_turn(engine):
    for turn in ask_until(engine, Query.of(engine.knowledge, ["TOY:S0"]), patient("TOY:D2"), threshold=0.95):
        probability, none_fits = engine.posterior(engine.scores(turn.query), turn.query)
        assert probability.sum() + none_fits == pytest.approx(1)
        assert turn.differential[0].probability == pytest.approx(probability.max())


def test_the_asked_symptom_is_the_one_brute_force_finds(engine):
    before = Query.of(engine.knowledge, ["TOY:S3"])
    asked = 0
    for turn in ask_until(engine, before, patient("TOY:D5", seed=3), threshold=0.999, max_questions=6):
        if turn.question is not None:
            assert turn.question.id == brute_force(
                names(engine, before.present), names(engine, before.absent)
            )
            assert turn.question.question == f"Do you have {turn.question.id}?"
            asked += 1
        before = turn.query
    assert asked >= 3


def test_a_higher_threshold_gives_more_turns(engine):
    def turns(threshold):
        total = 0
        for number, disease in enumerate(DISEASES):
            run = list(ask_until(engine, Query.of(engine.knowledge), patient(disease, number), threshold))
            total += run[-1].asked
            assert run[-1].question is None and run[-1].reason in (
                "sure",
                "nothing more to learn",
                "questions used up",
            )
        return total

    counts = [turns(threshold) for threshold in (0.3, 0.6, 0.9)]
    assert counts[0] < counts[1] < counts[2]


def test_it_stops_when_told_when_the_budget_is_spent_and_never_asks_the_unknown_again(engine):
    start = Query.of(engine.knowledge)
    stopped = list(ask_until(engine, start, lambda q: "stop"))
    assert stopped[-1].reason == "stopped" and stopped[-1].asked == 0
    spent = list(
        ask_until(engine, start, patient("TOY:D1"), threshold=1.0, budget=2, prices={"history": 1.0})
    )
    assert spent[-1].reason == "budget used up" and spent[-1].asked == 2
    shrugs = [
        t.question.id for t in ask_until(engine, start, lambda q: "unknown", threshold=1.0) if t.question
    ]
    assert len(shrugs) == len(set(shrugs)) == len(SYMPTOMS)
