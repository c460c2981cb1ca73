"""Files that are replaced whole and durably: after a crash at any moment the old or the new one."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kb.errors import NotStored
from kb.failpoints import reach

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_FAILED = (*_FULL, errno.EIO)


def replace_file(path: Path, data: bytes, *, point: str, mode: int = 0o666) -> None:
    """Write `data` beside `path`, sync it, and rename it over. `point` names its failpoints.

    Raises OSError; the old file is then as it was, unless only the last sync of the folder failed.
    """
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    try:
        reach(f"{point}.write")
        with os.fdopen(
            os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb"
        ) as file:
            file.write(data)
            file.flush()
            reach(f"{point}.fsync")
            os.fsync(file.fileno())
        reach(f"{point}.rename")
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)  # it may hold the last free bytes
        raise
    reach(f"{point}.renamed")
    sync(path.parent)
    reach(f"{point}.synced")


def sync(path: Path) -> None:
    """Bring a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def storing(where: Path, otherwise: str) -> Iterator[None]:
    """Turn an error of the disk at `where` into NotStored; `otherwise` is what is the case now."""
    try:
        yield
    except OSError as error:
        raise not_stored(error, where, otherwise) from error


def is_failure(error: OSError) -> bool:
    """Whether a disk is full or fails, rather than that something may not be written there."""
    return error.errno in _FAILED


def not_stored(error: OSError, where: Path, otherwise: str) -> NotStored:
    """The error that people read for one of the disk."""
    what = error.strerror or str(error)
    advice = "make room and try again" if error.errno in _FULL else "check the disk and try again"
    return NotStored(f"{where} cannot be written ({what}); {otherwise}; {advice}")
