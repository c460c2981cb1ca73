"""Rows that link documents: other paths of the same bytes, and near-duplicates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import apsw


def set_aliases(db: apsw.Connection, aliases: Mapping[str, str]) -> None:
    """Replace all aliases by those given, path to document id."""
    db.execute("DELETE FROM aliases")
    db.executemany(
        "INSERT INTO aliases SELECT ?, row FROM documents WHERE id=?", sorted(aliases.items())
    )


def aliases(db: apsw.Connection) -> dict[int, tuple[str, ...]]:
    """The aliases of each document row that has any, by path."""
    found: dict[int, list[str]] = {}
    for path, row in db.execute("SELECT path, document FROM aliases ORDER BY path"):
        found.setdefault(row, []).append(path)
    return {row: tuple(paths) for row, paths in found.items()}


def add(db: apsw.Connection, pairs: Iterable[tuple[int, int, float]]) -> None:
    """Link pairs of document rows with their similarity, both ways."""
    db.executemany("INSERT INTO near_duplicates VALUES (?1,?2,?3), (?2,?1,?3)", sorted(pairs))


def near_duplicates(db: apsw.Connection) -> dict[int, tuple[str, ...]]:
    """The ids linked to each document row that has links, the most alike first."""
    found: dict[int, list[str]] = {}
    for row, document_id in db.execute(
        "SELECT n.a, d.id FROM near_duplicates n JOIN documents d ON d.row = n.b"
        " ORDER BY n.a, n.similarity DESC, d.id"
    ):
        found.setdefault(row, []).append(document_id)
    return {row: tuple(ids) for row, ids in found.items()}


def remove(db: apsw.Connection, rows: Sequence[int]) -> None:
    """Remove all that links some document rows, and what they are compared by."""
    marks = ",".join("?" * len(rows))
    db.execute(f"DELETE FROM aliases WHERE document IN ({marks})", rows)
    db.execute(f"DELETE FROM sketches WHERE document IN ({marks})", rows)
    pairs = db.execute(f"SELECT a, b FROM near_duplicates WHERE a IN ({marks})", rows).fetchall()
    db.executemany("DELETE FROM near_duplicates WHERE a=?2 AND b=?1 OR a=?1 AND b=?2", pairs)
