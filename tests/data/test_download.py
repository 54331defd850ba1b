"""Downloads against a local server: whole, resumed, restarted, refused, and never half in place."""

import errno
import hashlib
import http.server
import os
import threading
from pathlib import Path

import pytest

from osler.data import download, offline
from osler.data.download import fetch
from osler.errors import SourceError

CONTENT = bytes(range(256)) * 4000  # 1 MB


class Server(http.server.ThreadingHTTPServer):
    """Serves CONTENT; knobs say how it misbehaves, `asked` keeps the Range header of every request."""

    content, tag, ranges, drop_after, drops, status, to = CONTENT, '"v1"', True, None, 0, 200, None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = []
        self.url = f"http://127.0.0.1:{self.server_port}/file"

    def handle_error(self, request, client_address):
        """A client that hangs up is part of the tests, not worth a traceback."""


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, format, *args):
        pass

    def do_GET(self):
        s = self.server
        s.asked.append(self.headers.get("Range"))
        if s.to:
            self.send_response(302)
            self.send_header("Location", s.to)
            self.end_headers()
            return
        if s.status != 200:
            self.send_error(s.status)
            return
        start = 0
        wanted = self.headers.get("Range")
        if wanted and s.ranges and self.headers.get("If-Range") == s.tag:
            start = int(wanted.removeprefix("bytes=").rstrip("-"))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(s.content) - 1}/{len(s.content)}")
        else:
            self.send_response(200)
        body = s.content[start:]
        self.send_header("Content-Length", str(len(body)))
        if s.tag:
            self.send_header("ETag", s.tag)
        self.end_headers()
        if s.drops:
            s.drops -= 1
            body = body[: s.drop_after]
        self.wfile.write(body)
        self.close_connection = True


@pytest.fixture
def server():
    running = Server()
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


@pytest.fixture
def target(tmp_path):
    return tmp_path / "file"


def left_in(target):
    return sorted(path.name for path in target.parent.iterdir())


def test_a_file_arrives_whole_private_and_alone(server, target):
    seen = []
    fetched = fetch(
        server.url, target, sha256=hashlib.sha256(CONTENT).hexdigest(), size=len(CONTENT), report=seen.append
    )
    assert target.read_bytes() == CONTENT and fetched.size == len(CONTENT)
    assert seen[-1] == len(CONTENT) and left_in(target) == ["file"]
    assert target.stat().st_mode & 0o777 == 0o600


def test_a_broken_connection_is_taken_up_where_it_broke(server, target):
    server.drops, server.drop_after = 2, 300_000
    fetch(server.url, target, pause_s=0)
    assert target.read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-", "bytes=600000-"]


def test_a_download_given_up_is_resumed_by_the_next_call(server, target):
    server.drops, server.drop_after = 5, 100_000
    with pytest.raises(SourceError, match="run the command again"):
        fetch(server.url, target, pause_s=0)
    assert not target.exists() and target.with_name("file.part").stat().st_size == 500_000
    fetch(server.url, target, pause_s=0)
    assert target.read_bytes() == CONTENT and server.asked[-1] == "bytes=500000-"
    assert left_in(target) == ["file"]


def test_a_server_without_ranges_sends_it_all_again(server, target):
    server.ranges, server.drops, server.drop_after = False, 1, 300_000
    fetch(server.url, target, pause_s=0)
    assert target.read_bytes() == CONTENT


def test_a_file_that_changed_meanwhile_is_not_pieced_together(server, target):
    server.drops, server.drop_after = 5, 100_000
    with pytest.raises(SourceError):
        fetch(server.url, target, pause_s=0)
    server.content, server.tag = CONTENT[::-1], '"v2"'
    fetch(server.url, target, pause_s=0)
    assert target.read_bytes() == CONTENT[::-1]


def test_a_server_without_a_validator_is_never_resumed(server, target):
    server.tag, server.drops, server.drop_after = "", 1, 300_000
    fetch(server.url, target, pause_s=0)
    assert target.read_bytes() == CONTENT and server.asked == [None, None]


def test_a_part_longer_than_the_file_is_dropped(server, target):
    part = target.with_name("file.part")
    part.write_bytes(b"x" * 2_000_000)
    fetch(server.url, target, pause_s=0)
    assert target.read_bytes() == CONTENT


def test_a_wrong_checksum_installs_nothing(server, target):
    with pytest.raises(SourceError, match="not what the manifest names"):
        fetch(server.url, target, sha256="0" * 64)
    assert left_in(target) == []


@pytest.mark.parametrize(("status", "requests"), [(404, 1), (403, 1), (503, 5)])
def test_refusals_say_what_to_do(server, target, status, requests):
    server.status = status
    with pytest.raises(SourceError, match="osler data use"):
        fetch(server.url, target, pause_s=0)
    assert len(server.asked) == requests and left_in(target) == []


def test_no_network(target):
    with pytest.raises(SourceError, match="cannot be reached"):
        fetch("http://127.0.0.1:9/file", target, pause_s=0)


def test_no_space_before_and_during(server, target, monkeypatch):
    with pytest.raises(SourceError, match=r"no space left.*make room"):
        fetch(server.url, target, size=10**18)
    assert server.asked == []

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(download, "_write_validator", full)
    with pytest.raises(SourceError, match="no space left"):
        fetch(server.url, target)
    assert not target.exists()


def test_a_folder_that_cannot_be_written(server, tmp_path):
    with pytest.raises(SourceError, match=r"cannot be stored|cannot be written"):
        fetch(server.url, tmp_path / "missing" / "file")


def test_local_files_and_file_addresses(target, tmp_path):
    source = tmp_path / "a b.txt"
    source.write_bytes(b"local")
    for address in (str(source), source.as_uri()):
        assert fetch(address, target).size == 5
        target.unlink()
    with pytest.raises(SourceError, match="no file"):
        fetch(str(tmp_path / "none"), target)
    with pytest.raises(SourceError, match="use http"):
        fetch("ftp://example.org/x", target)


def test_offline_forbids_the_address_and_where_it_leads(server, target):
    offline.forbid()
    try:
        with pytest.raises(SourceError, match=r"example.org.*--offline"):
            fetch("https://example.org/x", target)
        server.to = "http://example.org/elsewhere"
        with pytest.raises(SourceError, match=r"example.org.*--offline"):
            fetch(server.url, target)
        server.to = None
        fetch(server.url, target)
    finally:
        offline.allow()
    assert target.read_bytes() == CONTENT


def test_a_redirect_to_another_kind_of_address_is_not_followed(server, target):
    for elsewhere in (Path("/etc/hostname").as_uri(), "ftp://127.0.0.1/x"):
        server.to = elsewhere
        with pytest.raises(SourceError, match=r"not followed|not allowed"):
            fetch(server.url, target)
