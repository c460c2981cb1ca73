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


def test_what_is_kept_weighs_no_more_than_is_said() -> None:
    read: list[str] = []

    def reading(keys: Sequence[str]) -> dict[str, str]:
        read.extend(keys)
        return {key: key for key in keys}

    latest = Latest(reading, 10, len)
    for key in ("aaaa", "bbbbbb", "aaaa", "bbbbbb", "c", "bbbbbb", "aaaa", "d" * 11, "e", "d" * 11):
        assert latest.of([key]) == {key: key}
    # "c" drove out the oldest, "aaaa" what was older than it; what is too heavy leaves nothing.
    assert read == ["aaaa", "bbbbbb", "c", "aaaa", "d" * 11, "e", "d" * 11]
