"""medquad: MedQuAD's answered questions, where the data folder has them."""

from __future__ import annotations

from osler.data.store import locate
from osler.errors import SourceError
from osler.knowledge.corpus.builtin import BuiltIn
from osler.registry import register


@register(
    "corpus", "medquad", source="Ben Abacha and Demner-Fushman 2019 (MedQuAD)", needs=("OSLER_DATA/medquad",)
)
def medquad() -> BuiltIn:
    """MedQuAD: questions of consumers with answers from pages of the NIH: those with their text, and the judged answers' table."""
    folder = locate("medquad")
    if folder is None:
        raise SourceError(
            "needs MedQuAD: put it into the folder medquad of OSLER_DATA, or give its path as SOURCE"
        )
    return BuiltIn(licence="CC BY 4.0", origin="https://github.com/abachaa/MedQuAD", path=folder)
