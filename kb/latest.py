"""What is worked out of passages by their rows and kept for the next question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class Latest(Generic[T]):
    """The values of rows, the latest asked for kept; safe for use from several threads.

    `read` gives the values of rows that are not kept, all at once, and leaves out rows that it
    does not know; `most` is how many are kept.
    """

    def __init__(self, read: Callable[[Sequence[int]], Mapping[int, T]], most: int) -> None:
        self._read = read
        self._most = most
        self._kept: dict[int, T] = {}
        self._lock = Lock()

    def of(self, rows: Iterable[int]) -> dict[int, T]:
        """The values of some rows, in their order."""
        asked = list(rows)
        with self._lock:
            # Taken out and put in again, so that the first of the dictionary are the oldest.
            found = {row: self._kept.pop(row) for row in asked if row in self._kept}
            self._kept.update(found)
        missing = [row for row in asked if row not in found]
        if not missing:
            return found
        read = self._read(missing)
        with self._lock:
            self._kept.update(read)
            while len(self._kept) > self._most:
                del self._kept[next(iter(self._kept))]
        found.update(read)
        return {row: found[row] for row in asked if row in found}
