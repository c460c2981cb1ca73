"""The chat-completions endpoint of a language model; the only module that calls out.

It speaks to the one address that was set: it follows no redirect, takes no proxy or password
from the environment, and bounds how long it waits and how much it reads.
"""

from __future__ import annotations

import ipaddress
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx2

from kb.answering.model.failures import Failure, ModelFailure
from kb.errors import KidoError

MAX_BYTES = 256 * 1024
CONNECT = 5.0  # seconds
LONGEST_PAUSE = 15.0  # seconds between two pieces of an answer
Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is and how it may be spoken to.

    `url` is the base, such as http://127.0.0.1:11434/v1; `timeout` is in seconds for a whole
    answer, and `max_bytes` what it may have. Raises KidoError when the address is none that
    a question may be sent to.
    """

    url: str
    model: str
    key: str | None = None
    timeout: float = 30.0
    max_bytes: int = MAX_BYTES
    proxy: str | None = None
    plain_http: bool = False

    def __post_init__(self) -> None:
        if not self.model:
            raise KidoError(
                "KIDO_MODEL_URL is set, but not which model: set KIDO_MODEL to its name"
            )
        if (problem := _problem(self.url, self.plain_http)) is not None:
            raise KidoError(f"KIDO_MODEL_URL is {self.url!r}: {problem}")
        if self.timeout <= 0:
            raise KidoError("KIDO_MODEL_TIMEOUT is 0: give the seconds that an answer may take")
        if self.key and not (self.key.isascii() and self.key.isprintable()):
            raise KidoError(
                "KIDO_MODEL_KEY has signs that no key has: give ASCII letters and signs"
            )
        if self.proxy and urlsplit(self.proxy).scheme not in ("http", "https"):
            raise KidoError(
                f"KIDO_MODEL_PROXY is {self.proxy!r}: give an address that begins with http://"
            )

    @property
    def address(self) -> str:
        """Where the requests go."""
        return self.url.rstrip("/") + "/chat/completions"

    def stream(self, messages: Sequence[Message], schema: Mapping[str, Any]) -> Iterator[str]:
        """The pieces of the model's answer, as they arrive.

        A server that does not take a JSON schema is asked once more without it. Raises
        ModelFailure, also after some pieces.
        """
        until = time.monotonic() + self.timeout
        plain = {"model": self.model, "messages": list(messages), "stream": True}
        shaped = {"type": "json_schema", "json_schema": dict(schema)}
        try:
            with self._client() as client:
                for body in ({**plain, "temperature": 0, "response_format": shaped}, plain):
                    with client.stream("POST", self.address, json=body) as response:
                        if response.status_code in (400, 422) and body is not plain:
                            continue
                        yield from _content(response, until, self.max_bytes)
                        return
        except httpx2.TimeoutException as error:
            raise ModelFailure(Failure.TIMEOUT, repr(error)) from error
        except httpx2.RemoteProtocolError as error:
            raise ModelFailure(Failure.CUT, repr(error)) from error
        except httpx2.HTTPError as error:
            raise ModelFailure(Failure.UNREACHABLE, repr(error)) from error

    def _client(self) -> httpx2.Client:
        headers = {
            "Accept": "text/event-stream, application/json",
            "Accept-Encoding": "identity",  # so that what is read is what is counted
            "User-Agent": "kido",
        }
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return httpx2.Client(
            headers=headers,
            timeout=httpx2.Timeout(
                min(LONGEST_PAUSE, self.timeout), connect=min(CONNECT, self.timeout)
            ),
            trust_env=False,
            follow_redirects=False,
            proxy=self.proxy,
        )


def _problem(url: str, plain_http: bool) -> str | None:
    """What is wrong with an address; None when a question may be sent there."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        httpx2.URL(url)
    except (ValueError, httpx2.InvalidURL) as error:
        return f"it is no address ({error})"
    if parts.scheme not in ("http", "https") or not host:
        return "give an address that begins with https:// (or http:// for this machine)"
    if parts.username is not None or parts.password is not None:
        return "leave name and password out; a key goes into KIDO_MODEL_KEY"
    if parts.query or parts.fragment:
        return "give the base address only, without ? and #"
    if parts.scheme == "http" and not plain_http and not _is_this_machine(host):
        return (
            "questions would cross the network unencrypted; use https, or set "
            "KIDO_MODEL_PLAIN_HTTP=1 to allow it"
        )
    return None


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _content(response: httpx2.Response, until: float, max_bytes: int) -> Iterator[str]:
    """The text of an answer, streamed or in one piece. Raises ModelFailure."""
    status = response.status_code
    if response.is_redirect or 300 <= status < 400:
        raise ModelFailure(Failure.REDIRECTED, f"status {status}, which is not followed")
    if status != 200:
        raise ModelFailure(Failure.REFUSED, f"status {status}")
    if response.headers.get("content-encoding", "identity") != "identity":
        raise ModelFailure(Failure.MALFORMED, "a coded answer, which was not asked for")
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    pieces = _bounded(response, until, max_bytes)
    if kind == "text/event-stream":
        yield from _streamed(pieces)
    elif kind == "application/json":
        yield _choice(_json(b"".join(pieces)), "message")[0]
    else:
        raise ModelFailure(Failure.MALFORMED, f"content of type {kind[:40]!r}")


def _bounded(response: httpx2.Response, until: float, max_bytes: int) -> Iterator[bytes]:
    read = 0
    for piece in response.iter_raw():
        read += len(piece)
        if read > max_bytes:
            raise ModelFailure(Failure.TOO_LARGE, f"more than {max_bytes} bytes")
        if time.monotonic() > until:
            raise ModelFailure(Failure.TIMEOUT, "the whole answer took too long")
        yield piece


def _streamed(pieces: Iterator[bytes]) -> Iterator[str]:
    """The text of server-sent events up to [DONE] or a reason to stop."""
    buffer = b""
    ended = False
    for piece in pieces:
        *lines, buffer = (buffer + piece).split(b"\n")
        for line in lines:
            data = line.strip()
            if not data.startswith(b"data:"):
                continue
            data = data[5:].strip()
            if data == b"[DONE]":
                if not ended:
                    raise ModelFailure(Failure.CUT, "[DONE] without a reason to stop")
                return
            event = _json(data)
            if isinstance(event, dict) and event.get("choices") == []:
                continue  # what was used, after the end
            text, stopped = _choice(event, "delta")
            ended = ended or stopped
            yield text
    if not ended:
        raise ModelFailure(Failure.CUT, "the stream ended before the answer did")


def _json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise ModelFailure(Failure.MALFORMED, f"not JSON ({type(error).__name__})") from error


def _choice(value: Any, part: str) -> tuple[str, bool]:
    """The text of the first choice, and whether the model was done with it."""
    try:
        choice = value["choices"][0]
        content = choice[part].get("content")
        reason = choice.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise ModelFailure(Failure.MALFORMED, "no choices, or none with content") from error
    if content is not None and not isinstance(content, str):
        raise ModelFailure(Failure.MALFORMED, "content that is no text")
    if reason == "length":
        raise ModelFailure(Failure.CUT, "the model's limit of length was reached")
    if reason not in (None, "stop"):
        raise ModelFailure(Failure.REFUSED, f"it stopped because of {str(reason)[:40]!r}")
    if part == "message" and reason is None:
        raise ModelFailure(Failure.CUT, "no reason to stop")
    return content or "", reason == "stop"
