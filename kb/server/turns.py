"""How many requests of a costly kind are worked on at a time, so that all others go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kb.server.problems import BUSY, Problem, Refused

MANUSCRIPTS = 4  # one takes up to 10 s of a core


class Turns:
    """Lets so many in at a time."""

    def __init__(self, at_once: int, what: str) -> None:
        self._free = threading.BoundedSemaphore(at_once)
        self._at_once, self._what = at_once, what

    @contextmanager
    def taken(self) -> Iterator[None]:
        """One turn, until the end of the block. Raises Refused where all are taken."""
        if not self._free.acquire(blocking=False):
            detail = f"{self._at_once} {self._what} are being worked on; send this one again later"
            raise Refused(Problem(BUSY, detail, headers={"Retry-After": "5"}))
        try:
            yield
        finally:
            self._free.release()


def manuscripts() -> Turns:
    """The turns of manuscripts whose quotations are checked."""
    return Turns(MANUSCRIPTS, "manuscripts")
