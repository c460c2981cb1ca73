"""The reranker's features by hand and by a slow oracle, and its marks read back."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ranking.reranking import (
    FAR,
    Features,
    Lookup,
    PassageTokens,
    QueryPart,
    RerankingWeights,
    features_of,
    marks_of,
    nearness,
)

WORDS = st.sampled_from("希土 輸出 割当 中国 日本 磁石".split())
passages = st.builds(
    lambda tokens, context, cuts: PassageTokens(
        tokens, min(context, len(tokens)), sorted(c for c in cuts if 0 < c < len(tokens)), []
    ),
    st.lists(WORDS, max_size=20),
    st.integers(0, 5),
    st.sets(st.integers(1, 19), max_size=5),
)
queries = st.lists(st.tuples(WORDS, st.floats(0.1, 9)), unique_by=lambda p: p[0], max_size=5)


def parts_of(query: list[tuple[str, float]]) -> list[QueryPart]:
    return [QueryPart({word: 1.0}, {}, weight) for word, weight in query]


@given(query=queries, passage=passages)
def test_shares_are_those_of_a_slow_count(
    query: list[tuple[str, float]], passage: PassageTokens
) -> None:
    found = features_of(Lookup(parts_of(query)), passage, lexical=0.5)
    total = sum(weight for _, weight in query)
    if not total:
        assert found == Features(0.5, 0, 0, 0, 0, 0, 0)
        return
    cuts = [0, *passage.ends, len(passage.tokens)]
    sentences = [set(passage.tokens[a:b]) for a, b in itertools.pairwise(cuts)]
    above = set(passage.tokens[: passage.context])

    def share(words: set[str]) -> float:
        return sum(weight for word, weight in query if word in words) / total

    assert found.coverage == pytest.approx(share(set(passage.tokens)))
    assert found.sentence == pytest.approx(max(map(share, sentences)))
    within = [share(s | above) for s in sentences if share(s)]
    assert found.in_context == pytest.approx(max(within, default=0.0))
    lacking = [weight for word, weight in query if word not in passage.tokens]
    assert found.missing == max(lacking, default=0.0) / max(weight for _, weight in query)


@given(
    query=queries,
    passage=passages,
    lexical=st.floats(0, 1),
    values=st.sets(st.integers(0, 19)),
    cosines=st.lists(st.floats(-1, 1), min_size=5, max_size=5),
)
def test_all_features_are_shares(
    query: list[tuple[str, float]],
    passage: PassageTokens,
    lexical: float,
    values: set[int],
    cosines: list[float],
) -> None:
    at = sorted(v for v in values if v < len(passage.tokens))
    found = features_of(Lookup(parts_of(query)), passage, lexical=lexical, values=at)
    assert found.value <= found.in_context + 1e-9
    near = nearness(Lookup(parts_of(query)), passage, cosines[: len(query)])
    assert 0.0 <= near <= 1.0 - found.coverage + 1e-9
    assert all(0.0 <= getattr(found, name) <= 1.0 + 1e-9 for name in Features.__slots__)


def test_a_concept_named_in_other_words_counts_by_its_credit() -> None:
    passage = PassageTokens(["希土類", "輸出", "減る"], 0, [], [("quota", 1)])
    parts = [
        QueryPart({"クォータ": 1.0}, {"quota": 0.9}, 2.0),
        QueryPart({"decrease": 1.0, "減る": 0.5}, {}, 1.0),
    ]
    found = features_of(Lookup(parts), passage, lexical=1.0)
    assert found.coverage == pytest.approx((2 * 0.9 + 0.5) / 3)
    assert found.adjacent == 1.0
    assert found.missing == 0.0


def test_a_value_counts_by_what_stands_beside_it() -> None:
    passage = PassageTokens(["割当", "2010", "年", "磁石", "3", "トン"], 0, [3], [])
    query = Lookup([QueryPart({"割当": 1.0}, {}, 3.0), QueryPart({"磁石": 1.0}, {}, 1.0)])
    assert features_of(query, passage, lexical=1.0).value == 0.0
    assert features_of(query, passage, lexical=1.0, values=[1]).value == 0.75
    assert features_of(query, passage, lexical=1.0, values=[4]).value == 0.25


def test_a_word_that_is_lacking_counts_by_the_nearest_one() -> None:
    passage = PassageTokens(["自動車"], 0, [], [])
    query = Lookup([QueryPart({"クルマ": 1.0}, {}, 3.0), QueryPart({"自動車": 1.0}, {}, 1.0)])
    near = 0.75 * (0.7 - FAR) / (1 - FAR)
    assert nearness(query, passage, [0.7, 1.0]) == pytest.approx(near)
    assert nearness(query, passage, [FAR, 1.0]) == 0.0
    assert nearness(Lookup([]), passage, []) == 0.0


@given(
    context=st.integers(0, 99),
    ends=st.lists(st.integers(1, 999)),
    concepts=st.lists(st.tuples(st.sampled_from(["dysprosium", "gatt-11"]), st.integers(0))),
    steps=st.lists(st.tuples(st.integers(0, 60_000), st.integers(1, 60_000)), max_size=9),
)
def test_marks_are_read_as_they_were_written(
    context: int,
    ends: list[int],
    concepts: list[tuple[str, int]],
    steps: list[tuple[int, int]],
) -> None:
    spans: list[tuple[int, int]] = []
    for gap, length in steps:
        start = (spans[-1][1] if spans else 0) + gap
        spans.append((start, start + length))
    found = PassageTokens.parse("a b", marks_of(context, ends, concepts, spans))
    assert (found.tokens, found.context) == (["a", "b"], context)
    assert (found.ends, found.concepts) == (ends, concepts)
    far = any(max(step) > 50_000 for step in steps)
    assert found.spans == ([] if far else spans)


def test_nearness_of_meaning_counts_more_where_words_fail() -> None:
    weights = RerankingWeights(-1.0, {"coverage": 1.0}, 0.5, 4.0, {"note": -1.0})
    found = Features(0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)

    def score(similarity: float, failing: float, kind: str = "paragraph") -> float:
        return weights.score(found, similarity=similarity, failing=failing, kind=kind)

    assert score(0.8, 0.0) - score(0.2, 0.0) < score(0.8, 1.0) - score(0.2, 1.0)
    assert score(0.2, 0.0, "note") < score(0.2, 0.0)
