"""What is read or worked out lately and kept for the next question, up to so much of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from functools import partial
from inspect import ismethod
from threading import Lock
from typing import Generic, TypeVar
from weakref import WeakMethod

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def _itself(value: T) -> T:
    return value


def _one(_: object) -> int:
    return 1


class Latest(Generic[K, T]):
    """The values of keys, the latest asked for kept; safe for use from several threads.

    `read` gives the values of keys that are not kept, all at once, and leaves out keys that it
    does not know; `most` is how many are kept, or, where each has a weight, how much all weigh
    (what weighs nothing counts as 1, or there would be no end to it).
    The object of a bound method is not kept alive: it mostly is the one that holds this, and both
    are to go as soon as nobody asks any more, not when the garbage collector next looks.
    """

    def __init__(
        self,
        read: Callable[[Sequence[K]], Mapping[K, T]],
        most: int,
        weight: Callable[[T], int] = _one,
    ) -> None:
        self._read = WeakMethod(read) if ismethod(read) else partial(_itself, read)
        self._most = most
        self._weight = weight
        self._weighs = 0
        self._kept: dict[K, T] = {}
        self._lock = Lock()

    def of(self, keys: Iterable[K]) -> dict[K, T]:
        """The values of some keys, in their order."""
        asked = list(keys)
        with self._lock:
            # Taken out and put in again, so that the first of the dictionary are the oldest.
            found = {key: self._kept.pop(key) for key in asked if key in self._kept}
            self._kept.update(found)
        missing = [key for key in asked if key not in found]
        if not missing:
            return found
        reading = self._read()
        assert reading is not None, "who reads is gone"
        read = reading(missing)
        with self._lock:
            for key, value in read.items():
                if key not in self._kept:  # another thread may have been quicker
                    self._kept[key] = value
                    self._weighs += self._weight(value) or 1
            while self._weighs > self._most:
                self._weighs -= self._weight(self._kept.pop(next(iter(self._kept)))) or 1
        found.update(read)
        return {key: found[key] for key in asked if key in found}
