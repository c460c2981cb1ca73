"""Rows by country, mineral, kind, time, and in force on a day."""

from __future__ import annotations

from datetime import date

import pytest

from kb.tracker.model import Cell, Evidence, Measure, Stated
from kb.tracker.selection import Wanted, in_force_on, offered, selected


def cell(*values: str) -> Cell:
    return Cell(tuple(Stated(value, (Evidence("d", 0, 1),)) for value in values))


LICENCE = Measure(
    "t1", implementer=cell("china"), type=cell("licence"), minerals=cell("dysprosium"),
    announced=cell("2025-04-04"), in_force=cell("2025-04-04"),
)  # fmt: skip
BAN = Measure(
    "t2", implementer=cell("china"), affected=cell("united-states"), type=cell("ban"),
    minerals=cell("gallium"), in_force=cell("2024-12"), suspended=cell("2025-11-09"),
    suspended_until=cell("2026-11-27"),
)  # fmt: skip
QUOTA = Measure(
    "t3", implementer=cell("china"), type=cell("quota"), in_force=cell("1998"),
    revoked=cell("2015-01-01"),
)  # fmt: skip
ALL = [LICENCE, BAN, QUOTA]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ["t1", "t2", "t3"]),
        (Wanted(countries=("united-states",)), ["t2"]),
        (Wanted(countries=("united-states", "china")), ["t1", "t2", "t3"]),
        (Wanted(minerals=("gallium",)), ["t2"]),
        (Wanted(minerals=("rare-earths",)), ["t1"]),
        (Wanted(types=("quota", "ban")), ["t2", "t3"]),
        (Wanted(since="2025"), ["t1", "t2"]),
        (Wanted(since="2024-12", until="2024-12-31"), ["t2"]),
        (Wanted(until="2014"), ["t3"]),
        (Wanted(countries=("japan",)), []),
        (Wanted(minerals=("gallium",), types=("quota",)), []),
    ],
)
def test_rows_that_are_wanted(wanted: Wanted, expected: list[str]) -> None:
    found = selected(ALL, wanted, frozenset({"dysprosium"}))
    assert [row.id for row in found] == expected


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        (date(1997, 12, 31), []),
        (date(1998, 1, 1), ["t3"]),
        (date(2014, 12, 31), ["t3"]),
        (date(2015, 1, 1), []),
        (date(2024, 12, 1), ["t2"]),
        (date(2025, 4, 4), ["t1", "t2"]),
        (date(2025, 11, 9), ["t1"]),
        (date(2026, 11, 27), ["t1"]),
        (date(2026, 11, 28), ["t1", "t2"]),
    ],
)
def test_what_is_in_force_on_a_day(when: date, expected: list[str]) -> None:
    assert [row.id for row in in_force_on(ALL, when)] == expected


def test_a_suspension_without_an_end_goes_on() -> None:
    stopped = Measure("t4", in_force=cell("2025-10"), suspended=cell("2025-11"))
    assert in_force_on([stopped], date(2025, 10, 31)) == [stopped]
    assert in_force_on([stopped], date(2039, 1, 1)) == []


def test_what_was_only_announced_counts_from_then() -> None:
    announced = Measure("t5", announced=cell("2023-12-21"))
    assert in_force_on([announced], date(2023, 12, 20)) == []
    assert in_force_on([announced], date(2023, 12, 21)) == [announced]


def test_a_stop_that_nobody_announced_is_in_force_on_no_day() -> None:
    stop = Measure("t6", type=cell("export-stop"), in_force=cell("2010-09"))
    assert in_force_on([stop], date(2010, 10, 1)) == []


def test_what_is_offered_finds_as_many_rows_as_it_says() -> None:
    found = offered(ALL)
    assert found["country"] == {"china": 3, "united-states": 1}
    assert found["type"] == {"licence": 1, "ban": 1, "quota": 1}
    for value, count in found["country"].items():
        assert len(selected(ALL, Wanted(countries=(value,)), frozenset())) == count
    assert offered([]) == {"country": {}, "mineral": {}, "type": {}}
