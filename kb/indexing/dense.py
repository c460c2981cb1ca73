"""The dense leg: passage vectors in FAISS; with `signs` the only module that imports faiss."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexDamaged
from kb.failpoints import reach
from kb.indexing.signs import signs_of

# Components of unit vectors are coded as signed bytes over this fixed range (those outside are
# clipped). A range learned from the data would make codes depend on the other passages. FAISS
# scans signed bytes twice as fast as its codes with a scale of their own for each component.
CODE_RANGE = 0.5
STEPS = 127

SIGNS_FROM = 20_000  # passages; where comparing all codes costs more than signs first (docs)
_OVERSAMPLED = 10  # times the hits asked for are taken by their signs,
_AT_LEAST = 1000  # but no fewer than these


@cache
def _library() -> Any:
    """FAISS, imported when vectors are touched: a run that finds nothing to do is spared it."""
    import faiss

    return faiss


def _alone() -> Any:
    """FAISS for one query: too small to share between cores, since starting threads takes far
    longer than the search itself. The setting belongs to the thread that asks.
    """
    faiss = _library()
    faiss.omp_set_num_threads(1)
    return faiss


def write_vectors(
    path: Path, rows: NDArray[np.int64], vectors: NDArray[np.float32], dimensions: int
) -> None:
    """Write the index of `vectors`, shape (n, dimensions), under their row numbers.

    Raises OSError when it cannot be written.
    """
    write_vector_blocks(path, [(rows, vectors)], dimensions)


def write_vector_blocks(
    path: Path,
    blocks: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]],
    dimensions: int,
) -> None:
    """The same of vectors that come block by block: only the index itself is held in memory.

    Raises OSError when it cannot be written.
    """
    _write(path, _alone().IndexIDMap2(_codes_index(dimensions)), blocks)


def change_vectors(
    path: Path,
    before: Path,
    *,
    removed: Sequence[int],
    added: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]],
) -> None:
    """Write the index `before` without the rows that were removed and with those that were added.

    Raises OSError when it cannot be written.
    """
    index = _read(before)
    if removed:
        gone = np.array(removed, dtype=np.int64)
        index.remove_ids(_library().IDSelectorBatch(gone))
    _write(path, index, added)


def _write(
    path: Path, index: Any, blocks: Iterable[tuple[NDArray[np.int64], NDArray[np.float32]]]
) -> None:
    reach("vectors.write")
    faiss = _alone()
    for rows, vectors in blocks:
        if len(rows):
            codes = np.clip(np.rint(vectors * (STEPS / CODE_RANGE)), -STEPS, STEPS)
            index.add_with_ids(np.ascontiguousarray(codes, dtype=np.float32), rows)
    try:
        faiss.write_index(index, str(path))
    except RuntimeError as error:
        full = os.strerror(errno.ENOSPC) in str(error)
        code = errno.ENOSPC if full else errno.EIO
        raise OSError(code, os.strerror(code), str(path)) from error
    reach("vectors.written")


def _read(path: Path) -> Any:
    try:
        return _alone().read_index(str(path))
    except RuntimeError as error:
        raise IndexDamaged(
            f"{path} cannot be read ({error}); run `kb ingest` to build it again"
        ) from error


def _codes_index(dimensions: int) -> Any:
    faiss = _library()
    kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
    return faiss.IndexScalarQuantizer(dimensions, kind, faiss.METRIC_INNER_PRODUCT)


class DenseIndex:
    """The vectors of one generation, for reading from any number of threads.

    Many passages are first compared by the signs of their components, and the most promising
    by their codes: the scores are the same as those of comparing all, and of the hits nearly
    all are (docs/performance.md).
    """

    def __init__(self, path: Path, *, signs_from: int = SIGNS_FROM) -> None:
        self._index = _read(path)
        self._signs: Any = None
        if len(self) >= signs_from and self.dimensions % 8 == 0:
            faiss = _library()
            self._vectors = faiss.downcast_index(self._index.index)
            size = len(self) * self.dimensions
            # A view of FAISS's own memory, which lives as long as the index does.
            codes = faiss.rev_swig_ptr(self._vectors.codes.data(), size).reshape(len(self), -1)
            self._ids = faiss.vector_to_array(self._index.id_map)
            self._chosen = signs_of(codes)
            self._signs = faiss.IndexRefine(self._chosen, self._vectors)

    def __len__(self) -> int:
        return int(self._index.ntotal)

    @property
    def dimensions(self) -> int:
        """How many components the vectors have."""
        return int(self._index.d)

    def search(
        self, query: NDArray[np.float32], *, limit: int, rows: Sequence[int] | None = None
    ) -> list[tuple[int, float]]:
        """The passages whose vectors have the highest inner product with `query`, shape (d,).

        `rows` are the only passages to look at. Gives (row, score), best first; a zero
        query (no known word) gives nothing.
        """
        count = min(limit, len(self))
        if count < 1 or not query.any():
            return []
        faiss = _alone()
        coded, unit = _coded(query)
        asked = coded.reshape(1, -1)
        if rows is not None:
            selector = faiss.IDSelectorBatch(np.array(rows, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)
            scores, ids = self._index.search(asked, count, params=parameters)
        elif self._signs is not None and (some := _promising(count)) < len(self):
            # A little more, since FAISS cuts the product of both off to a whole number.
            times = float(np.nextafter(np.float32(some / count), np.float32(np.inf)))
            parameters = faiss.IndexRefineSearchParameters(k_factor=times)
            scores, places = self._signs.search(asked, count, params=parameters)
            ids = self._ids[places]
        else:
            scores, ids = self._index.search(asked, count)
        found = list(zip(ids[0].tolist(), (scores[0] * unit).tolist(), strict=True))
        if found[-1][0] < 0:  # fewer than were asked for
            found = [(row, score) for row, score in found if row >= 0]
        return found

    def similarities(self, query: NDArray[np.float32], rows: Sequence[int]) -> dict[int, float]:
        """The inner products of some passages' vectors with `query`, shape (d,), by row.

        The query and the vectors are those that their codes stand for, as in `search`.
        """
        if not rows or not query.any():
            return {}
        vectors = np.stack([self._index.reconstruct(int(row)) for row in rows])
        coded, unit = _coded(query)
        # Not `@`, which would wake the threads of a library for a few numbers.
        products = np.einsum("ij,j->i", vectors, coded).astype(np.float64) * unit
        return dict(zip(map(int, rows), products.tolist(), strict=True))


def _promising(count: int) -> int:
    """How many vectors to choose by their signs for so many hits."""
    return max(_AT_LEAST, count * _OVERSAMPLED)


def _coded(query: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """A query in whole steps of its own largest component, since FAISS multiplies signed bytes
    as whole numbers, and what a product with a coded vector is worth.
    """
    step = float(np.abs(query).max()) / STEPS
    return np.rint(query / np.float32(step)), step * CODE_RANGE / STEPS
