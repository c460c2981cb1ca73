"""The second reading of a PDF page: text runs as pypdf gives them, grouped to lines."""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from pypdf import PageObject

from kb.reading.lines import Line
from kb.reading.pdf_repair import REPAIR

_CELL_GAP = 1.4  # ems of empty space that part two cells of a row
_RAISED = 0.78  # a run smaller than this share of its line is a raised note number


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text drawn at once: its origin and font size in points."""

    text: str
    x: float
    y: float
    size: float


def page_runs(page: PageObject) -> list[Run]:
    """The text runs of a page in the order of its content, with place and size in points."""
    runs: list[Run] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: Any, size: float) -> None:
        if not text.strip() and text.isascii():
            return
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        # The length of an em, also where the text is turned by a quarter.
        area = (tm[0] * tm[3] - tm[1] * tm[2]) * (cm[0] * cm[3] - cm[1] * cm[2])
        runs.append(Run(text, x, y, abs(size) * math.sqrt(abs(area))))

    page.extract_text(visitor_text=visit)
    return runs


def lines_of_runs(runs: Sequence[Run], page: int) -> list[Line]:
    """The printed lines of one page in the order of its content.

    Wide gaps inside a line become tabs (cells of a row), small raised digits become note
    markers such as [3], and a page of single characters one below the other is read as
    vertical writing, a column being a line.
    """
    vertical = _is_vertical(runs)
    if vertical:
        runs = [_turned(run) for run in runs]
    rows = [row for row in _group(runs, vertical=vertical) if any(r.text.strip() for r in row)]
    full = _full_rows(rows, vertical=vertical)
    lines: list[Line] = []
    for i, row in enumerate(rows):
        gap = i > 0 and not vertical and _is_gap(rows[i - 1], row)
        text = _row_text(row).translate(REPAIR).strip()
        if text:
            lines.append(Line(text, page, gap=gap, size=_row_size(row), full=full[i]))
    return lines


def _turned(run: Run) -> Run:
    """A Latin word in vertical writing without the space that pypdf puts before it."""
    return replace(run, text=run.text.lstrip(" ")) if run.text.strip() else run


def _full_rows(rows: Sequence[Sequence[Run]], *, vertical: bool) -> list[bool]:
    """For each row whether it reaches the far edge of its column.

    The edge is where most rows of the size end that begin at nearly the same place.
    """
    spans = [_extent(row, vertical=vertical) for row in rows]
    sizes = [_row_size(row) for row in rows]
    full = []
    for (begin, end), size in zip(spans, sizes, strict=True):
        ends = Counter(
            round(2 * e / size)
            for (b, e), other in zip(spans, sizes, strict=True)
            if abs(b - begin) < 2.5 * size and abs(other - size) < 0.5
        )
        edge = max(ends, key=lambda position: (ends[position], position))
        full.append(end > (edge / 2 - 1.8) * size)
    return full


def _extent(row: Sequence[Run], *, vertical: bool) -> tuple[float, float]:
    """Where a row begins and ends along its own direction, in points."""
    last = row[-1]
    if vertical:
        return -row[0].y, max(_width(run.text.strip()) * run.size - run.y for run in row)
    return row[0].x, last.x + _width(last.text.strip()) * last.size


def _is_vertical(runs: Sequence[Run]) -> bool:
    down = across = 0
    for a, b in itertools.pairwise(runs):
        if abs(a.x - b.x) < 0.3 * a.size and 0.5 * a.size < a.y - b.y < 3 * a.size:
            down += len(a.text.strip()) <= 3
        elif abs(a.y - b.y) < 0.3 * a.size:
            across += 1
    return down > 20 and down > 2 * across


def _group(runs: Sequence[Run], *, vertical: bool) -> list[list[Run]]:
    """Runs that stand on one line, in the order of the content."""
    rows: list[list[Run]] = []
    for run in runs:
        last = rows[-1][-1] if rows else None
        if last is not None and _same_line(last, run, rows[-1], vertical=vertical):
            rows[-1].append(run)
        else:
            rows.append([run])
    return rows


def _same_line(last: Run, run: Run, row: Sequence[Run], *, vertical: bool) -> bool:
    size = max(last.size, run.size)
    base = max(row, key=lambda r: r.size)
    across = abs(base.y - run.y) < 0.55 * size and run.x > last.x - 0.5 * size
    if not vertical:
        return across
    # A Latin word lies on its side, and pypdf gives the place of the one before it.
    below = run.y < last.y + 0.5 * size or run.text.strip().isascii()
    down = abs(last.x - run.x) < 0.9 * size and below
    if len(row) == 1 or abs(row[0].x - row[1].x) < 0.9 * size:
        return down or (len(row) == 1 and across and run.x - last.x < 2.5 * size)
    return across  # a row of a table that lies across a vertical page


def _row_size(row: Sequence[Run]) -> float:
    """The size in which most of the row is set, in points."""
    sizes: Counter[float] = Counter()
    for run in row:
        sizes[round(run.size, 1)] += len(run.text.strip())
    return max(sizes, key=lambda size: (sizes[size], size))


def _row_text(row: Sequence[Run]) -> str:
    size = _row_size(row)
    out = ""
    end = row[0].x
    for run in row:
        text = run.text.replace("\n", "")
        if run.size < _RAISED * size and text.strip().isdecimal() and len(text.strip()) <= 3:
            text = f"[{text.strip()}]"
        out = _append(out, text, run.x - end, run.size) if out else text.lstrip()
        end = run.x + _width(text.strip()) * run.size
    return _close_up(out)


def _append(out: str, text: str, gap: float, size: float) -> str:
    if gap > _CELL_GAP * size:
        return out.rstrip() + "\t" + text.lstrip()
    return out + text


def _width(text: str) -> float:
    """The width in ems, a half for what is not full-width."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in text)


def _close_up(text: str) -> str:
    """Spaces that a reader of the PDF would not see between Japanese characters go."""
    return re.sub(r"(?<=[^\x00-\x7f\t]) (?=[^\x00-\x7f\t])", "", text)


def _is_gap(before: Sequence[Run] | None, row: Sequence[Run]) -> bool:
    """Whether more than a line of empty space lies between two rows."""
    if before is None:
        return False
    size = max(_row_size(before), _row_size(row))
    return before[0].y - row[0].y > 2.6 * size
