"""A small encoder for tests: fast, deterministic, and independent of the bundled model."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

DIMENSIONS = 64


class PairEncoder:
    """Counts the character pairs of a text in 64 buckets chosen by BLAKE2."""

    def __init__(self, name: str = "pairs-64") -> None:
        self._name = name

    @property
    def name(self) -> str:
        return self._name

    @property
    def dimensions(self) -> int:
        return DIMENSIONS

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.array([_row(text) for text in texts], np.float32).reshape(-1, DIMENSIONS)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.encode_queries(texts)


def _row(text: str) -> NDArray[np.float32]:
    row = np.zeros(DIMENSIONS, np.float32)
    for pair in pairwise(text):
        digest = hashlib.blake2b("".join(pair).encode("utf-8", "surrogatepass"), digest_size=2)
        number = int.from_bytes(digest.digest(), "big")
        row[number % DIMENSIONS] += 1.0 if number & 0x8000 else -1.0
    length = float(np.linalg.norm(row))
    return row / np.float32(length) if length else row
