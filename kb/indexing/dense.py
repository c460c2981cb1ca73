"""The dense leg: passage vectors in FAISS; the only module that imports faiss."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kb.errors import IndexDamaged

# Components of unit vectors are coded as signed bytes over this fixed range (those outside are
# clipped). A range learned from the data would make codes depend on the other passages. FAISS
# scans signed bytes twice as fast as its codes with a scale of their own for each component.
CODE_RANGE = 0.5
STEPS = 127


@cache
def _library() -> Any:
    """FAISS, imported when vectors are touched: a run that finds nothing to do is spared it."""
    import faiss

    # One query is too small to share between cores: starting threads took far longer than
    # the search itself. Several requests at once use several cores.
    faiss.omp_set_num_threads(1)
    return faiss


def write_vectors(
    path: Path, rows: NDArray[np.int64], vectors: NDArray[np.float32], dimensions: int
) -> None:
    """Write the index of `vectors`, shape (n, dimensions), under their row numbers."""
    faiss = _library()
    index = faiss.IndexIDMap2(
        faiss.IndexScalarQuantizer(
            dimensions, faiss.ScalarQuantizer.QT_8bit_direct_signed, faiss.METRIC_INNER_PRODUCT
        )
    )
    if len(rows):
        codes = np.clip(np.rint(vectors * (STEPS / CODE_RANGE)), -STEPS, STEPS)
        index.add_with_ids(np.ascontiguousarray(codes, dtype=np.float32), rows)
    faiss.write_index(index, str(path))


class DenseIndex:
    """The vectors of one generation, for reading from any number of threads."""

    def __init__(self, path: Path) -> None:
        try:
            self._index = _library().read_index(str(path))
        except RuntimeError as error:
            raise IndexDamaged(
                f"{path} cannot be read ({error}); run `kb ingest` to build it again"
            ) from error

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
        parameters = None
        if rows is not None:
            faiss = _library()
            selector = faiss.IDSelectorBatch(np.array(rows, dtype=np.int64))
            parameters = faiss.SearchParameters(sel=selector)
        coded, unit = _coded(query)
        scores, ids = self._index.search(coded.reshape(1, -1), count, params=parameters)
        return [
            (int(row), float(score) * unit)
            for row, score in zip(ids[0], scores[0], strict=True)
            if row >= 0
        ]

    def similarities(self, query: NDArray[np.float32], rows: Sequence[int]) -> dict[int, float]:
        """The inner products of some passages' vectors with `query`, shape (d,), by row.

        The query and the vectors are those that their codes stand for, as in `search`.
        """
        if not rows or not query.any():
            return {}
        vectors = np.stack([self._index.reconstruct(int(row)) for row in rows])
        coded, unit = _coded(query)
        products = (vectors @ coded).astype(np.float64) * unit
        return dict(zip(map(int, rows), map(float, products), strict=True))


def _coded(query: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """A query in whole steps of its own largest component, since FAISS multiplies signed bytes
    as whole numbers, and what a product with a coded vector is worth.
    """
    step = float(np.abs(query).max()) / STEPS
    return np.rint(query / np.float32(step)), step * CODE_RANGE / STEPS
