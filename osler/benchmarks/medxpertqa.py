"""MedXpertQA: specialist questions, ten options in the text subset, five with images in the multimodal one.

Two layouts are read: the repository's `medxpertqa_{text,mm}_input.jsonl` (options as {letter, content}, `label` a list) and
the hub's `Text|MM/<split>.jsonl` (options as an object). The release repeats the options inside the question; they are
taken out, so that they can be shuffled. Images lie in a folder `images` or in the hub's `images.zip`, found by file name; those
that are missing, or are no images, are said so in a notice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from osler.benchmarks.choices import as_example, choice_item, options_of, right_key, with_text
from osler.benchmarks.files import Files, Row, pick, words_of
from osler.benchmarks.items import Item, distinct
from osler.case import Blob, Notice
from osler.data.images import Shelf
from osler.errors import InputError
from osler.registry import benchmark
from osler.scoring.references import ChoiceReference
from osler.services import Example

NEEDS = "the folder of MedXpertQA, or one of its JSON-lines files"
_REPEATED = re.compile(r"\s*\n?Answer Choices:\s*\(A\).*\Z", re.DOTALL)
_TAGS = {"medical_task": "task", "body_system": "body system", "question_type": "question type"}


@benchmark(
    "medxpertqa",
    source="Zuo et al. 2025 (MedXpertQA)",
    needs=(f"--data {NEEDS}",),
    scorer="choice",
    splits=("test", "dev"),
)
class MedXpertQA:
    """Hard specialist questions, tagged by task, body system, and reasoning or understanding."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None, images: Shelf | None = None
    ) -> Iterator[Item[ChoiceReference]]:
        """Items of subset `text`, `mm` or both; `split` is test (default) or dev. `images` is told where their images lie."""
        with Files(path, NEEDS) as files:
            found = _files(files, split or "test")
            pictures = _Pictures(files, Shelf() if images is None else images)
            yield from distinct(
                _item(row, chosen, where, pictures)
                for chosen in pick(subset, sorted(found, reverse=True), "subset")
                for where, row in files.rows(found[chosen])
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """`text` and `mm`, as far as the files are there."""
        with Files(path, NEEDS) as files:
            return sorted(_files(files, "test"), reverse=True)

    @staticmethod
    def examples(path: Path, *, subset: str | None = None, images: Shelf | None = None) -> list[Example]:
        """The few questions of the dev split (hub layout)."""
        return [
            as_example(item) for item in MedXpertQA.items(path, subset=subset, split="dev", images=images)
        ]


def _files(files: Files, split: str) -> dict[str, str]:
    patterns = {"text": [f"Text/{split}.jsonl"], "mm": [f"MM/{split}.jsonl"]}
    if split == "test":
        patterns["text"].append("medxpertqa_text_input.jsonl")
        patterns["mm"].append("medxpertqa_mm_input.jsonl")
    found = {subset: names[0] for subset, wanted in patterns.items() if (names := files.like(*wanted))}
    if not found and files.path.is_file() and len(files.names) == 1:
        return {"mm" if "mm" in files.path.stem.lower() else "text": files.names[0]}
    if not found:
        wanted = " or ".join(p for names in patterns.values() for p in names)
        raise InputError(f"{files.path} holds no {wanted}; --data takes {NEEDS}")
    return found


def _item(row: Row, subset: str, where: str, pictures: _Pictures) -> Item[ChoiceReference]:
    label = row.get("label")
    if isinstance(label, list):
        if len(label) != 1:
            raise InputError(f"{where}: field 'label' names {len(label)} options; one is expected")
        label = label[0]
    options = options_of(row.get("options"), where)
    images, missing = pictures.of(row)
    notices = []
    if missing:
        notices.append(
            Notice(
                code="images-missing",
                text=f"{missing} of the question's images are not in the data, and no model sees them",
            )
        )
    return choice_item(
        _REPEATED.sub("", words_of(row, "question", where)),
        with_text(options),
        right_key(label, options, where),
        where,
        images=images,
        notices=notices,
        subset=subset,
        tags={tag: str(row[name]).strip() for name, tag in _TAGS.items() if row.get(name)},
    )


class _Pictures:
    """The data's images by file name."""

    def __init__(self, files: Files, shelf: Shelf) -> None:
        self.files, self.shelf = files, shelf
        self.names = {PurePosixPath(name.replace("!", "/")).name: name for name in reversed(files.names)}

    def of(self, row: Row) -> tuple[list[Blob], int]:
        """A row's images that are there, by hash, and how many are not (or are no images)."""
        entries = row.get("images") or []
        wanted = [e.get("image_path", "") if isinstance(e, dict) else str(e) for e in entries]
        found = [blob for name in wanted if (blob := self._blob(PurePosixPath(name).name)) is not None]
        return found, len(wanted) - len(found)

    def _blob(self, name: str) -> Blob | None:
        place = self.names.get(name)
        if place is None:
            return None
        data = self.files.read(place)
        try:
            sha256, media = self.shelf.put(data, *self.files.place(place))
        except InputError:
            return None
        return Blob(sha256=sha256, media_type=media, bytes=len(data))
