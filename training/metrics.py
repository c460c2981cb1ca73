"""Measures of a ranking and of a similarity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BLOCK = 512
_TOP = 10


@dataclass(frozen=True)
class Ranking:
    """How high the one right passage stood, averaged over the questions."""

    first: float
    ten: float
    ndcg: float


def ranks(
    queries: NDArray[np.float32], passages: NDArray[np.float32], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Rank of the right passage of each query, from 1; passages that score the same go before."""
    found = np.empty(len(queries), np.int64)
    for start in range(0, len(queries), _BLOCK):
        scores = queries[start : start + _BLOCK] @ passages.T
        own = right[start : start + _BLOCK]
        mine = scores[np.arange(len(scores)), own][:, None]
        found[start : start + _BLOCK] = (scores >= mine).sum(axis=1)
    return found


def ranking(found: NDArray[np.int64]) -> Ranking:
    """Recall at 1 and 10 and nDCG at 10 where one passage is right."""
    gain = np.where(found <= _TOP, 1.0 / np.log2(found + 1.0), 0.0)
    return Ranking(float((found == 1).mean()), float((found <= _TOP).mean()), float(gain.mean()))


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Rank correlation; equal values share the mean of their ranks."""
    return pearson(_mean_ranks(np.asarray(one)), _mean_ranks(np.asarray(other)))


def pearson(
    one: Sequence[float] | NDArray[np.float64], other: Sequence[float] | NDArray[np.float64]
) -> float:
    """Linear correlation."""
    return float(np.corrcoef(np.asarray(one), np.asarray(other))[0, 1])


def area(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Chance that a positive scores above a negative (area under the ROC curve)."""
    both = _mean_ranks(np.concatenate([np.asarray(positive), np.asarray(negative)]))
    own = both[: len(positive)].sum() - len(positive) * (len(positive) + 1) / 2
    return float(own / (len(positive) * len(negative)))


def _mean_ranks(values: NDArray[np.float64]) -> NDArray[np.float64]:
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means = ends - (counts - 1) / 2
    return np.asarray(means[place], np.float64)
