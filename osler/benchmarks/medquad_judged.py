"""MedQuAD's judged answers: questions of TREC 2017 LiveQA Medical over the answers of MedQuAD.

Source: Ben Abacha and Demner-Fushman 2019. The archive has the judgements (2,479 answers, four grades: 1-Incorrect is 0, 4-Excellent
3) and the answers, but not the questions: their XML (TREC-2017-LiveQA-Medical-Test.xml) is published apart, by the same authors, and
is put beside the archive. A question is asked in its paraphrase where it has one, as those are what was judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from osler.benchmarks.beir import Judgements
from osler.benchmarks.files import Files
from osler.benchmarks.judged import JudgedQuery, JudgedSet
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.registry import benchmark

NEEDS = "MedQuAD's archive and, beside it, TREC-2017-LiveQA-Medical-Test.xml"
GRADES = {"1-Incorrect": 0.0, "2-Related": 1.0, "3-Incomplete": 2.0, "4-Excellent": 3.0}


@benchmark(
    "medquad",
    source="Ben Abacha and Demner-Fushman 2019 (MedQuAD, LiveQA-Med judgements)",
    needs=(f"--data {NEEDS}",),
    judged=True,
    splits=("test",),
)
class MedQuad:
    """Consumer health questions over MedQuAD's answers, judged by experts in four grades."""

    @staticmethod
    def sets(path: Path, *, subset: str | None = None, split: str | None = None) -> list[JudgedSet]:
        """The one set there is."""
        if subset not in (None, "liveqa") or split not in (None, "test"):
            raise InputError("medquad has one set, liveqa, and one split, test")
        with Files(path, NEEDS) as files:
            gains, asked = _judgements(files), _questions(files)
        queries = tuple(
            JudgedQuery(key, asked[key], gains[key])
            for key in gains
            if key in asked and any(gains[key].values())
        )
        if not queries:
            raise InputError(f"{path}: no judged question is in the XML of questions")
        return [
            JudgedSet("liveqa", queries, lambda: _documents(path), ("nDCG@10", "R@100", "RR", "AP", "P@5"))
        ]

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The one set."""
        return ["liveqa"]


def _judgements(files: Files) -> Judgements:
    """Grades as gains, by question and answer. The archive holds a ZIP of them, which `Files` does not open by itself."""
    found: Judgements = {}
    for number, line in enumerate(_qrels(files).splitlines(), 1):
        cells = line.split()
        if not cells:
            continue
        if len(cells) != 3 or cells[1] not in GRADES:
            raise InputError(f"the judgements of MedQuAD, row {number}: is not question, grade, answer")
        found.setdefault(cells[0], {})[cells[2].removesuffix(".txt")] = GRADES[cells[1]]
    return found


def _qrels(files: Files) -> str:
    import zipfile
    from io import BytesIO

    plain = files.like("*qrels*.txt")
    if plain:
        return files.text(plain[0])
    for name in files.like("*Qrels*.zip"):
        with zipfile.ZipFile(BytesIO(files.read(name))) as inner:
            names = [one for one in inner.namelist() if one.endswith(".txt") and "MACOSX" not in one]
            if names:
                return inner.read(names[0]).decode("utf-8", "replace")
    raise InputError(f"{files.path} holds no judgements (…Qrels-2479-Answers.zip); --data takes {NEEDS}")


def _questions(files: Files) -> dict[str, str]:
    names = files.like("*LiveQA-Medical-Test*.xml")
    if not names:
        raise InputError(
            f"{files.path} holds the judgements and not the questions; put TREC-2017-LiveQA-Medical-Test.xml "
            "(github.com/abachaa/LiveQA_MedicalTask_TREC2017) beside the archive"
        )
    try:
        root = ElementTree.fromstring(files.read(names[0]))
    except ElementTree.ParseError as error:
        raise InputError(f"{names[0]} is damaged XML ({error})") from None
    found = {}
    for node in root.iter("NLM-QUESTION"):
        words = node.findtext("Paraphrase") or node.findtext(".//Message") or ""
        found[(node.get("qid") or "").removeprefix("TQ")] = " ".join(words.split())
    return {key: words for key, words in found.items() if words}


def _documents(path: Path) -> Iterator[Document]:
    from osler.knowledge.corpus.readers import Reading, documents
    from osler.knowledge.corpus.sources import Opener, units

    opener, reading = Opener(), Reading()
    try:
        for unit in units(path):
            with opener.open(unit) as file:
                yield from documents(unit, file, reading)
    finally:
        opener.close()
