"""The offline guard: this machine stays reachable, everything else does not, whoever asks."""

import socket

import pytest

from osler.data import offline
from osler.errors import SourceError


@pytest.fixture(autouse=True)
def restored():
    yield
    offline.allow()


def test_nothing_is_refused_before_it_is_forbidden():
    offline.check("https://example.org/file")
    assert not offline.is_forbidden()


@pytest.mark.parametrize(
    "address", ["https://example.org/x", "example.org", "http://10.0.0.1:80/", "192.168.1.1"]
)
def test_outside_addresses_are_an_error_that_names_them(address):
    offline.forbid()
    with pytest.raises(SourceError, match=r"(example\.org|10\.0\.0\.1|192\.168\.1\.1).*--offline"):
        offline.check(address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8000/x", "localhost", "http://[::1]:80/", "api.localhost"]
)
def test_this_machine_is_allowed(address):
    offline.forbid()
    offline.check(address)


def test_a_library_that_does_not_ask_is_stopped_too():
    offline.forbid()
    with pytest.raises(SourceError):
        socket.create_connection(("example.org", 80), timeout=1)
    with pytest.raises(SourceError):
        socket.socket().connect(("93.184.216.34", 80))


def test_a_library_may_talk_to_this_machine():
    with socket.create_server(("127.0.0.1", 0)) as server:
        offline.forbid()
        socket.create_connection(server.getsockname(), timeout=1).close()
