"""The newest generation is taken up beside those who ask, who go on with the one that is open."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from kb.errors import IndexDamaged, IndexUnavailable, KidoError
from kb.indexing.generation import current_name

log = logging.getLogger("kb.newest")

WAIT = 2.0  # seconds in which a new generation is waited for: small ones are open by then
_REFUSED = 10.0  # seconds until a generation that could not be opened is looked at again,
_SHARE = 4  # or this many times as long as it took to see that


class Opened(Protocol):
    """What reads one generation."""

    @property
    def generation(self) -> str:
        """Its name."""


V = TypeVar("V", bound=Opened)


@dataclass(frozen=True, slots=True)
class _Failure:
    """Which generation could not be opened, why, and until when it is not tried again."""

    generation: str | None
    error: Exception
    until: float


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
        self._began = 0.0  # when that was started
        self._failed: _Failure | None = None

    def current(self, *, wait: float = WAIT) -> V:
        """The newest; where one is open, it is given when the newest takes longer than `wait`
        seconds to open, whoever asked first, as one does whose files of gigabytes are checked.

        Raises what `opened` does; while one is open, only that this program cannot read the newest,
        not that it is damaged or missing, or that opening it failed in another way.
        """
        if self._view is None:
            with self._lock:
                if self._view is None:
                    self._view = self._opened(False)
                return self._view
        until = time.monotonic() + wait
        while True:
            view, name = self._view, self._name()
            if name is None or view.generation == name:
                return view
            failed = self._failure_of(name)
            # What has come may be one between the two: then it is looked for again.
            if (failed is None or time.monotonic() >= failed.until) and self._came(wait, until):
                continue
            failed = self._failure_of(name)
            if failed is not None and _is_for_readers(failed.error):
                raise failed.error.with_traceback(None)  # which grows each time that it is raised
            return self._view

    def _failure_of(self, name: str) -> _Failure | None:
        failed = self._failed
        return failed if failed is not None and failed.generation == name else None

    def _came(self, wait: float, until: float) -> bool:
        """Have the newest opened; whether that was done, well or not, in time."""
        with self._lock:
            if self._coming is None or not self._coming.is_alive():
                self._coming = threading.Thread(target=self._take_up, name="newest", daemon=True)
                self._coming.start()
                self._began = time.monotonic()
            coming, began = self._coming, self._began
        left = min(until, began + wait) - time.monotonic()
        coming.join(min(max(0.0, left), threading.TIMEOUT_MAX))
        return not coming.is_alive() and time.monotonic() < until

    def _take_up(self) -> None:
        name = self._name()
        if self._view is not None and self._view.generation == name:
            return  # who started this thread had looked before the one before was done
        began = time.monotonic()
        try:
            self._view = self._opened(True)
            self._failed = None
        except Exception as error:
            if not isinstance(error, KidoError):
                log.exception("%s: generation %s cannot be opened", self._index, name)
            # Without what it was raised from, which may hold files of gigabytes.
            now = time.monotonic()
            until = now + max(_REFUSED, _SHARE * (now - began))
            self._failed = _Failure(name, error.with_traceback(None), until)

    def _name(self) -> str | None:
        try:
            return current_name(self._index)
        except IndexDamaged:
            return None


def _is_for_readers(error: Exception) -> bool:
    """Whether who asks is told of an error while another generation is open."""
    return isinstance(error, KidoError) and not isinstance(error, IndexUnavailable | IndexDamaged)
