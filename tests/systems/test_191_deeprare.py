"""Row 191, DeepRare: with local HPO and disease files and scripted tools, a case yields ranked diseases with resolvable
references; self-reflection drops an unsupported one; Recall@k is computed."""

import json
import re

import pytest
from corpora import Toy, passage
from spoken import Spoken, fields, through

from osler.case import Case, Finding, Term
from osler.cli.main import main
from osler.diagnosis.memory import Memory, SolvedCase
from osler.runtime import Host
from osler.scoring.ranked_names import RankedNames
from osler.scoring.references import DiagnosisReference

MARFAN, HOMOCYSTINURIA = "OMIM:154700", "OMIM:236200"
LENS, FINGERS, AORTA, TALL = "HP:0001083", "HP:0001166", "HP:0002616", "HP:0000098"
CORPUS = [
    passage(
        "book-1",
        "Ectopia lentis with a wide aorta and arachnodactyly suggests Marfan syndrome.",
        title="Lens",
    ),
    passage("book-2", "In gout, crystals of urate lie in the joints of elderly men.", title="Gout"),
]


def case(*terms):
    return Case(
        findings=[Finding(term=Term(id=term, label=label)) for term, label in terms],
        answer_kind="differential",
        question="Which rare disease is this?",
    )


TALL_BOY = case((LENS, "Ectopia lentis"), (FINGERS, "Arachnodactyly"), (AORTA, "Aortic root aneurysm"))


def number_of(prompt, word):
    """The number of the reference that has a word in it."""
    for number, text in re.findall(r"<<< passage \[(\d+)\]\n(.*?)\n>>>", prompt, re.DOTALL):
        if word in text:
            return int(number)
    return 999


def say(text, schema):
    """A model that proposes gout first, cites what it saw and what it did not, and judges by the evidence it is shown."""
    if fields(schema) == ["judgement", "plausible"]:
        name = re.findall(r"<<< diagnosis\n(.*)\n>>>", text)[0]
        return {"judgement": f"the findings and {name}", "plausible": name != "Gout"}
    if "alike" in fields(schema):
        return {"reasoning": "all alike", "alike": [int(n) for n in re.findall(r"passage \[(\d+)\]", text)]}
    if "Your tools found" not in text and "Your list so far" not in text:
        return {"reasoning": "", "answer": ["Marfan syndrome"]}
    entries = [
        ("Gout", [number_of(text, "urate")]),
        ("Marfan syndrome", [number_of(text, "book-1"), number_of(text, MARFAN), 777]),
        ("Classic homocystinuria", [number_of(text, HOMOCYSTINURIA)]),
    ]
    listed = [
        {"claims": [{"claim": f"{name} fits", "citations": cited}], "diagnosis": name}
        for name, cited in entries
    ]
    return {"reasoning": "", "answer": listed}


@pytest.fixture(scope="module")
def done(knowledge):
    memory = Memory([SolvedCase(MARFAN, (LENS, FINGERS, TALL), report=("PMID:1",))])
    host = Host(knowledge, questions=0, memory=memory)
    return through("deeprare", TALL_BOY, Spoken(say), engine=host, retriever=Toy(CORPUS))


def test_diseases_are_ranked_and_every_reference_resolves(done, knowledge):
    found = done.answer.differential
    assert found[0].id == MARFAN and len(found) >= 1
    cited = [item for entry in found for item in entry.evidence]
    assert {"toy", "phenotype tool"} & {item.source for item in found[0].evidence}
    for item in cited:
        if item.source == "toy":
            [source] = [p for p in CORPUS if p.document == item.record]
            assert source.text[item.locator.start : item.locator.end] == item.quote
        else:
            assert knowledge.disease_index(item.record.split()[0]) is not None
    published = [r for item in cited for r in item.references if r.startswith("PMID:")]
    assert published and all(len(knowledge.citing(reference)) for reference in published)


def test_reflection_drops_the_unsupported_disease_and_dead_citations_are_counted(done):
    assert "Gout" not in [entry.name for entry in done.answer.differential]
    [end] = [step for step in done.steps if step.label == "references"]
    assert end.data["rejected"] == ["Gout"] and end.data["unresolvable"] >= 1
    assert "777" not in end.text


def test_a_remembered_patient_is_brought_in(done):
    [step] = [step for step in done.steps if step.label == "similar patients"]
    [evidence] = step.evidence
    assert evidence.source == "case memory" and "Marfan" in (evidence.quote or "")


def test_recall_at_k_is_computed(done):
    first = RankedNames.score(DiagnosisReference(("Marfan syndrome",), (MARFAN,)), done.answer)
    missed = RankedNames.score(DiagnosisReference(("Gout",), ()), done.answer)
    figures = RankedNames.summarise([first, missed], ["a", "b"])
    assert first["rank synonym"] == 1 and missed["rank synonym"] is None
    assert figures["R@1"] == figures["R@3"] == figures["R@5"] == 0.5


def test_one_command_ranks_with_a_corpus_and_refuses_to_do_so_without(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    rows = [json.dumps({"id": p.document, "title": p.title, "text": p.text}) for p in CORPUS]
    (tmp_path / "books.jsonl").write_text("\n".join(rows) + "\n")

    def osler(*words):
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        return ended.value.code or 0, capsys.readouterr()

    assert osler("corpus", "add", "books", tmp_path / "books.jsonl")[0] == 0
    words = [
        "diagnose",
        "--present",
        LENS,
        "--present",
        FINGERS,
        "--method",
        "deeprare",
        "--model",
        "simulated:good",
    ]
    code, said = osler(*words, "--corpus", "books", "--json")
    found = json.loads(said.out)
    assert code == 0 and found["differential"] and found["method"] == "deeprare"
    code, said = osler(*words)
    assert code == 2 and "--corpus" in said.err
