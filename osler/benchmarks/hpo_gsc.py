"""HPO gold standard corpus: PubMed abstracts with marked HPO mentions (GSC+ and its 2024 revision).

Layout, in a folder or a ZIP: `Text/<id>` (the abstract) and `Annotations/<id>` (lines `start:end TAB id TAB mention`).
Sources: Groza et al. 2015 (doi:10.1093/database/bav005); Lobo et al. 2017 (doi:10.1155/2017/8565739); Groza et al. 2024
(the revision used with FastHPOCR, doi:10.1093/bioinformatics/btae406).
"""

from __future__ import annotations

import re
import time
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from osler.case import Notice
from osler.data.progress import progress
from osler.errors import InputError
from osler.findings.matcher import find_matches
from osler.findings.text import default_lexicon
from osler.findings.values import Notes
from osler.ontology.hpo import Ontology
from osler.registry import benchmark
from osler.scoring.spans import Mention, document_counts, mention_counts

_LINE = re.compile(r"\[?(\d+)(?::{1,2}|\s)(\d+)\]?\t(HP[:_]\d{7})(?:\s*\|\s*|\t)?(.*)$")
_MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """One abstract with its gold mentions, as the file gives them."""

    id: str
    text: str
    mentions: tuple[Mention, ...]


def read_hpo_gsc(path: Path | str, notes: Notes | None = None) -> list[Document]:
    """Documents of a ZIP or folder, sorted by id. `notes` counts lines and spans that the file has wrong.

    Raises InputError when the path is missing, is no readable ZIP, or lacks the two folders.
    """
    notes = notes or Notes()
    files = _files(Path(path))
    texts = {name: data for (folder, name), data in files.items() if folder == "text"}
    gold = {name: data for (folder, name), data in files.items() if folder == "annotations"}
    shared = sorted(texts.keys() & gold.keys())
    if not shared:
        raise InputError(f"{path} has no abstracts with annotations; it needs Text/<id> and Annotations/<id>")
    if len(shared) < len(texts):
        notes.add(
            "gold-missing", "abstracts without an annotation file were left out", len(texts) - len(shared)
        )
    return [_document(name, _decode(texts[name], name), _decode(gold[name], name), notes) for name in shared]


def _files(path: Path) -> dict[tuple[str, str], bytes]:
    """(folder in lower case, name) → bytes of every file in the layout's folders."""
    try:
        if path.is_dir():
            archives = sorted(path.glob("*.zip"))
            if len(archives) == 1 and not (path / "Text").is_dir():
                return _files(archives[0])
            return {
                (file.parent.name.lower(), file.name): file.read_bytes()
                for folder in ("Text", "text", "Annotations", "annotations")
                for file in path.rglob(f"{folder}/*")
                if file.is_file() and file.stat().st_size <= _MAX_BYTES and not file.name.startswith(".")
            }
        with zipfile.ZipFile(path) as archive:
            listed = [
                (PurePosixPath(info.filename), info) for info in archive.infolist() if not info.is_dir()
            ]
            return {
                (name.parent.name.lower(), name.name): archive.read(info)
                for name, info in listed
                if info.file_size <= _MAX_BYTES and "__MACOSX" not in name.parts
            }
    except FileNotFoundError:
        raise InputError(f"{path} does not exist; --data takes the corpus as a ZIP or a folder") from None
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        reason = "is not a readable ZIP" if isinstance(error, zipfile.BadZipFile) else "cannot be read"
        raise InputError(f"{path} {reason}; --data takes the corpus as a ZIP or a folder") from None


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{name} is not UTF-8 text; fetch the corpus again") from None


def _document(name: str, text: str, annotations: str, notes: Notes) -> Document:
    mentions = []
    for line in annotations.splitlines():
        if not line.strip():
            continue
        # One line of the 2024 revision has a letter before its offsets.
        match = _LINE.match(line.strip().lstrip("abcdefghijklmnopqrstuvwxyz"))
        if match is None or not int(match[1]) < int(match[2]) <= len(text):
            notes.add("gold-damaged", "annotation lines that cannot be read were left out")
            continue
        start, end = int(match[1]), int(match[2])
        if text[start:end] != match[4].strip():
            notes.add(
                "gold-span",
                "annotations whose text differs from the abstract at their offsets are used as they are",
            )
        mentions.append((start, end, match[3].replace("_", ":")))
    return Document(name, text, tuple(mentions))


def phenotypic(mentions: tuple[Mention, ...], ontology: Ontology) -> set[Mention]:
    """Mentions under phenotypic abnormality (HP:0000118), ids brought to the ontology's release."""
    found = set()
    for start, end, term in mentions:
        index = ontology.resolve(term).index
        if index >= 0 and ontology.phenotypic[index]:
            found.add((start, end, ontology.ids[index]))
    return found


@benchmark(
    "hpo-gsc",
    source="Groza et al. 2015; Lobo et al. 2017; 2024 revision",
    needs=("hpo-gsc data",),
)
def evaluate_hpo_gsc(path: Path | str, *, limit: int | None = None, seed: int = 0) -> dict[str, Any]:
    """Score text to HPO on the corpus at `path` (ZIP or folder).

    The gold nests mentions, so `mention` and `document` score all matches, nested included, under HP:0000118, by exact
    span and id, whatever the status; `longest` gives the longest matches beside. `limit` takes a seeded random sample.
    `mchar_per_s`: characters of the abstracts per second of CPU, nested, best of three passes, lexicon loaded.
    """
    notes = Notes()
    documents = read_hpo_gsc(path, notes)
    if limit is not None and limit < len(documents):
        chosen = np.random.default_rng(seed).choice(len(documents), limit, replace=False)
        documents = [documents[i] for i in sorted(chosen.tolist())]
    lexicon = default_lexicon()
    ontology = lexicon.ontology
    gold = [phenotypic(document.mentions, ontology) for document in documents]
    found: Mapping[str, list[set[Mention]]] = {"nested": [], "longest": []}
    with progress("Scoring abstracts", len(documents)) as advance:
        for document in documents:
            for kind, collected in found.items():
                matches = find_matches(document.text, lexicon, nested=kind == "nested")
                collected.append({(m.start, m.end, ontology.ids[m.term]) for m in matches})
            advance(1)
    nested, longest = found["nested"], found["longest"]
    return {
        "benchmark": "hpo-gsc",
        "method": "dictionary",
        "n": len(documents),
        "mentions": sum(len(mentions) for mentions in gold),
        "mention": mention_counts(nested, gold).figures(),
        "document": document_counts(nested, gold).figures(),
        "longest": {
            "mention": mention_counts(longest, gold).figures(),
            "document": document_counts(longest, gold).figures(),
        },
        "mchar_per_s": round(_speed([document.text for document in documents]), 2),
        "knowledge": {"name": ontology.name, "release": ontology.release, "checksum": ontology.checksum},
        "notices": [_plain(notice) for notice in notes.notices()],
    }


def _speed(texts: list[str]) -> float:
    """Million characters per second of CPU time, one text at a time; best of three passes."""
    lexicon = default_lexicon()
    characters = sum(len(text) for text in texts)
    best = 0.0
    for _ in range(3):
        start = time.process_time()
        for text in texts:
            find_matches(text, lexicon, nested=True)
        best = max(best, characters / max(time.process_time() - start, 1e-9) / 1e6)
    return best


def _plain(notice: Notice) -> dict[str, str]:
    return {"code": notice.code, "text": notice.text}
