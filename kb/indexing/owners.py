"""Which document a passage belongs to, for many passages at once, from memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from kb.indexing.store import Store


class Owners:
    """The documents of all passages of a store.

    A document's passages have row numbers one after the other, so the first of each says
    all; `kb check` looks after that.
    """

    def __init__(self, store: Store) -> None:
        found = store.first_rows()
        self._first = np.array([row for row, _ in found], dtype=np.int64)
        self._ids = np.array([document_id for _, document_id in found], dtype=object)
        self._ranks = np.argsort(np.argsort(self._ids, kind="stable"))

    def of(self, rows: NDArray[np.int64]) -> list[str]:
        """The ids of the documents of some passages, given by their row numbers."""
        found: list[str] = self._ids[self._places(rows)].tolist()
        return found

    def order(self, rows: NDArray[np.int64], scores: NDArray[np.float64]) -> NDArray[np.intp]:
        """The places of some passages in the order of their scores, best first; equal ones by
        the documents' ids and the text, which do not depend on how the index came to be.
        """
        places = np.argsort(-scores, kind="stable")
        falling = scores[places]
        if (falling[1:] < falling[:-1]).all():
            return places
        return np.lexsort((rows, self._ranks[self._places(rows)], -scores))

    def _places(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.searchsorted(self._first, rows, side="right") - 1
