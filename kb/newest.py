"""The newest generation is taken up beside those who ask, who go on with the one that is open."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from kb.errors import IndexDamaged, IndexUnavailable, KidoError
from kb.indexing.generation import current_name

WAIT = 2.0  # seconds in which a new generation is waited for: small ones are open by then
_REFUSED = 10.0  # seconds until a generation that was found damaged is looked at again


class Opened(Protocol):
    """What reads one generation."""

    @property
    def generation(self) -> str:
        """Its name."""


V = TypeVar("V", bound=Opened)


class Newest(Generic[V]):
    """What reads the newest generation of an index; safe for use from several threads.

    `opened` opens the newest there is, and is told whether another is open that could go on.
    """

    def __init__(self, index: Path, opened: Callable[[bool], V]) -> None:
        self._index = index
        self._opened = opened
        self._lock = threading.Lock()
        self._view: V | None = None
        self._coming: threading.Thread | None = None
        self._failed: tuple[str | None, KidoError, float] | None = None  # which, why, until when

    def current(self, *, wait: float = WAIT) -> V:
        """The newest; where one is open, it is given when the newest takes longer than `wait`
        seconds to open, which a generation does whose files of gigabytes are checked.

        Raises what `opened` does, but for a damaged or missing generation while one is open.
        """
        view = self._view
        if view is None:
            with self._lock:
                if self._view is None:
                    self._view = self._opened(False)
                return self._view
        name = self._name()
        if name is None or view.generation == name or self._refuses(name):
            return view
        with self._lock:
            if self._coming is None or not self._coming.is_alive():
                self._coming = threading.Thread(target=self._take_up, name="newest", daemon=True)
                self._coming.start()
            coming = self._coming
        coming.join(wait)
        failed = self._failed
        if failed is not None and not isinstance(failed[1], IndexUnavailable | IndexDamaged):
            raise failed[1]
        return self._view or view

    def _take_up(self) -> None:
        name = self._name()
        if self._view is not None and self._view.generation == name:
            return  # who started this thread had looked before the one before was done
        try:
            self._view = self._opened(True)
            self._failed = None
        except KidoError as error:
            self._failed = name, error, time.monotonic() + _REFUSED

    def _name(self) -> str | None:
        try:
            return current_name(self._index)
        except IndexDamaged:
            return None

    def _refuses(self, name: str) -> bool:
        """Whether a generation was found damaged a moment ago: it is not read on every request."""
        failed = self._failed
        return (
            failed is not None
            and isinstance(failed[1], IndexUnavailable | IndexDamaged)
            and failed[0] == name
            and time.monotonic() < failed[2]
        )
