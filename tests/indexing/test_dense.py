"""The dense leg against a brute-force search in NumPy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from kb.errors import IndexDamaged
from kb.indexing.dense import CODE_RANGE, STEPS, DenseIndex, write_vectors

DIMENSIONS = 64
COUNT = 1500


def unit_vectors(count: int, seed: int) -> NDArray[np.float32]:
    drawn = np.random.default_rng(seed).standard_normal((count, DIMENSIONS))
    lengths = np.sqrt((drawn * drawn).sum(axis=1, keepdims=True))
    return np.asarray(drawn / lengths, dtype=np.float32)


ROWS = np.arange(COUNT, dtype=np.int64) * 3 + 7  # not the positions, so that a mix-up shows
VECTORS = unit_vectors(COUNT, 1)
QUERIES = unit_vectors(40, 2)


@pytest.fixture(scope="module", params=["codes alone", "signs first"])
def index(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DenseIndex:
    path = tmp_path_factory.mktemp("dense") / "vectors.faiss"
    write_vectors(path, ROWS, VECTORS, DIMENSIONS)
    return DenseIndex(path, signs_from=1 if request.param == "signs first" else COUNT + 1)


def best(query: NDArray[np.float32], among: NDArray[np.int64], limit: int) -> list[int]:
    scores = VECTORS[(among - 7) // 3] @ query
    return [int(row) for row in among[np.argsort(-scores)][:limit]]


def error_bound(query: NDArray[np.float32], vector: NDArray[np.float32]) -> float:
    """A component is off by half a step of the code at most, or by what was clipped; one of
    the query by half a step of its own.
    """
    half_step = CODE_RANGE / STEPS / 2
    clipped = np.maximum(np.abs(vector) - CODE_RANGE, 0)
    own = float(np.abs(query).max()) / STEPS / 2
    return float((np.abs(query) + own) @ (half_step + clipped) + own * np.abs(vector).sum()) + 1e-5


def test_the_index_knows_its_size(index: DenseIndex) -> None:
    assert (len(index), index.dimensions) == (COUNT, DIMENSIONS)


def test_ten_nearest_are_those_of_brute_force(index: DenseIndex) -> None:
    shared = sum(
        len({row for row, _ in index.search(query, limit=10)} & set(best(query, ROWS, 10)))
        for query in QUERIES
    )
    assert shared / (10 * len(QUERIES)) >= 0.95


def test_scores_are_inner_products_within_the_error_of_the_code(index: DenseIndex) -> None:
    for query in QUERIES:
        for row, score in index.search(query, limit=COUNT):
            vector = VECTORS[(row - 7) // 3]
            assert abs(score - float(vector @ query)) <= error_bound(query, vector)


def test_every_passage_is_found_once_best_first(index: DenseIndex) -> None:
    found = index.search(QUERIES[0], limit=COUNT + 100)
    assert sorted(row for row, _ in found) == ROWS.tolist()
    scores = [score for _, score in found]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("count", [1, 5, 10, 400])
def test_only_the_given_rows_are_looked_at(index: DenseIndex, count: int) -> None:
    allowed = np.random.default_rng(count).choice(ROWS, count, replace=False)
    for query in QUERIES[:10]:
        found = [row for row, _ in index.search(query, limit=10, rows=allowed.tolist())]
        assert set(found) <= set(allowed.tolist())
        assert len(found) == min(10, count)
        assert found[0] in best(query, allowed, 2)


def test_similarities_of_given_rows_are_the_scores_of_a_search(index: DenseIndex) -> None:
    rows = [int(row) for row in ROWS[::97]]
    for query in QUERIES[:5]:
        found = index.similarities(query, rows)
        assert list(found) == rows
        searched = dict(index.search(query, limit=COUNT))
        assert found == pytest.approx({row: searched[row] for row in rows}, abs=1e-5)
    assert index.similarities(QUERIES[0], []) == {}
    assert index.similarities(np.zeros(DIMENSIONS, np.float32), rows) == {}


@pytest.mark.parametrize("rows", [[], [0, 1, 999_999]])
def test_rows_that_are_not_there_find_nothing(index: DenseIndex, rows: list[int]) -> None:
    assert index.search(QUERIES[0], limit=10, rows=rows) == []


@pytest.mark.parametrize("limit", [0, -1])
def test_a_limit_below_one_finds_nothing(index: DenseIndex, limit: int) -> None:
    assert index.search(QUERIES[0], limit=limit) == []


def test_a_query_without_known_words_finds_nothing(index: DenseIndex) -> None:
    assert index.search(np.zeros(DIMENSIONS, np.float32), limit=10) == []


def test_an_index_of_no_vectors_finds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    write_vectors(path, ROWS[:0], VECTORS[:0], DIMENSIONS)
    index = DenseIndex(path)
    assert (len(index), index.dimensions) == (0, DIMENSIONS)
    assert index.search(QUERIES[0], limit=10) == []


def test_a_vectors_code_does_not_depend_on_the_others(tmp_path: Path, index: DenseIndex) -> None:
    path = tmp_path / "alone.faiss"
    write_vectors(path, ROWS[5:6], VECTORS[5:6], DIMENSIONS)
    alone = dict(DenseIndex(path).search(QUERIES[0], limit=1))
    assert alone == {int(ROWS[5]): dict(index.search(QUERIES[0], limit=COUNT))[int(ROWS[5])]}


def test_the_same_vectors_are_written_as_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_vectors(tmp_path / name, ROWS, VECTORS, DIMENSIONS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_file_that_is_no_index_is_damage_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "vectors.faiss"
    path.write_bytes(b"no index at all")
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss cannot be read .* run `kb ingest`"):
        DenseIndex(path)
