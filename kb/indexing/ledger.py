"""The ledger: what was quoted under each citation id that was given out, kept for good.

    index/citations.sqlite      the quotations and the texts that they stood in, once each;
                                nothing of questions and readers

It lies beside the generations and is never rebuilt, so an id can be answered for when more
versions came than are kept, or when its document was renamed or removed. Rows are only ever
added, each once. Several processes may write; where the folder cannot be written, nothing is
kept and the versions in the store answer alone.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote as percent

import apsw

from kb.domain import BlockKind, Citation
from kb.failpoints import reach
from kb.indexing.rows import to_json
from kb.quotation import Quoted, Source

log = logging.getLogger("kb.ledger")

FILE = "citations.sqlite"
LEDGER_FORMAT = 1
_WAIT = 2000  # milliseconds that a writer waits for another
_REMEMBERED = 20_000  # ids that need not be looked up again
_SCHEMA = """
CREATE TABLE sources (
    key BLOB PRIMARY KEY,       -- SHA-256 of the columns that follow
    id TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,       -- of the file
    format TEXT NOT NULL,
    metadata TEXT NOT NULL,     -- CSL-JSON item
    text BLOB NOT NULL          -- the stored text that was cited, UTF-8, zlib
) STRICT, WITHOUT ROWID;
CREATE TABLE citations (
    id TEXT PRIMARY KEY,
    source BLOB NOT NULL REFERENCES sources(key),
    start INTEGER NOT NULL,
    end INTEGER NOT NULL,
    quote TEXT NOT NULL,
    prefix TEXT NOT NULL,       -- what stood before it
    suffix TEXT NOT NULL,
    place TEXT NOT NULL         -- JSON: headings, pages, kind, marker, header
) STRICT, WITHOUT ROWID;
"""


class Ledger:
    """The ledger of one index; safe for use from several threads.

    `limit` is how many quotations are kept at most; further ones are not recorded. With 0 nothing
    is written at all.
    """

    def __init__(self, index: Path, *, limit: int) -> None:
        self.path = index / FILE
        self._limit = limit
        self._local = threading.local()
        self._known: dict[str, None] = {}
        self._warned = False

    def record(self, quoted: Iterable[tuple[Quoted, str]]) -> bool:
        """Keep quotations that are given out, each with the text of its source.

        Those that are there already stay as they are. Says whether all are kept, as far as the
        limit allows; where the file cannot be written, answers are given all the same.
        """
        new = [(one, text) for one, text in quoted if one.citation.id not in self._known]
        if not new or self._limit <= 0:
            return True
        try:
            self._write(new)
        except (apsw.Error, OSError) as error:
            self._warn("citations are not recorded", error)
            return False
        self._warned = False
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        self._known.update(dict.fromkeys(one.citation.id for one, _ in new))
        return True

    def find(self, citation_id: str) -> tuple[Quoted, str] | None:
        """What was quoted under an id and the text of its source; None for an unknown id."""
        try:
            db = self._reading()
            if db is None:
                return None
            found = db.execute(
                "SELECT c.id, c.start, c.end, c.quote, c.prefix, c.suffix, c.place, s.id, s.path,"
                " s.sha256, s.format, s.metadata, s.text FROM citations c"
                " JOIN sources s ON s.key = c.source WHERE c.id=?",
                (citation_id,),
            ).fetchone()
            return None if found is None else (_quoted(found[:-1]), _unpacked(found[-1]))
        except (apsw.Error, OSError, ValueError, zlib.error) as error:
            self._warn("citations cannot be looked up", error)
            return None

    def ids(self, document_id: str | None = None, *, limit: int) -> list[str]:
        """The ids that were given out, or those of one document, in their order.

        A citation id begins with the letters of its document's id, see `citation_id`.
        """
        first = "c" + (document_id or "")[1:]
        try:
            db = self._reading()
            query = "SELECT id FROM citations WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
            found = () if db is None else db.execute(query, (first, first + "~", limit))
            return [str(row[0]) for row in found]
        except (apsw.Error, OSError) as error:
            self._warn("citations cannot be looked up", error)
            return []

    def __len__(self) -> int:
        try:
            db = self._reading()
            return 0 if db is None else _number(db, "SELECT count(*) FROM citations")
        except (apsw.Error, OSError):
            return 0

    def copy_to(self, path: Path) -> None:
        """Write all that is kept now to a new file, while others go on writing; nothing without it.

        Raises apsw.Error, OSError.
        """
        if (db := self._reading()) is not None:
            db.execute("VACUUM INTO ?", (str(path),))

    def add_from(self, path: Path) -> None:
        """Keep all that another ledger holds besides. Raises apsw.Error, OSError."""
        if not path.is_file():
            return
        db = self._writing()
        db.execute("ATTACH ? AS other", (str(path),))
        try:
            with _transaction(db):
                for table in ("sources", "citations"):
                    db.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}")
        finally:
            db.execute("DETACH other")

    def errors(self, is_id: Any) -> list[str]:
        """What is wrong with the file; `is_id(id, document_id, start, end, quote)` checks a row."""
        try:
            db = self._reading()
            if db is None:
                return []
            found = [f"{self.path}: {r[0]}" for r in db.execute("PRAGMA quick_check")
                     if r[0] != "ok"]  # fmt: skip
            wrong = sum(
                not is_id(*row)
                for row in db.execute(
                    "SELECT c.id, s.id, c.start, c.end, c.quote FROM citations c"
                    " LEFT JOIN sources s ON s.key = c.source"
                )
            )
        except (apsw.Error, OSError) as error:
            return [f"{self.path} cannot be read ({error}); remove it, and citations of texts "
                    "that are no longer kept will not be found"]  # fmt: skip
        if wrong:
            found.append(f"{self.path}: {wrong} quotations are not what their ids stand for")
        return found

    def _write(self, quoted: Sequence[tuple[Quoted, str]]) -> None:
        db = self._writing()
        with _transaction(db):
            reach("ledger.write")
            room = self._limit - _number(db, "SELECT count(*) FROM citations")
            for one, text in quoted[: max(0, room)]:
                source = one.source
                values = (
                    source.id, source.path, source.sha256, source.format, to_json(source.metadata)
                )  # fmt: skip
                key = hashlib.sha256("\0".join((*values, text)).encode("utf-8", "replace")).digest()
                if not db.execute("SELECT 1 FROM sources WHERE key=?", (key,)).fetchone():
                    row = (key, *values, zlib.compress(text.encode("utf-8", "surrogatepass")))
                    db.execute("INSERT INTO sources VALUES (?,?,?,?,?,?,?)", row)
                c = one.citation
                db.execute(
                    "INSERT OR IGNORE INTO citations VALUES (?,?,?,?,?,?,?,?)",
                    (c.id, key, c.start, c.end, c.quote, one.prefix, one.suffix, _place(one)),
                )
            reach("ledger.commit")
        reach("ledger.committed")

    def _writing(self) -> apsw.Connection:
        db: apsw.Connection | None = getattr(self._local, "writing", None)
        if db is None:
            db = apsw.Connection(str(self.path))
            db.set_busy_timeout(_WAIT)
            # After kill -9 nothing is lost; after a power failure at most the last rows are.
            _use_wal(db)
            db.execute("PRAGMA synchronous=NORMAL")
            with _transaction(db):
                if _number(db, "PRAGMA user_version") == 0:
                    db.execute(_SCHEMA)
                    db.execute(f"PRAGMA user_version={LEDGER_FORMAT}")
            self._local.writing = self._local.reading = _of_this_format(db)
        return db

    def _reading(self) -> apsw.Connection | None:
        db: apsw.Connection | None = getattr(self._local, "reading", None)
        if db is None and self.path.is_file():
            try:
                writes = (
                    apsw.SQLITE_OPEN_READWRITE if self._limit > 0 else apsw.SQLITE_OPEN_READONLY
                )
                db = apsw.Connection(str(self.path), flags=writes)
                db.set_busy_timeout(_WAIT)
                _of_this_format(db)
            except (apsw.CantOpenError, apsw.ReadOnlyError):
                # A folder that nobody can write to: the file does not change.
                uri = f"file:{percent(str(self.path.resolve()))}?mode=ro&immutable=1"
                flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
                db = _of_this_format(apsw.Connection(uri, flags=flags))
            self._local.reading = db
        return db

    def _warn(self, what: str, error: Exception) -> None:
        if not self._warned:
            self._warned = True
            log.warning("%s: %s (%s)", self.path, what, error)


@contextmanager
def _transaction(db: apsw.Connection) -> Iterator[None]:
    """A transaction that writes from its start: one that begins by reading may not wait."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        with suppress(apsw.SQLError):  # where the disk is full, SQLite has rolled back already
            db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _use_wal(db: apsw.Connection) -> None:
    """Write ahead; the change itself does not wait for others who change it just now."""
    until = time.monotonic() + _WAIT / 1000
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            return
        except apsw.BusyError:
            if time.monotonic() > until:
                raise
            time.sleep(0.01)


