"""Tables of PDF pages: ruled ones by their lines, others by cells that stand in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from statistics import median

from kb.reading.lines import Line, joined
from kb.reading.pdf_columns import Unit
from kb.reading.pdf_drawing import Rules
from kb.reading.pdf_glyphs import Box
from kb.reading.pdf_rows import Segment

_SAME = 2.0  # points between two rules that are one
_CLOSE = 3.0  # points between the ends of two rules that meet
_ROW = 6.0  # points; no row is lower


def ruled_tables(
    segments: Sequence[Segment], rules: Rules, page: int
) -> tuple[list[Unit], list[Segment]]:
    """The ruled tables of a page, each as a unit of rows, and the segments outside of them."""
    units: list[Unit] = []
    left_over = list(segments)
    for left, right, ruled in _grids(rules):
        heights = _with_open_rows(rules, (left, right), ruled)
        inside = [
            s for s in left_over
            if not s.vertical and left - 3 <= s.box[0] and s.box[2] <= right + 3
            and heights[-1] - 1 <= (s.box[1] + s.box[3]) / 2 <= heights[0] + 1
        ]  # fmt: skip
        inner = _inner_rules(rules, (left, right), heights)
        if not inner or len(inside) < 4:
            continue  # without rules down, cells that stand in columns tell a table
        starts = [left, *inner]
        rows = _rows_between(inside, heights, starts, page)
        if len(rows) < 2:
            continue
        units.append(
            Unit(left, right, heights[0], heights[-1], median(s.size for s in inside), rows=rows)
        )
        taken = set(map(id, inside))
        left_over = [s for s in left_over if id(s) not in taken]
    return units, left_over


def _grids(rules: Rules) -> list[tuple[float, float, list[float]]]:
    """Groups of rules across that have nearly the same ends: left, right, heights from the top."""
    groups: list[tuple[float, float, list[float]]] = []
    for y, left, right in sorted(_merged(rules.across), key=lambda rule: -rule[0]):
        if right - left < 60:
            continue
        for i, (a, b, heights) in enumerate(groups):
            ends = (a, b), (left, right)
            if heights[-1] - y < 400 and _same_table(rules, *ends, (heights[-1], y)):
                if heights[-1] - y > _SAME:
                    heights.append(y)
                groups[i] = (min(a, left), max(b, right), heights)
                break
        else:
            groups.append((left, right, [y]))
    parts = [
        (left, right, part)
        for left, right, heights in groups
        for part in _without_breaks(rules, (left, right), heights)
    ]
    return [part for part in parts if len(part[2]) >= 3]


def _without_breaks(
    rules: Rules, ends: tuple[float, float], heights: Sequence[float]
) -> list[list[float]]:
    """The heights parted where no rule goes down from one to the next: text between tables."""
    down = [r for r in rules.down if ends[0] - _CLOSE <= r[0] <= ends[1] + _CLOSE]
    parts: list[list[float]] = [[heights[0]]]
    for upper, lower in pairwise(heights):
        joins = any(
            min(top, upper) - max(bottom, lower) > 0.8 * (upper - lower) for _, bottom, top in down
        )
        if not joins:
            parts.append([])
        parts[-1].append(lower)
    return parts


def _same_table(
    rules: Rules, a: tuple[float, float], b: tuple[float, float], ys: tuple[float, float]
) -> bool:
    """Whether two rules across, at the heights `ys`, belong to one table.

    Their ends agree; or one end does, and a rule down joins them there, where a cell over
    several rows, or a missing corner, makes one of them shorter.
    """
    shared = min(a[1], b[1]) - max(a[0], b[0])
    longer = max(a[1] - a[0], b[1] - b[0])
    if shared > 0.9 * longer:
        return True
    flush = [x for x, other in zip(a, b, strict=True) if abs(x - other) <= _CLOSE]
    return shared > 0.5 * longer and any(_joined_down(rules, x, ys) for x in flush)


def _joined_down(rules: Rules, at: float, ys: tuple[float, float]) -> bool:
    """Whether rules down at a place cover the way between two heights."""
    covered = sum(
        max(0.0, min(top, ys[0]) - max(bottom, ys[1]))
        for x, bottom, top in rules.down
        if abs(x - at) <= _CLOSE
    )
    return covered > 0.9 * (ys[0] - ys[1])


def _with_open_rows(
    rules: Rules, ends: tuple[float, float], heights: Sequence[float]
) -> list[float]:
    """The heights of a grid with those of a first and last row that no rule closes.

    Such a row, cut by the edge of a page, is known by the rules down that part its cells.
    """
    down = [r for r in rules.down if ends[0] - _CLOSE <= r[0] <= ends[1] + _CLOSE]
    above = [top for _, bottom, top in down if abs(bottom - heights[0]) <= _CLOSE]
    below = [bottom for _, bottom, top in down if abs(top - heights[-1]) <= _CLOSE]
    first = [max(above)] if len(above) >= 3 and max(above) - heights[0] > _ROW else []
    last = [min(below)] if len(below) >= 3 and heights[-1] - min(below) > _ROW else []
    return [*first, *heights, *last]


def _merged(
    rules: Sequence[tuple[float, float, float]],
) -> list[tuple[float, float, float]]:
    """Rules across, pieces of one line joined (cells are often drawn one by one)."""
    merged: list[tuple[float, float, float]] = []
    for y, left, right in sorted(rules, key=lambda rule: (round(rule[0] / _SAME), rule[1])):
        if merged and abs(merged[-1][0] - y) <= _SAME and left <= merged[-1][2] + 4:
            last = merged[-1]
            merged[-1] = (last[0], last[1], max(last[2], right))
        else:
            merged.append((y, left, right))
    return merged


def _inner_rules(rules: Rules, ends: tuple[float, float], heights: Sequence[float]) -> list[float]:
    """Where rules down part the columns of a grid."""
    left, right = ends
    covered: list[tuple[float, float]] = []
    for x, bottom, top in sorted(rules.down):
        overlap = max(0.0, min(top, heights[0]) - max(bottom, heights[-1]))
        if covered and x - covered[-1][0] < 6:  # cells are often drawn one by one
            covered[-1] = (covered[-1][0], covered[-1][1] + overlap)
        else:
            covered.append((x, overlap))
    span = heights[0] - heights[-1]
    return [x for x, length in covered if left + 8 < x < right - 8 and length > 0.3 * span]


def column_starts(segments: Sequence[Segment]) -> list[float]:
    """Where the columns of cells begin, from the left.

    Cells of one column overlap along the line; where they chain all columns into one (a
    long head over several), what begins at the same place counts instead.
    """
    columns: list[tuple[float, float]] = []
    for segment in sorted(segments, key=lambda s: s.u0):
        if columns and segment.u0 < columns[-1][1] - 0.3 * segment.size:
            columns[-1] = (columns[-1][0], max(columns[-1][1], segment.u1))
        else:
            columns.append((segment.u0, segment.u1))
    if len(columns) >= 2:
        return [start for start, _ in columns]
    starts: list[list[float]] = []
    for segment in sorted(segments, key=lambda s: s.u0):
        if starts and segment.u0 - starts[-1][-1] < 1.5 * segment.size:
            starts[-1].append(segment.u0)
        else:
            starts.append([segment.u0])
    return [min(group) for group in starts if len(group) >= 2 or len(starts) <= 2]


def _rows_between(
    segments: Sequence[Segment], heights: Sequence[float], starts: Sequence[float], page: int
) -> list[Line]:
    """The rows of a ruled table: one for each band between two rules."""
    rows: list[Line] = []
    for upper, lower in pairwise(heights):
        band = [s for s in segments if lower < (s.box[1] + s.box[3]) / 2 <= upper]
        if (row := table_row(band, starts, page)) is not None:
            rows.append(row)
    return rows


def _column(segment: Segment, starts: Sequence[float]) -> int:
    return max(0, sum(start <= segment.u0 + 0.8 * segment.size for start in starts) - 1)


def table_row(segments: Sequence[Segment], starts: Sequence[float], page: int) -> Line | None:
    """One row: its cells parted by tabs, the lines of a cell joined. None without text."""
    if not segments:
        return None
    cells = [""] * len(starts)
    for segment in sorted(segments, key=lambda s: (-round(s.v, 1), s.u0)):
        column = _column(segment, starts)
        cells[column] = joined(cells[column], segment.text)
    return Line(
        "\t".join(cells).rstrip("\t"), page, size=median(s.size for s in segments),
        full=False, box=union(s.box for s in segments), row=True,
    )  # fmt: skip


def union(boxes: Iterable[Box]) -> Box:
    """The box around some boxes."""
    found = list(boxes)
    return (
        min(b[0] for b in found), min(b[1] for b in found),
        max(b[2] for b in found), max(b[3] for b in found),
    )  # fmt: skip
