"""drugs: PharmacotherapyDB's judgements, one page for each drug: what it treats, what it relieves, what it was judged not to."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from osler.data.store import locate
from osler.errors import InputError, SourceError
from osler.knowledge.corpus.builtin import BuiltIn, headed
from osler.knowledge.corpus.documents import Document
from osler.knowledge.graph.action_sources import pharmacotherapy
from osler.registry import register

_KINDS = {
    "DM": "Treats (modifies the disease)",
    "SYM": "Relieves symptoms of",
    "NOT": "Judged not to be indicated for",
}
_VERSION = 2


@register(
    "corpus", "drugs", source="Himmelstein et al. 2016 (PharmacotherapyDB 1.0)", needs=("OSLER_DATA/pharmacotherapydb",)
)  # fmt: skip
def drugs() -> BuiltIn:
    """PharmacotherapyDB: physicians' judgements of 601 drugs' indications, a page for each drug."""
    folder = locate("pharmacotherapydb")
    if folder is None or not (folder / "catalog.xlsx").exists():
        raise SourceError(
            "needs PharmacotherapyDB: put catalog.xlsx into the folder pharmacotherapydb of OSLER_DATA"
        )
    catalogue = folder / "catalog.xlsx"
    return BuiltIn(
        licence="CC0 1.0", origin="https://github.com/dhimmel/indications", documents=partial(_documents, folder),
        version=lambda: f"{hashlib.sha256(catalogue.read_bytes()).hexdigest()[:16]}:{_VERSION}", pages=True,
    )  # fmt: skip


def _documents(folder: Path) -> Iterator[Document]:
    told: dict[tuple[str, str], dict[str, list[str]]] = {}
    for drug, name, doid, disease, category in pharmacotherapy(folder):
        if category in _KINDS:
            told.setdefault((drug, name), {}).setdefault(category, []).append(f"{disease} ({doid})")
    if not told:
        raise InputError(f"{folder / 'catalog.xlsx'} holds no judgement")
    for (drug, name), judged in sorted(told.items()):
        parts = [
            (title, [f"- {one}" for one in sorted(judged[category])])
            for category, title in _KINDS.items()
            if category in judged
        ]
        url = f"https://go.drugbank.com/drugs/{drug}"
        yield Document(
            f"DRUGBANK:{drug}",
            headed(f"{name} (DRUGBANK:{drug}).", parts),
            name,
            "PharmacotherapyDB",
            "",
            "2016-03-15",
            url,
            True,
        )
