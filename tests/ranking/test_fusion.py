"""Fusion: min-max normalization and the convex sum."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import BlockKind
from kb.ranking import fusion
from kb.ranking.fusion import Scored
from kb.ranking.reranking import Features
from kb.ranking.weights import ranking_weights

numbers = st.floats(-100, 100, allow_nan=False)
legs = st.dictionaries(st.integers(0, 20), numbers, max_size=12)
shares = st.dictionaries(st.integers(0, 20), st.floats(0, 1), max_size=12)
weights = st.floats(0, 1)


def leg(scores: dict[int, float]) -> Scored:
    return list(scores), np.array(list(scores.values()), np.float64)


def min_max(scores: dict[int, float], *, floor: float | None = None) -> dict[int, float]:
    keys, values = leg(scores)
    return dict(zip(keys, fusion.min_max(values, floor=floor).tolist(), strict=True))


def convex(
    lexical: dict[int, float], dense: dict[int, float], *, dense_weight: float
) -> dict[int, float]:
    keys, scores = fusion.convex(leg(lexical), leg(dense), dense_weight=dense_weight)
    return dict(zip(keys, scores.tolist(), strict=True))


@pytest.mark.parametrize(
    ("scores", "floor", "expected"),
    [
        ({}, None, {}),
        ({}, 0.0, {}),
        ({1: 3.0}, None, {1: 1.0}),
        ({1: 3.0}, 0.0, {1: 1.0}),
        ({1: 3.0, 2: 3.0}, None, {1: 1.0, 2: 1.0}),
        ({1: 1.0, 2: 2.0, 3: 3.0}, None, {1: 0.0, 2: 0.5, 3: 1.0}),
        ({1: 1.0, 2: 4.0}, 0.0, {1: 0.25, 2: 1.0}),
        ({1: -1.0, 2: 1.0}, 0.0, {1: 0.0, 2: 1.0}),
        ({1: -2.0, 2: -1.0}, None, {1: 0.0, 2: 1.0}),
    ],
)
def test_min_max_by_hand(
    scores: dict[int, float], floor: float | None, expected: dict[int, float]
) -> None:
    assert min_max(scores, floor=floor) == pytest.approx(expected)


@given(scores=legs, floor=st.none() | numbers)
def test_min_max_keeps_the_keys_the_range_and_the_order(
    scores: dict[int, float], floor: float | None
) -> None:
    moved = min_max(scores, floor=floor)
    assert moved.keys() == scores.keys()
    assert all(0.0 <= value <= 1.0 for value in moved.values())
    assert not scores or max(moved.values()) == 1.0
    for a in scores:
        for b in scores:
            if scores[a] <= scores[b]:
                assert moved[a] <= moved[b]


@given(scores=legs, factor=st.sampled_from([0.5, 2.0, 8.0]))
def test_min_max_does_not_depend_on_the_scale(scores: dict[int, float], factor: float) -> None:
    scaled = {key: factor * score for key, score in scores.items()}
    assert min_max(scaled) == pytest.approx(min_max(scores))


@given(lexical=shares, dense=shares, weight=weights)
def test_convex_is_between_its_legs(
    lexical: dict[int, float], dense: dict[int, float], weight: float
) -> None:
    fused = convex(lexical, dense, dense_weight=weight)
    assert fused.keys() == {*lexical, *dense}
    for key, score in fused.items():
        a, b = lexical.get(key, 0.0), dense.get(key, 0.0)
        assert min(a, b) - 1e-12 <= score <= max(a, b) + 1e-12


@given(lexical=shares, dense=shares)
def test_the_ends_of_the_weight_are_the_legs_alone(
    lexical: dict[int, float], dense: dict[int, float]
) -> None:
    for weight, leg in ((0.0, lexical), (1.0, dense)):
        fused = convex(lexical, dense, dense_weight=weight)
        assert fused == {key: leg.get(key, 0.0) for key in fused}


def test_convex_by_hand() -> None:
    fused = convex({1: 1.0, 2: 0.5}, {2: 1.0, 3: 0.4}, dense_weight=0.25)
    assert fused == pytest.approx({1: 0.75, 2: 0.625, 3: 0.1})


def test_the_shipped_weights_are_usable() -> None:
    shipped = ranking_weights()
    assert shipped.fields.keys() == {"words", "compounds", "bigrams", "concepts"}
    assert all(weight > 0 for weight in shipped.fields.values())
    assert 0 < shipped.dense <= shipped.dense_when_words_fail < 1
    assert shipped.candidates >= 100
    assert 10 <= shipped.reranked <= shipped.candidates
    assert shipped.reranking.features.keys() == set(Features._fields)
    assert shipped.reranking.kinds.keys() <= set(BlockKind)
