"""Counts of the real data sets as they are published (see the data folder's README)."""

from collections import Counter

import pytest

from osler import registry

SIZES = {
    "mirage": {"medqa": 300, "medmcqa": 300, "pubmedqa": 100, "bioasq": 100, "mmlu": 150},
    "medagents-benchmark": {
        "medbullets": 308,
        "medmcqa": 2816,
        "medqa": 1273,
        "medqa_5options": 1273,
        "mmlu": 1089,
        "mmlu-pro": 818,
        "pubmedqa": 500,
    },
    "medxpertqa": {"mm": 2000},
    "pubmedqa": {"labelled": 500},
    "agentclinic": {"medqa": 107},
    "medec": {"ms": 574},
    "nli4ct": {"entailment": 200, "evidence": 200},
    "evidence-inference": {"label": 987, "evidence": 987},
}


@pytest.mark.parametrize("name", SIZES)
def test_sizes(data_dir, name):
    items = list(registry.get("benchmark", name).object.items(data_dir / name))
    assert Counter(item.subset for item in items) == SIZES[name]
    assert len({item.key for item in items}) == len(items)


def test_mediq_reads_all_cases(data_dir):
    items = list(registry.get("benchmark", "mediq").object.items(data_dir / "mediq"))
    assert len(items) == 1272 and len({item.subset for item in items}) > 20


def test_hard_subsets(data_dir):
    bench = registry.get("benchmark", "medagents-benchmark").object
    hard = Counter(item.subset for item in bench.items(data_dir / "medagents-benchmark", split="hard"))
    assert hard == {"medbullets": 89, "medmcqa": 100, "medqa": 100, "medqa_5options": 357, "mmlu": 73, "mmlu-pro": 100, "pubmedqa": 100}  # fmt: skip


def test_medec_has_about_half_as_many_notes_as_rows(data_dir):
    items = list(registry.get("benchmark", "medec").object.items(data_dir / "medec"))
    assert len({item.group for item in items}) < 0.6 * len(items)
    assert sum(item.reference.error for item in items) == 319


def test_training_splits(data_dir):
    nli = registry.get("benchmark", "nli4ct").object
    assert len(nli.examples(data_dir / "nli4ct")) == 1700
    pubmedqa = registry.get("benchmark", "pubmedqa").object
    train = {example.case.id for example in pubmedqa.examples(data_dir / "pubmedqa")}
    test = {item.key for item in pubmedqa.items(data_dir / "pubmedqa")}
    assert len(train) == len(test) == 500 and not train & test


def test_medquad_is_found_by_the_reading_task_too(data_dir):
    from osler.benchmarks.places import place_of

    items = registry.get("benchmark", "medquad-qa").object.items(place_of("medquad-qa"))
    assert next(iter(items)).case.question
