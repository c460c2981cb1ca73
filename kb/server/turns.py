"""How many requests of a costly kind are worked on at a time, so that all others go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync

from kb.server.problems import BUSY, Problem, Refused

T = TypeVar("T")


class Turns:
    """Works on so many at a time; some may wait, without a thread that others could use."""

    def __init__(self, at_once: int, waiting: int, what: str) -> None:
        self._limiter = CapacityLimiter(at_once)
        self._waiting, self._what = waiting, what

    async def take(self, work: Callable[[], T]) -> T:
        """What the work gives, in a thread. Raises Refused where too many wait already."""
        if self._limiter.statistics().tasks_waiting >= self._waiting:
            detail = f"{self._waiting} {self._what} are waiting; send this one again later"
            raise Refused(Problem(BUSY, detail, headers={"Retry-After": "5"}))
        return await run_sync(work, limiter=self._limiter)


def manuscripts() -> Turns:
    """The turns of manuscripts whose quotations are checked: one takes up to 10 s of a core."""
    return Turns(2, 8, "manuscripts")


def pictures() -> Turns:
    """The turns of pictures of pages, which one process draws."""
    return Turns(2, 64, "pictures")
