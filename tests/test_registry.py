"""The registry: names, near misses, typed options, users' files and plug-ins of other packages."""

from __future__ import annotations

import importlib.metadata
import threading

import pytest

from osler import registry
from osler.errors import UsageError


@pytest.fixture
def fresh(monkeypatch):
    """A registry of this test's own."""
    monkeypatch.setattr(registry, "_parts", {})
    monkeypatch.setattr(registry, "_loaded", {"osler.methods", "plug-ins"})
    monkeypatch.setattr(registry, "_broken", {})


def test_a_part_is_found_by_name_with_its_source_and_summary(fresh):
    @registry.method("vote", source="Wang 2022", fidelity="paper", needs=("model",))
    async def vote(case, ctx, samples: int = 5):
        """Vote over samples.

        More words.
        """

    part = registry.get("method", "vote")
    assert (part.object, part.source, part.summary, part.needs) == (
        vote,
        "Wang 2022",
        "Vote over samples.",
        ("model",),
    )
    assert registry.names("method") == ["vote"]


def test_a_near_miss_is_suggested(fresh):
    @registry.method("self-consistency", source="x")
    async def one(case, ctx): ...

    with pytest.raises(UsageError, match="did you mean self-consistency"):
        registry.get("method", "self-consistancy")
    with pytest.raises(UsageError, match="osler list methods"):
        registry.get("method", "zzz")


def test_two_objects_cannot_share_a_name(fresh):
    @registry.method("a", source="x")
    async def one(case, ctx): ...

    with pytest.raises(UsageError, match="registered twice"):

        @registry.method("a", source="x")
        async def two(case, ctx): ...


def test_options_are_read_in_their_types(fresh):
    @registry.method("m", source="x")
    async def m(
        case, ctx, rounds: int = 3, temperature: float = 0.7, name: str = "a", loud: bool = False
    ): ...

    part = registry.get("method", "m")
    assert registry.bind(part, {"rounds": "5", "loud": "true"}) == {"rounds": 5, "loud": True}
    with pytest.raises(UsageError, match="rounds"):
        registry.bind(part, {"rounds": "many"})
    with pytest.raises(UsageError, match="has no option 'turns'"):
        registry.bind(part, {"turns": "2"})


def test_a_users_file_is_a_method(fresh, tmp_path):
    file = tmp_path / "mine.py"
    file.write_text("async def guess(case, ctx):\n    'Always guesses.'\n")
    part = registry.get("method", f"{file}:guess")
    assert part.summary == "Always guesses."
    with pytest.raises(UsageError, match="no function 'nothing'"):
        registry.get("method", f"{file}:nothing")
    with pytest.raises(UsageError, match="no file"):
        registry.get("method", f"{tmp_path}/none.py:guess")


class _Point:
    """Stands in for an installed package's entry point."""

    dist = None
    name = value = "plugged"

    def __init__(self, action):
        self.load = action


def test_a_plug_in_registers_and_a_broken_one_does_no_harm(fresh, monkeypatch):
    def good():
        registry.method("plugged", source="x")(lambda case, ctx: None)

    def bad():
        raise RuntimeError("no such library")

    broken = _Point(bad)
    broken.name = "sad"
    monkeypatch.setattr(registry, "_loaded", {"osler.methods"})
    monkeypatch.setattr(
        importlib.metadata, "entry_points", lambda group: [_Point(good), broken] if group == "osler" else []
    )
    assert registry.names("method") == ["plugged"]
    assert registry.get("method", "plugged").origin == "plugged"
    assert registry.broken() == {"sad": "RuntimeError: no such library"}


def test_a_second_thread_waits_until_the_first_has_loaded_the_parts(monkeypatch):
    begun, go_on, found = threading.Event(), threading.Event(), []

    def slow(package):
        begun.set()
        go_on.wait(5)
        return iter(())

    monkeypatch.setattr(registry, "_loaded", {"plug-ins"})
    monkeypatch.setattr(registry, "_files_of", slow)
    first = threading.Thread(target=registry.load, args=("calculator",))
    second = threading.Thread(target=lambda: (registry.load("calculator"), found.append("second")))
    first.start()
    begun.wait(5)
    second.start()
    second.join(0.1)

    assert found == []
    go_on.set()
    first.join(5)
    second.join(5)
    assert found == ["second"]
