"""The facets of all passages in memory: which rows have one, and which each row has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class Facets:
    """The facets (`country:china`) of the passages of one generation, by row number."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        """`rows` are the row numbers in order, each with its facets parted by spaces."""
        known: dict[str, NDArray[np.int64]] = {}  # most passages share theirs with others
        codes: dict[str, int] = {}
        having: dict[str, list[int]] = {}
        self._of: dict[int, NDArray[np.int64]] = {}
        for row, text in rows:
            tokens = text.split()
            found = known.get(text)
            if found is None:
                found = np.array([codes.setdefault(t, len(codes)) for t in tokens], dtype=np.int64)
                known[text] = found
            self._of[row] = found
            for token in tokens:
                having.setdefault(token, []).append(row)
        self._tokens = [tuple(token.split(":", 1)) for token in codes]
        self._having = {token: np.array(found, dtype=np.int64) for token, found in having.items()}

    def rows(self, groups: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """The rows, in order, that have a facet of each of the groups."""
        none = np.empty(0, dtype=np.int64)
        result: NDArray[np.int64] | None = None
        for group in groups:
            found = [self._having[token] for token in group if token in self._having]
            one = np.unique(np.concatenate(found)) if found else none
            result = one if result is None else np.intersect1d(result, one, assume_unique=True)
        return none if result is None else result

    def counts(self, rows: Iterable[int], names: Sequence[str]) -> dict[str, Counter[str]]:
        """How many of some passages have each value of the facets of these names."""
        found = [self._of[row] for row in rows if row in self._of]
        result: dict[str, Counter[str]] = {name: Counter() for name in names}
        if not found:
            return result
        counts = np.bincount(np.concatenate(found), minlength=len(self._tokens))
        for code in np.flatnonzero(counts).tolist():
            name, value = self._tokens[code]
            if name in result:
                result[name][value] = int(counts[code])
        return result

    def totals(self, name: str) -> dict[str, int]:
        """How many passages have each value of a facet, the most frequent first."""
        start = f"{name}:"
        found = {t[len(start) :]: len(r) for t, r in self._having.items() if t.startswith(start)}
        return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))

    def having(self, token: str) -> Sequence[int]:
        """The rows that have a facet, in order."""
        found = self._having.get(token)
        return [] if found is None else [int(row) for row in found]
