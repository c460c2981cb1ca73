"""Where marks stand on a time axis: pure geometry in units of an SVG, lanes that do not overlap."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as day

from kb.tracker.cells import first_day, last_day

WIDTH = 1180
LEFT, RIGHT = 16, 24  # free at both ends of the axis
ROW = 30  # the height of a row of marks
TOP = 34  # above the first row: the name of the lane
FONT = 13  # pixels of a full-width character
GAP = 14  # between a label and the next mark
DOT = 12  # from a mark to its label


@dataclass(frozen=True, slots=True)
class Event:
    """Something dated: its ISO date as far as it is known, and what is written beside it."""

    date: str
    label: str
    lane: str


@dataclass(frozen=True, slots=True)
class Placed:
    """An event on the axis: `x` and `y` of its mark; `left` says that its label stands before it.

    `exact` is false where only a month or year is known; the mark then stands in its middle.
    """

    event: Event
    x: float
    y: float
    left: bool
    exact: bool


@dataclass(frozen=True, slots=True)
class Lane:
    """The events of one lane between `y` and `y + height`."""

    name: str
    y: float
    height: float
    placed: tuple[Placed, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """A drawing: its height, its lanes, and its ticks as (x, what is written there)."""

    height: float
    lanes: tuple[Lane, ...]
    ticks: tuple[tuple[float, str], ...]


def axis(events: Sequence[Event], lanes: Sequence[str], since: int, until: int) -> Axis:
    """The events that can lie in the years from `since` to `until`, both included, laid out.

    Within a lane each event takes the first row in which its label is free of the others'.
    """
    start, end = day(since, 1, 1), day(until, 12, 31)
    span = (end - start).days or 1

    def place(when: day) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (when - start).days / span

    drawn = []
    top = 28.0
    for name in lanes:
        shown = [e for e in events if e.lane == name and within(e.date, since, until)]
        rows: list[list[tuple[float, float]]] = []
        placed = []
        for event in sorted(shown, key=lambda e: (_middle(e.date), e.label)):
            x = place(min(max(_middle(event.date), start), end))
            width = label_width(event.label) + DOT + GAP
            left = x + width > WIDTH - 4 and x - width > 0
            taken = (x - width, x + GAP) if left else (x - GAP / 2, x + width)
            row = next((i for i, spans in enumerate(rows) if _is_free(spans, taken)), len(rows))
            if row == len(rows):
                rows.append([])
            rows[row].append(taken)
            y = top + TOP + row * ROW + ROW / 2
            placed.append(Placed(event, round(x, 1), y, left, len(event.date) == 10))
        height = TOP + max(1, len(rows)) * ROW + 8
        drawn.append(Lane(name, top, height, tuple(placed)))
        top += height
    return Axis(
        top + 4, tuple(drawn), tuple((round(place(d), 1), t) for d, t in _ticks(since, until))
    )


def within(date: str, since: int, until: int) -> bool:
    """Whether a date can lie in the years."""
    return first_day(date).year <= until and last_day(date).year >= since


def label_width(text: str) -> float:
    """The width of a label in pixels: full-width signs one square, others half of it."""
    return FONT * sum(1.0 if unicodedata.east_asian_width(c) in "WF" else 0.56 for c in text)


def _middle(date: str) -> day:
    first, last = first_day(date), last_day(date)
    return first + (last - first) / 2


def _is_free(spans: Sequence[tuple[float, float]], wanted: tuple[float, float]) -> bool:
    return all(wanted[1] <= start or end <= wanted[0] for start, end in spans)


def _ticks(since: int, until: int) -> list[tuple[day, str]]:
    """The beginnings of years, of few years also of quarters."""
    years = until - since + 1
    step = max(1, -(-years // 14))
    found = [(day(year, 1, 1), str(year)) for year in range(since, until + 1, step)]
    if years <= 3:
        found += [
            (day(year, month, 1), f"{year}-{month:02d}")
            for year in range(since, until + 1)
            for month in (4, 7, 10)
        ]
    return sorted(found)
