"""What is worked out of passages is kept for the next question, and no more of it than is said."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from kb.latest import Latest


@given(st.lists(st.lists(st.integers(0, 12), unique=True)), st.integers(1, 8))
def test_values_are_those_of_the_rows_in_their_order(asked: list[list[int]], most: int) -> None:
    latest = Latest(lambda rows: {row: str(row) for row in sorted(rows) if row % 5}, most)
    for rows in asked:
        assert list(latest.of(rows).items()) == [(row, str(row)) for row in rows if row % 5]


def test_what_was_asked_for_lately_is_not_read_again() -> None:
    read: list[list[int]] = []

    def reading(rows: Sequence[int]) -> dict[int, int]:
        read.append(list(rows))
        return dict.fromkeys(rows, 0)

    latest = Latest(reading, 3)
    for rows in ([1, 2], [3, 1], [4], [1, 2, 3]):
        latest.of(rows)
    assert read == [[1, 2], [3], [4], [2]]


@given(
    st.lists(st.sampled_from(["", "a", "bb", "ccc", "dddd", "e" * 9]), max_size=40),
    st.integers(0, 9),
)
def test_what_is_kept_weighs_no_more_than_is_said(asked: list[str], most: int) -> None:
    read: list[str] = []

    def reading(keys: Sequence[str]) -> dict[str, str]:
        read.extend(keys)
        return {key: key for key in keys}

    latest = Latest(reading, most, len)
    kept: list[str] = []  # what ought to be kept, the last used at the end
    for one in asked:
        known = one in kept
        read.clear()
        assert latest.of([one]) == {one: one}
        assert read == ([] if known else [one])
        kept = [*(other for other in kept if other != one), one]
        while sum(max(1, len(other)) for other in kept) > most:
            kept.pop(0)


def test_of_what_weighs_nothing_no_more_is_kept_either() -> None:
    read: list[int] = []

    def reading(keys: Sequence[int]) -> dict[int, str]:
        read.extend(keys)
        return dict.fromkeys(keys, "")

    latest = Latest(reading, 3, len)
    latest.of(range(5))
    latest.of([4, 3, 2, 1])
    assert read == [0, 1, 2, 3, 4, 1]
