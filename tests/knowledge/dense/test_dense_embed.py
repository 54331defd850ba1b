"""`corpus embed`: every passage gets its vector once; a killed run goes on; what has not changed is kept."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import time

import numpy as np
import pytest
from dense_rows import ROWS, write_rows

from osler.errors import InputError, UsageError
from osler.knowledge.corpus import store
from osler.knowledge.corpus.ingest import add
from osler.knowledge.dense import DenseRetriever
from osler.knowledge.dense import embed as embed_module
from osler.knowledge.dense.embed import embed
from osler.knowledge.dense.encoders import HashedWords
from osler.knowledge.dense.vectors import embedded, vectors_dir


class Counting(HashedWords):
    """The hashed encoder, with a record of what it was given."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def encode(self, texts, kind="passage"):
        self.seen += texts
        return super().encode(texts, kind)


def files(name: str) -> dict[str, bytes]:
    """The rows of a corpus's vectors."""
    folder = vectors_dir(name) / embedded(name)["folder"]
    return {one: (folder / one).read_bytes() for one in ("vectors.f16", "about.bin", "signatures.bin")}


def test_every_passage_is_embedded_with_its_title_and_nothing_twice(small):
    encoder = Counting()
    done = embed("small", encoder)
    assert (done.state, done.passages, done.kept, done.index) == ("built", 5, 0, "exact")
    assert sorted(text.split("\n")[0] for text in encoder.seen) == sorted(title for _, title, *_ in ROWS)
    again = embed("small", encoder)
    assert again.state == "unchanged" and len(encoder.seen) == 5


def test_after_an_update_only_what_is_new_is_embedded(small):
    embed("small", "hashed")
    write_rows(small, [("new", "Gout", "Gout is treated with colchicine.", "Guides", ""), *ROWS[1:]])
    add("small", small)
    with pytest.raises(
        UsageError, match="has changed since it was embedded; run osler corpus embed small again"
    ):
        DenseRetriever("small")
    encoder = Counting()
    done = embed("small", encoder)
    assert (done.state, done.passages, done.kept) == ("updated", 5, 4)
    assert [text.split("\n")[0] for text in encoder.seen] == ["Gout"]
    assert DenseRetriever("small").search("colchicine for gout")[0].document == "new"


class Dying(HashedWords):
    """Breaks off at the second block."""

    def __init__(self) -> None:
        self.calls = 0

    def encode(self, texts, kind="passage"):
        self.calls += 1
        if self.calls == 2:
            raise InputError("the power is gone")
        return super().encode(texts, kind)


def test_a_run_that_broke_off_goes_on_at_its_last_block(many):
    with pytest.raises(InputError, match="power"):
        embed("many", Dying())
    assert embedded("many") is None
    with pytest.raises(UsageError, match="no vectors yet; make them: osler corpus embed many"):
        DenseRetriever("many")
    encoder = Counting()
    done = embed("many", encoder)
    assert done.state == "resumed" and len(encoder.seen) == 700 - embed_module.BLOCK
    resumed = files("many")
    embed("many", "hashed", "exact")
    store.remove("many")
    add("many", many)
    embed("many", "hashed")
    assert files("many") == resumed


KILLED = """
import sys, time
from osler.knowledge.dense import embed as module, vectors
from osler.knowledge.dense.encoders import HashedWords
class Slow(HashedWords):
    def encode(self, texts, kind="passage"):
        time.sleep(0.25)
        return super().encode(texts, kind)
vectors._EVERY_S, module.BLOCK = 0.0, 64
module.embed("many", Slow())
"""


def test_a_run_killed_at_any_point_gives_the_same_vectors(many, monkeypatch):
    kills = 0
    for wait_for in (64, 300):
        running = subprocess.Popen([sys.executable, "-c", KILLED], stderr=subprocess.DEVNULL)
        kept = vectors_dir("many") / "1" / "signatures.bin"
        while running.poll() is None and not (kept.exists() and kept.stat().st_size >= 8 * wait_for):
            time.sleep(0.01)
        kills += running.poll() is None
        running.send_signal(signal.SIGKILL)
        running.wait()
    assert kills == 2 and embedded("many") is None
    monkeypatch.setattr(embed_module, "BLOCK", 64)
    assert embed("many", "hashed").state == "resumed"
    killed = files("many")
    store.remove("many")
    add("many", many)
    embed("many", "hashed")
    assert files("many") == killed


def test_another_encoder_makes_all_vectors_anew_and_the_old_ones_go(small):
    class Other(HashedWords):
        name, checksum = "other", "2"

    embed("small", "hashed")
    done = embed("small", Other())
    assert done.state == "updated" and done.kept == 0
    assert embedded("small")["encoder"]["name"] == "other"
    assert [one.name for one in vectors_dir("small").iterdir() if one.is_dir()] == ["2"]


def test_vectors_are_private_and_go_with_their_corpus(small):
    embed("small", "hashed")
    folder = vectors_dir("small") / "1"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()} == {0o600}
    store.remove("small")
    assert not folder.exists()


def test_cosines_of_the_kept_vectors_are_those_of_the_encoder(many):
    embed("many", "hashed")
    rows = np.frombuffer(files("many")["vectors.f16"], np.float16).reshape(700, 256).astype(np.float32)
    exact = HashedWords().encode(
        [f"Topic {n}\n\nCase {n} has finding{n % 37} and sign{n % 11}." for n in range(700)]
    )
    assert np.abs(rows @ rows.T - exact @ exact.T).max() < 1e-3


def test_damaged_vectors_are_told(small):
    embed("small", "hashed")
    path = vectors_dir("small") / "1" / "vectors.f16"
    path.write_bytes(path.read_bytes()[:10])
    with pytest.raises(InputError, match="damaged; delete that folder and run osler corpus embed again"):
        DenseRetriever("small")
