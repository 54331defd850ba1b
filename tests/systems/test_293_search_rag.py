"""Row 293, SearchRAG: a stub search source returns one helpful and one useless snippet; the entropy of a scripted model's options
keeps the helpful one alone."""

import json
import math
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from commands import osler
from spoken import Spoken, fields, through
from spoken_server import served

from osler.evaluation.store import read_records, read_trace
from osler.llm.types import Likelihood
from osler.methods.search_rag import entropy_of

HELPFUL = {
    "url": "https://example.org/falk", "title": "Falk syndrome", "content": "Falk syndrome is treated with cladribol.",
}  # fmt: skip
USELESS = {
    "url": "https://example.org/history", "title": "Falk syndrome", "content": "Falk syndrome was named in 1912.",
}  # fmt: skip
QUESTION = "An infant has Falk syndrome. Which medicine should be given?"


@contextmanager
def search_engine():
    """A stub of SearXNG: the useless snippet first, whatever is asked. Yields its corpus spec and the queries it got."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(parse_qs(urlsplit(self.path).query)["q"][0])
            body = json.dumps({"results": [USELESS, HELPFUL]}).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"searxng:http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


class Scripted:
    """Draws queries; torn between A and B unless the treatment is in view, which makes it choose B each time."""

    def __init__(self):
        self.drawn, self.torn, self.answered = count(1), count(), []

    def __call__(self, prompt, schema):
        if fields(schema) == ["query"]:
            return {"query": f"falk syndrome treatment {next(self.drawn) % 3}"}
        knows = "treated with cladribol" in prompt
        choice = "B" if knows else "AB"[next(self.torn) % 2]
        if fields(schema) == ["answer"]:
            return {"answer": choice}
        self.answered.append(prompt)
        return {"reasoning": "by what is in view", "citations": [1] if knows else [], "answer": choice}


@pytest.fixture
def questions(tmp_path, private_cache):
    path = tmp_path / "questions.jsonl"
    row = {"id": "1", "question": QUESTION, "options": ["deprenol", "cladribol"], "answer": "B"}
    path.write_text(json.dumps(row) + "\n")
    return path


def test_only_the_snippet_that_makes_the_model_surer_is_kept(questions, tmp_path, capfd):
    model = Scripted()
    with served(model) as named, search_engine() as (spec, asked):
        osler(
            capfd, "eval", "own", "--data", questions, "--method", "search-rag", *named, "--corpus", spec,
            "-m", "entropy=sampling", "-m", "samples=8", "-m", "queries=6", "--out", tmp_path / "run",
        )  # fmt: skip
    [record] = read_records(tmp_path / "run")
    assert record["answer"]["choice"] == "B" and record["scores"]["correct"] == 1
    assert sorted(asked) == [f"falk syndrome treatment {n}" for n in range(3)]  # six drawn, three different
    [final] = model.answered
    assert HELPFUL["content"] in final and USELESS["content"] not in final
    steps = read_trace(tmp_path / "run", 0)["trace"]["steps"]
    [select] = [step for step in steps if step.get("label") == "select"]
    shown = {item["record"]: item.get("supports") for item in select["evidence"]}
    assert shown == {HELPFUL["url"]: True, USELESS["url"]: None}
    assert select["data"]["kept"] == 1
    [cited] = [step for step in steps if step.get("label") == "citations"]
    assert cited["evidence"][0]["references"] == [HELPFUL["url"]]


def test_so_it_is_by_the_likelihoods_of_the_options():
    """The drop is the one worked out by hand: from one half each to nine tenths."""
    from osler.case import Case, Option
    from osler.passages import Passage

    class Likely(Spoken):
        async def loglikelihood(self, prompt, continuations):
            share = 0.9 if "treated with cladribol" in prompt else 0.5
            rows = {" A": 1 - share, " B": share}
            return [Likelihood(math.log(rows[text]), 1, 1) for text in continuations]

    class Stub:
        name = "stub"

        def search(self, query, top=10, filters=None):
            return [
                Passage(
                    row["content"],
                    row["url"],
                    0,
                    len(row["content"]),
                    "example.org",
                    1.0,
                    "stub",
                    url=row["url"],
                )
                for row in (USELESS, HELPFUL)
            ]

    options = [Option(key="A", text="deprenol"), Option(key="B", text="cladribol")]
    case = Case(id="1", question=QUESTION, answer_kind="choice", options=options)
    model = Scripted()
    trace = through("search-rag(entropy=likelihood)", case, Likely(model), retriever=Stub())
    [select] = [step for step in trace.steps if step.label == "select"]
    assert select.data["entropy"] == pytest.approx(math.log(2))
    assert select.data["drops"] == [0.0, pytest.approx(math.log(2) - entropy_of([0.9, 0.1]))]
    assert HELPFUL["content"] in model.answered[0] and USELESS["content"] not in model.answered[0]
    assert trace.answer.choice == "B"