def _of_this_format(db: apsw.Connection) -> apsw.Connection:
    found = _number(db, "PRAGMA user_version")
    if found != LEDGER_FORMAT:
        raise apsw.MismatchError(f"it has format {found}, this version reads {LEDGER_FORMAT}")
    return db


def _unpacked(text: bytes) -> str:
    return zlib.decompress(text).decode("utf-8", "surrogatepass")


def _number(db: apsw.Connection, query: str) -> int:
    return next(int(value) for (value,) in db.execute(query))


def _place(quoted: Quoted) -> str:
    c = quoted.citation
    return to_json(
        {
            "heading_path": c.heading_path, "first_page": c.first_page, "last_page": c.last_page,
            "page_label": c.page_label, "kind": str(c.kind), "ocr": c.ocr, "marker": c.marker,
            "header": c.header, "header_text": quoted.header,
        }
    )  # fmt: skip


def _quoted(row: Sequence[Any]) -> Quoted:
    citation_id, start, end, quote, prefix, suffix, packed, *source = row
    place = json.loads(packed)
    header = place["header"]
    citation = Citation(
        number=1,
        id=citation_id,
        document_id=source[0],
        start=start,
        end=end,
        quote=quote,
        heading_path=tuple(place["heading_path"]),
        first_page=place["first_page"],
        last_page=place["last_page"],
        page_label=place["page_label"],
        passage_id="",
        kind=BlockKind(place["kind"]),
        superseded=True,
        ocr=place["ocr"],
        marker=place["marker"],
        header=(header[0], header[1]) if header else None,
    )
    document_id, path, sha256, kind, metadata = source
    cited = Source(document_id, path, sha256, kind, json.loads(metadata))
    return Quoted(citation, cited, prefix, suffix, place["header_text"])
