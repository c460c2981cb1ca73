"""Finished documents of a run that is not over, so that one that is cut off loses no work.

A file of records that only grows: SHA-256 of what follows it, length, key, finished document. A
record that was not written whole, and all after it, do not count. The file goes with its run.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from kb.errors import KidoError
from kb.failpoints import reach

NAME = "prepared"
_DIGEST, _LENGTH, _KEY = 32, 8, 32
_HEAD = _DIGEST + _LENGTH + _KEY


class Kept:
    """What earlier runs and this one finished, by a digest of all that it depends on.

    Use it in a `with` block; the caller holds the index's writer lock.
    """

    def __init__(self, index: Path) -> None:
        self._path = index / NAME
        self._file = self._path.open("a+b")
        self._places: dict[bytes, tuple[int, int]] = {}
        self._end = 0
        self._load()

    def __enter__(self) -> Kept:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file, and remove it unless the run was cut off with something in it.

        Where a disk is full, or something else went wrong that a second run would not mend by
        going on, it is not left to take up room.
        """
        cut_off = isinstance(error, (KeyboardInterrupt, SystemExit, KidoError))
        with suppress(OSError):  # what could not be written before cannot be now
            self._file.close()
        if not cut_off or not self._places:
            self._path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self._places)

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def get(self, key: bytes) -> bytes:
        """What was kept under a key. Raises KeyError."""
        at, size = self._places[key]
        self._file.seek(at)
        return self._file.read(size)

    def add(self, key: bytes, finished: bytes) -> None:
        """Keep a finished document; it is safe from this process's end when this returns."""
        body = len(finished).to_bytes(_LENGTH, "big") + key + finished
        reach("prepared.write")
        self._file.write(hashlib.sha256(body).digest() + body)
        self._file.flush()
        self._places[key] = (self._end + _HEAD, len(finished))
        self._end += _DIGEST + len(body)

    def _load(self) -> None:
        """Find the whole records; what was cut off at the end goes."""
        self._file.seek(0)
        while len(head := self._file.read(_HEAD)) == _HEAD:
            size = int.from_bytes(head[_DIGEST : _DIGEST + _LENGTH], "big")
            if size > self._path.stat().st_size:
                break
            body = head[_DIGEST:] + self._file.read(size)
            if hashlib.sha256(body).digest() != head[:_DIGEST]:
                break
            self._places[head[-_KEY:]] = (self._end + _HEAD, size)
            self._end += _HEAD + size
        self._file.truncate(self._end)
        self._file.seek(self._end)
