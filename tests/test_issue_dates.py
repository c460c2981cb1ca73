"""A date of issue is as much of one as makes a date, whatever an item holds."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.issue_dates import issue_date

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("date-parts"), inner),
)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([[2025, 11, 13]], (2025, 11, 13)),
        ([["2025", "11"]], (2025, 11)),
        ([[2025, 13, 1]], (2025,)),
        ([[2025, 2, 30]], (2025, 2)),
        ([[0]], ()),
        ([], ()),
        (["2025"], ()),  # not the year 2
        ("2025", ()),
        ([[True]], ()),
        ([[float("inf")]], ()),  # 1e999, as JSON may say
        ([[float("nan")]], ()),
    ],
)
def test_as_much_as_makes_a_date(parts: object, expected: tuple[int, ...]) -> None:
    assert issue_date({"issued": {"date-parts": parts}}) == expected


@given(anything)
def test_any_item_has_a_date_or_none(value: object) -> None:
    found = issue_date({"issued": value})
    if found:
        datetime.date(*(*found, 1, 1)[:3])
