"""Errors of SQLite that are the disk's, as errors of the system."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw


@contextmanager
def disk_errors(path: Path) -> Iterator[None]:
    """Raises OSError instead of what SQLite raises when the disk of `path` is full or fails."""
    try:
        yield
    except apsw.FullError as error:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
    except (apsw.IOError, apsw.CantOpenError) as error:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path)) from error
