"""Convex fusion of the lexical and dense legs after per-query min-max normalization.

Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023): a
convex combination of normalized scores beats reciprocal rank fusion and needs one weight.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Scored: TypeAlias = tuple[Sequence[int], NDArray[np.float64]]
"""Different keys, and the score of each."""


def min_max(scores: NDArray[np.float64], *, floor: float | None = None) -> NDArray[np.float64]:
    """Scores moved to 0..1: the lowest (or `floor`, if given) to 0, the highest to 1.

    Equal scores above the floor become 1; no scores give none.
    """
    if not len(scores):
        return scores
    high = scores.max()
    low = scores.min() if floor is None else floor
    if high <= low:
        return np.ones(len(scores))
    moved: NDArray[np.float64] = np.maximum(scores - low, 0.0) / (high - low)
    return moved


def convex(lexical: Scored, dense: Scored, *, dense_weight: float) -> Scored:
    """(1 - w) * lexical + w * dense over all keys of both, an absent score being 0."""
    keys = list(dict.fromkeys((*lexical[0], *dense[0])))
    places = dict(zip(keys, range(len(keys)), strict=True))
    fused = np.zeros(len(keys))
    fused[: len(lexical[0])] = (1.0 - dense_weight) * lexical[1]
    fused[list(map(places.__getitem__, dense[0]))] += dense_weight * dense[1]
    return keys, fused
