"""The map of a corpus: made once, kept beside it, and made again when the corpus or its vectors have changed.

    corpora/NAME/map/atlas.npz     the map; its `about` holds the state of the corpus that it was made of

Passages are placed by the corpus's vectors where it was embedded (osler corpus embed) and these are not older than it, else by
hashed TF-IDF of title, heading and words. Of a corpus of more than MOST passages a random MOST are placed; the map says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from osler.data.cache import locked
from osler.data.paths import private_folder
from osler.data.progress import progress
from osler.errors import UsageError
from osler.knowledge.atlas import hashed, layout
from osler.knowledge.atlas.atlas import Atlas, drawn, load
from osler.knowledge.corpus import store

MOST = 200_000
_PLAIN = ("source", "section", "year")
_MOST_FIELDS, _OWN_VALUES = 8, 400

# Told what is under way and how many units it has; gives what is called as they are done.
Watch = Callable[[str, float], Any]


def place(name: str) -> Path:
    """Where a corpus's map is kept. Raises UsageError for a name that cannot be one."""
    return store.place(name) / "map" / "atlas.npz"


def kept(name: str) -> tuple[Atlas | None, bool]:
    """The map of a corpus, if it was made, and whether it still fits the corpus. Raises UsageError where there is no such corpus."""
    known = store.about(name)
    found = load(place(name))
    return found, found is not None and found.about.get("state") == _state(name, known)


def make(name: str, seed: int = 0, watch: Watch = progress, again: bool = False) -> tuple[Atlas, bool]:
    """The map of a corpus, and whether it was made just now: made only where there is none that fits, or `again` says so.

    `watch(text, total)` is a context that gives a function to be told of progress (default: a bar on standard error).
    Raises UsageError where there is no such corpus, or nothing in it.
    """
    known = store.about(name)
    if not known["passages"]:
        raise UsageError(f"corpus {name} has no passage to place on a map")
    with locked(private_folder(place(name).parent) / "atlas.npz"):
        found, fits = kept(name)
        if found is not None and fits and not again and found.about.get("seed") == seed:
            return found, False
        made = _made(name, known, seed, watch)
        made.save(place(name))
    return made, True


def _made(name: str, known: dict[str, Any], seed: int, watch: Watch) -> Atlas:
    reader = store.Reader(store.place(name) / known["data"])
    chosen = _chosen(reader.n_passages, seed)
    vectors, by = _vectors(name, known, chosen)
    if vectors is None:
        with watch(f"Reading {name}", float(len(chosen))) as advance:
            vectors = hashed.tfidf(_texts(reader, chosen), advance)
    with watch("Placing", float(layout.EPOCHS + 40)) as advance:
        points = layout.components(vectors, seed=seed)
        advance(20)
        near = layout.neighbours(points, seed=seed)
        advance(20)
        places = layout.placed(points, near, seed, advance=advance)
    labels, discipline = _labels(reader, chosen)
    about = {
        "kind": "corpus", "name": name, "state": _state(name, known), "seed": seed, "by": by,
        "passages": reader.n_passages, "placed": len(chosen), "kept": round(float(layout.kept(points, places)), 3),
        "colour": discipline or next((one for one in ("section", "source") if one in labels), ""),
    }  # fmt: skip
    return drawn(places, chosen, labels, about, seed)


def _state(name: str, known: dict[str, Any]) -> str:
    """A mark of what the map rests on; it changes with the passages and with the vectors."""
    from osler.knowledge.dense.vectors import corpus_state

    current = corpus_state(known)
    made = _embedded(name, current)
    return f"{current} {made['encoder']['name']}" if made else current


def _embedded(name: str, state: str) -> dict[str, Any] | None:
    from osler.knowledge.dense.vectors import embedded

    made = embedded(name)
    return made if made and made["state"] == state else None


def _chosen(passages: int, seed: int) -> np.ndarray:
    if passages <= MOST:
        return np.arange(passages)
    return np.sort(np.random.default_rng(seed).choice(passages, MOST, replace=False))


def _vectors(name: str, known: dict[str, Any], chosen: np.ndarray) -> tuple[Any, str]:
    """The vectors of the corpus as it is now, and whose they are; None where it has none."""
    from osler.knowledge.dense.vectors import Vectors, corpus_state, vectors_dir

    made = _embedded(name, corpus_state(known))
    if made is None:
        return None, "the words of title, heading and passage (TF-IDF)"
    folder = vectors_dir(name) / made["folder"]
    rows = Vectors(folder, made["encoder"]["dimensions"], known["passages"]).rows
    return rows if len(chosen) == len(rows) else rows[chosen], f"the vectors of {made['encoder']['name']}"


def _texts(reader: store.Reader, chosen: np.ndarray) -> Iterator[str]:
    from osler.knowledge.corpus.lexical import words_of

    for number in chosen.tolist():
        _, text, head, meta = reader.passage(number)
        yield words_of(head, meta, text)


def _labels(reader: store.Reader, chosen: np.ndarray) -> tuple[dict[str, list[str]], str]:
    """What each passage may be coloured by. In MIRIAD's layout the section is the paper's discipline, and is called so."""
    labels: dict[str, list[str]] = {name: [] for name in _PLAIN}
    own: dict[str, dict[int, str]] = {}
    papers = 0
    for at, number in enumerate(chosen.tolist()):
        _, _, head, meta = reader.passage(number)
        for name, value in zip(_PLAIN, (meta.get("source", ""), head, meta.get("date", "")[:4]), strict=True):
            labels[name].append(" ".join(value.split())[:120])
        fields = meta.get("fields") or {}
        papers += "paper_id" in fields
        for name, value in fields.items():
            if name in own or len(own) < 4 * _MOST_FIELDS:
                own.setdefault(name, {})[at] = value[:120]
    for name, values in own.items():
        few = 1 < len(set(values.values())) <= _OWN_VALUES
        if few and name not in labels and len(labels) < _MOST_FIELDS:
            labels[name] = [values.get(at, "") for at in range(len(chosen))]
    if papers * 2 < len(chosen):
        return labels, ""
    labels = {"discipline": labels.pop("section"), **labels}
    return labels, "discipline"


@contextmanager
def silent(text: str, total: float) -> Iterator[Callable[[float], None]]:
    """A `watch` that tells nobody."""
    yield lambda amount: None
