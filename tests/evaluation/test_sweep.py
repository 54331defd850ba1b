"""`osler sweep`: accuracy by passages in view and place of the gold; and what becomes of answers without their evidence."""

import json
import re
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from corpora import ToyVectors, passage

from osler.errors import UsageError
from osler.evaluation.evidence_arms import Swapped, matched
from osler.evaluation.plan import Plan
from osler.evaluation.sweep import (
    dependence,
    evidence_cells,
    losses_by_group,
    rag_cells,
    risk_controlled,
    run_cells,
)
from osler.llm import Model, Prices
from osler.llm.provider import CallFailed
from osler.llm.types import Capabilities, Reply, Usage

N = 12


class Reader:
    """Answers as the passages say; `sees(place, of)` tells whether it reads the one at a place. Without one it says A."""

    name = identity = "reader"
    local = True
    capabilities = Capabilities()

    def __init__(self, sees=lambda place, of: True):
        self.sees, self.asked = sees, []

    async def complete(self, request, *, draw=None, timeout=None, on_delta=None):
        text = "\n".join(message.text for message in request.messages if message.role != "system")
        self.asked.append(text)
        question = re.search(r"Which drug treats (disease \d+)\?", text)[1]
        passages = re.findall(r"<<< passage \[(\d+)\]\n(.*?)>>>", text, re.S)
        said = "A"
        for number, words in passages:
            told = re.search(rf"{question} is treated with drug (\w)\b", words)
            if told and self.sees(int(number), len(passages)):
                said = told[1]
        reply = {"reasoning": "as found", "citations": [], "answer": said}
        return Reply(json.dumps(reply), "", "stop", (), usage=Usage(len(text), 1))

    async def close(self):
        pass


@pytest.fixture
def plan(tmp_path, monkeypatch, private_cache):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    from osler.knowledge.corpus.ingest import add

    facts = [
        {"id": f"f{n}", "text": f"Report {n}: disease {n} is treated with drug {'BCD'[n % 3]} in ward {n}."}
        for n in range(N)
    ]
    noise = [
        {"id": f"n{n}", "text": f"A disease of ward {n} that no drug treats; which is rare."}
        for n in range(40)
    ]
    path = tmp_path / "facts.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in facts + noise))
    add("facts", path)
    rows = [
        {"question": f"Which drug treats disease {n}?", "A": "drug A", "B": "drug B", "C": "drug C", "D": "drug D",
         "answer": "BCD"[n % 3]}
        for n in range(N)
    ]  # fmt: skip
    data = tmp_path / "questions.jsonl"
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    gold = tmp_path / "gold.jsonl"
    told = [{"question": row["question"], "document": f"f{n}"} for n, row in enumerate(rows)]
    gold.write_text("".join(json.dumps(row) + "\n" for row in told))
    columns = {"question": "question", "options": "A+B+C+D", "answer": "answer"}
    return Plan("own", data, "rag", columns=columns, corpus="facts"), gold


def opener(reader):
    @contextmanager
    def opened():
        yield {"main": Model(reader, prices=Prices())}, None

    return opened


def accuracies(rows):
    return {(row["k"], row["gold"]): row["accuracy"] for row in rows}


def test_a_reader_that_overlooks_the_middle_is_found_out(plan, tmp_path):
    settings, gold = plan
    reader = Reader(lambda place, of: place in (1, of))
    cells = rag_cells(settings, [2, 8], ["first", "middle", "last", "none"], gold)
    found = accuracies(run_cells(cells, tmp_path / "sweep", opener(reader)))
    assert found[8, "first"] == found[8, "last"] == found[2, "first"] == 1.0
    assert found[8, "middle"] == found[8, "none"] == 0.0 and found[2, "middle"] == 1.0


def test_the_gold_stands_where_it_was_put_and_as_many_passages_are_shown_as_asked(plan, tmp_path):
    settings, gold = plan
    reader = Reader()
    run_cells(rag_cells(settings, [8], ["3"], gold), tmp_path / "sweep", opener(reader))
    for text in reader.asked:
        number = re.search(r"disease (\d+)\?", text)[1]
        shown = re.findall(r"<<< passage \[\d+\]\n(.*?)>>>", text, re.S)
        assert len(shown) == 8
        assert [place for place, words in enumerate(shown, 1) if f"Report {number}:" in words] == [3]


def test_a_sweep_goes_on_where_it_stood_and_refuses_another(plan, tmp_path):
    settings, gold = plan
    reader, cells = Reader(), rag_cells(settings, [1, 2], ["first"], gold)
    run_cells(cells[:1], tmp_path / "sweep", opener(reader))
    asked = len(reader.asked)
    rows = run_cells(cells, tmp_path / "sweep", opener(reader))
    assert len(reader.asked) == 2 * asked and len(rows) == 2
    gold.write_text(gold.read_text().replace("f0", "f1"))  # the same path, and another gold
    with pytest.raises(UsageError, match="another sweep"):
        run_cells(rag_cells(settings, [1, 2], ["first"], gold), tmp_path / "sweep", opener(reader))


