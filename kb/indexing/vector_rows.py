"""The vectors of the store: half precision, each once, under the key of what was encoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, TypeAlias

import apsw

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Blocks: TypeAlias = Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]

_BLOCK = 16_384  # passages whose vectors are unpacked at once


def add(db: apsw.Connection, vectors: Iterable[tuple[bytes, bytes]]) -> None:
    """Keep vectors by their keys; those that are there stay as they are."""
    db.executemany("INSERT OR IGNORE INTO vectors VALUES (?,?)", vectors)


def known(db: apsw.Connection, keys: Iterable[bytes]) -> dict[bytes, bytes]:
    """The vectors that are kept under some of `keys`."""
    found = {}
    for key in keys:
        if (
            row := db.execute("SELECT vector FROM vectors WHERE key=?", (key,)).fetchone()
        ) is not None:
            found[key] = bytes(row[0])
    return found


def drop_unused(db: apsw.Connection, keys: Iterable[bytes]) -> None:
    """Remove the vectors under those of `keys` that no passage has."""
    db.executemany(
        "DELETE FROM vectors WHERE key=?1"
        " AND NOT EXISTS (SELECT 1 FROM passages WHERE vector_key=?1)",
        ((key,) for key in sorted(set(keys))),
    )


def blocks(db: apsw.Connection, dimensions: int, after_row: int = 0) -> Blocks:
    """The row numbers of the passages after one in order, with their vectors, block by block."""
    import numpy as np

    found = db.execute(
        "SELECT p.row, v.vector FROM passages p JOIN vectors v ON v.key = p.vector_key"
        " WHERE p.row > ? ORDER BY p.row",
        (after_row,),
    )
    while block := list(islice(found, _BLOCK)):
        rows, blobs = zip(*block, strict=True)
        matrix = np.frombuffer(b"".join(blobs), dtype="<f2").astype(np.float32)
        yield np.array(rows, dtype=np.int64), matrix.reshape(len(rows), dimensions)
