"""Dates without a year, as articles of the press have them."""

from __future__ import annotations

from datetime import date

import pytest

from kb.language.dates import dates_in
from kb.tracker.press_dates import counted_from_issue

ISSUED = date(2025, 1, 10)


def read(text: str, issued: date = ISSUED) -> list[tuple[str, str]]:
    found = counted_from_issue(text, dates_in(text, issued=issued), issued)
    return [(text[d.start : d.end], d.iso) for d in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("商務部は9日、発表した。", [("9日", "2025-01-09")]),
        ("商務部は29日、発表した。", [("29日", "2024-12-29")]),
        ("12月3日に禁止した。", [("12月3日", "2024-12-03")]),
        ("2月1日から実施する。", [("2月1日", "2025-02-01")]),
        ("先月29日閣議決定した。", [("先月29日", "2024-12-29")]),
        ("きょうの閣議で決めた。", [("きょう", "2025-01-10")]),
        ("15日以内に報告し、30日間待つ。", []),
        ("31日、発表した。", [("31日", "2024-12-31")]),
    ],
)
def test_a_day_counts_from_the_day_of_issue(text: str, expected: list[tuple[str, str]]) -> None:
    assert read(text) == expected


def test_after_a_year_nothing_counts_from_the_day_of_issue() -> None:
    assert read("2010年に増えた。その後、9日、止まった。") == [("2010年", "2010")]


def test_a_day_that_a_month_does_not_have_is_none() -> None:
    assert read("31日、発表した。", date(2025, 3, 10)) == []
