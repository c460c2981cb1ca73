"""Which vectors may be near a query, by the signs of their components alone.

One bit a component, compared with the components' mean; four bits make the number of one of
16 corners that FAISS looks up in registers, 32 vectors at a time. Nothing is trained and the
mean is a sum of whole numbers, so the signs do not depend on the order of the vectors.
Gao and Long, "RaBitQ" (2024), use such signs with an error bound; here the most promising are
compared by their codes anyway.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_GROUP = 4  # components whose signs make one number
_BLOCK = 65_536  # vectors that are looked at at once


def signs_of(codes: NDArray[np.uint8]) -> Any:
    """FAISS's index of the signs of many vectors.

    `codes` are FAISS's of signed bytes, shape (n, d), n at least 1, d divisible by 8.
    """
    import faiss

    count, dimensions = codes.shape
    blocks = [codes[i : i + _BLOCK] for i in range(0, count, _BLOCK)]
    total = sum(block.sum(axis=0, dtype=np.int64) for block in blocks)
    mean = np.rint(total / count).astype(np.int16)
    packed = [np.packbits(block > mean, axis=1, bitorder="little") for block in blocks]
    # How far from the mean the components are: what a sign is worth.
    off = sum(np.abs(b.astype(np.int16) - mean).sum(axis=0, dtype=np.int64) for b in blocks)
    groups = dimensions // _GROUP
    corner = 2 * (np.arange(2**_GROUP)[:, None] >> np.arange(_GROUP) & 1) - 1
    corners = corner * (off / count).reshape(groups, 1, _GROUP)
    plain: Any = faiss.IndexPQ(dimensions, groups, _GROUP, faiss.METRIC_INNER_PRODUCT)
    faiss.copy_array_to_vector(corners.astype(np.float32).ravel(), plain.pq.centroids)
    faiss.copy_array_to_vector(np.concatenate(packed).ravel(), plain.codes)
    plain.is_trained = True
    plain.ntotal = count
    return faiss.IndexPQFastScan(plain)
