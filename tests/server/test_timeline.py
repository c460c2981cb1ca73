"""The time axis: in order, inside, without overlaps."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from kb.server.timeline import DOT, WIDTH, Event, Placed, axis, label_width, within

DATES = st.one_of(
    st.dates().filter(lambda d: 1980 <= d.year <= 2030).map(lambda d: d.isoformat()),
    st.tuples(st.integers(1980, 2030), st.integers(1, 12)).map(lambda p: f"{p[0]}-{p[1]:02d}"),
    st.integers(1980, 2030).map(str),
)
EVENTS = st.lists(
    st.builds(
        Event, DATES, st.text("希土類輸出 ab", min_size=1, max_size=18), st.sampled_from("ab")
    ),
    max_size=30,
)
YEARS = st.integers(1980, 2030)


def extent(placed: Placed) -> tuple[float, float]:
    """From the mark to the end of its label."""
    width = label_width(placed.event.label) + DOT
    return (placed.x - width, placed.x) if placed.left else (placed.x, placed.x + width)


@given(EVENTS, YEARS, YEARS)
def test_marks_of_a_row_do_not_overlap_and_none_is_lost(
    events: list[Event], one: int, other: int
) -> None:
    since, until = min(one, other), max(one, other)
    drawn = axis(events, "ab", since, until)
    placed = [p for lane in drawn.lanes for p in lane.placed]
    wanted = [e for e in events if within(e.date, since, until)]
    assert sorted(p.event.label for p in placed) == sorted(e.label for e in wanted)
    for lane in drawn.lanes:
        rows: dict[float, list[tuple[float, float]]] = {}
        for p in lane.placed:
            assert p.event.lane == lane.name
            assert 0 <= p.x <= WIDTH and lane.y < p.y < lane.y + lane.height
            rows.setdefault(p.y, []).append(extent(p))
        for spans in rows.values():
            spans.sort()
            assert all(a[1] <= b[0] + 0.2 for a, b in itertools.pairwise(spans))


@given(st.lists(DATES, min_size=2, max_size=2))
def test_what_comes_later_stands_further_right(dates: list[str]) -> None:
    drawn = axis([Event(d, "x", "a") for d in dates], "a", 1980, 2030)
    by_x = [p.event.date for p in sorted(drawn.lanes[0].placed, key=lambda p: p.x)]
    exact = [d for d in by_x if len(d) == 10]
    assert exact == sorted(exact)


def test_ticks_are_years_and_of_few_years_quarters() -> None:
    assert [t for _, t in axis([], "a", 2024, 2025).ticks] == [
        "2024", "2024-04", "2024-07", "2024-10", "2025", "2025-04", "2025-07", "2025-10",
    ]  # fmt: skip
    long = [t for _, t in axis([], "a", 1990, 2026).ticks]
    assert long[0] == "1990" and len(long) <= 14
