"""MedAgentsBench: medical choice sets with the subsets that base models fail at ("hard").

Layout: `data/<set>/<split>.jsonl` with `question`, `options` and `answer_idx`; splits `test`, `test_hard`,
`sampled_50_hard` and, where published, `train`. Fields that hold a base model's answer or a rationale are not read.
In the pubmedqa set the abstract stands before the question; it becomes the case's document.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from osler.benchmarks.choices import as_example, choice_item, options_of, right_key, with_text
from osler.benchmarks.files import Files, Row, pick, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Document
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "the folder of medagents-benchmark (data/<set>/<split>.jsonl), or one of its files"
SPLITS = {"hard": "test_hard", "sampled": "sampled_50_hard"}
_TAGS = {
    "meta_info": "step",
    "subject": "subject",
    "category": "category",
    "subject_name": "subject",
    "src": "source",
}


@benchmark(
    "medagents-benchmark",
    source="Tang et al. 2025 (MedAgentsBench)",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
    splits=("test", "hard", "sampled", "train"),
)
class MedagentsBenchmark:
    """MedQA (four and five options), MedMCQA, MMLU, MMLU-Pro, PubMedQA and MedBullets, each with its hard subset."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """Items of all sets or one; `split` is test (default), hard (`test_hard`), sampled (`sampled_50_hard`) or train."""
        with Files(path, NEEDS) as files:
            found = _files(files, split)
            yield from distinct(
                _item(row, chosen, where)
                for chosen in pick(subset, sorted(found), "set")
                for where, row in files.rows(found[chosen])
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The sets in the folder."""
        with Files(path, NEEDS) as files:
            return sorted({PurePosixPath(name).parent.name or name for name in files.like("*.jsonl")})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The training questions (`train.jsonl`), or those of a file that is named directly."""
        split = None if path.is_file() else "train"
        return [as_example(item) for item in MedagentsBenchmark.items(path, subset=subset, split=split)]


def _files(files: Files, split: str | None) -> dict[str, str]:
    """Set → file. A file that is named directly is a set of its own, whatever its split."""
    if files.path.is_file() and files.names == [files.path.name]:
        return {files.path.resolve().parent.name: files.names[0]}
    wanted = SPLITS.get(split or "test", split or "test")
    files.only(f"*/{wanted}.jsonl")  # says what is missing where there is none
    return {PurePosixPath(name).parent.name: name for name in files.like(f"*/{wanted}.jsonl")}


def _item(row: Row, subset: str, where: str) -> Item[ChoiceReference]:
    question, documents = words_of(row, "question", where), []
    if subset == "pubmedqa" and "\n" in question:
        abstract, question = question.rsplit("\n", 1)
        documents = [Document(id="abstract", title="abstract", text=abstract.strip())]
    options = options_of(row.get("options"), where)
    answer = row["answer_idx"] if "answer_idx" in row else row.get("answer")
    return choice_item(
        question,
        with_text(options),
        right_key(answer, options, where),
        where,
        documents=documents,
        subset=subset,
        tags={tag: str(row[name]) for name, tag in _TAGS.items() if row.get(name)},
    )
