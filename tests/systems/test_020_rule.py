"""Row 20, RULE: on simulated scores with known errors, the chosen k keeps held-out risk under the bound; items spoiled by retrieval
become DPO pairs."""

import json
import math
import re

import numpy as np
import pytest
from commands import osler

from osler.errors import UsageError
from osler.evaluation.preferences import spoiled
from osler.scoring.risk_control import controlled, hoeffding_bentkus

# The true risk of a model by how many passages it sees: too few lack the answer, too many mislead it.
RISK = {1: 0.40, 2: 0.26, 4: 0.12, 8: 0.16, 16: 0.45}


def drawn(rng, n):
    """Losses of `n` cases at each k, with the known risks."""
    return {k: (rng.random(n) < risk).astype(float) for k, risk in RISK.items()}


def test_the_chosen_k_keeps_held_out_risk_under_the_bound():
    rng, alpha, delta = np.random.default_rng(0), 0.25, 0.1
    chosen = [controlled(drawn(rng, 300), alpha, delta).chosen for _ in range(200)]
    made = [k for k in chosen if k is not None]
    broken = sum(RISK[k] > alpha for k in made) / len(chosen)
    assert broken <= delta and len(made) > 190
    held_out = np.mean([drawn(rng, 2000)[k].mean() for k in made])
    assert held_out < alpha and set(made) <= {4, 8}


def test_nothing_is_chosen_where_nothing_is_safe():
    found = controlled({1: [1.0] * 40, 2: [0.0] * 30 + [1.0] * 10}, alpha=0.2)
    assert found.safe == () and found.chosen is None and found.risks == {1: 1.0, 2: 0.25}


def test_the_p_value_by_hand():
    # 100 cases, risk 0.1, bound 0.2: h = 0.1 ln(0.5) + 0.9 ln(0.9/0.8) = 0.0366905; exp(-3.66905) = 0.025501
    h = 0.1 * math.log(0.5) + 0.9 * math.log(0.9 / 0.8)
    bentkus = math.e * sum(math.comb(100, i) * 0.2**i * 0.8 ** (100 - i) for i in range(11))
    assert hoeffding_bentkus(0.1, 100, 0.2) == pytest.approx(min(math.exp(-100 * h), bentkus))
    assert hoeffding_bentkus(0.3, 100, 0.2) == 1.0 and hoeffding_bentkus(0.0, 0, 0.2) == 1.0


def test_losses_that_cannot_be_are_refused():
    with pytest.raises(UsageError, match="same calibration cases"):
        controlled({1: [0.0], 2: [0.0, 1.0]}, 0.2)
    with pytest.raises(UsageError, match="from 0 to 1"):
        controlled({1: [2.0]}, 0.2)


# --- spoiled items ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def place(tmp_path, monkeypatch, private_cache):
    from osler.knowledge.corpus.ingest import add

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    facts = [{"id": f"f{n}", "text": f"For disease {n} give drug {'AB'[n % 2]}."} for n in range(8)]
    (tmp_path / "facts.jsonl").write_text("".join(json.dumps(row) + "\n" for row in facts))
    add("facts", tmp_path / "facts.jsonl")
    rows = [{"question": f"Which drug for disease {n}?", "A": "A", "B": "B", "answer": "B"} for n in range(8)]
    (tmp_path / "q.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


class Trusting:
    """Knows that B is right, and believes whatever the passages say instead."""

    name = identity = "trusting"
    local = True

    def __init__(self):
        from osler.llm.types import Capabilities

        self.capabilities = Capabilities()

    async def complete(self, request, *, draw=None, timeout=None, on_delta=None):
        from osler.llm.types import Reply, Usage

        text = "\n".join(message.text for message in request.messages if message.role != "system")
        number = re.search(r"Which drug for disease (\d+)\?", text)[1]
        told = re.search(rf"For disease {number} give drug (\w)", text)
        reply = {
            "reasoning": "as told" if told else "as known",
            "citations": [],
            "answer": told[1] if told else "B",
        }
        return Reply(json.dumps(reply), "", "stop", (), usage=Usage(1, 1))

    async def close(self):
        pass


def test_items_spoiled_by_retrieval_become_pairs(place):
    from osler.evaluation import language
    from osler.evaluation.plan import Plan
    from osler.llm import Model, Prices

    columns = {"question": "question", "options": "A+B", "answer": "answer"}
    for name, evidence in (("removed", {"arm": "removed"}), ("as-is", {})):
        plan = Plan("own", place / "q.jsonl", "rag(k=1)", columns=columns, corpus="facts", evidence=evidence)
        language.start(plan, place / name, {"main": Model(Trusting(), prices=Prices())})
    rows = list(spoiled(place / "removed", place / "as-is"))
    assert len(rows) == 4  # diseases 0, 2, 4, 6: the corpus says A
    for row in rows:
        assert json.loads(row["chosen"])["answer"] == "B" and json.loads(row["rejected"])["answer"] == "A"
        assert "give drug A" in row["prompt"]


def test_the_commands_choose_k_and_write_pairs(place, capfd):
    words = (
        "own",
        "--data",
        place / "q.jsonl",
        "--map",
        "question=question,options=A+B,answer=answer",
        "--corpus",
        "facts",
    )
    words = (*words, "--model", "simulated:accuracy=1.0")
    found = osler(capfd, "sweep", "rag", *words, "--k", "1,2", "--risk", "0.5")["controlled"]
    assert found["n"] == 8 and found["chosen"] == 1 and found["safe"] == [1, 2]
    found = osler(capfd, "sweep", "evidence", *words, "--pairs", place / "pairs.jsonl")
    assert found["pairs"] == 0 and (place / "pairs.jsonl").read_text() == ""
