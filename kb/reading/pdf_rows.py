"""From drawn characters to segments: stretches of a printed row without a wide gap.

Coordinates run with the writing: `u` along the line, growing, and `v` across the lines,
falling from line to line. In horizontal writing that is x and y, in vertical -y and x.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.reading.pdf_direction import by_direction, is_wide, set_across
from kb.reading.pdf_glyphs import PROBABLE_SPACE, Box, Glyph
from kb.reading.pdf_repair import repaired

_SPLIT = 0.42  # ems of empty space that part two segments of a row
_LATIN_SPACE = 0.35  # ems between Latin letters that are a space where none is drawn
_WIDE_SPACE = 0.7  # ems between Japanese characters that are a full-width space
_RAISED = 0.8  # times the size of its neighbours, and a sign is a raised or a ruby one
_RUBY = 0.65
_HANGING = 2.5  # ems between a raised number and the text that it hangs before
_BRACKETS = {
    sign: (pair[0], pair[1])
    for pair in ("（）", "「」", "『』", "【】", "〈〉", "《》", "〔〕", "［］", "｛｝")
    for sign in pair
} | {"(": ("（", "）"), ")": ("（", "）")}


@dataclass(frozen=True, slots=True)
class Cell:
    """A character in the coordinates of its writing, with its box on the page."""

    text: str
    u0: float
    u1: float
    v: float
    size: float
    box: Box
    font: str = ""


@dataclass(slots=True)
class Segment:
    """A stretch of a row: its text, extent, size and font, and the furigana over parts of it.

    `space_after` says that the page has a space behind it.
    """

    text: str
    u0: float
    u1: float
    v: float
    size: float
    box: Box
    vertical: bool = False
    furigana: tuple[tuple[int, int, str], ...] = ()
    font: str = ""
    space_after: bool = False


def segments_of(glyphs: Sequence[Glyph]) -> list[Segment]:
    """The segments of a page, horizontal and vertical ones, in no certain order."""
    upright, down = by_direction([g for g in glyphs if g.size > 0.5])
    return [
        *_segments([_cell(g, vertical=False) for g in upright], vertical=False),
        *_segments([_cell(g, vertical=True) for g in set_across(down)], vertical=True),
    ]


def _cell(glyph: Glyph, *, vertical: bool) -> Cell:
    left, bottom, right, top = glyph.box
    size = glyph.size
    if not vertical:
        u1 = max(right, glyph.x + (size if is_wide(glyph.text) else 0.5 * size))
        if glyph.text.isspace():
            u1 = glyph.x + (size if glyph.text == "\u3000" else 0.3 * size)
        return Cell(glyph.text, glyph.x, u1, glyph.y, size, glyph.box, glyph.font)
    if glyph.angle < 5 or glyph.angle > 355:  # an upright sign fills a square
        middle, foot = glyph.x + size / 2, glyph.y - 0.12 * size
        if (pair := _BRACKETS.get(glyph.text)) is not None:
            # pdfium may give the other one of a pair; the ink of （ is at the foot
            text = pair[(bottom + top) / 2 >= foot + size / 2]
            return Cell(text, -(foot + size), -foot, middle, size, glyph.box, glyph.font)
        if is_wide(glyph.text[0]) or glyph.text.isspace():
            return Cell(glyph.text, -(foot + size), -foot, middle, size, glyph.box, glyph.font)
    start = -glyph.y if glyph.angle > 5 else -top  # a Latin word that lies on its side
    end = max(-bottom, start + 0.25 * size)
    return Cell(glyph.text, start, end, (left + right) / 2, size, glyph.box, glyph.font)


def _segments(cells: list[Cell], *, vertical: bool) -> list[Segment]:
    rows = _rows(cells, vertical=vertical)
    _attach_small_rows(rows)
    return [segment for row in rows if row.cells for segment in _split(row, vertical=vertical)]


@dataclass(slots=True)
class _Row:
    """The characters of one line, and the small ones that belong to it from above."""

    cells: list[Cell]
    v: float
    size: float
    ruby: list[Cell]


def _rows(cells: list[Cell], *, vertical: bool) -> list[_Row]:
    """Characters grouped by where they stand across the lines."""
    rows: list[_Row] = []
    tolerance = 0.5 if vertical else 0.3
    for cell in sorted(cells, key=lambda c: (-c.v, c.u0)):
        last = rows[-1] if rows else None
        if last is not None and last.v - cell.v <= tolerance * max(last.size, cell.size):
            last.cells.append(cell)
            if cell.size > last.size:  # the larger signs say where the line stands
                last.size, last.v = cell.size, cell.v
        else:
            rows.append(_Row([cell], cell.v, cell.size, []))
    for row in rows:
        row.size = _row_size(row.cells)
    return rows


def _row_size(cells: Sequence[Cell]) -> float:
    sizes = Counter(round(c.size, 1) for c in cells if not c.text.isspace())
    return max(sizes, key=lambda s: (sizes[s], s), default=cells[0].size)


def _attach_small_rows(rows: list[_Row]) -> None:
    """Give raised note numbers and furigana to the line that they stand on."""
    for i, row in enumerate(rows):
        kept: list[Cell] = []
        for run in _runs([c for c in row.cells if not c.text.isspace()]):
            base = _base_of(run, row, rows[i + 1 : i + 6])
            if base is None:
                kept.extend(run)
            elif _is_ruby(run, row, base):
                base.ruby.extend(run)
            else:
                base.cells.extend(run)
        if len(kept) < sum(not c.text.isspace() for c in row.cells):
            row.cells = kept


def _base_of(run: Sequence[Cell], row: _Row, below: Sequence[_Row]) -> _Row | None:
    """The line on which small signs stand: beside one of its signs, or over some of them."""
    size = max(c.size for c in run)
    for base in below:
        distance = row.v - base.v
        if size > _RAISED * base.size or distance > 1.6 * base.size:
            continue
        if _is_ruby(run, row, base) or (distance < 0.75 * base.size and _beside(run, base)):
            return base
    return None


def _is_ruby(run: Sequence[Cell], row: _Row, base: _Row) -> bool:
    small = max(c.size for c in run) <= _RUBY * base.size
    above = 0.4 * base.size < row.v - base.v < 1.6 * base.size
    return small and above and all(_is_kana(c.text) and _over(c, base) for c in run)


def _beside(run: Sequence[Cell], base: _Row) -> bool:
    first = min(base.cells, key=lambda c: c.u0)
    if 0 <= first.u0 - run[-1].u1 < _HANGING * first.size:
        return True  # the number of a note, its text set in behind it
    return any(
        -0.4 * c.size < run[0].u0 - c.u1 < 0.9 * c.size
        or -0.4 * c.size < c.u0 - run[-1].u1 < 1.2 * c.size
        for c in base.cells
    )


def _is_kana(text: str) -> bool:
    return "ぁ" <= text <= "ヿ" or text in "ー・"


def _over(cell: Cell, base: _Row) -> bool:
    middle = (cell.u0 + cell.u1) / 2
    return any(c.u0 - 0.6 * c.size <= middle <= c.u1 + 0.6 * c.size for c in base.cells)


def _split(row: _Row, *, vertical: bool) -> list[Segment]:
    """The segments of a row, parted where the space is wide."""
    cells = sorted(row.cells, key=lambda c: c.u0)
    groups: list[list[Cell]] = []
    end = 0.0
    for cell in cells:
        if cell.text in (" ", "\u00a0", PROBABLE_SPACE):
            if groups:
                groups[-1].append(cell)
            continue
        if not groups or cell.u0 - end > _SPLIT * row.size:
            groups.append([])
        groups[-1].append(cell)
        end = max(end, cell.u1) if len(groups[-1]) > 1 else cell.u1
    return [s for group in groups if (s := _segment(group, row, vertical=vertical)).text]


def _segment(cells: Sequence[Cell], row: _Row, *, vertical: bool) -> Segment:
    out: list[str] = []
    origins: list[Cell | None] = []

    def put(text: str, cell: Cell | None) -> None:
        out.extend(text)
        origins.extend([cell] * len(text))

    before: Cell | None = None
    raised, drawn, probable = "", False, False
    for cell in cells:
        if cell.text == PROBABLE_SPACE:
            probable = True
            continue
        if cell.text.isspace() and cell.text != "\u3000":
            drawn = True
            continue
        small = cell.size <= _RAISED * row.size and cell.text.isdecimal()
        if not small and raised:
            put(f"[{raised}]", None)
            raised = ""
        if small:
            raised += cell.text
            before = cell
            continue
        text = repaired(cell.text)
        if before is not None and out and text:
            punctuated = probable and out[-1] in ".,:;)" and text[0].isascii()
            put(_space(before, cell, out[-2:], text, drawn=drawn or punctuated), None)
        put(text, cell)
        before, drawn, probable = cell, False, False
    if raised:
        put(f"[{raised}]", None)
    text = _balanced("".join(out))
    lead = len(text) - len(text.lstrip())
    text = text.strip()
    boxes = [c.box for c in cells if not c.text.isspace()]
    box = (
        (min(b[0] for b in boxes), min(b[1] for b in boxes),
         max(b[2] for b in boxes), max(b[3] for b in boxes))
        if boxes else (0.0, 0.0, 0.0, 0.0)
    )  # fmt: skip
    found = [c for c in cells if not c.text.isspace()]
    size = _row_size(found) if found else row.size
    return Segment(
        text, min((c.u0 for c in found), default=0.0), max((c.u1 for c in found), default=0.0),
        row.v, size, box, vertical, _furigana(row.ruby, origins[lead : lead + len(text)]),
        next((c.font for c in found if is_wide(c.text[0])), found[0].font if found else ""),
        drawn or probable,
    )  # fmt: skip


def _balanced(text: str) -> str:
    """A second opening bracket in place of the closing one, as pdfium gives it beside vertical
    lines, put right.
    """
    if text.count("(") != 2 or ")" in text:
        return text
    at = text.rindex("(")
    return text[:at] + ")" + text[at + 1 :]


def _space(before: Cell, cell: Cell, put: Sequence[str], text: str, *, drawn: bool) -> str:
    """What stands between two signs: a space of Latin text, a full-width one, or nothing.

    `drawn` says that the page has a space there; between Japanese characters it only
    spreads the line.
    """
    gap = cell.u0 - before.u1
    size = max(before.size, cell.size)
    last = put[-1]
    if last.isspace() or text.isspace():
        return ""
    if is_wide(last) and is_wide(text[0]):
        return "\u3000" if gap > _WIDE_SPACE * size and before.u1 > before.u0 else ""
    if drawn:
        return " "
    if not (last.isascii() and text[0].isascii()):
        return ""
    # Digits and signs may stand apart where a font's own widths are not known.
    if last in ".,:;" and put[0].isalpha():
        return " " if gap > 0.2 * size else ""
    letters = last.isalpha() and text[0].isalpha()
    return " " if gap > (_LATIN_SPACE if letters else 2 * _LATIN_SPACE) * size else ""


def _furigana(
    ruby: Sequence[Cell], origins: Sequence[Cell | None]
) -> tuple[tuple[int, int, str], ...]:
    """Runs of furigana with the span of the characters that they stand over."""
    found: list[tuple[int, int, str]] = []
    for run in _runs(ruby):
        start, end = run[0].u0, run[-1].u1
        under = [
            i
            for i, cell in enumerate(origins)
            if cell is not None and cell.u0 < end - 0.2 * cell.size
            and cell.u1 > start + 0.2 * cell.size and not _is_kana(cell.text)
        ]  # fmt: skip
        if under:
            found.append((under[0], under[-1] + 1, "".join(c.text for c in run)))
    return tuple(found)


def _runs(ruby: Sequence[Cell]) -> list[list[Cell]]:
    runs: list[list[Cell]] = []
    for cell in sorted(ruby, key=lambda c: c.u0):
        if runs and cell.u0 - runs[-1][-1].u1 < 0.6 * cell.size:
            runs[-1].append(cell)
        else:
            runs.append([cell])
    return runs


def label_pattern() -> re.Pattern[str]:
    """What may stand alone before a wide gap at the head of a line: numbers and bullets."""
    return _LABEL


_LABEL = re.compile(
    r"([0-9０-９]{1,3}([.．-][0-9０-９]{1,2})*[.．)）]?|[(（][0-9０-９a-zA-Zア-ン一二三四五六七八九十]{1,3}[)）]"
    r"|[①-⑳]|[•・●○■□◆◇▼※*＊-]|第[0-9０-９一二三四五六七八九十]+[章節条項編部]|[一二三四五六七八九十]{1,3}[、．]?"
    r"|(注|図|表|図表|別表|付録|附則|Appendix|Figure|Table)\s*[0-9０-９]*[.．:：]?|[ア-ン][.．)）]?|\[[0-9]+\])$"
)
