"""Earlier versions of documents: kept so that an old citation can be shown, never searched.

A version is told by the document's id and the digest of its file. Its text is kept apart,
once for all versions that have it; where the same file was read in two ways, both stay.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import apsw

from kb import cores
from kb.domain import Document, Version
from kb.errors import NotFound
from kb.indexing.rows import document_of

_COLUMNS = "document_id, sha256, text, path, format, structure, metadata, generation"
_MARKS = "(?,?,?,?,?,?,?,?)"
_CURRENT = "SELECT id, sha256, text, path, format, structure, metadata FROM documents WHERE id=?"
_BATCH = 256  # documents whose texts are packed at once
_LEVEL = 1  # a third of the time of the usual level, for a quarter more bytes


def keep(
    source: apsw.Connection, target: apsw.Connection, ids: Iterable[str], generation: str
) -> None:
    """Keep documents of `source`, last served by `generation`, as versions in `target`."""
    remaining = iter(ids)
    with ThreadPoolExecutor(cores.available()) as threads:
        while batch := list(islice(remaining, _BATCH)):
            rows = [row for one in batch for row in source.execute(_CURRENT, (one,))]
            for text, version in threads.map(_packed, rows):
                _keep_text(target, version[2], text)
                target.execute(
                    f"INSERT OR REPLACE INTO versions ({_COLUMNS}) VALUES {_MARKS}",
                    (*version, generation),
                )


def _packed(row: Sequence[Any]) -> tuple[bytes, tuple[Any, ...]]:
    """A document's text as it is kept, and the columns of its version but for the generation."""
    document_id, sha256, text, path, kind, structure, metadata = row
    plain = text.encode()
    key = hashlib.sha256(plain).digest()
    packed = zlib.compress(structure.encode(), _LEVEL)
    return zlib.compress(plain, _LEVEL), (document_id, sha256, key, path, kind, packed, metadata)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _keep_text(db: apsw.Connection, key: bytes, packed: bytes) -> None:
    db.execute("INSERT OR IGNORE INTO version_texts VALUES (?,?)", (key, packed))


def inherit(source: apsw.Connection, target: apsw.Connection, generation: str) -> None:
    """Take over the versions of `source` and those of its documents that `target` has not."""
    for row in source.execute("SELECT key, text FROM version_texts"):
        _keep_text(target, *row)
    target.executemany(
        f"INSERT OR REPLACE INTO versions ({_COLUMNS}) VALUES {_MARKS}",
        source.execute(f"SELECT {_COLUMNS} FROM versions"),
    )
    query = "SELECT text FROM documents WHERE id=? AND sha256=?"
    for document_id, sha256, text in source.execute("SELECT id, sha256, text FROM documents"):
        if target.execute(query, (document_id, sha256)).fetchone() != (text,):
            keep(source, target, [document_id], generation)


def settle(db: apsw.Connection, count: int) -> None:
    """Drop the versions that are current, and all but the last `count` of each document.

    Texts that no version has any more go too.
    """
    current = [
        (document_id, sha256, key)
        for document_id, sha256, key, text in db.execute(
            "SELECT v.document_id, v.sha256, v.text, d.text FROM versions v"
            " JOIN documents d ON d.id = v.document_id AND d.sha256 = v.sha256"
        )
        if _key(text) == key
    ]
    remove = "DELETE FROM versions WHERE document_id=? AND sha256=? AND text=?"
    db.executemany(remove, current)
    surplus = db.execute(
        "SELECT document_id, sha256, text FROM (SELECT *, row_number() OVER"
        " (PARTITION BY document_id ORDER BY generation DESC, sha256, text) AS age FROM versions)"
        " WHERE age > ?",
        (count,),
    ).fetchall()
    db.executemany(remove, surplus)
    db.execute("DELETE FROM version_texts WHERE key NOT IN (SELECT text FROM versions)")


def version(db: apsw.Connection, document_id: str, sha256: str) -> Document:
    """The version of a document that was read from the file with this digest, the last such.

    Raises NotFound.
    """
    found = db.execute(
        "SELECT v.path, v.format, v.metadata, t.text, v.structure FROM versions v"
        " JOIN version_texts t ON t.key = v.text WHERE v.document_id=? AND v.sha256=?"
        " ORDER BY v.generation DESC",
        (document_id, sha256),
    ).fetchone()
    if found is None:
        raise NotFound(f"no version {sha256[:12]!r} of document {document_id!r} is kept")
    path, kind, metadata, text, structure = found
    return document_of(
        (document_id, path, sha256, kind, metadata, zlib.decompress(text).decode(),
         zlib.decompress(structure))
    )  # fmt: skip


def versions_of(db: apsw.Connection, document_id: str) -> list[Version]:
    """The kept versions of a document, the newest first."""
    return [
        Version(document_id, sha256, path, kind, json.loads(metadata), generation)
        for sha256, path, kind, metadata, generation in db.execute(
            "SELECT sha256, path, format, metadata, generation FROM versions WHERE document_id=?"
            " ORDER BY generation DESC, sha256, text",
            (document_id,),
        )
    ]


def errors(db: apsw.Connection) -> list[str]:
    """Versions whose text or structure is missing or is not what it was."""
    damaged: set[bytes] = set()
    lengths: dict[bytes, int] = {}
    for key, packed in db.execute("SELECT key, text FROM version_texts"):
        try:
            text = zlib.decompress(packed).decode()
        except (zlib.error, UnicodeDecodeError):
            damaged.add(key)
            continue
        if _key(text) != key:
            damaged.add(key)
        lengths[key] = len(text)
    found = [f"{len(damaged)} texts of versions are damaged"] if damaged else []
    for path, sha256, key, structure in db.execute(
        "SELECT path, sha256, text, structure FROM versions"
    ):
        name = f"version {sha256[:12]} of {path}"
        if key not in lengths and key not in damaged:
            found.append(f"{name} has no text")
        elif (end := _end_of_blocks(structure)) is None:
            found.append(f"{name} has a damaged structure")
        elif key not in damaged and end != lengths[key]:
            found.append(f"{name} has blocks that do not cover its text")
    return found


def _end_of_blocks(structure: bytes) -> int | None:
    """Where the last block of a packed structure ends; None when it cannot be read."""
    try:
        blocks = json.loads(zlib.decompress(structure))["blocks"]
        return int(blocks[-1][2]) if blocks else 0
    except (zlib.error, ValueError, LookupError, TypeError):
        return None
