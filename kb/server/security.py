"""What guards every request: the Host check, the size limit and the security headers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from anyio import move_on_after
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.server.problems import BUSY, MISDIRECTED, TOO_LARGE, TOO_SLOW, Problem, response

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
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
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


class Guard:
    """Middleware: refuses foreign hosts, large or slow bodies and more requests at once than it
    can have, and adds the security headers.

    A browser that was tricked into resolving another name to this machine sends that name
    as Host; only local names, the address that was connected to and `hosts` are answered.
    """

    def __init__(
        self, app: ASGIApp, hosts: Iterable[str] = (), *, at_once: int = MAX_AT_ONCE
    ) -> None:
        self.app = app
        self._free = at_once
        self._hosts: Collection[str] = LOCAL_HOSTS | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-cache")
            await send(message)

        problem = self._misdirected(scope)
        if problem is None and self._free <= 0 and scope["path"] not in _ALWAYS:
            problem = Problem(
                BUSY, "too many requests at once; send it again", headers={"Retry-After": "1"}
            )
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
