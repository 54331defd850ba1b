"""Small slips of use that once ended as internal errors or in silence: each has its own message and exit code."""

from __future__ import annotations

import errno
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from osler.cli.output import refuse_taken, write_private
from osler.errors import SourceError


def run(*words: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "osler", *words],
        capture_output=True,
        text=True,
        input=text,
        check=False,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--difference", "1e-12"), "at least 1e-06"),
        (("--difference", "0"), "2 points are 0.02"),
        (("--difference", "0.02", "--design-effect", "nan"), "design effect"),
        (("--difference", "0.4", "--accuracy", "0.9"), "cannot rise"),
        (("--cases", "99999999999999999999"), "--cases"),
    ],
)
def test_power_refuses_what_has_no_answer(words: tuple[str, ...], says: str) -> None:
    done = run("power", *words)
    assert done.returncode == 2
    assert says in done.stderr
    assert "internal error" not in done.stderr


def test_an_argument_that_is_no_unicode_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "osler", "ask", b"\xff\xfe", "--model", "simulated:good"],
        capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 3
    assert b"Unicode" in done.stderr


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "osler", "list", "methods", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(60) == 0


def test_a_key_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[[1, 2]]")
    done = run("simulate", "--keys", str(tmp_path / "keys.json"))
    assert done.returncode == 3
    assert "question, answer, options" in done.stderr


def test_a_folder_of_several_data_files_is_refused_by_name(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text('{"question": "Q?", "options": ["x", "y"], "answer": "A"}\n')
    done = run("eval", "own", "--data", str(tmp_path), "--method", "zero-shot", "--model", "simulated:good")
    assert done.returncode == 3
    assert "a.jsonl, b.jsonl" in done.stderr


def test_a_port_that_is_taken_is_a_failed_source() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(SourceError, match="another --port"):
            refuse_taken("127.0.0.1", other.getsockname()[1])


def test_a_file_is_written_whole_or_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "trace.json"
    write_private(path, "old")
    assert path.stat().st_mode & 0o777 == 0o600

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space"):
        write_private(path, "new")
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["trace.json"]


@pytest.mark.parametrize("words", [("--k", "²"), ("--gold-position", "²")])
def test_a_digit_that_is_no_number_is_refused(words: tuple[str, ...], tmp_path: Path) -> None:
    rows, gold = tmp_path / "q.jsonl", tmp_path / "gold.jsonl"
    rows.write_text('{"question": "What?", "answer": "That"}\n')
    gold.write_text('{"question": "What?", "text": "That."}\n')
    own = ("sweep", "rag", "own", "--data", str(rows), "--map", "question=question,answer=answer,kind=text")
    done = run(*own, "--corpus", "none", "--gold", str(gold), "--model", "simulated:good", *words)
    assert done.returncode == 2 and "internal error" not in done.stderr
    assert "²" in done.stderr


def test_a_prompt_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_bytes(b"\xff\xfe {query}")
    own = ("ask", "What?", "--method", "rag", "--corpus", "none", "--model", "simulated:good")
    done = run(*own, "--rewrite", str(prompt))
    assert done.returncode == 3 and "UTF-8" in done.stderr


def test_a_rewrite_without_a_model_is_told_as_what_asks_it() -> None:
    done = run("ask", "What?", "--corpus", "none", "--rewrite", "hyde")
    assert done.returncode == 2 and "--rewrite hyde asks a language model" in done.stderr


def test_a_graph_that_is_not_there_ends_a_run_before_its_first_case(tmp_path: Path) -> None:
    rows = tmp_path / "q.jsonl"
    rows.write_text('{"question": "What?", "answer": "That"}\n')
    own = ("eval", "own", "--data", str(rows), "--map", "question=question,answer=answer,kind=text")
    about = ("--method", "graph-chains", "--model", "simulated:good", "--graph", str(tmp_path / "none"))
    done = run(*own, *about, "--out", str(tmp_path / "run"))
    assert done.returncode == 3 and "there is no graph file" in done.stderr
    assert not (tmp_path / "run").exists()


def test_the_prompt_of_a_rewrite_and_of_an_order_is_shown() -> None:
    done = run("prompt", "show", "rag", "--question", "What?", "--rewrite", "hyde", "--rank", "model")
    assert done.returncode == 0 and "here 3 calls" in done.stdout
    assert "rewrite" in done.stdout and "Order them" in done.stdout
