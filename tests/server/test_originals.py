"""Files as they were read: whole, in pieces, or cut off where they change meanwhile."""

from __future__ import annotations

import hashlib
import logging
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

from kb.assembly import KnowledgeBase
from kb.server import originals
from kb.server.app import create_app
from kb.server.originals import ChangedMeanwhile, pieces
from tests.server.wire import LONGEST, serving


@given(st.binary(max_size=40))
def test_pieces_are_the_file(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "original"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(originals, "PIECE", 8)
        assert b"".join(pieces(path, hashlib.sha256(data).hexdigest())) == data
        sent = pieces(path, hashlib.sha256(data + b"x").hexdigest())
        came: list[bytes] = []
        with pytest.raises(ChangedMeanwhile):
            came.extend(sent)
        assert b"".join(came) == data[: max(0, (len(data) - 1) // 8 * 8)]


def test_a_file_that_changes_while_it_is_sent_is_cut_off(
    knowledge: KnowledgeBase, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(3 * originals.PIECE))
    app = create_app(knowledge)

    def large(request: Request) -> StreamingResponse:
        headers = {"Content-Length": str(path.stat().st_size)}
        return StreamingResponse(pieces(path, "0" * 64), headers=headers)

    app.router.routes.insert(0, Route("/large", large))
    caplog.set_level(logging.CRITICAL)
    with serving(app) as wire, socket.create_connection(("127.0.0.1", wire.port)) as connection:
        connection.settimeout(LONGEST)
        connection.sendall(b"GET /large HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        found = b""
        while piece := connection.recv(1 << 20):
            found += piece
        assert len(found.partition(b"\r\n\r\n")[2]) == 2 * originals.PIECE
        assert wire.get(b"/healthz").status_code == 200
