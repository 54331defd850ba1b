"""Changing the gold in a file changes references only: cases, their ids, order and groups stay; so do a method's answers."""

import asyncio
import re

import layouts
import pytest

from osler import registry
from osler.context import Context
from osler.llm import from_spec
from osler.llm.language import LanguageModels
from osler.services import Services
from osler.trace import Recorder

# What to change in which file, so that another answer is right.
CHANGES = {
    "mirage": (layouts.mirage, "benchmark.json", '"answer": "A"', '"answer": "B"'),
    "medagents-benchmark": (layouts.medagents, "test.jsonl", '"answer_idx": "A"', '"answer_idx": "D"'),
    "medxpertqa": (layouts.medxpertqa, "medxpertqa_*.jsonl", r'"label": \["J"\]', '"label": ["B"]'),
    "pubmedqa": (layouts.pubmedqa, "ori_pqal.json", '"final_decision": "maybe"', '"final_decision": "no"'),
    "mediq": (layouts.mediq, "all_dev_good.jsonl", '"answer_idx": "A"', '"answer_idx": "C"'),
    "agentclinic": (layouts.agentclinic, "agentclinic_medqa.jsonl", "Tuberculosis", "Sarcoidosis"),
    "medec": (layouts.medec, "*.csv", r"Sputum shows Mycobacterium tuberculosis\.\s*$", "Sputum is red."),
    "nli4ct": (layouts.nli4ct, "dev.json", '"Label": "Entailment"', '"Label": "Contradiction"'),
    "evidence-inference": (layouts.evidence_inference, "v2_annotations.csv", ",-1,", ",1,"),
    "medmcp-calc": (layouts.medmcp_calc, "tasks.jsonl", '"value": "80 kg"', '"value": "95 kg"'),
    "cmqcic": (layouts.cmqcic, "data.jsonl", '"label": "Yes"', '"label": "No"'),
}


@pytest.fixture(params=CHANGES)
def twins(request, tmp_path):
    """The items of a file, and those of the same file with another gold."""
    make, pattern, old, new = CHANGES[request.param]
    make(tmp_path)
    bench = registry.get("benchmark", request.param).object
    before = list(bench.items(tmp_path))
    for file in tmp_path.rglob(pattern):
        file.write_text(re.sub(old, new, file.read_text(), flags=re.MULTILINE), encoding="utf-8")
    return before, list(bench.items(tmp_path))


def test_only_the_reference_changes(twins):
    before, after = twins
    assert [item.reference for item in before] != [item.reference for item in after]
    for one, two in zip(before, after, strict=True):
        assert (one.key, one.case, one.group) == (two.key, two.case, two.group)


def test_a_methods_answers_stay_the_same(twins):
    before, after = twins
    assert answers(before, before) == answers(after, before)


class AnyImage:
    """Bytes for every image that a case names."""

    def get(self, sha256):
        return sha256.encode(), "image/png"


def answers(items, planted):
    """What zero-shot says with a model that knows the table of `planted` and nothing else."""
    model = from_spec("simulated:accuracy=0.6")
    model.provider.plant(planted)
    zero_shot = registry.get("method", "zero-shot").object

    async def run():
        said = []
        for item in items:
            services = Services(language=LanguageModels({"main": model}), images=AnyImage())
            ctx = Context(services, Recorder())
            said.append(await zero_shot(item.case, ctx))
        return said

    return asyncio.run(run())
