"""Connections that are given up: requests that never come, answers that are never read.

The server's own limits begin with a whole request; what is told here comes before and after.
"""

from __future__ import annotations

import asyncio

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

from kb.server.rates import site_of

MOST = 1000  # connections; the next one is told to come back
EACH = 100  # of them from one other machine
SLOWEST_HEAD = 20.0  # seconds in which the first lines and headers of a request have to come
UNREAD = 60.0  # seconds in which who asked has to take some of what is sent
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nConnection: close\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\nContent-Length: 21\r\n\r\ntoo many connections\n"
)


class BoundedConnection(H11Protocol):
    """A connection of uvicorn with an end to how long it is waited for and how many there are.

    Headers of more than 64 KiB are refused by h11 with 400.
    """

    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, unless there are too many connections, or too many of one machine."""
        super().connection_made(transport)
        whose = site_of(self.client[0]) if self.client else None
        if len(self.connections) > MOST or (whose is not None and self._connected(whose) > EACH):
            transport.write(_FULL)
            transport.close()
            return
        self._wait_for_head()

    def data_received(self, data: bytes) -> None:
        """Take bytes of a request."""
        super().data_received(data)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting_for_head()
        self._stop_waiting_for_reader()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        """What is sent is not read: wait for that, but not for ever."""
        super().pause_writing()
        self._stop_waiting_for_reader()
        self._unread = self.loop.call_later(UNREAD, self.transport.abort)

    def resume_writing(self) -> None:
        """Some of it was read."""
        self._stop_waiting_for_reader()
        super().resume_writing()

    def _connected(self, whose: str) -> int:
        clients = (getattr(other, "client", None) for other in self.connections)
        return sum(client is not None and site_of(client[0]) == whose for client in clients)

    def _wait_for_head(self) -> None:
        """Have a time to wait run from the first byte of a head to its last, and only then."""
        if self.conn.states != {h11.CLIENT: h11.IDLE, h11.SERVER: h11.IDLE}:
            self._stop_waiting_for_head()
        elif self._head is None:
            self._head = self.loop.call_later(SLOWEST_HEAD, self.transport.abort)

    def _stop_waiting_for_head(self) -> None:
        if self._head is not None:
            self._head.cancel()
            self._head = None

    def _stop_waiting_for_reader(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
