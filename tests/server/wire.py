"""Talking to the server: any bytes on a real port, and what every problem looks like."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any, Protocol

import uvicorn
from fastapi import FastAPI

from kb.server.connections import BoundedConnection

ADDRESS = "http://127.0.0.1"
LONGEST = 20.0  # seconds that a server may take to start


class Answered(Protocol):
    """What the clients have in common: a status, headers and a body."""

    @property
    def status_code(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def content(self) -> bytes: ...


@dataclass(frozen=True)
class Received:
    """An answer that came over the wire."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


@dataclass(frozen=True)
class Wire:
    """A server on a port of this machine."""

    port: int

    def send(self, request: bytes) -> Received:
        """Send these very bytes on a connection of their own and read one answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=LONGEST) as connection:
            connection.sendall(request)
            with HTTPResponse(connection) as response:
                response.begin()
                headers = {name.lower(): value for name, value in response.getheaders()}
                return Received(response.status, headers, response.read())

    def get(self, target: bytes, *headers: str, method: str = "GET") -> Received:
        """Ask for a target, byte for byte, with a Host unless `headers` have one."""
        if not any(header.lower().startswith("host:") for header in headers):
            headers = (f"Host: 127.0.0.1:{self.port}", *headers)
        lines = b"".join(header.encode() + b"\r\n" for header in headers)
        return self.send(method.encode() + b" " + target + b" HTTP/1.1\r\n" + lines + b"\r\n")

    def post(self, target: str, value: object) -> Received:
        """Send a value as JSON."""
        body = json.dumps(value, ensure_ascii=False).encode()
        head = (
            f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return self.send(head.encode() + body)


@contextmanager
def kept_port() -> Iterator[int]:
    """A free port that nobody but the server to be started in the block is given.

    The socket stays bound, so that no other test finds the port free before the server listens;
    it does not listen itself, and both allow the reuse of an address, so the server can.
    """
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield kept.getsockname()[1]


@contextmanager
def serving(app: FastAPI) -> Iterator[Wire]:
    """Serve an application on a free port until the end of the block."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app, http=BoundedConnection, log_level="critical", lifespan="off", ws="none"
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + LONGEST
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until, "the server did not start"
            time.sleep(0.005)
        try:
            yield Wire(listener.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join(LONGEST)


def problem(response: Answered, status: int, slug: str) -> dict[str, Any]:
    """The problem document of a response, which must be of this status and kind."""
    assert response.status_code == status, response.content
    assert response.headers["content-type"] == "application/problem+json"
    body = json.loads(response.content.decode("utf-8"))
    assert isinstance(body, dict)
    assert body["type"] == f"/problems/{slug}"
    assert body["status"] == status
    assert type(body["title"]) is str and body["title"]
    assert type(body["detail"]) is str and body["detail"]
    assert set(body) <= {"type", "title", "status", "detail", "errors"}
    return body
