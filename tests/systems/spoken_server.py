"""A model whose replies a test writes, behind an OpenAI-compatible address, so that commands can be given it. The same address
embeds texts at random: a text has the same vector each time, and what it says has no part in it."""

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from zlib import crc32

import numpy as np


@contextmanager
def served(say):
    """The words for `osler … --model` that reach `say(prompt, schema)`, which gives text, or a value sent as JSON."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
            made = embedded(asked) if self.path.endswith("/embeddings") else self.reply(asked)
            body = json.dumps(made).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        @staticmethod
        def reply(asked):
            schema = (asked.get("response_format") or {}).get("json_schema", {}).get("schema")
            prompt = "\n\n".join(m["content"] for m in asked["messages"] if m["role"] != "system")
            said = say(prompt, schema)
            text = said if isinstance(said, str) else json.dumps(said)
            choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
            return {"id": "1", "model": "reader", "choices": [choice]}

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield ("--model", "openai:reader", "--base-url", f"http://127.0.0.1:{server.server_port}/v1")
    finally:
        server.shutdown()
        server.server_close()


def embedded(asked, dimensions=32):
    """Random vectors for the texts of a request."""
    drawn = (
        np.random.default_rng(crc32(text.encode())).standard_normal(dimensions) for text in asked["input"]
    )
    return {"data": [{"index": place, "embedding": row.tolist()} for place, row in enumerate(drawn)]}
