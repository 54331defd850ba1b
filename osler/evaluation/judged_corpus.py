"""The corpus that a judged set is searched in: built once from the set's documents, kept, and found again by its content.

Near-identical passages are kept here: a judged document must not be missing because another says the same.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import orjson

from osler.benchmarks.judged import JudgedSet
from osler.data.cache import locked
from osler.data.paths import cache_dir, private_folder
from osler.data.progress import progress
from osler.errors import InputError, UsageError


def corpus_for(benchmark: str, judged: JudgedSet) -> str:
    """The name of the corpus of a set's documents, made where it is not there yet. Raises InputError where it has none."""
    from osler.knowledge.corpus import store
    from osler.knowledge.corpus.ingest import add

    if judged.documents is None:
        raise UsageError(f"{benchmark} {judged.name} brings no documents; name a corpus with --corpus")
    slug = re.sub(r"[^a-z0-9]+", "-", f"{benchmark}-{judged.collection or judged.name}".lower()).strip("-")
    folder = private_folder(cache_dir() / "judged")
    draft = folder / f"{slug}.part"
    with locked(folder / slug):
        digest, count = _write(judged, draft)
        if not count:
            draft.unlink()
            raise InputError(f"{benchmark} {judged.name} holds no document")
        name = f"judged-{slug[:60]}-{digest[:10]}"
        if name in store.names():
            draft.unlink()
            return name
        source = folder / f"{name}.jsonl"
        draft.replace(source)
        try:
            add(name, source, licence=f"that of {benchmark}", origin=benchmark, keep_all=True)
        finally:
            source.unlink(missing_ok=True)
    return name


def _write(judged: JudgedSet, path: Path) -> tuple[str, int]:
    """The documents as JSON lines, each id once; the digest of what was written, and how many they are."""
    assert judged.documents is not None
    digest, seen = hashlib.sha256(), set[str]()
    with path.open("wb") as file, progress(f"Reading {judged.collection or judged.name}", None) as advance:
        path.chmod(0o600)
        for document in judged.documents():
            if document.id in seen:
                continue
            seen.add(document.id)
            row = {
                name: getattr(document, name)
                for name in ("id", "title", "text", "source", "section", "date", "url")
            }
            line = orjson.dumps({name: value for name, value in row.items() if value}) + b"\n"
            digest.update(line)
            file.write(line)
            advance(1)
    return digest.hexdigest(), len(seen)


def embed(name: str, encoder: str | None) -> None:
    """Make the vectors of a corpus, or bring them up to date. Raises UsageError where a package is missing for that."""
    from osler.knowledge.dense.embed import embed as run

    run(name, encoder)
