"""What guards every request: the Host, the size of the body, the headers of each answer."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase
from kb.server import security
from kb.server.api import attachment
from kb.server.app import create_app
from kb.server.assets import AssetsMissing, web_folder
from kb.server.security import MAX_BODY, host_name
from tests.server.wire import ADDRESS, LONGEST, Answered, Wire, problem, serving


def guarded(response: Answered) -> None:
    """The headers that no answer may lack."""
    headers = response.headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'", "script-src": "'self'", "style-src": "'self'",
        "img-src": "'self' data:", "connect-src": "'self'", "form-action": "'self'",
        "base-uri": "'none'", "frame-ancestors": "'none'",
        "require-trusted-types-for": "'script'", "trusted-types": "'none'",
    }  # fmt: skip
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == "no-cache"


def test_every_kind_of_answer_has_the_headers(client: TestClient, knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        one = view.summaries()[0].id
    kinds = {
        200: [
            "/", "/?q=許可", "/search?q=許可", "/documents", f"/documents/{one}", "/healthz",
            f"/api/v1/documents/{one}", f"/api/v1/documents/{one}/original", "/openapi.json",
            "/static/kido.css", "/problems/internal",
        ],
        404: ["/none", "/static/none", "/api/v1/documents/none", "/documents/none"],
        405: ["/api/v1/ask"],
        422: ["/api/v1/search", "/?q=。", "/search?q=。"],
    }  # fmt: skip
    for status, paths in kinds.items():
        for path in paths:
            response = client.get(path)
            assert response.status_code == status, path
            guarded(response)
    guarded(client.head("/"))
    guarded(client.post("/api/v1/ask", content=b"x" * (MAX_BODY + 1)))
    guarded(client.get("/", headers={"Host": "elsewhere.example"}))
    etag = client.get("/static/kido.css").headers["etag"]
    unchanged = client.get("/static/kido.css", headers={"If-None-Match": etag})
    assert unchanged.status_code == 304
    guarded(unchanged)
    app = create_app(knowledge)
    app.state.knowledge = None
    broken = TestClient(app, base_url=ADDRESS).get("/healthz")
    assert broken.status_code == 500
    guarded(broken)


@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example", "127.0.0.1.elsewhere.example", "localhost.elsewhere.example:8000",
        "127.0.0.1@elsewhere.example", "", "[::1", "127.0.0.1:port", "127.0.0.1:8000:8000",
        "a b", "127.0.0.2",
    ],
)  # fmt: skip
def test_another_host_is_misdirected(client: TestClient, host: str) -> None:
    problem(client.get("/healthz", headers={"Host": host}), 421, "misdirected")
    page = client.get("/", headers={"Host": host, "Accept": "text/html"})
    assert page.status_code == 421
    assert "このホスト名では応答しません" in page.text


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:1", "[::1]", "[::1]:8000"]
)
def test_local_hosts_are_answered(client: TestClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_hosts_that_are_given_are_answered(knowledge: KnowledgeBase) -> None:
    client = TestClient(create_app(knowledge, hosts=["Kido.example"]), base_url=ADDRESS)
    assert client.get("/healthz", headers={"Host": "kido.example:80"}).status_code == 200
    problem(client.get("/healthz", headers={"Host": "a.kido.example"}), 421, "misdirected")


def test_the_host_is_checked_on_the_wire(wire: Wire) -> None:
    assert wire.get(b"/healthz").status_code == 200
    problem(wire.get(b"/healthz", "Host: elsewhere.example"), 421, "misdirected")
    twice = wire.get(b"/healthz", "Host: 127.0.0.1", "Host: elsewhere.example")
    assert twice.status_code in (400, 421)  # the HTTP parser may refuse it first
    problem(wire.send(b"GET /healthz HTTP/1.0\r\n\r\n"), 421, "misdirected")


def test_parts_of_a_host_header() -> None:
    assert host_name("Kido.Example:80") == "kido.example"
    assert host_name("[2001:DB8::1]:80") == "2001:db8::1"
    assert host_name("a:b") is None
    assert host_name("a\n") is None


def test_bodies_up_to_the_limit_are_read(client: TestClient) -> None:
    json = {"Content-Type": "application/json"}
    body = b'{"quote": "x", "document_id": null}'
    response = client.post("/api/v1/verify", content=body.ljust(MAX_BODY), headers=json)
    assert response.status_code == 200
    response = client.post("/api/v1/verify", content=body.ljust(MAX_BODY + 1), headers=json)
    assert "65536 bytes" in problem(response, 413, "too-large")["detail"]


def test_large_bodies_are_refused_on_the_wire_however_they_are_sent(wire: Wire) -> None:
    head = f"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1:{wire.port}\r\n".encode()
    head += b"Content-Type: application/json\r\n"
    stated = wire.send(head + b"Content-Length: 99999999\r\n\r\n")
    problem(stated, 413, "too-large")
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    chunked = wire.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + chunk * 3 + b"0\r\n\r\n")
    problem(chunked, 413, "too-large")
    question = b'{"question": "x"}'
    small = b"%x\r\n%b\r\n0\r\n\r\n" % (len(question), question)
    sent = wire.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + small)
    assert sent.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.example"}, {"Origin": "null"},
        {"Origin": "http://127.0.0.1.elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1"},
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "path", ["/verify", "/api/v1/ask", "/api/v1/verify", "/documents/add", "/mcp", "/nowhere"]
)
def test_pages_of_other_sites_send_nothing(
    client: TestClient, path: str, headers: dict[str, str]
) -> None:
    problem(client.post(path, headers=headers), 403, "foreign-origin")
    assert client.get("/verify", headers=headers).status_code == 200  # a link leads here


def test_own_pages_send_forms(client: TestClient) -> None:
    for headers in (
        {}, {"Origin": "http://127.0.0.1:8000"},
        {"Origin": "null", "Sec-Fetch-Site": "same-origin"},
    ):  # fmt: skip
        assert client.post("/verify", headers=headers).status_code == 200


def test_an_attachment_cannot_end_its_header() -> None:
    header = attachment('a"b\\c%\r\nX: 1;é許.md')
    assert header.isascii() and header.isprintable()
    assert header.startswith('attachment; filename="a_b_c___X: 1;__.md"; ')
    assert header.endswith("filename*=UTF-8''a%22b%5Cc%25%0D%0AX%3A%201%3B%C3%A9%E8%A8%B1.md")


def test_pages_are_looked_for_where_they_are_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(
        AssetsMissing, match="no folder templates and no folder static and no folder locale"
    ):
        web_folder({"KIDO_WEB": str(tmp_path)})
    assert (web_folder({}) / "static" / "kido.css").is_file()


def test_more_requests_at_once_than_there_are_places_are_told_to_come_back(
    knowledge: KnowledgeBase,
) -> None:
    app = create_app(knowledge)
    (guard,) = (m for m in app.user_middleware if getattr(m.cls, "__name__", "") == "Guard")
    guard.kwargs["at_once"] = 2
    begun = b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{"
    with serving(app) as wire:
        waiting = [socket.create_connection(("127.0.0.1", wire.port)) for _ in range(2)]
        for connection in waiting:
            connection.sendall(begun)
        until = time.monotonic() + LONGEST
        while (busy := wire.get(b"/api/v1/documents")).status_code == 200:
            assert time.monotonic() < until
        problem(busy, 503, "busy")
        assert busy.headers["retry-after"] == "1"
        guarded(busy)
        assert wire.get(b"/healthz").status_code == 200
        for connection in waiting:
            connection.close()
        while wire.get(b"/api/v1/documents").status_code != 200:
            assert time.monotonic() < until


def test_a_body_that_does_not_come_is_not_waited_for(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "SLOWEST", 0.05)
    head = b"POST /api/v1/ask HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{"
    problem(wire.send(head), 408, "too-slow")
