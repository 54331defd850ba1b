"""Re-rankers by spec: an endpoint that is a local server here, a baseline, and what they refuse."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from osler.data import offline
from osler.errors import SourceError, UsageError
from osler.knowledge.retrieval.rerankers import open_reranker


@pytest.fixture
def server():
    """A `/rerank` endpoint that replies with what `server.reply` makes of the body."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            here.seen.append((body, self.headers.get("authorization")))
            sent = json.dumps(here.reply(body)).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *_):
            pass

    here = HTTPServer(("127.0.0.1", 0), Handler)
    here.seen = []
    here.reply = lambda body: {
        "results": [
            {"index": place, "relevance_score": len(text)} for place, text in enumerate(body["documents"])
        ]
    }
    threading.Thread(target=here.serve_forever, daemon=True).start()
    here.spec = f"endpoint:bge@http://127.0.0.1:{here.server_port}/v1/rerank"
    yield here
    here.shutdown()


def test_an_endpoint_scores_texts_in_their_own_order(server, monkeypatch):
    monkeypatch.setenv("OSLER_RERANKER_KEY", "secret-key")
    server.reply = lambda body: [{"index": 1, "score": 0.9}, {"index": 0, "score": 0.2}]
    assert open_reranker(server.spec).scores("gout", ["one", "two"]) == [0.2, 0.9]
    ((body, key),) = server.seen
    assert (
        body == {"model": "bge", "query": "gout", "documents": ["one", "two"]} and key == "Bearer secret-key"
    )


def test_nothing_to_score_asks_nobody(server):
    assert open_reranker(server.spec).scores("gout", []) == [] and not server.seen


@pytest.mark.parametrize(
    "reply", [{"results": [{"index": 0, "score": 1.0}]}, {"error": "no"}, [{"index": 0}], 3]
)
def test_a_reply_that_leaves_texts_out_or_makes_no_sense_is_an_error(server, reply):
    server.reply = lambda body: reply
    with pytest.raises(SourceError, match="re-ranker at"):
        open_reranker(server.spec).scores("gout", ["one", "two"])


def test_offline_no_other_machine_is_asked():
    offline.forbid()
    try:
        with pytest.raises(SourceError, match="--offline"):
            open_reranker("endpoint:m@https://rerank.example/v1").scores("gout", ["one"])
    finally:
        offline.allow()


def test_the_baseline_counts_shared_words():
    assert open_reranker("words").scores("gout and kidneys", ["gout", "gout now", ""]) == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    "url", ["http://me:pw@host/v1", "http://host/v1?api_key=abc", "http://host/v1?x=1&token=abc"]
)
def test_an_address_with_a_secret_in_it_is_refused(url):
    with pytest.raises(UsageError, match="OSLER_RERANKER_KEY") as told:
        open_reranker(f"endpoint:m@{url}")
    assert "pw" not in str(told.value) and "abc" not in str(told.value)


@pytest.mark.parametrize(
    "spec", ["", "hf:", "endpoint:m", "endpoint:m@ftp://x", "endpoint:m@http://[x", "bge"]
)
def test_a_spec_that_names_nothing_says_what_to_write(spec):
    with pytest.raises(UsageError, match="names no re-ranker"):
        open_reranker(spec)
