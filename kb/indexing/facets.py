"""The facets of all passages in memory: which rows have one, and which each row has."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


class Facets:
    """The facets (`country:china`) of the passages of one generation, by row number."""

    def __init__(self, rows: Iterable[tuple[int, str]]) -> None:
        """`rows` are the row numbers in order, each with its facets parted by spaces."""
        known: dict[str, tuple[int, int]] = {}  # most passages share theirs with others
        codes: dict[str, int] = {}
        flat: list[int] = []
        having: dict[str, list[int]] = {}
        numbers, begins, lengths = array("q"), array("q"), array("q")
        for row, text in rows:
            tokens = text.split()
            if text not in known:
                known[text] = len(flat), len(tokens)
                flat += [codes.setdefault(token, len(codes)) for token in tokens]
            begin, length = known[text]
            numbers.append(row)
            begins.append(begin)
            lengths.append(length)
            for token in tokens:
                having.setdefault(token, []).append(row)
        self._tokens = [tuple(token.split(":", 1)) for token in codes]
        self._having = {token: np.array(found, dtype=np.int64) for token, found in having.items()}
        # Of each row where its codes begin among all, and how many it has.
        self._codes = np.array(flat, dtype=np.int64)
        self._numbers, self._begins, self._lengths = (
            np.array(values, dtype=np.int64) for values in (numbers, begins, lengths)
        )

    def rows(self, groups: Sequence[Sequence[str]]) -> NDArray[np.int64]:
        """The rows, in order, that have a facet of each of the groups."""
        none = np.empty(0, dtype=np.int64)
        result: NDArray[np.int64] | None = None
        for group in groups:
            found = [self._having[token] for token in group if token in self._having]
            one = np.unique(np.concatenate(found)) if found else none
            result = one if result is None else np.intersect1d(result, one, assume_unique=True)
        return none if result is None else result

    def counts(self, rows: Sequence[int], names: Sequence[str]) -> dict[str, Counter[str]]:
        """How many of some passages have each value of the facets of these names."""
        result: dict[str, Counter[str]] = {name: Counter() for name in names}
        if not len(self._numbers):
            return result
        asked = np.array(rows, dtype=np.int64)
        first, last = self._numbers[[0, -1]].tolist()
        if last - first + 1 == len(self._numbers):  # none is missing: far quicker than looking
            places = asked - first
        else:
            places = np.searchsorted(self._numbers, asked)
        places = places[self._numbers.take(places, mode="clip") == asked]
        lengths = self._lengths[places]
        total = int(lengths.sum())
        if not total:
            return result
        # The codes of one row after the other.
        before = np.cumsum(lengths) - lengths
        found = self._codes[np.repeat(self._begins[places] - before, lengths) + np.arange(total)]
        counts = np.bincount(found)
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
