"""Row 34, Evidence Inference 2.0: a fixture in its annotation layout yields tasks; three-way macro-F1 and evidence-span
overlap equal hand values for a simulated model."""

import csv

import pytest
from asking import answers, figures

from osler.benchmarks.evidence_inference import EvidenceInference
from osler.llm.simulated import Planted

ABSTRACTS = {
    "1": "TITLE: Drug A.\nRESULTS: Pain fell with drug A in every week of the trial. Sleep did not differ.",
    "2": "TITLE: Drug B.\nRESULTS: Survival rose with drug B compared with usual care.",
    "3": "TITLE: Drug C.\nRESULTS: Nausea was as frequent with drug C as with placebo.",
}
# prompt, article, outcome, code, evidence
MARKS = [
    ("10", "1", "pain", "-1", "Pain fell with drug A"),
    ("11", "1", "sleep", "0", "Sleep did not differ"),
    ("12", "2", "survival", "1", "Survival rose with drug B"),
    ("13", "3", "nausea", "0", "Nausea was as frequent with drug C"),
]


@pytest.fixture
def folder(tmp_path):
    for number, text in ABSTRACTS.items():
        (tmp_path / f"PMC{number}.abst").write_text(text)
    write(
        tmp_path / "prompts_merged.csv",
        ["PromptID", "PMCID", "Outcome", "Intervention", "Comparator"],
        [
            [prompt, article, outcome, f"drug {'ABC'[int(article) - 1]}", "control"]
            for prompt, article, outcome, _, _ in MARKS
        ],
    )
    rows = []
    for prompt, article, _, code, quote in MARKS:
        start = ABSTRACTS[article].index(quote)
        rows.append(
            ["0", prompt, article, "True", "True", "x", quote, code, "UNK", start, start + len(quote)]
        )
    header = "UserID PromptID PMCID|Valid Label|Valid Reasoning|Label|Annotations|Label Code|In Abstract|Evidence Start|Evidence End"
    write(tmp_path / "v2_annotations.csv", [*header.split("|")[0].split(), *header.split("|")[1:]], rows)
    return tmp_path


def write(path, header, rows):
    with path.open("w", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])


def test_the_layout_yields_both_tasks(folder):
    items = list(EvidenceInference.items(folder))
    assert [item.subset for item in items] == ["label", "evidence"] * 4
    assert [item.reference.key for item in items[::2]] == [
        "decreased",
        "no difference",
        "increased",
        "no difference",
    ]


def test_labels_of_a_simulated_model_have_the_hand_macro_f1(folder):
    items = list(EvidenceInference.items(folder, subset="label"))
    # The model knows all but one: it takes "survival rose" for no difference.
    believed = ["decreased", "no difference", "no difference", "no difference"]
    table = [
        Planted(item.case.question, key, context=item.case.text)
        for item, key in zip(items, believed, strict=True)
    ]
    found = figures(items, answers(items, "accuracy=1.0", planted=table), "evidence")
    # decreased: F1 1; no difference: P 2/3, R 1, F1 4/5; increased: 0.
    assert found["macro_F1"] == pytest.approx((1 + 4 / 5 + 0) / 3)
    assert found["accuracy"] == 0.75


def test_spans_of_a_simulated_model_have_the_hand_overlap(folder):
    items = list(EvidenceInference.items(folder, subset="evidence"))
    quotes = [
        "Pain fell with drug A",  # all 5 words of 5
        "Sleep did not differ",  # 4 of 4
        "Survival rose with drug B compared with usual care",  # 5 of 5, and 4 too many
        "nothing of the kind",  # not in the text: 4 false words, 7 missed
    ]
    table = [
        Planted(item.case.question, quote, context=item.case.text)
        for item, quote in zip(items, quotes, strict=True)
    ]
    said = answers(items, "accuracy=1.0", planted=table)
    for answer in said:  # the simulated model pads its lists; the hand values are for the first quote alone
        answer.spans, answer.plan = answer.spans[:1], [] if answer.spans else answer.plan[:1]
    found = figures(items, said, "evidence")
    true, false, missed = 5 + 4 + 5, 4 + 4, 7
    assert (found["P"], found["R"]) == pytest.approx((true / (true + false), true / (true + missed)))
    assert found["hit"] == 0.75 and found["quotes_not_found"] == 1


def test_real_abstracts_read(data_dir):
    items = list(EvidenceInference.items(data_dir / "evidence-inference", subset="evidence"))
    assert len(items) == 987
    assert all(item.case.text[a:b] for item in items for a, b in item.reference.spans)
