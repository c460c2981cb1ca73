"""Bytes to and from a process, for as long as there is patience with it."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

_AT_ONCE = 1 << 20  # bytes
_LEAST = 0.05  # seconds that are waited at once

Left = Callable[[], float]
"""How many seconds are left."""


class Expired(Exception):
    """There is no patience left."""


def send(pipe: int, data: bytes, left: Left) -> None:
    """Write all of `data` to a pipe that does not block.

    Raises Expired, and OSError where nobody reads any more.
    """
    rest = memoryview(data)
    while rest:
        _wait(pipe, select.POLLOUT, left)
        try:
            rest = rest[os.write(pipe, rest) :]
        except BlockingIOError:  # another took the place; there is none in this program
            continue


def receive(pipe: int, count: int, left: Left) -> bytes:
    """Read so many bytes from a pipe. Raises Expired, and EOFError where nobody writes any more."""
    found = bytearray()
    while len(found) < count:
        _wait(pipe, select.POLLIN, left)
        part = os.read(pipe, min(count - len(found), _AT_ONCE))
        if not part:
            raise EOFError
        found += part
    return bytes(found)


def _wait(pipe: int, event: int, left: Left) -> None:
    ready = select.poll()
    ready.register(pipe, event)
    while not ready.poll(0):
        seconds = left()
        if seconds <= 0:
            raise Expired
        ready.poll(1000 * max(_LEAST, seconds))
