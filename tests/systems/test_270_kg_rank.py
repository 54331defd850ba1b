"""Row 270, KG-Rank: on toy triples each ranking mode puts the planted relevant one first, the diversity mode drops
near-duplicates, and ROUGE-L with and without ranking prints."""

import pytest
from corpora import ToyEncoder, ToyReranker
from spoken import Spoken, fields, through
from toy_graph import toy

from osler import registry
from osler.case import Case

# Disease, the drug asked for, and findings of which two say the same.
DISEASES = {
    "Gouty arthritis": "Allopurinol",
    "Migraine": "Sumatriptan",
    "Scabies": "Permethrin",
    "Malaria": "Artesunate",
}
TRIPLES = [
    triple
    for disease, drug in DISEASES.items()
    for triple in (
        (drug, "treats", disease),
        (disease, "has_phenotype", "Swelling that comes at night"),
        (disease, "has_phenotype", "Swelling that comes at night only"),
        (disease, "has_phenotype", "Fever"),
        (disease, "is_a", "Thing that was described long ago"),
    )
]
KINDS = {**dict.fromkeys(DISEASES, "disease"), **dict.fromkeys(DISEASES.values(), "drug")}
MODES = ("similarity", "mmr", "expansion", "rerank")


def believer(disease):
    """Names the disease, drafts from memory, and answers with the first fact it is shown."""

    def say(text, schema):
        if "terms" in fields(schema):
            return {"reasoning": "", "terms": [disease]}
        if not schema:
            return f"A drug treats {disease}."
        fact = text.partition("[1] ")[2].partition(" (")[0]
        words = fact.replace(" –", " ").replace("→", "").replace("_", " ")
        return {"reasoning": "", "citations": [1], "answer": words}

    return say


def traced(disease, method):
    case = Case(question=f"Which drug treats {disease}?", answer_kind="text")
    services = {"graph": toy(*TRIPLES, kinds=KINDS), "encoder": ToyEncoder(), "reranker": ToyReranker()}
    trace = through(method, case, Spoken(believer(disease)), **services)
    assert trace.answer is not None
    return trace, trace.answer.text


def ranking(trace):
    [step] = [step for step in trace.steps if step.label.startswith("rank by")]
    return [fact.quote for fact in step.evidence]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("disease", DISEASES)
def test_each_ranking_mode_puts_the_planted_relevant_one_first(mode, disease):
    trace, said = traced(disease, f"kg-rank(mode={mode})")
    assert ranking(trace)[0] == f"{DISEASES[disease]} –treats→ {disease}"
    assert said == f"{DISEASES[disease]} treats {disease}"


def test_the_diversity_mode_drops_near_duplicates():
    same = [f"Migraine –has_phenotype→ Swelling that comes at night{more}" for more in ("", " only")]
    kept = {
        mode: ranking(traced("Migraine", f"kg-rank(mode={mode}, same=0.9)")[0])
        for mode in ("similarity", "mmr")
    }
    assert set(same) <= set(kept["similarity"]) and len(kept["similarity"]) == 5
    assert len(set(same) & set(kept["mmr"])) == 1 and len(kept["mmr"]) == 4


def test_rouge_l_with_and_without_ranking_prints(capsys):
    score = registry.get("scorer", "ROUGE-L").object
    figures = {}
    for mode in (*MODES, "random"):
        values = [
            score(traced(disease, f"kg-rank(mode={mode}, keep=1)")[1], f"{drug} treats {disease}.")
            for disease, drug in DISEASES.items()
        ]
        figures[mode] = sum(values) / len(values)
        print(f"{mode}: ROUGE-L {figures[mode]:.3f}")
    shown = capsys.readouterr().out
    assert shown.count("ROUGE-L") == 5 and "similarity: ROUGE-L 1.000" in shown
    assert all(figures[mode] > figures["random"] for mode in MODES)
