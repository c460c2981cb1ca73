"""One PDF page as printed lines in the order in which it is read, by geometry."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import median

import pypdfium2 as pdfium

from kb.reading.lines import Line
from kb.reading.pdf_columns import Unit, in_reading_order, unit_of
from kb.reading.pdf_direction import is_wide
from kb.reading.pdf_drawing import Drawing, page_drawing
from kb.reading.pdf_figures import take_lettering, without_pictures
from kb.reading.pdf_glyphs import page_glyphs
from kb.reading.pdf_repair import odd_share
from kb.reading.pdf_rows import Segment, label_pattern, segments_of
from kb.reading.pdf_tables import column_starts, ruled_tables, table_row, union
from kb.reading.pdf_unseen import without_unseen

_PITCH = 1.45  # times the usual distance of lines, and there is a gap between them
_CELL = 1.25  # ems between two segments, and they may be cells of a table
_RAISED = 0.8  # times the size of the line below, and a number is a raised one
_INDENT = 0.8  # ems by which the first line of a paragraph is set in


def page_lines(page: pdfium.PdfPage, number: int) -> tuple[list[Line], float, int]:
    """The lines of a page, the share of its signs that a sound reading does not have, and how
    many signs were left out because no reader sees them.
    """
    glyphs, unseen = without_unseen(page, page_glyphs(page))
    if not glyphs:
        return [], 0.0, unseen
    odd = odd_share(g.text for g in glyphs)
    lines = lines_of_segments(segments_of(glyphs), page_drawing(page), number)
    return list(_with_note_numbers(lines)), odd, unseen


def lines_of_segments(segments: Sequence[Segment], drawing: Drawing, page: int) -> list[Line]:
    """The lines of a page from its segments: columns in order, rows of tables, paragraphs."""
    pasted, rest = take_lettering(segments, drawing.pasted, page)
    tables, rest = ruled_tables(rest, drawing.rules, page)
    drawn, rest = take_lettering(rest, drawing.drawn, page)
    tables = [*without_pictures(tables), *pasted, *drawn]
    across = [unit_of(s) for s in rest if not s.vertical]
    down = [unit_of(s) for s in rest if s.vertical]
    lines: list[Line] = []
    if not down:
        for region in in_reading_order([*across, *tables]):
            lines.extend(_region_lines(region, page))
        return lines
    for region in in_reading_order(down):
        lines.extend(_region_lines(region, page))
    return _with_blocks_across(lines, [*across, *tables], page)


def _with_note_numbers(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines, a small number that has a line of its own put before the note under it."""
    number: Line | None = None
    for line in lines:
        if number is not None:
            if _is_number_of(number, line):
                line = replace(line, text=f"[{number.text.strip()}]\u3000{line.text.lstrip()}",
                               gap=number.gap)  # fmt: skip
            else:
                yield number
            number = None
        if line.text.strip().isdecimal() and len(line.text.strip()) <= 3:
            number = line
        else:
            yield line
    if number is not None:
        yield number


def _is_number_of(number: Line, line: Line) -> bool:
    """Whether a raised number stands above the beginning of a line that is set larger."""
    if not (number.size and line.size and number.box and line.box) or line.row or line.vertical:
        return False
    small = number.size <= _RAISED * line.size and number.figure is line.figure is None
    near = abs(number.box[0] - line.box[0]) < 2 * line.size
    below = 0 < number.box[1] - line.box[1] < 2.5 * line.size
    return small and near and below


def _with_blocks_across(lines: list[Line], units: Sequence[Unit], page: int) -> list[Line]:
    """Put horizontal lines (heads, tables) where they belong on a page of vertical writing.

    What stands above or below all columns comes first or last; a block among them comes
    after the columns to its right.
    """
    boxes = [line.box for line in lines if line.box]
    if not boxes:
        return [line for region in in_reading_order(units) for line in _region_lines(region, page)]
    top, bottom = max(b[3] for b in boxes), min(b[1] for b in boxes)
    first: list[Line] = []
    last: list[Line] = []
    among: list[tuple[float, list[Line]]] = []
    for block in _blocks(units):
        found = _region_lines(block, page)
        box = union(line.box for line in found if line.box)
        if box[1] > top - 4:
            first.extend(found)
        elif box[3] < bottom + 4:
            last.extend(found)
        else:
            among.append((box[2], found))
    out = list(lines)
    for right, found in sorted(among, key=lambda entry: entry[0]):
        at = next((i for i, ln in enumerate(out) if ln.box and ln.box[2] < right - 1), len(out))
        out[at:at] = found
    return [*first, *out, *last]


