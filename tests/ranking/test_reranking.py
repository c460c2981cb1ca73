"""What is kept of a passage read back, and the score of its features."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.ranking.reranking import Features, PassageTokens, RerankingWeights, marks_of

gaps = st.one_of(st.integers(0, 220), st.integers(0, 60_000))


@given(
    context=st.integers(0, 99),
    ends=st.lists(st.integers(1, 999)),
    concepts=st.lists(st.tuples(st.sampled_from(["dysprosium", "gatt-11"]), st.integers(0))),
    steps=st.lists(st.tuples(gaps, gaps.filter(bool)), max_size=9),
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
    edges = [7 + start for start, _ in spans], [7 + end for _, end in spans]
    found = PassageTokens.parse("a b", marks_of(context, ends, concepts, edges, base=7))
    assert (found.tokens, found.context) == (("a", "b"), context)
    assert (found.ends, found.concepts) == (tuple(ends), concepts)
    far = any(max(step) > 50_000 for step in steps)
    assert found.spans == ([] if far else spans)


def test_nearness_of_meaning_counts_more_where_words_fail() -> None:
    weights = RerankingWeights(-1.0, {"coverage": 1.0}, 0.5, 4.0, {"note": -1.0})
    found = Features(0.0, 0.5, 0.0, 0.0, 0.0, 0.0, 0.0)

    def score(similarity: float, failing: float, kind: str = "paragraph") -> float:
        return weights.score(found, similarity=similarity, failing=failing, kind=kind)

    assert score(0.8, 0.0) - score(0.2, 0.0) < score(0.8, 1.0) - score(0.2, 1.0)
    assert score(0.2, 0.0, "note") < score(0.2, 0.0)
