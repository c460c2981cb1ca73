"""/mcp: who may call it, and the loading of the protocol when it is first called."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

from anyio.to_thread import run_sync
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.server.problems import METHOD_NOT_ALLOWED, Problem, response
from kb.server.security import LOCAL_HOSTS, foreign

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase


class McpEndpoint:
    """The ASGI application at /mcp.

    It has no sessions and nothing to send by itself, so only POST is taken, as the protocol
    allows. Whoever never calls it does not pay for the protocol's library, which is loaded by
    the first request. The Host is checked by `security.Guard`; an Origin, which browsers send,
    must be of a name that the server answers for.
    """

    def __init__(self, knowledge: KnowledgeBase, hosts: Iterable[str] = ()) -> None:
        self._knowledge = knowledge
        self._hosts = LOCAL_HOSTS | {host.lower() for host in hosts}
        self._loading = threading.Lock()
        self._handler: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        problem = self._refused(scope)
        if problem is not None:
            await response(problem, scope)(scope, receive, send)
            return
        if self._handler is None:
            self._handler = await run_sync(self._load)
        await self._handler(scope, receive, send)

    def _refused(self, scope: Scope) -> Problem | None:
        if scope["method"] != "POST":
            return Problem(
                METHOD_NOT_ALLOWED,
                f"/mcp takes POST, not {scope['method']}: there are no sessions and no streams",
                headers={"Allow": "POST"},
            )
        return foreign(scope, self._hosts)

    def _load(self) -> ASGIApp:
        with self._loading:
            if self._handler is None:
                from kb.server.mcp.protocol import handler  # a second of CPU time, 26 MB

                self._handler = handler(self._knowledge)
            return self._handler
