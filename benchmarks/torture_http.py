"""A server of an index on a port of this machine, and calls to it."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import Any

import uvicorn

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from kb.settings import Settings

LONGEST = 120.0  # seconds until a server must have started, and for one answer


@contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """Serve an index until the end of the block; gives the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        app = create_app(KnowledgeBase(settings))
        config = uvicorn.Config(app, log_level="critical", lifespan="off", ws="none")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        until = time.monotonic() + LONGEST
        while not server.started:
            assert thread.is_alive() and time.monotonic() < until, "the server did not start"
            time.sleep(0.005)
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(LONGEST)


def call(
    port: int, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body of one call."""
    connection = HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    try:
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def asked(port: int, method: str, path: str, value: object = None) -> Any:
    """The JSON of a call. Raises AssertionError where its status is not 200."""
    body = b"" if value is None else json.dumps(value).encode()
    headers = {"Content-Type": "application/json"} if body else {}
    status, _, found = call(port, method, path, body, **headers)
    assert status == 200, f"{method} {path}: {status} {found[:500]!r}"
    return json.loads(found)
