"""How near in meaning the words of a passage are to words of the query that it lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate, chain, count, filterfalse
from threading import Lock

import numpy as np
from numpy.typing import NDArray

FAR = 0.25  # cosine up to which words have nothing to do with each other
_FIRST = 1024  # words for which there is room at first
_MOST = 32_768  # words whose vectors are kept: 50 MB at 384 dimensions

Encode = Callable[[Sequence[str]], NDArray[np.float32]]
Compare = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]


def likeness(cosines: NDArray[np.float32]) -> NDArray[np.float64]:
    """How far words stand for each other, 0..1, by their cosines."""
    return np.maximum(0.0, (cosines.astype(np.float64) - FAR) / (1.0 - FAR))


class WordVectors:
    """Vectors of single words, made when first asked for; safe for use from threads.

    `encode` gives the vector of each of some words, `cosines` how near each of some is to each of
    others by their vectors, shape (some, others).
    """

    def __init__(self, encode: Encode, dimensions: int, cosines: Compare) -> None:
        self._encode = encode
        self._cosines = cosines
        self._numbers: dict[str, int] = {}
        self._dimensions = dimensions
        self._vectors = self._empty(_FIRST)
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
        tokens = list(chain.from_iterable(passages[n] for n in filled))
        vectors, numbers = self._known([*words, *tokens])
        asked, held = numbers[: len(words)], numbers[len(words) :]
        # In the order in which they are first met, which is the same whatever was asked before.
        place = dict(zip(dict.fromkeys(held), count()))
        cosines = self._cosines(vectors[asked], vectors[list(place)])
        flat = np.fromiter(map(place.__getitem__, held), np.intp, len(held))
        starts = list(accumulate((len(passages[n]) for n in filled[:-1]), initial=0))
        best = np.maximum.reduceat(cosines[:, flat], starts, axis=1)
        found[filled] = np.maximum(best, 0.0).T
        return found

    def _known(self, words: Sequence[str]) -> tuple[NDArray[np.float32], list[int]]:
        """The table of vectors, and the numbers in it of some words."""
        with self._lock:
            missing = self._missing(words)
            if len(self._numbers) + len(missing) > _MOST:
                self._numbers.clear()
                self._vectors = self._empty(_FIRST)  # those who read the old one go on with it
                missing = self._missing(words)
            if missing:
                self._add(missing)
            return self._vectors, list(map(self._numbers.__getitem__, words))

    def _missing(self, words: Sequence[str]) -> list[str]:
        return list(dict.fromkeys(filterfalse(self._numbers.__contains__, words)))

    def _add(self, words: Sequence[str]) -> None:
        """Put the vectors of new words behind the others, whose rows no reader looks at yet."""
        first, needed = len(self._numbers), len(self._numbers) + len(words)
        if needed > len(self._vectors):
            grown = self._empty(max(needed, 2 * len(self._vectors)))
            grown[:first] = self._vectors[:first]
            self._vectors = grown
        self._vectors[first:needed] = self._encode(words)
        self._numbers.update(zip(words, range(first, needed), strict=True))

    def _empty(self, size: int) -> NDArray[np.float32]:
        return np.zeros((size, self._dimensions), np.float32)
