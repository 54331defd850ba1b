"""`corpus embed --ray`: the same vectors by several workers; what a missing Ray or a dead worker looks like.

A stand-in for Ray shows order and bounds; the last test starts Ray itself where the extra is installed.
"""

from __future__ import annotations

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from osler.errors import SourceError, UsageError
from osler.knowledge.dense import workers
from osler.knowledge.dense.embed import embed
from osler.knowledge.dense.encoders import HashedWords
from osler.knowledge.dense.vectors import embedded, vectors_dir


class FakeRay:
    """Ray's calls in one process: what is asked for is worked out when its result is fetched."""

    class RayError(Exception):
        pass

    def __init__(self, cpus: int = 3) -> None:
        self.exceptions = SimpleNamespace(RayError=self.RayError)
        self.cpus, self.running, self.most, self.actors, self.started = cpus, 0, 0, 0, False
        self.dies = False

    def is_initialized(self) -> bool:
        return self.started

    def init(self, **_) -> None:
        self.started = True

    def shutdown(self) -> None:
        self.started = False

    def cluster_resources(self) -> dict:
        return {"CPU": self.cpus}

    def remote(self, kind):
        def made(*given):
            self.actors += 1
            actor = kind(*given)
            return SimpleNamespace(encode=SimpleNamespace(remote=lambda texts: self._promise(actor, texts)))

        return SimpleNamespace(remote=made)

    def _promise(self, actor, texts):
        self.running += 1
        self.most = max(self.most, self.running)
        return lambda: actor.encode(texts)

    def get(self, promise):
        if self.dies:
            raise self.RayError("worker\nout of memory")
        self.running -= 1
        return promise()


@pytest.fixture
def fake(monkeypatch) -> FakeRay:
    ray = FakeRay()
    monkeypatch.setitem(sys.modules, "ray", ray)
    return ray


def rows(name: str) -> bytes:
    return (vectors_dir(name) / embedded(name)["folder"] / "vectors.f16").read_bytes()


def test_blocks_come_back_in_their_order_and_few_wait_at_once(fake):
    blocks = [[f"block {n} text {k}" for k in range(3)] for n in range(40)]
    made = list(workers.on_ray("hashed", iter(blocks)))
    expected = [HashedWords().encode(texts) for texts in blocks]
    assert all(np.array_equal(one, other) for one, other in zip(made, expected, strict=True))
    assert fake.actors == 3 and fake.most <= 6 and not fake.started


def test_a_corpus_gets_the_same_vectors_as_in_one_process(many, fake):
    embed("many", "hashed", ray=True, ray_workers=2)
    by_ray = rows("many")
    assert fake.actors == 2
    vectors_dir("many").joinpath("vectors.json").unlink()
    vectors_dir("many").joinpath("1", "begun.json").unlink()
    embed("many", "hashed")
    assert rows("many") == by_ray


def test_a_dead_worker_is_told_and_the_run_goes_on_later(many, fake):
    fake.dies = True
    with pytest.raises(
        SourceError, match=r"a Ray worker failed .*out of memory.*run the command again to go on"
    ):
        embed("many", "hashed", ray=True)
    fake.dies = False
    assert embed("many", "hashed", ray=True).passages == 700


def test_without_ray_the_extra_is_named(many, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'osler\[ray\]'"):
        embed("many", "hashed", ray=True)


def test_ray_itself_gives_the_same_vectors(many):
    pytest.importorskip("ray", reason="extra ray is not installed")
    embed("many", "hashed", ray=True, ray_workers=2)
    by_ray = rows("many")
    vectors_dir("many").joinpath("vectors.json").unlink()
    vectors_dir("many").joinpath("1", "begun.json").unlink()
    embed("many", "hashed")
    assert rows("many") == by_ray
