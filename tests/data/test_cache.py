"""The cache: built once, private, rebuilt when damaged, usable by two processes, harmless when it cannot be written."""

import errno
import multiprocessing
import os
import time

import numpy as np
import pytest

from osler.data import cache
from osler.data.cache import CacheNotice, cached_arrays, digest
from osler.data.checksums import file_checksum, sha256_of


def counting_builder():
    calls = []

    def build():
        calls.append(1)
        return {"a": np.arange(5)}

    return build, calls


def test_built_once_then_read(private_cache):
    build, calls = counting_builder()
    first, second = cached_arrays("x-1", build), cached_arrays("x-1", build)
    assert (first["a"] == second["a"]).all() and len(calls) == 1
    cached_arrays("x-2", build)
    assert len(calls) == 2


def test_folder_and_files_are_private(private_cache):
    cached_arrays("x", counting_builder()[0])
    folder = private_cache / "osler"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("damage", ["truncated", "altered", "empty", "text"])
def test_a_damaged_file_is_built_again(private_cache, damage):
    build, calls = counting_builder()
    cached_arrays("x", build)
    path = private_cache / "osler" / "x.arrays"
    raw = path.read_bytes()
    altered = raw[:-30] + bytes([raw[-30] ^ 1]) + raw[-29:]
    path.write_bytes({"truncated": raw[:50], "altered": altered, "empty": b"", "text": b"not this"}[damage])
    assert cached_arrays("x", build)["a"].tolist() == [0, 1, 2, 3, 4]
    assert len(calls) == 2
    cached_arrays("x", build)
    assert len(calls) == 2


def test_no_space_means_a_notice_and_the_right_result(private_cache, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(cache, "write_arrays", full)
    with pytest.warns(CacheNotice, match="no space left.*XDG_CACHE_HOME"):
        assert cached_arrays("x", counting_builder()[0])["a"].sum() == 10


def test_a_cache_that_cannot_be_made_means_a_notice(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.warns(CacheNotice, match="cannot be used"):
        assert cached_arrays("x", counting_builder()[0])["a"].sum() == 10


def test_what_nobody_has_opened_for_months_is_deleted(private_cache):
    build = counting_builder()[0]
    for key in ("old", "in-use"):
        cached_arrays(key, build)
        os.utime(private_cache / "osler" / f"{key}.arrays", (1_000_000, 1_000_000))
    cached_arrays("in-use", build)
    cached_arrays("new", build)
    assert sorted(path.name for path in (private_cache / "osler").glob("*.arrays")) == [
        "in-use.arrays",
        "new.arrays",
    ]


def test_an_error_of_the_builder_is_not_taken_for_a_cache_error(private_cache):
    def broken():
        raise ValueError("bad input")

    with pytest.raises(ValueError, match="bad input"):
        cached_arrays("x", broken)
    assert not list((private_cache / "osler").glob("*.arrays"))


def _build_slowly(log):
    def build():
        with log.open("a") as file:
            file.write("built\n")
        time.sleep(0.3)
        return {"a": np.arange(5)}

    assert cached_arrays("shared", build)["a"].sum() == 10


def test_two_processes_at_once_build_once(private_cache, tmp_path):
    log = tmp_path / "log"
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=_build_slowly, args=(log,)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert log.read_text() == "built\n"


def test_a_checksum_is_remembered_until_the_file_changes(private_cache, tmp_path, monkeypatch):
    file = tmp_path / "data"
    file.write_text("one")
    os.utime(file, (1_000_000, 1_000_000))
    assert file_checksum(file) == sha256_of(file)
    monkeypatch.setattr("osler.data.checksums.sha256_of", lambda _: "hashed again")
    assert file_checksum(file) != "hashed again"
    os.utime(file, (1_000_001, 1_000_001))
    assert file_checksum(file) == "hashed again"


def test_a_digest_depends_on_every_part_and_its_place():
    assert digest("a", "bc") != digest("ab", "c") != digest("c", "ab")
