"""The order in which the parts of a page are read: columns by the white space between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from kb.reading.lines import Line
from kb.reading.pdf_rows import Segment

_GUTTER = 0.8  # ems; columns are at least so far apart
_CROSSING = 0.12  # share of the lines that may cross a gutter (titles, figures)
_FEWEST = 2  # lines that make a column
_SURE = 4  # with fewer lines a column must be wider, since cells of a table are short
_WIDE = 12.0  # ems
_NARROWEST = 6.0  # ems; what is narrower is a column of a table
_FILLED = 0.4  # share of the lines of a column that go on most of the way


@dataclass(slots=True)
class Unit:
    """What is ordered as a whole: a segment, or a table whose rows are lines already."""

    u0: float
    u1: float
    top: float
    bottom: float
    size: float
    segment: Segment | None = None
    rows: list[Line] = field(default_factory=list)


def unit_of(segment: Segment) -> Unit:
    """A segment as a unit."""
    return Unit(segment.u0, segment.u1, segment.v + segment.size, segment.v, segment.size, segment)


def in_reading_order(units: Sequence[Unit]) -> list[list[Unit]]:
    """Regions of one column each, in the order in which they are read.

    A gutter is a stretch that hardly any line crosses, with columns of running text on
    both sides. Lines that cross it (a title over two columns) part the page into bands;
    each band is read column by column.
    """
    gutter = _gutter(units)
    if gutter is None:
        return [sorted(units, key=lambda unit: (-unit.top, unit.u0))]
    left_edge, right_edge = gutter
    middle = (left_edge + right_edge) / 2
    regions: list[list[Unit]] = []
    sides: tuple[list[Unit], list[Unit]] = ([], [])
    crossing: list[Unit] = []

    def close_band() -> None:
        for side in sides:
            if side:
                regions.extend(in_reading_order(side))
                side.clear()

    for unit in sorted(units, key=lambda unit: (-unit.top, unit.u0)):
        if unit.u0 < left_edge - 1 and unit.u1 > right_edge + 1:
            close_band()
            crossing.append(unit)
            continue
        if crossing:
            regions.append(crossing)
            crossing = []
        sides[(unit.u0 + unit.u1) / 2 > middle].append(unit)
    close_band()
    if crossing:
        regions.append(crossing)
    return regions


def _gutter(units: Sequence[Unit]) -> tuple[float, float] | None:
    """The white stretch between two columns; None when the units are one column."""
    lines = [u for u in units if u.segment is not None]
    if len(lines) < 2 * _FEWEST + 1:
        return None
    em = median(u.size for u in lines)
    left, right = min(u.u0 for u in lines), max(u.u1 for u in lines)
    if right - left < 2 * _NARROWEST * em:
        return None
    allowed = _CROSSING * len(lines)
    best: tuple[float, float] | None = None
    for start, end in _white(lines, left, right, allowed):
        inner = left + 0.15 * (right - left) < (start + end) / 2 < right - 0.15 * (right - left)
        if not inner or end - start < _GUTTER * em:
            continue
        sides = (
            [u for u in lines if u.u1 <= end + 1 and u.u0 < start],
            [u for u in lines if u.u0 >= start - 1 and u.u1 > end],
        )
        if all(_is_column(side, em) for side in sides) and (
            best is None or end - start > best[1] - best[0]
        ):
            best = (start, end)
    return best


def _white(
    lines: Sequence[Unit], left: float, right: float, allowed: float
) -> list[tuple[float, float]]:
    """Stretches along the lines that at most `allowed` lines cross."""
    events = sorted([(u.u0, 1) for u in lines] + [(u.u1, -1) for u in lines])
    stretches: list[tuple[float, float]] = []
    crossing, start = 0, left
    for at, change in events:
        if crossing <= allowed and at - start > 0.5:
            if stretches and start - stretches[-1][1] < 0.5:
                stretches[-1] = (stretches[-1][0], at)
            else:
                stretches.append((start, at))
        crossing += change
        start = at
    return [(a, b) for a, b in stretches if a > left and b < right]


def _is_column(side: Sequence[Unit], em: float) -> bool:
    """Whether the lines of one side are running text and not cells of a table."""
    rows = {round(u.top / em) for u in side}
    if len(rows) < _FEWEST:
        return False
    width = max(u.u1 for u in side) - min(u.u0 for u in side)
    if width < (_NARROWEST if len(rows) >= _SURE else _WIDE) * em:
        return False
    if side[0].segment is not None and side[0].segment.vertical:
        return True  # tiers of vertical writing; tables lie across
    full = sum(u.u1 - u.u0 >= 0.7 * width for u in side)
    return full >= _FILLED * len(side)
