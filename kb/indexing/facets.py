"""The facets of all passages in memory: which rows have one, and which each row has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray


class Facets:
    """The facets (`country:china`) of the passages of one generation, by row number."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        """`rows` are the row numbers in order, each with its facets parted by spaces."""
        tokens: dict[str, tuple[str, ...]] = {}  # most passages share theirs with others
        having: dict[str, list[int]] = {}
        self._of: dict[int, tuple[str, ...]] = {}
        for row, text in rows:
            found = tokens.get(text)
            if found is None:
                found = tokens[text] = tuple(text.split())
            self._of[row] = found
            for token in found:
                having.setdefault(token, []).append(row)
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
        counts = Counter(chain.from_iterable(self._of.get(row, ()) for row in rows))
        result: dict[str, Counter[str]] = {name: Counter() for name in names}
        for token, count in counts.items():
            name, _, value = token.partition(":")
            if name in result:
                result[name][value] = count
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
