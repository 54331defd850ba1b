"""MedQuAD as a reading task: each of its questions, to be answered in words, with the published answer beside it.

Source: Ben Abacha and Demner-Fushman 2019; the layout is that of `osler.knowledge.corpus.medquad` (an XML file of pairs for each
page, in folders or a ZIP). Pairs whose answer was taken out are left out. Pairs of one page form a group. A corpus made
of the same files holds each question with its answer, so a method that looks into it is tested on finding, not on knowing:
`split=half-a` and `split=half-b` part the pages by a checksum of their id, so that one half can be asked of the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from zlib import crc32

from osler.benchmarks.items import Item, distinct
from osler.case import Case, opaque_id
from osler.errors import InputError
from osler.knowledge.corpus.documents import Document
from osler.knowledge.corpus.readers import Reading, documents
from osler.knowledge.corpus.sources import Opener, units
from osler.registry import benchmark
from osler.scoring.references import TextReference
from osler.services import Example
from osler.trace import Answer

NEEDS = "MedQuAD's folder of XML files, or its ZIP"
HALVES = ("half-a", "half-b")


@benchmark(
    "medquad-qa",
    source="Ben Abacha and Demner-Fushman 2019 (MedQuAD)",
    needs=(f"--data {NEEDS}",),
    scorer="answer-words",
    splits=("all", *HALVES),
)
class MedQuadQA:
    """MedQuAD's questions answered in words, scored by the words of the published answer."""

    @staticmethod
    def items(
        path: Path, *, subset: str | None = None, split: str | None = None
    ) -> Iterator[Item[TextReference]]:
        """All answered questions in the order of the files; `subset` is a collection (GARD, CDC, …), `split` a half of the pages."""
        if split not in (None, "all", *HALVES):
            raise InputError(f"medquad-qa has no split {split!r}; there are: all, {', '.join(HALVES)}")
        known: set[str] = set()

        def kept() -> Iterator[Item[TextReference]]:
            for found in answered(path):
                known.add(found.source)
                if subset not in (None, found.source) or (split in HALVES and split != half(found)):
                    continue
                yield item(found)

        yield from distinct(kept())
        if subset is not None and subset not in known:
            raise InputError(
                f"MedQuAD has no collection {subset!r} here; there are: {', '.join(sorted(known)) or 'none'}"
            )

    @staticmethod
    def subsets(path: Path) -> list[str]:
        """The collections that are there."""
        return sorted({found.source for found in answered(path)})

    @staticmethod
    def examples(path: Path, *, subset: str | None = None) -> list[Example]:
        """The first half of the pages, for pools that a run over the second half shows."""
        found = MedQuadQA.items(path, subset=subset, split=HALVES[0])
        return [Example(one.case, Answer(kind="text", text=one.reference.text)) for one in found]


def answered(path: Path) -> Iterator[Document]:
    """The answered pairs of MedQuAD's XML files, as a corpus made of them has them; a pair without a question is left out.

    Raises InputError where there is none, or a file is damaged.
    """
    opener, reading, count = Opener(), Reading(), 0
    try:
        for unit in units(path):
            if unit.suffix != ".xml":
                continue
            with opener.open(unit) as file:
                for found in documents(unit, file, reading):
                    if found.title:
                        count += 1
                        yield found
    finally:
        opener.close()
    if not count:
        raise InputError(f"{path} holds no answered question; --data takes {NEEDS}")


def page(found: Document) -> str:
    """The page of a pair: its id without the pair's number."""
    return found.id.rpartition("_Sec")[0]


def half(found: Document) -> str:
    """Which half of the pages a pair is in."""
    return HALVES[crc32(page(found).encode()) % 2]


def item(found: Document) -> Item[TextReference]:
    """A pair as an item; the case shows the question alone."""
    case = Case(id=opaque_id(found.title), question=found.title, answer_kind="text")
    tags = {"kind": found.section} if found.section else {}
    return Item(
        case.id, case, TextReference(found.text, (found.id,)), page(found), subset=found.source, tags=tags
    )