def test_answers_that_rest_on_evidence_fall_without_it(plan, tmp_path):
    settings, _ = plan
    rows = run_cells(
        evidence_cells(replace(settings, method="rag(k=3)")), tmp_path / "arms", opener(Reader())
    )
    by_arm = {row["evidence"]: row["accuracy"] for row in rows}
    assert by_arm == {"as-is": 1.0, "removed": 0.0, "swapped": 0.0}
    found = dependence(rows)
    assert found["removed"]["right_to_wrong"] == N and found["removed"]["wrong_to_right"] == 0
    assert found["swapped"]["changed"] == 1.0 and found["swapped"]["difference"] == -1.0


def test_answers_that_never_looked_stay(plan, tmp_path):
    settings, _ = plan
    blind = Reader(lambda place, of: False)
    found = dependence(run_cells(evidence_cells(settings), tmp_path / "arms", opener(blind)))
    assert found["removed"]["changed"] == found["swapped"]["changed"] == 0.0


def test_places_that_cannot_be_are_refused(plan):
    settings, gold = plan
    with pytest.raises(UsageError, match="needs the gold"):
        rag_cells(settings, [4], ["first"])
    with pytest.raises(UsageError, match="stands first, middle"):
        rag_cells(settings, [4], ["nowhere"], gold)
    with pytest.raises(UsageError, match="no option k or top"):
        rag_cells(Plan("own", settings.data, "zero-shot"), [4])


def test_risk_counts_a_group_once_and_a_failed_case_as_wrong(plan, tmp_path):
    settings, _ = plan
    rows = [json.loads(line) for line in settings.data.read_text().splitlines()]
    told = [{**row, "ward": str(n // 3)} for n, row in enumerate(rows)]
    settings.data.write_text("".join(json.dumps(row) + "\n" for row in told))
    grouped = replace(settings, columns={**settings.columns, "group": "ward"})

    class Broken(Reader):
        async def complete(self, request, **about):
            if "disease 4?" in "".join(message.text for message in request.messages):
                raise CallFailed("broken", status=400)
            return await super().complete(request, **about)

    found = run_cells(rag_cells(grouped, [1]), tmp_path / "risk", opener(Broken()))
    losses = losses_by_group(Path(found[0]["run"]))
    assert list(losses.values()) == pytest.approx([0, 1 / 3, 0, 0])
    told = risk_controlled(found, 0.5, 0.1)
    assert told["n"] == 4 and told["risks"]["1"] == pytest.approx(1 / 12)


def test_gold_that_names_no_case_is_refused_and_else_counted(plan, tmp_path):
    settings, gold = plan
    assert matched(settings, gold) == (N, N)
    rows = gold.read_text().splitlines(keepends=True)
    gold.write_text("".join(rows[:3]))
    assert matched(settings, gold) == (3, N)
    gold.write_text('{"question": "Something else?", "document": "f0"}\n')
    with pytest.raises(UsageError, match="names none of the 12 cases"):
        run_cells(rag_cells(settings, [2], ["first"], gold), tmp_path / "sweep", opener(Reader()))


@pytest.mark.parametrize("known", ["text", "document and text"])
def test_gold_as_text_is_taken_out_of_a_real_corpus(plan, tmp_path, known):
    settings, gold = plan
    text = "Report {n}: disease {n} is treated with drug {drug} in ward {n}"
    rows = [json.loads(line) for line in gold.read_text().splitlines()]
    for n, row in enumerate(rows):
        row["text"] = text.format(n=n, drug="BCD"[n % 3])
        if known == "text":
            del row["document"]
    gold.write_text("".join(json.dumps(row) + "\n" for row in rows))
    reader = Reader()
    found = accuracies(
        run_cells(rag_cells(settings, [4], ["first", "none"], gold), tmp_path / "sweep", opener(reader))
    )
    assert found == {(4, "first"): 1.0, (4, "none"): 0.0}
    for asked in reader.asked:  # the corpus's own copy does not stand beside the gold that was put there
        number = re.search(r"disease (\d+)\?", asked)[1]
        assert len(re.findall(rf"Report {number}: disease", asked)) <= 1


def test_swapped_vectors_do_not_find_the_cases_own_passages():
    whole = ToyVectors(
        [passage("own", "gout is treated with colchicine"), passage("other", "colchicine for fever")]
    )
    own = whole.nearest(whole.encoder.encode(["gout is treated with colchicine"])[0], 1)
    assert [one.document for one in own] == ["own"]
    swapped = Swapped(whole, "colchicine")
    found = swapped.nearest(whole.encoder.encode(["gout is treated with colchicine"])[0], 1)
    assert [one.document for one in found] == ["other"]
