"""Which documents of a store pass the filters of a query."""

from __future__ import annotations

from collections.abc import Sequence

import apsw


def document_rows(
    db: apsw.Connection,
    *,
    ids: Sequence[str] | None,
    publishers: Sequence[str] | None,
    issued_from: str | None,
    issued_to: str | None,
) -> list[int]:
    """The row numbers of the documents that pass every filter that is given (not None).

    Dates are compared as far as both are known: a report of 2025 passes 2025-06.
    """
    rows = []
    for row, document_id, publisher, issued in db.execute(
        "SELECT row, id, publisher, issued FROM documents"
    ):
        if ids is not None and document_id not in ids:
            continue
        if publishers is not None and publisher not in publishers:
            continue
        if issued_from is not None and not _not_before(issued, issued_from):
            continue
        if issued_to is not None and not _not_before(issued_to, issued):
            continue
        rows.append(int(row))
    return rows


def _not_before(a: str | None, b: str | None) -> bool:
    """Whether ISO date `a` is not before `b`, as far as both are known; never when unknown."""
    if a is None or b is None:
        return False
    shared = min(len(a), len(b))
    return a[:shared] >= b[:shared]
