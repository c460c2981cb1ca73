"""Which files of an index the writer has compared with their checksums, so that it need not again.

A file counts as what it was while its size, its number on its device, and the times at which it
was written and changed are the same; no program can set the last. It must not have been written to
within two seconds before its checksum was taken, since clocks of file systems are coarse, and that
must not be longer than a day ago. What a disk loses of a file without a write is not seen by that:
so readers and `kb check` take every checksum, and one that finds damage leaves a mark, after which
the writer takes them all, too; and so does each day's first run.

The notes lie beside the generations; nothing depends on them, since without them all checksums
are taken. Small files have none: theirs are taken each time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from kb.indexing import checksums
from kb.indexing.notes import read_note, write_note

FILE = "verified"
MARK = "doubted"
WORTH = 1_000_000
"""Bytes from which a file is noted."""
TRUSTED = 24 * 3600
"""Seconds for which a checksum counts."""
_SETTLED = 2_000_000_000  # nanoseconds

State = list[int]
"""Size, number, device, and the times of writing and of change in nanoseconds."""


class Verified:
    """The notes of one index. The caller holds its writer lock."""

    def __init__(self, index: Path) -> None:
        self._path = index / FILE
        self._mark = index / MARK
        self._doubted = self._mark.exists()
        self._known = {} if self._doubted else self._load()
        self._held: set[str] = set()

    def holds(self, path: Path, digest: str) -> bool:
        """Whether a file is known to have this checksum."""
        try:
            state = _state(path)
        except OSError:
            return False
        noted = self._known.get(_key(state))
        age = time.time() - noted[2] if noted else -1
        if noted is None or noted[:2] != (state, digest) or not 0 <= age < TRUSTED:
            return False
        self._held.add(_key(state))
        return True

    def has(self, path: Path, digest: str) -> bool:
        """The same, by taking its checksum where it is not known, which is noted then.

        Raises OSError.
        """
        if self.holds(path, digest):
            return True
        state = to_note(path)
        if checksums.digest(path) != digest:
            return False
        self.note(state, digest)
        return True

    def note(self, state: State | None, digest: str) -> None:
        """Note a checksum that was taken after `to_note` gave this state."""
        if state is not None:
            self._known[_key(state)] = state, digest, time.time()
            self._held.add(_key(state))

    def clear(self) -> None:
        """All files of the current generation have their checksums: the mark can go, and before it
        the notes that it is about, which a run that is cut off would leave to the next.
        """
        if self._doubted:
            with suppress(OSError):  # then all checksums are taken once more
                self._path.unlink(missing_ok=True)
                self._mark.unlink(missing_ok=True)

    def keep(self, paths: Iterable[Path]) -> None:
        """Keep what is known of these files for the next run.

        Links to a file that come and go change the time of its last change; that time is taken as
        it is now where the file was known in this run.
        """
        found: dict[str, tuple[State, str, float]] = {}
        for path in paths:
            try:
                state = _state(path)
            except OSError:
                continue
            noted = self._known.get(key := _key(state))
            if noted is not None and noted[0][:-1] == state[:-1]:
                found[key] = (state, *noted[1:]) if key in self._held else noted
        if found == self._known and not self._doubted and self._path.exists():
            return
        write_note(self._path, list(found.values()))

    def _load(self) -> dict[str, tuple[State, str, float]]:
        """The notes of the runs before; none where they are damaged or of another shape."""
        noted = read_note(self._path)
        try:
            return {_key(state): (state, own, float(at)) for state, own, at in noted or ()}
        except (ValueError, TypeError, LookupError):
            return {}


def doubt(index: Path) -> None:
    """Leave the mark that damage was found, as far as this process may write there."""
    with suppress(OSError):
        (index / MARK).touch()


def to_note(path: Path) -> State | None:
    """What a file is now, before its checksum is taken; None where that is not to be noted, since
    the file is small or was just written to. Raises OSError.
    """
    state = _state(path)
    size, _, _, written, _ = state
    return state if size >= WORTH and written < time.time_ns() - _SETTLED else None


def _state(path: Path) -> State:
    found = path.stat()
    return [found.st_size, found.st_ino, found.st_dev, found.st_mtime_ns, found.st_ctime_ns]


def _key(state: State) -> str:
    return f"{state[1]} {state[2]}"
