"""The features of all candidates at once, by hand and by a slow count of each."""

from __future__ import annotations

import itertools
from bisect import bisect_right

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.ranking.features import Lookup, features_of, nearness
from kb.ranking.nearness import FAR
from kb.ranking.reranking import Features, PassageTokens, QueryPart, marks_of

WORDS = st.sampled_from("希土 輸出 割当 中国 日本 磁石".split())
CONCEPTS = st.sampled_from(["rare-earths", "quota"])
CREDITS = st.sampled_from([1.0, 0.9, 0.5])


def passage_of(
    tokens: list[str], context: int, ends: list[int], concepts: list[tuple[str, int]]
) -> PassageTokens:
    return PassageTokens.parse(" ".join(tokens), marks_of(context, ends, concepts))


@st.composite
def passages(draw: st.DrawFn) -> PassageTokens:
    tokens = draw(st.lists(WORDS, max_size=20))
    places = st.integers(0, max(0, len(tokens) - 1))
    named = draw(st.lists(st.tuples(CONCEPTS, places), max_size=3)) if tokens else []
    ends = draw(st.sets(st.integers(1, max(1, len(tokens))), max_size=5)) if tokens else set()
    return passage_of(tokens, draw(st.integers(0, 5)), sorted(ends), named)


parts = st.builds(
    lambda word, others, concepts, weight: QueryPart({word: 1.0, **others}, concepts, weight),
    WORDS,
    st.dictionaries(WORDS, CREDITS, max_size=2),
    st.dictionaries(CONCEPTS, CREDITS, max_size=1),
    st.floats(0.1, 9),
)


def part_of(word: str, weight: float) -> QueryPart:
    return QueryPart({word: 1.0}, {}, weight)


def slowly(
    query: list[QueryPart], passage: PassageTokens, lexical: float, values: set[int]
) -> Features:
    """The same, counted part by part and token by token."""
    standing: list[dict[int, float]] = []  # of each part, its credit at each token
    for part in query:
        credit = {at: part.forms[t] for at, t in enumerate(passage.tokens) if t in part.forms}
        for concept, at in passage.concepts:
            if concept in part.concepts:
                credit[at] = max(credit.get(at, 0.0), part.concepts[concept])
        standing.append(credit)
    total = sum(part.weight for part in query)
    if not total:
        return Features(lexical, 0, 0, 0, 0, 0, 0)
    best = [max(credit.values(), default=0.0) for credit in standing]

    def share(numbers: set[int]) -> float:
        return sum(query[n].weight * best[n] for n in sorted(numbers)) / total

    def sentence_of(at: int) -> int:
        return bisect_right(passage.ends, at)

    held: dict[int, set[int]] = {}
    for n, credit in enumerate(standing):
        for at in credit:
            held.setdefault(sentence_of(at), set()).add(n)
    above = {n for n, credit in enumerate(standing) if any(at < passage.context for at in credit)}
    lowest = [min(a.weight, b.weight) for a, b in itertools.pairwise(query)]
    near = [
        low
        for n, low in enumerate(lowest)
        if any(at in standing[n + 1] or at + 1 in standing[n + 1] for at in standing[n])
    ]
    within = {s: share(numbers | above) for s, numbers in held.items()}
    return Features(
        lexical=lexical,
        coverage=share(set(range(len(query)))),
        missing=max((p.weight for p, b in zip(query, best, strict=True) if not b), default=0.0)
        / max(part.weight for part in query),
        adjacent=sum(near) / sum(lowest) if near else 0.0,
        sentence=max(map(share, held.values()), default=0.0),
        in_context=max(within.values(), default=0.0),
        value=max((within.get(sentence_of(at), 0.0) for at in values), default=0.0),
    )


@given(
    query=st.lists(parts, max_size=5),
    found=st.lists(st.tuples(passages(), st.floats(0, 1), st.sets(st.integers(0, 19))), max_size=4),
)
def test_features_are_those_of_a_slow_count_whatever_passages_are_beside(
    query: list[QueryPart], found: list[tuple[PassageTokens, float, set[int]]]
) -> None:
    valued = [{at for at in values if at < len(p.tokens)} for p, _, values in found]
    made = features_of(
        Lookup(query),
        [passage for passage, _, _ in found],
        lexical=[lexical for _, lexical, _ in found],
        values=[sorted(values) for values in valued],
    )
    slow = [slowly(query, p, lexical, v) for (p, lexical, _), v in zip(found, valued, strict=True)]
    assert made.features == slow  # to the last digit
    assert all(
        0.0 <= getattr(one, name) <= 1.0 + 1e-9
        for one in made.features
        for name in Features._fields
    )
    if found and query:
        cosines = np.linspace(-1, 1, len(query), dtype=np.float32)[None].repeat(len(found), 0)
        for near, one in zip(
            nearness(Lookup(query), made.lacking, cosines), made.features, strict=True
        ):
            assert 0.0 <= near <= 1.0 - min(one.coverage, 1.0) + 1e-9


def features(query: list[QueryPart], passage: PassageTokens, *values: int) -> Features:
    (found,) = features_of(Lookup(query), [passage], lexical=[1.0], values=[values]).features
    return found


def test_a_concept_named_in_other_words_counts_by_its_credit() -> None:
    passage = passage_of(["希土類", "輸出", "減る"], 0, [], [("quota", 1)])
    query = [
        QueryPart({"クォータ": 1.0}, {"quota": 0.9}, 2.0),
        QueryPart({"decrease": 1.0, "減る": 0.5}, {}, 1.0),
    ]
    found = features(query, passage)
    assert found.coverage == pytest.approx((2 * 0.9 + 0.5) / 3)
    assert found.adjacent == 1.0
    assert found.missing == 0.0


def test_a_value_counts_by_what_stands_beside_it() -> None:
    passage = passage_of(["割当", "2010", "年", "磁石", "3", "トン"], 0, [3], [])
    query = [part_of("割当", 3.0), part_of("磁石", 1.0)]
    assert features(query, passage).value == 0.0
    assert features(query, passage, 1).value == 0.75
    assert features(query, passage, 4).value == 0.25


def test_neighbours_are_not_sought_beyond_a_passage() -> None:
    query = Lookup([part_of("輸出", 1.0), part_of("割当", 1.0)])
    one, other = passage_of(["輸出"], 0, [], []), passage_of(["割当"], 0, [], [])
    beside = features_of(query, [one, other], lexical=[0.0, 0.0])
    assert [found.adjacent for found in beside.features] == [0.0, 0.0]


def test_a_word_that_is_lacking_counts_by_the_nearest_one() -> None:
    query = Lookup([part_of("クルマ", 3.0), part_of("自動車", 1.0)])
    lacking = features_of(query, [passage_of(["自動車"], 0, [], [])], lexical=[1.0]).lacking
    near = 0.75 * (0.7 - FAR) / (1 - FAR)

    def of(*cosines: float) -> list[float]:
        return nearness(query, lacking, np.array([cosines], np.float32))

    assert of(0.7, 1.0) == pytest.approx([near])
    assert of(FAR, 1.0) == [0.0]
    nothing = features_of(Lookup([]), [passage_of([], 0, [], [])], lexical=[1.0])
    assert nearness(Lookup([]), nothing.lacking, np.zeros((1, 0), np.float32)) == [0.0]
