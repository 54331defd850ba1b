"""Small servers that speak the documented API of OpenSearch, Qdrant and SearXNG, for as far as Osler uses it."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np


class Server:
    """An HTTP server whose `answer(method, path, body)` gives status and JSON; requests are kept."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, Any, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                lines = self.headers.get("content-type") == "application/x-ndjson"
                sent = (
                    [json.loads(line) for line in body.splitlines()] if lines else json.loads(body or "null")
                )
                outer.requests.append((self.command, self.path, sent, dict(self.headers)))
                status, reply = outer.answer(self.command, urlsplit(self.path).path, sent)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(reply).encode())

            do_GET = do_POST = do_PUT = _any  # noqa: N815 - the names that http.server calls

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        return 404, {"error": "nothing here"}

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class OpenSearchServer(Server):
    """One index: BM25 is counted shared words, k-NN an exact inner product."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[str, dict[str, Any]] = {}
        self.mapping: Any = None

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        what = path.rpartition("/")[2]
        if what == "_bulk":
            for head, fields in zip(body[::2], body[1::2], strict=True):
                self.kept[head["index"]["_id"]] = fields
            return 200, {"errors": False}
        if what == "_refresh":
            return 200, {}
        if what == "_search":
            return 200, {"hits": {"hits": self._search(body)}}
        if method == "PUT":
            if self.mapping is not None:
                return 400, {"error": {"type": "resource_already_exists_exception"}}
            self.mapping = body
            return 200, {"acknowledged": True}
        return 404, {}

    def _search(self, body: Any) -> list[Any]:
        query = body["query"]
        if "knn" in query:
            wanted = query["knn"]["vector"]
            rules = wanted.get("filter", {}).get("bool", {}).get("filter", [])
            score = lambda f: float(np.dot(f["vector"], wanted["vector"]))  # noqa: E731
        else:
            rules = query["bool"]["filter"]
            words = set(query["bool"]["must"][0]["multi_match"]["query"].lower().split())
            score = lambda f: len(words & set(f"{f['title']} {f['text']}".lower().split()))  # noqa: E731
        rows = [(score(f), f) for f in self.kept.values() if all(_holds(rule, f) for rule in rules)]
        best = sorted((row for row in rows if row[0] > 0), key=lambda row: -row[0])[: body["size"]]
        return [{"_score": s, "_source": {k: v for k, v in f.items() if k != "vector"}} for s, f in best]


def _holds(rule: Any, fields: dict[str, Any]) -> bool:
    if "term" in rule:
        ((name, term),) = rule["term"].items()
        return fields[name].lower() == term["value"].lower()
    bounds = rule["range"]["day"]
    return bounds["gte"] <= fields["day"] <= bounds["lte"]


class QdrantServer(Server):
    """Collections of points with payload; cosine."""

    def __init__(self) -> None:
        super().__init__()
        self.made: Any = None
        self.points: dict[str, Any] = {}

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        what = path.split("/", 3)[3] if path.count("/") > 2 else ""
        if what == "exists":
            return 200, {"result": {"exists": self.made is not None}}
        if what == "" and method == "PUT":
            self.made = body
        elif what == "points" and method == "PUT":
            self.points |= {point["id"]: point for point in body["points"]}
        elif what == "points/query":
            return 200, {"result": {"points": self._query(body)}}
        return 200, {"result": True, "status": "ok"}

    def _query(self, body: Any) -> list[Any]:
        rules = body.get("filter", {}).get("must", [])
        rows = [
            {"id": p["id"], "score": float(np.dot(p["vector"], body["query"])), "payload": p["payload"]}
            for p in self.points.values()
            if all(_meets(rule, p["payload"]) for rule in rules)
        ]
        return sorted(rows, key=lambda row: -row["score"])[: body["limit"]]


def _meets(rule: Any, payload: dict[str, Any]) -> bool:
    value = payload[rule["key"]]
    if "match" in rule:
        return value == rule["match"]["value"]
    return rule["range"]["gte"] <= value <= rule["range"]["lte"]


class SearchEngine(Server):
    """SearXNG's `/search?q=…&format=json` over fixed results."""

    def __init__(self, results: list[dict[str, Any]]) -> None:
        super().__init__()
        self.results: Any = results

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        return 200, {"query": "", "results": self.results}

    @property
    def queries(self) -> list[str]:
        return [parse_qs(urlsplit(path).query)["q"][0] for _, path, _, _ in self.requests]
