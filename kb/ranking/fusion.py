"""Convex fusion of the lexical and dense legs after per-query min-max normalization.

Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023): a
convex combination of normalized scores beats reciprocal rank fusion and needs one weight.
"""

from __future__ import annotations

from collections.abc import Mapping


def min_max(scores: Mapping[int, float], *, floor: float | None = None) -> dict[int, float]:
    """Scores moved to 0..1: the lowest (or `floor`, if given) to 0, the highest to 1.

    Equal scores above the floor become 1; no scores give none.
    """
    if not scores:
        return {}
    high = max(scores.values())
    low = min(scores.values()) if floor is None else floor
    if high <= low:
        return dict.fromkeys(scores, 1.0)
    width = high - low
    return {key: (s - low) / width if s > low else 0.0 for key, s in scores.items()}


def convex(
    lexical: Mapping[int, float], dense: Mapping[int, float], *, dense_weight: float
) -> dict[int, float]:
    """(1 - w) * lexical + w * dense over all keys of both, an absent score being 0."""
    lexical_weight = 1.0 - dense_weight
    return {
        key: lexical_weight * lexical.get(key, 0.0) + dense_weight * dense.get(key, 0.0)
        for key in {*lexical, *dense}
    }
