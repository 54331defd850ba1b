"""Row 265, CMQCIC-Bench / CF-IR: sample items load; a scripted fact checker and the rule engine give the indicator verdict;
fact errors and rule errors are counted apart."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from asking import answers, figures, scored

from osler.benchmarks.cmqcic import Cmqcic
from osler.compose import compose
from osler.context import Context
from osler.llm import from_spec
from osler.llm.language import LanguageModels
from osler.llm.types import Reply
from osler.services import Services
from osler.trace import Recorder, replay

FIXTURES = Path(__file__).parent.parent / "fixtures"
# What a checker says of each fact, in the order of the items: words of the record, value.
SAID = [
    [("血常规：白细胞6.1×10^9/L", "True"), ("心电图示窦性心律", "True"), ("", "none")],
    [("", "无法判断"), ("心电图：窦性心动过缓", "True"), ("", "none")],
    [("残余狭窄约25%", "25%")],
    [("甲评分3分", "True"), ("", "none")],
]
RULES = {"rule": "Fact 1 or Fact 2", "reasoning": "any score will do"}


@pytest.fixture
def folder(tmp_path):
    shutil.copy(FIXTURES / "cmqcic_data.jsonl", tmp_path / "data.jsonl")
    shutil.copy(FIXTURES / "cmqcic_indicator.json", tmp_path / "indicator.json")
    return tmp_path


@pytest.fixture
def items(folder):
    return list(Cmqcic.items(folder))


def check(item, said, method="cf-ir", **forms):
    """The method's answer where the model verifies facts as written, the forms that it was asked for, and the steps."""
    model, asked = from_spec("simulated:good"), []

    async def complete(request, **_):
        fields = request.schema["properties"]
        asked.append(" ".join(fields))
        if list(fields) == ["facts"]:
            reply = {"facts": [{"evidence": quote, "value": value} for quote, value in said]}
        else:
            reply = {name: forms.get(name, RULES.get(name)) for name in fields}
        return Reply(json.dumps(reply), "", "stop", ())

    model.provider.complete = complete
    recorder = Recorder()
    services = Services(language=LanguageModels({"main": model}))
    answer = asyncio.run(compose(method).call(item.case, Context(services, recorder)))
    return answer, asked, replay(recorder.events)


def all_of(items, said, method="cf-ir"):
    return [check(item, one, method)[0] for item, one in zip(items, said, strict=True)]


def test_facts_checked_and_the_rule_in_code_give_the_verdicts(items):
    found = figures(items, all_of(items, SAID), "quality-indicator")
    assert (found["n"], found["accuracy"], found["fact_accuracy"]) == (4, 1.0, 1.0)
    assert (
        found["facts"]["checked"] == 9
        and found["rules"] == {"checked": 4, "wrong": 0}
        and found["errors"] == {}
    )


def test_one_call_suffices_where_the_rule_is_readable_and_its_evidence_has_a_place(items):
    answer, asked, steps = check(items[0], SAID[0])
    assert asked == ["facts"] and answer.choice == "Yes"
    [evidence] = [step.evidence for step in steps if step.label == "evidence"]
    assert [one.quote for one in evidence] == ["血常规：白细胞6.1×10^9/L", "心电图示窦性心律"]
    text = items[0].case.text
    assert all(text[one.locator.start : one.locator.end] == one.quote for one in evidence)
    [rule] = [step for step in steps if step.label == "rule"]
    assert rule.data["outcomes"] == [True, True, True]


def test_words_and_symbols_that_disagree_are_written_down_anew(items):
    answer, asked, _ = check(items[3], SAID[3])
    assert asked == ["reasoning rule", "facts"] and answer.choice == "Yes"
    assert answer.calculated.expression == "Fact 1 or Fact 2"


def test_what_the_record_does_not_show_is_missing_and_not_sure_is_no(items):
    answer, _, _ = check(items[1], SAID[1])
    assert answer.choice == "No" and "not sure" in answer.note
    invented = [("血常规正常", "True"), *SAID[1][1:]]
    assert check(items[1], invented)[0].choice == "No"
    assert check(items[1], invented, "cf-ir(grounded=false)")[0].choice == "Yes"


def test_fact_errors_are_counted_apart_from_rule_errors(items):
    missed = [[("", "none"), *SAID[0][1:]], *SAID[1:]]
    found = figures(items, all_of(items, missed), "quality-indicator")
    assert found["accuracy"] == 0.75 and found["errors"] == {"facts": {"n": 1, "share": 0.25}}
    assert found["facts"]["missed"] == 1 and found["rules"]["wrong"] == 0
    said = all_of(items, SAID)
    said[0] = said[0].model_copy(update={"choice": "No"})
    found = figures(items, said, "quality-indicator")
    assert (
        found["errors"] == {"rule": {"n": 1, "share": 0.25}}
        and found["facts"]["wrong"] == 0
        and found["rules"]["wrong"] == 1
    )
    wrong_number = check(items[2], [("残余狭窄约25%", "35%")])[0].model_copy(update={"choice": "Yes"})
    [row] = scored([items[2]], [wrong_number], "quality-indicator")
    assert row["correct"] == 1.0 and row["wrong_facts"]["other value"] == 1 and row["rule_error"] == 1.0


def test_the_model_may_decompose_the_rule_itself(folder):
    own = {"facts": ["血常规已查", "心电图已查"], "rule": "Fact 1 and Fact 2", "reasoning": "both"}
    for item, method in ((next(Cmqcic.items(folder)), "cf-ir(decompose=true)"), (next(Cmqcic.items(folder, inputs="text")), "cf-ir")):  # fmt: skip
        answer, asked, _ = check(item, SAID[0][:2], method, **own)
        assert asked == ["reasoning facts rule", "facts"] and answer.choice == "Yes"
        [row] = scored([item], [answer], "quality-indicator")
        assert row["correct"] == 1.0 and row["facts"] == 0 and row["rule_error"] is None


def test_a_rule_that_nobody_can_read_is_left_to_the_model(items):
    forms = {"rule": "it depends", "reasoning": "x", "answer": "Yes"}
    answer, asked, _ = check(items[3], SAID[3], **forms)
    assert asked == ["reasoning rule", "facts", "reasoning answer"] and answer.choice == "Yes"
    [row] = scored([items[3]], [answer], "quality-indicator")
    assert row["correct"] == 1.0 and row["facts"] == 2


def test_any_method_answers_the_question_and_shows_no_facts(items):
    said = answers(items, "accuracy=1.0", planted=[])
    rows = scored(items, said, "quality-indicator")
    assert all(row["facts"] == 0 and row["error"] in ("right", "facts not shown") for row in rows)
