"""Dates that are known to the year, month or day."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from kb.tracker.cells import agree, apart, first_day, last_day, row_id

days = st.dates(date(1990, 1, 1), date(2040, 12, 31))
dates = st.tuples(days, st.sampled_from([4, 7, 10])).map(lambda d: d[0].isoformat()[: d[1]])


@given(iso=dates)
def test_a_date_begins_and_ends_within_itself(iso: str) -> None:
    first, last = first_day(iso), last_day(iso)
    assert first.isoformat().startswith(iso)
    assert last.isoformat().startswith(iso)
    assert not (last + timedelta(days=1)).isoformat().startswith(iso)


def test_the_last_year_of_the_calendar_ends() -> None:
    assert last_day("9999") == last_day("9999-12") == date.max


@given(a=dates, b=dates)
def test_dates_agree_when_one_covers_the_other(a: str, b: str) -> None:
    covers = first_day(a) <= first_day(b) and last_day(b) <= last_day(a)
    covered = first_day(b) <= first_day(a) and last_day(a) <= last_day(b)
    assert agree(a, b) == (covers or covered)
    assert agree(a, b) == agree(b, a)


@given(a=dates, b=dates)
def test_the_days_between_two_dates(a: str, b: str) -> None:
    assert apart(a, b) == apart(b, a)
    assert (apart(a, b) == 0) >= agree(a, b)
    if last_day(a) < first_day(b):
        assert apart(a, b) == (first_day(b) - last_day(a)).days


def test_ids_depend_on_every_part() -> None:
    assert row_id("t", ["a", "b"]) != row_id("t", ["ab"])
    assert row_id("t", ["a"]) == row_id("t", ["a"])
    assert row_id("t", ["a"])[0] == "t"
