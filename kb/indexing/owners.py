"""Which document a passage belongs to, for many passages at once, from memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kb.indexing.store import Store


class Owners:
    """The documents of all passages of a store.

    A document's passages have row numbers one after the other, so the first of each says
    all; `kb check` looks after that.
    """

    def __init__(self, store: Store) -> None:
        found = store.first_rows()
        self._first = np.array([row for row, _ in found], dtype=np.int64)
        self._ids = [document_id for _, document_id in found]

    def of(self, rows: Sequence[int]) -> dict[int, str]:
        """The ids of the documents of some passages, by the passages' row numbers."""
        places = np.searchsorted(self._first, np.array(rows, dtype=np.int64), side="right") - 1
        return {row: self._ids[at] for row, at in zip(rows, places.tolist(), strict=True)}
