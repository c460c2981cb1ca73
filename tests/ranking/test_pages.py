"""How the hits of several documents share pages."""

from __future__ import annotations

from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from kb.ranking.pages import MOST, PAGE, WORTH, shared

LONG = dict.fromkeys(range(8), "長")


def rows(order: list[tuple[int, float]], owners: dict[int, str]) -> list[int]:
    return [row for row, _ in shared(order, owners)]


def test_a_document_gives_way_when_it_has_its_share() -> None:
    order = [(row, 1 - row / 100) for row in range(9)]
    assert rows(order, LONG | {8: "短"}) == [0, 1, 2, 3, 4, 5, 8, 6, 7]


def test_a_hit_that_is_worth_little_does_not_stand_before_a_good_one() -> None:
    order = [*((row, 1 - row / 100) for row in range(8)), (8, 0.1)]
    assert rows(order, LONG | {8: "短"}) == list(range(9))


def test_the_next_page_begins_with_what_had_to_wait() -> None:
    order = [(row, 1 - row / 100) for row in range(14)]
    owners = LONG | dict.fromkeys(range(8, 14), "短")
    assert rows(order, owners) == [*range(6), 8, 9, 10, 11, 6, 7, 12, 13]


def test_one_document_alone_keeps_its_order() -> None:
    order = [(row, 1 / (1 + row)) for row in range(30)]
    assert rows(order, dict.fromkeys(range(30), "長")) == list(range(30))


@given(
    scores=st.lists(st.floats(0, 1), max_size=30),
    names=st.lists(st.sampled_from("甲乙丙"), min_size=30, max_size=30),
    limit=st.integers(1, 12),
)
def test_nothing_is_lost_or_doubled_and_the_share_is_kept(
    scores: list[float], names: list[str], limit: int
) -> None:
    order = list(enumerate(sorted(scores, reverse=True)))
    owners = dict(enumerate(names))
    found = list(shared(order, owners))
    assert sorted(found) == sorted(order)
    assert found[:1] == order[:1]
    assert list(islice(shared(order, owners), limit)) == found[:limit]
    for start in range(0, len(found), PAGE):
        page, rest = found[start : start + PAGE], found[start + PAGE :]
        for at, (row, score) in enumerate(page):
            before = sum(owners[other] == owners[row] for other, _ in page[:at])
            others = [s for other, s in page[at + 1 :] + rest if owners[other] != owners[row]]
            assert before < MOST or all(s < WORTH * score for s in others)
