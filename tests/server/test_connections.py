"""Connections over which nothing comes, or nothing is read, are given up."""

from __future__ import annotations

import socket
import time

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kb.assembly import KnowledgeBase
from kb.server import connections
from kb.server.app import create_app
from tests.server.wire import LONGEST, Wire, serving

GET = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def ended(connection: socket.socket) -> bytes:
    """What comes until the other side ends."""
    connection.settimeout(LONGEST)
    found = b""
    try:
        while piece := connection.recv(65536):
            found += piece
    except ConnectionResetError:
        pass
    return found


@pytest.mark.parametrize("sent", [b"", b"GET / HTT", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: "])
def test_a_request_that_does_not_come_is_given_up(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr(connections, "SLOWEST_HEAD", 0.05)
    with socket.create_connection(("127.0.0.1", wire.port)) as connection:
        connection.sendall(sent)
        assert ended(connection) == b""


def test_drops_of_a_request_do_not_buy_time(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "SLOWEST_HEAD", 0.2)
    until = time.monotonic() + LONGEST
    with (
        pytest.raises(OSError, match=r"reset|Broken pipe"),
        socket.create_connection(("127.0.0.1", wire.port)) as connection,
    ):
        connection.sendall(GET[:-4])
        while time.monotonic() < until:
            connection.sendall(b"\r\nX: y")
            time.sleep(0.02)


def test_the_head_of_the_next_request_is_waited_for_as_long(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "SLOWEST_HEAD", 0.2)
    with socket.create_connection(("127.0.0.1", wire.port)) as connection:
        connection.settimeout(LONGEST)
        connection.sendall(GET)
        answer = b""
        while not answer.endswith(b"}"):
            answer += connection.recv(65536)
        connection.sendall(GET[:9])
        assert ended(connection) == b""


def test_headers_without_end_are_refused(wire: Wire) -> None:
    long = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 70_000
    assert wire.send(long).status_code == 400


def test_more_connections_than_there_may_be_are_told_to_come_back(
    knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MOST", 2)
    with serving(create_app(knowledge)) as wire:
        held = [socket.create_connection(("127.0.0.1", wire.port)) for _ in range(2)]
        answered = None
        with socket.create_connection(("127.0.0.1", wire.port)) as third:
            answered = ended(third)
        assert answered.startswith(b"HTTP/1.1 503 ") and b"Retry-After: 5\r\n" in answered
        for connection in held:
            connection.close()
        until = time.monotonic() + LONGEST
        while b"200 OK" not in _asked(wire):
            assert time.monotonic() < until


def test_one_other_machine_cannot_take_all_connections(
    knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "EACH", 2)
    with serving(create_app(knowledge)) as wire:
        held = [socket.create_connection(("127.0.0.1", wire.port)) for _ in range(4)]
        assert wire.get(b"/healthz").status_code == 200  # this machine may be a proxy
        # From here on connections count as those of another machine.
        monkeypatch.setattr(connections, "site_of", lambda address: f"site of {address}")
        with socket.create_connection(("127.0.0.1", wire.port)) as fifth:
            assert ended(fifth).startswith(b"HTTP/1.1 503 ")
        with socket.create_connection(
            ("127.0.0.1", wire.port), source_address=("127.0.0.3", 0)
        ) as other:
            other.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert ended(other).startswith(b"HTTP/1.1 200 ")
        for connection in held:
            connection.close()


def _asked(wire: Wire) -> bytes:
    with socket.create_connection(("127.0.0.1", wire.port)) as connection:
        try:
            connection.sendall(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        except OSError:
            return b""
        return ended(connection)


def test_an_answer_that_is_not_read_is_given_up(
    knowledge: KnowledgeBase, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "UNREAD", 0.1)
    app = create_app(knowledge)

    def much(request: Request) -> Response:
        return Response(bytes(50_000_000))

    app.router.routes.insert(0, Route("/much", much))
    with serving(app) as wire, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", wire.port))
        connection.sendall(GET.replace(b"/healthz", b"/much"))
        time.sleep(0.3)
        assert 0 < len(ended(connection)) < 50_000_000
        assert wire.get(b"/healthz").status_code == 200
