"""JSON from servers that misbehave: what comes back is the JSON or an error in Osler's own words, in time, and no key goes astray."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from osler.data import offline
from osler.data.web import ask_json
from osler.errors import SourceError


class Raw:
    """A server that sends exactly these bytes, reply after reply (the last one again); `pause` between single bytes."""

    def __init__(self, *replies: bytes, pause: float = 0.0) -> None:
        self.replies, self.pause, self.heard = list(replies), pause, []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/x"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with client:
                self.heard.append(client.recv(65536))
                reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
                try:
                    if self.pause:
                        for at in range(len(reply)):
                            client.sendall(reply[at : at + 1])
                            time.sleep(self.pause)
                    else:
                        client.sendall(reply)
                except OSError:
                    pass

    def close(self) -> None:
        self._socket.close()


def said(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> bytes:
    head = [b"HTTP/1.1 " + status, b"content-length: %d" % len(body), b"connection: close", *headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def asked(server: Raw, **about):
    try:
        return ask_json(server.url, {"q": 1}, wait=lambda _: None, **about)
    finally:
        server.close()


def test_json_comes_back():
    server = Raw(said(b'{"a": [1]}'))
    assert asked(server) == {"a": [1]} and b"POST /x" in server.heard[0]


def test_a_key_does_not_follow_a_redirect():
    other = Raw(said(b"{}"))
    server = Raw(said(b"", b"302 Found", b"location: " + other.url.encode()))
    with pytest.raises(SourceError, match="sends elsewhere"):
        asked(server, headers={"authorization": "Bearer SECRET"})
    assert not other.heard
    other.close()


def test_an_error_never_repeats_what_the_server_says():
    server = Raw(said(b"Bearer SECRET", b"401 key Bearer SECRET"))
    with pytest.raises(SourceError, match="401 Unauthorized") as told:
        asked(server, headers={"authorization": "Bearer SECRET"})
    assert "SECRET" not in str(told.value)


def test_a_busy_server_is_asked_again_as_late_as_it_says():
    waited: list[float] = []
    server = Raw(
        said(b"", b"429 Slow", b"retry-after: -5"), said(b"", b"503 Busy", b"retry-after: 9999"), said(b"{}")
    )
    assert ask_json(server.url, wait=waited.append) == {} and waited == [0.0, 60.0]
    server.close()


@pytest.mark.parametrize(
    "reply", [b"nonsense\r\n\r\n", b"", said(b"[" * 200_000), said(b"<html>"), said(b"\xff\xfe")]
)
def test_nonsense_is_an_error_in_words(reply):
    with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
        asked(Raw(reply))


def test_a_reply_that_drips_is_given_up_in_time():
    with pytest.raises(SourceError, match="no whole reply"):
        asked(Raw(said(b"[" + b"1," * 400 + b"1]"), pause=0.02), timeout=0.3, attempts=1)


def test_offline_nobody_else_is_asked():
    offline.forbid()
    try:
        with pytest.raises(SourceError, match="--offline"):
            ask_json("https://search.example/x")
    finally:
        offline.allow()