def _blocks(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units that stand close below or beside each other."""
    blocks: list[list[Unit]] = []
    for unit in sorted(units, key=lambda u: -u.top):
        reach = 6 * unit.size
        for block in blocks:
            below = min(u.bottom for u in block) - unit.top < 2.5 * unit.size
            left, right = min(u.u0 for u in block), max(u.u1 for u in block)
            if below and unit.u0 < right + reach and unit.u1 > left - reach:
                block.append(unit)
                break
        else:
            blocks.append([unit])
    return blocks


def _region_lines(units: Sequence[Unit], page: int) -> list[Line]:
    """The lines of one column: rows of segments, tables as they are."""
    rows = _rows(units)
    flags = _table_flags(rows)
    pitch = _pitch(rows)
    edge = _edges(rows)
    lines: list[Line] = []
    for i, row in enumerate(rows):
        gap = i > 0 and rows[i - 1][0].bottom - row[0].bottom > _PITCH * pitch(row)
        if row[0].segment is None:
            first, *others = row[0].rows
            lines += [replace(first, gap=i > 0), *others]
        elif flags[i]:
            lines.append(replace(_table_line(rows, flags, i, page), gap=gap))
        else:
            lines.append(_line(row, rows, i, gap, edge, page))
    return lines


def _rows(units: Sequence[Unit]) -> list[list[Unit]]:
    """Units side by side, from the top."""
    rows: list[list[Unit]] = []
    for unit in sorted(units, key=lambda u: (-u.bottom, u.u0)):
        last = rows[-1][0] if rows else None
        same = (
            last is not None
            and unit.segment is not None
            and last.segment is not None
            and abs(last.bottom - unit.bottom) < 0.35 * max(last.size, unit.size)
        )
        if same:
            rows[-1].append(unit)
        else:
            rows.append([unit])
    for row in rows:
        row.sort(key=lambda u: u.u0)
    return rows


def _table_flags(rows: Sequence[Sequence[Unit]]) -> list[bool]:
    """Which rows belong to a table without rules: at least two rows of several cells, with
    the lines between them that go on with a cell.
    """
    several = [
        _wide_gaps(row) > 0
        and not _is_labelled(row)
        and row[0].segment is not None
        and not row[0].segment.vertical
        for row in rows
    ]
    flags = [False] * len(rows)
    i = 0
    while i < len(rows):
        if not several[i]:
            i += 1
            continue
        end, last, count = i + 1, i, 1
        while end < len(rows) and end - last <= 2 and _goes_on(rows[i], rows[end - 1], rows[end]):
            if several[end]:
                last, count = end, count + 1
            end += 1
        if count >= 2:
            flags[i : last + 1] = [True] * (last + 1 - i)
        i = last + 1
    return flags


def _goes_on(head: Sequence[Unit], before: Sequence[Unit], row: Sequence[Unit]) -> bool:
    """Whether a row can belong to the table that `head` begins: its size, and close below."""
    size = head[0].size
    near = before[0].bottom - row[0].bottom < 3.2 * size
    return row[0].segment is not None and near and abs(row[0].size - size) < 0.15 * size


def _is_labelled(row: Sequence[Unit]) -> bool:
    """A number or bullet, a wide gap, and one text: an item and no row."""
    first = row[0].segment
    labelled = first is not None and bool(label_pattern().match(first.text))
    return len(row) >= 2 and labelled and _wide_gaps(row[1:]) == 0


def _wide_gaps(row: Sequence[Unit]) -> int:
    return sum(b.u0 - a.u1 > _CELL * b.size for a, b in pairwise(row))


def _table_line(rows: Sequence[Sequence[Unit]], flags: Sequence[bool], i: int, page: int) -> Line:
    start = i
    while start > 0 and flags[start - 1]:
        start -= 1
    end = i + 1
    while end < len(rows) and flags[end]:
        end += 1
    segments = [u.segment for row in rows[start:end] for u in row if u.segment is not None]
    found = [u.segment for u in rows[i] if u.segment is not None]
    line = table_row(found, column_starts(segments) or [0.0], page)
    assert line is not None
    return line


def _pitch(rows: Sequence[Sequence[Unit]]) -> Callable[[Sequence[Unit]], float]:
    """How far lines of a size usually stand apart in this column, as a function of a row."""
    distances: dict[int, list[float]] = {}
    for a, b in pairwise(rows):
        distance = a[0].bottom - b[0].bottom
        if abs(a[0].size - b[0].size) < 0.5 and 0.8 * b[0].size < distance < 3.2 * b[0].size:
            distances.setdefault(round(b[0].size), []).append(distance)

    def of(row: Sequence[Unit]) -> float:
        known = distances.get(round(row[0].size))
        return median(known) if known and len(known) >= 2 else 1.8 * row[0].size

    return of


def _edges(rows: Sequence[Sequence[Unit]]) -> dict[int, float]:
    """Where the lines of each size end that reach the far edge of the column."""
    ends: dict[int, Counter[int]] = {}
    for row in rows:
        size = round(row[0].size)
        ends.setdefault(size, Counter())[round(2 * row[-1].u1 / max(size, 1))] += 1
    edges: dict[int, float] = {}
    for size, counter in ends.items():
        often = [end for end, count in counter.items() if count >= 2] or list(counter)
        edges[size] = max(often) * max(size, 1) / 2
    return edges


def _line(
    row: Sequence[Unit],
    rows: Sequence[Sequence[Unit]],
    i: int,
    gap: bool,
    edges: dict[int, float],
    page: int,
) -> Line:
    segments = [u.segment for u in row if u.segment is not None]
    text = ""
    furigana: list[tuple[int, int, str]] = []
    for k, segment in enumerate(segments):
        if k:
            text += _glue(segments[k - 1], segment, labelled=k == 1 and _is_labelled(row))
        furigana += [(a + len(text), b + len(text), kana) for a, b, kana in segment.furigana]
        text += segment.text
    if _is_indented(row, rows, i, gap) and not text.startswith("\u3000"):
        text = "\u3000" + text
    size = round(max(segments, key=lambda s: len(s.text)).size, 1)
    return Line(
        text, page, gap=gap, size=size,
        full=row[-1].u1 > edges[round(row[0].size)] - 1.8 * row[0].size,
        box=union(s.box for s in segments), vertical=segments[0].vertical,
        furigana=tuple(furigana), font=segments[0].font,
    )  # fmt: skip


def _glue(before: Segment, segment: Segment, *, labelled: bool) -> str:
    """What stands between two segments of a line that is no row of a table."""
    gap = (segment.u0 - before.u1) / segment.size
    if labelled:
        return "\u3000"
    if gap > _CELL:
        return "\t"
    wide = is_wide(before.text[-1]) + is_wide(segment.text[0])
    if wide == 2:
        return "\u3000" if gap > 0.7 else ""
    letters = before.text[-1].isalpha() and segment.text[0].isalpha()
    apart = gap > (0.9 if wide else 0.35 if letters else 0.7)
    return " " if apart or (before.space_after and not wide) else ""


def _is_indented(row: Sequence[Unit], rows: Sequence[Sequence[Unit]], i: int, gap: bool) -> bool:
    """Whether a line is set in against the next one, and the one before, as a first line is."""
    em = _INDENT * row[0].size
    if i + 1 >= len(rows) or rows[i + 1][0].segment is None:
        return False
    following = rows[i + 1][0]
    if abs(following.size - row[0].size) > 0.5 or row[0].u0 - following.u0 < em:
        return False
    before = rows[i - 1][0] if i > 0 else None
    return before is None or gap or row[0].u0 - before.u0 >= em or before.segment is None
