"""Row 283, SPBERTQA / ViHealthQA: a ViHealthQA-format CSV loads; a tiny encoder trained by multiple-negatives loss lifts MRR of the
reranked shortlist on synthetic pairs."""

import csv
import random

import pytest
from commands import osler

from osler.benchmarks.vihealthqa import ViHealthQA, pairs
from osler.errors import InputError
from osler.knowledge.dense.trained import train, untrained
from osler.scoring.retrieval import reciprocal_rank

HEADER = ["id", "question", "answer", "link"]
ROWS = {
    "train": [
        ["1", "Bị sốt cao phải làm sao?", "Sốt cao cần hạ sốt bằng paracetamol. Uống nhiều nước.", "https://vinmec.example/1"],
        ["2", "Đau đầu kéo dài có nguy hiểm không?", "Đau đầu kéo dài nên đi khám thần kinh.", "https://vinmec.example/2"],
    ],
    "val": [["3", "Trẻ sốt cao?", "Sốt cao cần hạ sốt bằng paracetamol. Uống nhiều nước.", ""]],
    "test": [["1", "Ho nhiều về đêm?", "Ho về đêm có thể do hen.\nNên đi khám hô hấp.", "https://vnexpress.example/9"]],
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for split, rows in ROWS.items():
        with (tmp_path / f"{split}.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADER, *rows])
    return tmp_path


def test_the_csv_loads(folder):
    [judged] = ViHealthQA.sets(folder)
    [query] = judged.queries
    documents = {one.id: one for one in judged.documents()}
    assert len(documents) == 3  # an answer that stands twice is searched once
    [right] = query.judged
    assert query.text == "Ho nhiều về đêm?" and documents[right].text == ROWS["test"][0][2]
    assert documents[right].url == "https://vnexpress.example/9" and not any(
        one.title for one in documents.values()
    )
    [judged] = ViHealthQA.sets(folder, split="val")
    assert documents[next(iter(judged.queries[0].judged))].text == ROWS["train"][0][2]
    assert pairs(folder)[1] == (ROWS["train"][1][1], ROWS["train"][1][2])


def test_what_is_no_vihealthqa_is_refused_by_file_and_row(folder):
    (folder / "train.csv").write_text("id,question\n1,Sốt?\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"train.csv row 1: field 'answer' is missing"):
        pairs(folder)
    with pytest.raises(InputError, match="no split 'dev'"):
        ViHealthQA.sets(folder, split="dev")


# --- synthetic pairs: a question names things as people do, its answer as physicians do; a few weak words are shared ----------
PARTS = ("head", "chest", "belly", "skin")


def made(numbers, seed):
    """Questions and answers on pairs of things; a thing has a plain name (in questions) and a learned one (in answers)."""
    rng = random.Random(seed)
    for a, b in numbers:
        part = PARTS[(a + b) % len(PARTS)]
        filler = " ".join(rng.choice(("patients", "often", "treated", "weeks", "months")) for _ in range(5))
        yield (
            f"plain{a} and plain{b} of my {part}, what is it?",
            f"It is of the {part}: learned{a} with learned{b}. {filler}.",
        )


THINGS = [(a, b) for a in range(16) for b in range(a + 1, 16)]
random.Random(1).shuffle(THINGS)
LEARNED, ASKED = THINGS[:80], THINGS[80:]


@pytest.fixture
def shelf(tmp_path, monkeypatch, private_cache, capfd):
    """The collection of held-out answers in ViHealthQA's layout, and its questions."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    with (tmp_path / "test.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [[f"t{n}", question, answer, ""] for n, (question, answer) in enumerate(made(ASKED, 3))]
        csv.writer(file).writerows([HEADER, *rows])
    return tmp_path


def mrr(capfd, shelf, encoder, name):
    """The MRR of the re-ranked shortlist over the held-out questions, through the command."""
    encoder.save(shelf / f"{name}.npz")
    from osler.knowledge.corpus.ingest import add

    add("answers", shelf / "test.csv", keep_all=True)
    [judged] = ViHealthQA.sets(shelf)
    found = []
    for query in judged.queries[:25]:
        done = osler(
            capfd, "ask", query.text, "--corpus", "answers", "--method", "two-stage-qa", "-m", "shortlist=20",
            "--encoder", f"trained:{shelf / name}.npz",
        )  # fmt: skip
        [step] = [step for step in done["trace"]["steps"] if step["label"] == "re-ranked"]
        found.append(reciprocal_rank([item["record"] for item in step["evidence"]], query.judged))
    return sum(found) / len(found)


def test_training_by_multiple_negatives_lifts_the_mrr_of_the_shortlist(shelf, capfd):
    before = mrr(capfd, shelf, untrained(), "untrained")
    after = mrr(capfd, shelf, train(list(made(LEARNED, 2)), epochs=20), "trained")
    assert before < 0.4 and after > before + 0.3
