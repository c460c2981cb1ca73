"""What guards every request: Host and origin, size, pace and time, and the security headers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from anyio import move_on_after
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.server.problems import (
    BUSY,
    FOREIGN_ORIGIN,
    MISDIRECTED,
    TOO_LARGE,
    TOO_MANY,
    TOO_SLOW,
    Problem,
    response,
)
from kb.server.rates import Rates

MAX_BODY = 64 * 1024
MAX_MANUSCRIPT = 2 * 1024 * 1024  # bytes of a manuscript whose quotations are checked
_MANUSCRIPTS = frozenset({"/api/v1/verify/manuscript", "/verify"})
# What reads its own body piece by piece, with limits of its own (see kb/server/receiving.py).
_STREAMED = frozenset({("POST", "/api/v1/documents"), ("POST", "/documents/add")})
MAX_AT_ONCE = 128  # requests that are worked on
_ALWAYS = frozenset({"/healthz", "/metrics"})  # what says how busy a server is
SLOWEST = 30.0  # seconds in which a body has to have come
LOCAL_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Nothing goes to other sites; forms of these pages come with their origin.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# The same as they are sent.
_GUARDING = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
_CACHING = (b"cache-control", b"no-cache")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_HOST = re.compile(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@\[\]]+))(?::[0-9]{1,5})?")


def host_name(header: str) -> str | None:
    """The name or address in a Host header, without port and brackets; None if malformed."""
    match = _HOST.fullmatch(header)
    return (match[1] or match[2]).lower() if match else None


def origin_host(header: str) -> str | None:
    """The name or address in an Origin header; None where it is none, such as "null"."""
    scheme, separator, host = header.partition("://")
    return host_name(host) if separator and scheme.lower() in ("http", "https") else None


def answers_for(name: str, scope: Scope, hosts: Collection[str]) -> bool:
    """Whether a server with these names, or the address that was connected to, is meant."""
    server = scope.get("server")
    served = str(server[0]).lower() if server and server[1] is not None else None
    return name in hosts or name == served


def foreign(scope: Scope, hosts: Collection[str]) -> Problem | None:
    """The problem of a request that a page of another site had a browser send; None of others."""
    headers = Headers(scope=scope)
    site = headers.get("sec-fetch-site", "none")
    origins = headers.getlist("origin")
    # A browser may keep the origin of a form to itself, and then says this much.
    if site == "same-origin" and origins == ["null"]:
        return None
    names = [origin_host(origin) for origin in origins]
    known = all(name is not None and answers_for(name, scope, hosts) for name in names)
    if site in ("same-origin", "none") and known:
        return None
    found = f"origin {origins[0]!r}" if origins else f"a {site} page"
    return Problem(FOREIGN_ORIGIN, f"{found} may not send this; pages of this server may")


class Guard:
    """Middleware: refuses foreign hosts, what pages of other sites send, large or slow bodies,
    and more requests at once or of one address than it can have; adds the security headers.

    A browser that was tricked into resolving another name to this machine sends that name
    as Host; only local names, the address that was connected to and `hosts` are answered.
    """

    def __init__(
        self,
        app: ASGIApp,
        hosts: Iterable[str] = (),
        *,
        at_once: int = MAX_AT_ONCE,
        per_minute: int = 0,
    ) -> None:
        self.app = app
        self._free = at_once
        self._rates = Rates(per_minute)
        self._hosts: Collection[str] = LOCAL_HOSTS | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = [header for header in message["headers"] if header[0] not in _GUARDING]
                if not any(name == _CACHING[0] for name, _ in given):
                    given.append(_CACHING)
                message["headers"] = [*given, *_GUARDING.items()]
            await send(message)

        problem = self._misdirected(scope)
        if problem is None and scope["method"] not in _READING:
            problem = foreign(scope, self._hosts)
        if problem is None and scope["path"] not in _ALWAYS:
            problem = self._too_many(scope)
        if problem is not None:
            await response(problem, scope)(scope, receive, guarded)
            return
        self._free -= 1
        try:
            await self._admitted(scope, receive, guarded)
        finally:
            self._free += 1

    async def _admitted(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request that may come in, once its body is there."""
        body: list[Message] = []
        problem = await _take_body(scope, receive, body)
        if problem is not None:
            await response(problem, scope)(scope, receive, send)
            return

        async def replayed() -> Message:
            return body.pop(0) if body else await receive()

        await self.app(scope, replayed, send)

    def _too_many(self, scope: Scope) -> Problem | None:
        if self._free <= 0:
            again = {"Retry-After": "1"}
            return Problem(BUSY, "too many requests at once; send it again", headers=again)
        wait = self._rates.wait(str((scope.get("client") or ("",))[0]))
        if not wait:
            return None
        again = {"Retry-After": str(max(1, round(wait)))}
        return Problem(TOO_MANY, "too many requests of this address; wait a little", headers=again)

    def _misdirected(self, scope: Scope) -> Problem | None:
        hosts = Headers(scope=scope).getlist("host")
        name = host_name(hosts[0]) if len(hosts) == 1 else None
        if name is not None and answers_for(name, scope, self._hosts):
            return None
        found = repr(hosts[0]) if len(hosts) == 1 else f"{len(hosts)} Host headers"
        return Problem(MISDIRECTED, f"this server does not answer for {found}; use its address")


async def _take_body(scope: Scope, receive: Receive, body: list[Message]) -> Problem | None:
    """Read the whole request body into `body`; a problem when it is more than its path may have."""
    if (scope["method"], scope["path"]) in _STREAMED:
        return None
    headers = Headers(scope=scope)
    stated = headers.get("content-length", "0")
    if stated in ("0", "") and "transfer-encoding" not in headers:
        return None
    most = MAX_MANUSCRIPT if scope["path"] in _MANUSCRIPTS else MAX_BODY
    too_large = Problem(TOO_LARGE, f"the body may have {most} bytes at most")
    if stated.isdecimal() and (len(stated) >= 20 or int(stated) > most):
        return too_large
    with move_on_after(SLOWEST):
        return await _read_body(receive, body, most, too_large)
    return Problem(TOO_SLOW, f"the body did not come within {SLOWEST:.0f} s; send it again")


async def _read_body(
    receive: Receive, body: list[Message], most: int, too_large: Problem
) -> Problem | None:
    size, more = 0, True
    while more:
        message = await receive()
        body.append(message)
        if message["type"] != "http.request":
            break
        size += len(message.get("body", b""))
        if size > most:
            return too_large
        more = message.get("more_body", False)
    return None
