"""How near in meaning the words of a passage are to words of the query that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock

import numpy as np
from numpy.typing import NDArray

_MOST = 32_768  # words whose vectors are kept: 32 MB at 256 dimensions

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


class WordVectors:
    """Unit vectors of single words, made when first asked for; safe for use from threads.

    `encode` gives the vector of each of some texts, of length 1 or 0.
    """

    def __init__(self, encode: Encode, dimensions: int) -> None:
        self._encode = encode
        self._numbers: dict[str, int] = {}
        self._vectors = np.zeros((1024, dimensions), np.float32)
        self._lock = Lock()

    def nearest(
        self, words: Sequence[str], passages: Sequence[Sequence[str]]
    ) -> NDArray[np.float32]:
        """The highest cosine of each word with any token of each passage, at least 0.

        Shape (passages, words).
        """
        found = np.zeros((len(passages), len(words)), np.float32)
        filled = [n for n, tokens in enumerate(passages) if tokens]
        if not words or not filled:
            return found
        vectors, numbers = self._known([words, *(passages[n] for n in filled)])
        place: dict[int, int] = {}
        columns = [[place.setdefault(n, len(place)) for n in own] for own in numbers[1:]]
        cosines = vectors[numbers[0]] @ vectors[list(place)].T
        starts = np.cumsum([0, *map(len, columns[:-1])])
        flat = np.array([column for own in columns for column in own])
        best = np.maximum.reduceat(cosines[:, flat], starts, axis=1)
        found[filled] = np.maximum(best, 0.0).T
        return found

    def _known(self, lists: Sequence[Sequence[str]]) -> tuple[NDArray[np.float32], list[list[int]]]:
        """The table of vectors, and the numbers in it of the words of each list."""
        with self._lock:
            missing = self._missing(lists)
            if len(self._numbers) + len(missing) > _MOST:
                self._numbers.clear()
                missing = self._missing(lists)
            if missing:
                self._add(missing)
            return self._vectors, [[self._numbers[word] for word in own] for own in lists]

    def _missing(self, lists: Sequence[Sequence[str]]) -> list[str]:
        words = dict.fromkeys(word for own in lists for word in own)
        return [word for word in words if word not in self._numbers]

    def _add(self, words: Sequence[str]) -> None:
        first, needed = len(self._numbers), len(self._numbers) + len(words)
        # Made anew, so that those who still read the old table see it as it was.
        size = max(needed, len(self._vectors) * (1 if needed <= len(self._vectors) else 2))
        grown = np.zeros((size, self._vectors.shape[1]), np.float32)
        grown[:first] = self._vectors[:first]
        grown[first:needed] = self._encode(words)
        self._vectors = grown
        self._numbers.update(zip(words, range(first, needed), strict=True))
