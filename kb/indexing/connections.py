"""Connections to the file of a store and to what has changed in it since it was written.

A store is a SQLite file that is never written again, and beside it, once documents came or went,
a write-ahead log with the pages that are others now (`store.sqlite-wal`, SQLite's own format and
name). A generation takes the file over from the one before and goes on writing the log; SQLite
reads both as one. Nobody but the run that builds a generation writes, and that is alone, so
nothing is locked and each connection keeps the log's index in its own memory; nothing is ever
brought back into the file. When the log has grown, all is written as one new file.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import apsw

_EMPTY = bytes(32)  # no log's header: SQLite takes it for one without pages, and writes its own
_SHARE = 5  # the log is brought in when it has more than this part of the file's size
LEAST = 4_000_000
"""Bytes that a log may have beside any file."""
_CACHE = 64_000  # KiB of pages that are held while a log is written


def log_of(path: Path) -> Path:
    """Where the log of a store's file is, if there is one."""
    return path.with_name(path.name + "-wal")


def to_create(path: Path) -> apsw.Connection:
    """A connection that writes a new file, which must not exist."""
    db = apsw.Connection(str(path))
    _set(db, "journal_mode=OFF", "synchronous=OFF")
    return db


def to_change(path: Path) -> apsw.Connection:
    """A connection that leaves the file as it is and writes the log beside it."""
    log = log_of(path)
    if not log.exists():
        log.write_bytes(_EMPTY)
    db = apsw.Connection(
        f"file:{quote(str(path.resolve()))}?vfs=unix-none",
        flags=apsw.SQLITE_OPEN_READWRITE | apsw.SQLITE_OPEN_URI,
    )
    db.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    _set(
        db, "locking_mode=EXCLUSIVE", "wal_autocheckpoint=0", "synchronous=OFF",
        f"cache_size=-{_CACHE}",
    )  # fmt: skip
    ((mode,),) = db.execute("PRAGMA journal_mode")
    if mode != "wal":  # anything else would write to the file
        db.close()
        raise apsw.CantOpenError(f"{path} cannot be written beside: journal mode {mode}")
    return db


def to_read(path: Path) -> apsw.Connection:
    """A connection to a finished store, which never changes, so that nothing is locked."""
    logged = log_of(path).exists()
    how = "vfs=unix-none" if logged else "immutable=1"
    db = apsw.Connection(
        f"file:{quote(str(path.resolve()))}?mode=ro&{how}",
        flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI,
    )
    if logged:
        _set(db, "locking_mode=EXCLUSIVE")
    return db


def _set(db: apsw.Connection, *pragmas: str) -> None:
    for pragma in pragmas:
        db.execute(f"PRAGMA {pragma}").fetchall()  # what is not fetched is not done


def is_long(path: Path) -> bool:
    """Whether the log of a store is so long that all should be written as one file."""
    log = log_of(path)
    size = log.stat().st_size if log.exists() else 0
    return size > LEAST and size * _SHARE > path.stat().st_size


def merge(path: Path) -> None:
    """Write a store and its log, which no connection may have open, as one new file."""
    whole = path.with_name(path.name + ".new")
    db = to_read(path)
    db.execute("VACUUM INTO ?", (str(whole),))
    db.close()
    log_of(path).unlink()
    whole.replace(path)
