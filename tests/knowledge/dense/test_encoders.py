"""Encoders by spec: rows of length 1, the same ones each time; a server is asked in batches, again when busy, and never offline."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from osler.data import offline
from osler.errors import SourceError, UsageError
from osler.knowledge.dense import DenseRetriever, open_encoder
from osler.knowledge.dense.embed import embed
from osler.knowledge.dense.encoders import fingerprint, spec_of
from osler.knowledge.dense.endpoint import EmbeddingsEndpoint
from osler.passages import Encoder

KEY = "sk-test-key-of-the-user-0001"


class Server:
    """An embeddings server: hashed words of four numbers; `failing` replies of that code come first."""

    def __init__(self) -> None:
        self.requests: list[dict] = []
        self.keys: list[str | None] = []
        self.failing: list[int] = []
        self.broken = False
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.requests.append({"path": self.path, **body})
                outer.keys.append(self.headers.get("authorization"))
                code = outer.failing.pop(0) if outer.failing else 200
                rows = [{"index": n, "embedding": _toy(text)} for n, text in enumerate(body["input"])]
                reply = {"data": rows[:-1] if outer.broken else rows[::-1]} if code == 200 else {"error": {}}
                data = json.dumps(reply).encode()
                self.send_response(code)
                self.send_header("content-length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _toy(text: str) -> list[float]:
    return [1.0 + text.lower().count(letter) for letter in "metf"]


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OSLER_ENCODER_KEY", KEY)
    running = Server()
    yield running
    running.close()


def test_hashed_words_are_the_same_each_time_and_of_length_one():
    encoder = open_encoder("hashed")
    assert isinstance(encoder, Encoder)
    made = encoder.encode(["Metformin and lactate", "metformin LACTATE", "sepsis", ""])
    assert made.dtype == np.float32 and made.shape == (4, 256)
    assert np.linalg.norm(made, axis=1) == pytest.approx(np.ones(4))
    assert made[0] @ made[1] == pytest.approx(1.0) and abs(made[0] @ made[2]) < 0.5
    assert encoder.encode([]).shape == (0, 256)
    assert fingerprint(encoder) == {"name": "hashed", "dimensions": 256, "checksum": "1"}


@pytest.mark.parametrize("spec", ["", "words", "hf:", "openai:", "minilm2"])
def test_a_spec_that_names_nothing_says_what_to_write(spec):
    with pytest.raises(UsageError, match="names no encoder; write minilm, hf:NAME, openai:NAME@URL"):
        open_encoder(spec)


def test_a_server_is_asked_in_batches_and_its_rows_are_put_in_order(server):
    encoder = EmbeddingsEndpoint("toy", server.url)
    texts = [f"text {'m' * (n % 7)}" for n in range(100)]
    made = encoder.encode(texts)
    assert [len(one["input"]) for one in server.requests] == [64, 36]
    assert {one["path"] for one in server.requests} == {"/v1/embeddings"} and server.requests[0][
        "model"
    ] == "toy"
    expected = np.array([_toy(text) for text in texts])
    assert made == pytest.approx(expected / np.linalg.norm(expected, axis=1, keepdims=True), abs=1e-6)
    assert encoder.encode([""]).shape == (1, 4) and server.requests[-1]["input"] == ["-"]


def test_a_busy_server_is_asked_again_and_a_wrong_key_is_not(server):
    encoder = EmbeddingsEndpoint("toy", server.url, pause_s=0.001)
    server.failing = [429, 503]
    assert encoder.encode(["a"]).shape == (1, 4) and len(server.requests) == 3
    server.failing = [401]
    with pytest.raises(SourceError, match=r"401 Unauthorized\); the API key is missing or wrong") as told:
        encoder.encode(["a"])
    assert KEY not in str(told.value) and len(server.requests) == 4
    server.failing = [500] * 5
    with pytest.raises(SourceError, match=r"refused \(500 .*what was embedded is kept"):
        encoder.encode(["a"])


def test_a_server_that_leaves_texts_out_is_told(server):
    server.broken = True
    with pytest.raises(SourceError, match="did not give one vector for each of 2 texts"):
        EmbeddingsEndpoint("toy", server.url).encode(["a", "b"])


def test_the_key_is_sent_and_kept_nowhere(small, server, own_data):
    embed("small", f"openai:toy@{server.url}")
    assert set(server.keys) == {f"Bearer {KEY}"}
    kept = [path for path in own_data.rglob("*") if path.is_file()]
    assert kept and not any(KEY.encode() in path.read_bytes() for path in kept)
    retriever = DenseRetriever("small")
    assert spec_of(retriever.encoder) == f"openai:toy@{server.url}"
    assert retriever.search("metformin tft")[0].document == "metformin"


def test_offline_no_server_elsewhere_is_asked(monkeypatch):
    offline.forbid()
    try:
        with pytest.raises(SourceError, match=r"example\.org is not allowed with --offline"):
            open_encoder("openai:toy@https://example.org/v1").encode(["a"])
    finally:
        offline.allow()


@pytest.mark.parametrize(
    "address", ["https://user:secret@example.org/v1", "http://", "http://[x", "http://h:99999", "httpexample"]
)
def test_an_address_that_cannot_be_kept_is_refused(address):
    with pytest.raises(UsageError) as told:
        EmbeddingsEndpoint("toy", address)
    assert "secret" not in str(told.value)


def test_a_model_of_sentence_transformers_needs_its_extra(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "sentence_transformers", None)
    with pytest.raises(UsageError, match=r"pip install 'osler\[local\]'"):
        open_encoder("hf:some/model")
