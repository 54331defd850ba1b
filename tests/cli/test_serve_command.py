"""`osler serve` and its tokens: what it refuses before it listens, and that it answers when it does."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest


def test_help_names_what_it_serves_and_its_safeguards(osler: Any) -> None:
    ran = osler("serve", "--help")
    assert ran.code == 0
    for word in ("--host", "--port", "--tokens", "--retention", "--per-minute", "--audit", "tokens"):
        assert word in ran.out


def test_another_address_than_loopback_demands_a_token(osler: Any, tmp_path: Path) -> None:
    ran = osler("serve", "--host", "0.0.0.0", "--tokens", str(tmp_path / "none.json"))
    assert ran.code == 2
    assert "osler serve tokens add NAME" in ran.err


def test_a_port_that_is_taken_is_said(osler: Any) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = osler("serve", "--port", str(taken.getsockname()[1]))
    assert ran.code == 4
    assert "choose another --port" in ran.err


@pytest.mark.parametrize(
    "words", [("--port", "0"), ("--max-mb", "0"), ("--retention", "0"), ("--retrieval", "x")]
)
def test_what_is_no_setting_is_refused(osler: Any, words: tuple[str, ...]) -> None:
    assert osler("serve", *words).code == 2


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--corpus", "nosuch"), 2, "there is no corpus 'nosuch'"),
        (("--runs", "/nosuch/runs"), 3, "is no folder"),
        (("--graph", "nosuch.tsv"), 3, "nosuch.tsv"),
        (("--records", "nosuch.sqlite"), 3, "is no file"),
        (("--records", __file__), 3, "test_serve_command.py"),
        (("--knowledge", "nosuch"), 2, "is no knowledge base"),
    ],
)
def test_what_is_not_there_is_said_before_it_listens(
    osler: Any, words: tuple[str, ...], code: int, told: str
) -> None:
    ran = osler("serve", "--port", "1", *words)
    assert (ran.code, told in ran.err) == (code, True), ran.err


def test_a_missing_folder_of_runs_names_those_beside_it(osler: Any, tmp_path: Path) -> None:
    run = tmp_path / "mine" / "first"
    run.mkdir(parents=True)
    (run / "manifest.json").write_text("{}")
    assert "mine" in osler("serve", "--runs", str(tmp_path / "nosuch")).err


def test_a_run_itself_is_no_folder_of_runs(osler: Any, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text("{}")
    assert f"--runs {tmp_path.parent}" in osler("serve", "--runs", str(tmp_path)).err


def test_a_token_is_shown_once_and_kept_as_a_hash(osler: Any, tmp_path: Path) -> None:
    file = tmp_path / "tokens.json"
    made = osler("serve", "tokens", "add", "ward", "--tokens", str(file), "--json").json
    assert made["token"] not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600
    listed = osler("serve", "tokens", "list", "--tokens", str(file), "--json").json
    assert [one["name"] for one in listed["tokens"]] == ["ward"]
    assert osler("serve", "tokens", "add", "ward", "--tokens", str(file)).code == 2
    assert osler("serve", "tokens", "remove", "ward", "--tokens", str(file), "--json").json == {
        "removed": "ward"
    }
    assert osler("serve", "tokens", "remove", "ward", "--tokens", str(file)).code == 2


def test_it_answers_as_diagnose_does(osler: Any, letter: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "osler", "serve", "--port", str(port)]
    server = subprocess.Popen(words, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}" in server.stderr.readline()
        body = json.dumps({"text": letter.read_text("utf-8"), "top": 2}).encode()
        found = _post(f"http://127.0.0.1:{port}/api/v1/diagnose", body)
    finally:
        server.terminate()
        server.wait(20)
    assert found == osler("diagnose", str(letter), "--top", "2", "--json").json


def _post(url: str, body: bytes) -> Any:
    request = urllib.request.Request(url, body, {"content-type": "application/json"})
    for _ in range(300):
        try:
            with urllib.request.urlopen(request) as reply:
                return json.load(reply)
        except ConnectionError:
            time.sleep(0.1)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.1)
    raise AssertionError("the server did not start")
