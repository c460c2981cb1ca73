"""The endpoint against a real server: what it sends, what it takes, and when it gives up."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import pytest

from kb.answering.model.endpoint import Endpoint
from kb.answering.model.failures import Failure, ModelFailure
from kb.errors import KidoError
from tests.answering.model.served import PATH, Play, Request, Server, serving

MESSAGES = [{"role": "user", "content": "問い"}]
SCHEMA = {"name": "n", "schema": {"type": "object"}}


def asked(server: Server, **more: Any) -> str:
    return "".join(Endpoint(server.url, "m", **more).stream(MESSAGES, SCHEMA))


def failure(play: Play, **more: Any) -> Failure:
    with serving(play) as server, pytest.raises(ModelFailure) as caught:
        asked(server, **more)
    return caught.value.reason


def friendly(request: Request, body: dict[str, Any]) -> None:
    request.begin(kind="text/event-stream; charset=utf-8")
    request.wfile.write(b": a comment\n\n")
    request.event({"choices": [{"delta": {"role": "assistant", "content": None}}]})
    request.say("こんにちは、世界。", 2)
    request.event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
    request.event({"choices": [], "usage": {"total_tokens": 3}})
    request.event("[DONE]")


def test_a_streamed_answer_is_read_and_nothing_but_the_question_is_sent() -> None:
    with serving(friendly) as server:
        assert asked(server, key="秘密".encode().hex()) == "こんにちは、世界。"
    (seen,) = server.seen
    assert (seen.method, seen.path) == ("POST", PATH)
    assert seen.headers["Authorization"] == "Bearer e7a798e5af86"
    assert seen.body == {
        "model": "m", "messages": MESSAGES, "stream": True, "temperature": 0,
        "response_format": {"type": "json_schema", "json_schema": SCHEMA},
    }  # fmt: skip


def test_an_answer_in_one_piece_is_read() -> None:
    def whole(request: Request, body: dict[str, Any]) -> None:
        request.begin(kind="application/json")
        choice = {"message": {"content": "全部。"}, "finish_reason": "stop"}
        request.wfile.write(json.dumps({"choices": [choice]}).encode())

    with serving(whole) as server:
        assert asked(server) == "全部。"
        assert "Authorization" not in server.seen[0].headers


def test_a_server_without_schemas_is_asked_once_more() -> None:
    def simple(request: Request, body: dict[str, Any]) -> None:
        if "response_format" in body:
            request.begin(400, "application/json")
            return
        friendly(request, body)

    with serving(simple) as server:
        assert asked(server) == "こんにちは、世界。"
        assert len(server.seen) == 2


def test_redirects_are_not_followed() -> None:
    with serving(friendly) as elsewhere:
        for status in (301, 302, 303, 307, 308):

            def away(request: Request, body: dict[str, Any], status: int = status) -> None:
                request.begin(status, Location=elsewhere.url + "/chat/completions")

            assert failure(away) is Failure.REDIRECTED
    assert elsewhere.seen == []


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(friendly) as proxy, serving(friendly) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert asked(server)
        assert (len(proxy.seen), len(server.seen)) == (0, 1)
        assert asked(server, proxy=proxy.url.removesuffix("/v1"))
        assert (len(proxy.seen), len(server.seen)) == (1, 1)


def test_a_slow_server_is_given_up() -> None:
    def silent(request: Request, body: dict[str, Any]) -> None:
        time.sleep(0.6)

    def dripping(request: Request, body: dict[str, Any]) -> None:
        request.begin()
        for _ in range(100):
            request.say("あ")
            time.sleep(0.02)

    assert failure(silent, timeout=0.2) is Failure.TIMEOUT
    assert failure(dripping, timeout=0.2) is Failure.TIMEOUT


def test_a_huge_answer_is_given_up() -> None:
    def huge(request: Request, body: dict[str, Any]) -> None:
        request.begin()
        for _ in range(100):
            request.wfile.write(b"data: " + b"x" * 10_000)

    assert failure(huge, max_bytes=50_000) is Failure.TOO_LARGE


def _bytes(data: bytes, kind: str = "text/event-stream", **headers: str) -> Play:
    def play(request: Request, body: dict[str, Any]) -> None:
        request.begin(200, kind, **headers)
        request.wfile.write(data)

    return play


def _status(status: int) -> Play:
    def play(request: Request, body: dict[str, Any]) -> None:
        request.begin(status, "application/json")

    return play


_PIECE = b'data: {"choices": [{"delta": {"content": "x"}}]}\n\n'


@pytest.mark.parametrize(
    ("play", "reason"),
    [
        (_status(500), Failure.REFUSED),
        (_status(401), Failure.REFUSED),
        (_status(400), Failure.REFUSED),
        (_status(204), Failure.REFUSED),
        (_bytes(b"<html>", "text/html"), Failure.MALFORMED),
        (_bytes(b"data: {\n\n"), Failure.MALFORMED),
        (_bytes(b"data: " + b"[" * 100_000 + b"\n\n"), Failure.MALFORMED),
        (_bytes(b"data: 5\n\n"), Failure.MALFORMED),
        (_bytes(b'data: {"choices": [{"delta": {"content": 5}}]}\n\n'), Failure.MALFORMED),
        (_bytes(b'data: {"choices": [{"delta": "x"}]}\n\n'), Failure.MALFORMED),
        (_bytes(b'{"choices": []}', "application/json"), Failure.MALFORMED),
        (_bytes(b"\xff", "application/json"), Failure.MALFORMED),
        (_bytes(gzip.compress(_PIECE), Content_Encoding="gzip"), Failure.MALFORMED),
        (_bytes(b""), Failure.CUT),
        (_bytes(_PIECE), Failure.CUT),
        (_bytes(_PIECE + b"data: [DONE]\n\n"), Failure.CUT),
        (_bytes(_PIECE, Content_Length="5000"), Failure.CUT),
        (
            _bytes(b'data: {"choices": [{"delta": {}, "finish_reason": "length"}]}\n\n'),
            Failure.CUT,
        ),
        (
            _bytes(b'data: {"choices": [{"delta": {}, "finish_reason": "content_filter"}]}\n\n'),
            Failure.REFUSED,
        ),
        (
            _bytes(b'{"choices": [{"message": {"content": "x"}}]}', "application/json"),
            Failure.CUT,
        ),
    ],
)  # fmt: skip
def test_what_is_no_answer_has_its_reason(play: Play, reason: Failure) -> None:
    assert failure(play) is reason


def test_a_server_that_is_not_there_is_unreachable() -> None:
    with serving(friendly) as server:
        url = server.url
    with pytest.raises(ModelFailure) as caught:
        list(Endpoint(url, "m").stream(MESSAGES, SCHEMA))
    assert caught.value.reason is Failure.UNREACHABLE


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://models.example/v1", "unencrypted"),
        ("http://127.0.0.1.example/v1", "unencrypted"),
        ("http://localhost.example/v1", "unencrypted"),
        ("http://10.0.0.5:11434/v1", "unencrypted"),
        ("https://name:word@models.example/v1", "leave name and password out"),
        ("https://models.example/v1?key=x", "without ? and #"),
        ("ftp://models.example", "begins with https"),
        ("models.example", "begins with https"),
        ("https://", "begins with https"),
        ("https://[::1", "no address"),
        ("http://127.0.0.1:port/v1", "no address"),
        ("https://models.example/\x07", "no address"),
    ],
)
def test_addresses_that_a_question_may_not_be_sent_to(url: str, said: str) -> None:
    with pytest.raises(KidoError, match="KIDO_MODEL_URL") as caught:
        Endpoint(url, "m")
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["https://models.example/v1/", "http://127.0.0.5:1/v1", "http://[::1]:1", "http://localhost"],
)
def test_addresses_that_a_question_may_be_sent_to(url: str) -> None:
    assert Endpoint(url, "m").address == url.rstrip("/") + "/chat/completions"


def test_plain_http_can_be_allowed_and_a_model_must_be_named() -> None:
    assert Endpoint("http://models.example/v1", "m", plain_http=True)
    with pytest.raises(KidoError, match="KIDO_MODEL to its name"):
        Endpoint("https://models.example/v1", "")


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"timeout": 0}, "KIDO_MODEL_TIMEOUT is 0"),
        ({"key": "鍵"}, "KIDO_MODEL_KEY"),
        ({"key": "a\r\nX: 1"}, "KIDO_MODEL_KEY"),
        ({"proxy": "nonsense"}, "KIDO_MODEL_PROXY is 'nonsense'"),
        ({"proxy": "socks5://127.0.0.1:1"}, "KIDO_MODEL_PROXY"),
    ],
)
def test_settings_that_cannot_be_used_are_refused_by_name(more: dict[str, Any], said: str) -> None:
    with pytest.raises(KidoError, match=said):
        Endpoint("https://models.example/v1", "m", **more)
