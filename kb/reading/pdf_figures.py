"""The lettering of figures on a PDF page: taken out of the text, labels and sentences apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from kb.domain import BlockKind
from kb.reading import patterns as p
from kb.reading.lines import Line, joined
from kb.reading.pdf_columns import Unit
from kb.reading.pdf_glyphs import Box
from kb.reading.pdf_rows import Segment
from kb.reading.pdf_tables import union

_BESIDE = 1.5  # ems by which the letters of an axis stand beside what is drawn, or below it
_SHORT = 12  # characters; what is longer and outside the area is text
_SMALL = 0.9  # times the usual size of the page, and letters are smaller than its text
_LINES = 0.9  # ems between two lines of one label
_SENTENCE = 15  # characters; a shorter text with a full stop is a label all the same
_LONG = 40  # characters; what is longer and as large as the text is text
TINY = 4.0  # points; smaller letters are a picture of text, which nobody reads in print


def take_lettering(
    segments: Sequence[Segment], areas: Sequence[Box], page: int
) -> tuple[list[Unit], list[Segment]]:
    """The lettering of the figures in `areas`, one unit for each, and the segments outside.

    A label that runs over lines is one line; a full sentence in the size of the page's text
    is a paragraph of its own (`Line.figure` says which), since boxes hold remarks too.
    """
    rest = list(segments)
    usual = _usual_size([s for s in segments if not any(_is_in(s, area) for area in areas)])
    units: list[Unit] = []
    for area in areas:
        inside = [s for s in rest if _belongs(s, area, usual)]
        if not inside:
            continue
        taken = set(map(id, inside))
        rest = [s for s in rest if id(s) not in taken]
        lines = [_label(block, page, usual) for block in _blocks(inside)]
        box = union(s.box for s in inside)
        size = median(s.size for s in inside)
        units.append(Unit(box[0], box[2], box[3], box[1], size, rows=lines))
    return units, rest


def _belongs(segment: Segment, area: Box, usual: float) -> bool:
    """Whether a segment stands in an area, or is short and close beside it; no caption does."""
    if p.CAPTION.match(segment.text.strip()) or p.SOURCE.match(segment.text.strip()):
        return False
    if _is_in(segment, area):
        return True
    small = segment.size < _SMALL * usual
    if not small or len(segment.text) > _SHORT or p.is_terminated(segment.text):
        return False
    near = _BESIDE * segment.size
    return _is_in(segment, (area[0] - near, area[1] - near, area[2] + near, area[3] + near))


def _is_in(segment: Segment, area: Box) -> bool:
    """Whether the middle of a segment lies in an area."""
    left, bottom, right, top = _extent(segment)
    x, y = (left + right) / 2, (bottom + top) / 2
    return area[0] <= x <= area[2] and area[1] <= y <= area[3]


def _extent(segment: Segment) -> Box:
    """The box of a segment as high as its line, since the letters of some fonts have no ink."""
    if segment.vertical:
        return segment.box
    foot = segment.v - 0.12 * segment.size
    return segment.box[0], foot, segment.box[2], foot + segment.size


def _usual_size(segments: Sequence[Segment]) -> float:
    """The size in which most of a page is set, in points; 0 for an empty one."""
    sizes: Counter[float] = Counter()
    for segment in segments:
        sizes[round(segment.size, 1)] += len(segment.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def without_pictures(tables: Sequence[Unit]) -> list[Unit]:
    """Tables, the rows of those in tiny letters marked as lettering of a picture."""
    return [
        replace(
            table, rows=[replace(row, row=False, figure=BlockKind.FIGURE) for row in table.rows]
        )
        if table.rows and table.size < TINY
        else table
        for table in tables
    ]


def _blocks(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Segments that stand close below one another, from the top."""
    blocks: list[list[Segment]] = []
    for segment in sorted(segments, key=lambda s: (-s.box[3], s.box[0])):
        for block in blocks:
            last, box = block[-1], _extent(segment)
            left, foot, right, _ = _extent(last)
            gap = foot - box[3]
            shared = min(right, box[2]) - max(left, box[0])
            narrow = min(right - left, box[2] - box[0])
            if (
                -0.6 * segment.size < gap < _LINES * segment.size
                and shared > 0.5 * narrow
                and abs(last.size - segment.size) < 0.1 * segment.size
                and last.vertical == segment.vertical
            ):
                block.append(segment)
                break
        else:
            blocks.append([segment])
    return blocks


def _label(block: Sequence[Segment], page: int, usual: float) -> Line:
    text = block[0].text
    for segment in block[1:]:
        text = joined(text, segment.text)
    sentence = len(text) >= _SENTENCE and "。" in text and p.is_terminated(text)
    is_text = block[0].size >= _SMALL * usual and (sentence or len(text) >= _LONG)
    kind = BlockKind.PARAGRAPH if is_text else BlockKind.FIGURE
    return Line(
        text, page, gap=True, size=round(block[0].size, 1), full=False, figure=kind,
        box=union(s.box for s in block), vertical=block[0].vertical, font=block[0].font,
    )  # fmt: skip
