"""Signs as a first choice of vectors: what they find, and that order makes no difference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.indexing.dense import DenseIndex, write_vectors
from kb.indexing.signs import signs_of

DIMENSIONS = 256
COUNT = 30_000


def clustered(count: int, seed: int) -> NDArray[np.float32]:
    """Unit vectors around some topics and off the centre, as those of texts are."""
    draw = np.random.default_rng(seed)
    topics = np.random.default_rng(7).standard_normal((300, DIMENSIONS))
    drawn = topics[draw.integers(0, 300, count)] + draw.standard_normal((count, DIMENSIONS)) + 0.5
    return np.asarray(drawn / np.linalg.norm(drawn, axis=1, keepdims=True), dtype=np.float32)


VECTORS = clustered(COUNT, 1)
QUERIES = clustered(40, 2)


def index_of(path: Path, vectors: NDArray[np.float32], *, signs_from: int) -> DenseIndex:
    write_vectors(path, np.arange(len(vectors), dtype=np.int64), vectors, DIMENSIONS)
    return DenseIndex(path, signs_from=signs_from)


def test_signs_first_finds_what_comparing_all_codes_finds(tmp_path: Path) -> None:
    signs = index_of(tmp_path / "a", VECTORS, signs_from=1)
    exact = index_of(tmp_path / "b", VECTORS, signs_from=COUNT + 1)
    for limit, share in ((100, 0.98), (10, 0.99)):
        found = [dict(signs.search(query, limit=limit)) for query in QUERIES]
        wanted = [dict(exact.search(query, limit=limit)) for query in QUERIES]
        same = sum(len(a.keys() & b.keys()) for a, b in zip(found, wanted, strict=True))
        assert same >= share * limit * len(QUERIES)
        for a, b in zip(found, wanted, strict=True):
            assert all(a[row] == b[row] for row in a.keys() & b.keys())


def test_the_order_of_the_vectors_makes_no_difference() -> None:
    codes = np.random.default_rng(3).integers(1, 256, (5000, 64), dtype=np.uint8)
    shuffle = np.random.default_rng(4).permutation(5000)
    here, there = signs_of(codes), signs_of(codes[shuffle])
    for query in np.random.default_rng(5).integers(-127, 128, (20, 1, 64)).astype(np.float32):
        a, b = set(here.search(query, 300)[1][0]), set(shuffle[there.search(query, 300)[1][0]])
        assert len(a & b) >= 280  # signs that are worth the same at the end may change places


def test_places_are_within_the_vectors() -> None:
    codes = np.random.default_rng(6).integers(1, 256, (777, 64), dtype=np.uint8)
    _, (found,) = signs_of(codes).search(np.ones((1, 64), np.float32), 100)
    assert len(set(found)) == 100
    assert found.min() >= 0 and found.max() < 777
