"""Figures and tables that stand in running text: where they end and what their lines are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kb.domain import BlockKind
from kb.reading import patterns as p
from kb.reading.lines import Line

MAX_LINES = 80  # a table longer than this without a source line ends at its first paragraph
_CELLS = re.compile(r"\S[ \u3000]+\S")
_SOURCE_END = re.compile(r"(作成|引用|抜粋|参照|加筆)[)）]?$")


def float_end(lines: Sequence[str]) -> int:
    """How many of `lines` belong to the figure whose caption is the first of them.

    It goes on to its source line （資料）… or （出所）…; without one it is the caption and
    the rows of a table that follow it directly.
    """
    for k in range(1, min(len(lines), MAX_LINES)):
        text = lines[k].strip()
        if (p.CAPTION.match(text) and not p.is_terminated(text)) or p.heading_level(text) in (1, 2):
            break
        if _is_source(text):
            return _source_end(lines, k)
        if len(text) > 60 and p.is_terminated(text) and "\t" not in text and not _is_remark(text):
            break
    head = 2 if len(lines) > 1 and _is_unit(lines[1].strip()) else 1
    return head + table_end(lines[head:])


def printed_float_end(lines: Sequence[Line]) -> int:
    """The same for printed lines, whose rows of tables are known.

    What is drawn in a figure (axes, labels) is short and ends no sentence; it belongs to
    the figure when a source line or a remark follows on the page.
    """
    end = 1
    if end < len(lines) and _is_unit(lines[1].text.strip()):
        end = 2
    for k in range(end, min(len(lines), MAX_LINES)):
        line, text = lines[k], lines[k].text.strip()
        if line.page != lines[0].page or (
            p.CAPTION.match(text) and not p.is_terminated(text) and not line.row
        ):
            break
        if line.row or line.figure or _is_remark(text) or _is_source(text):
            if k > end and not all(_is_label(other) for other in lines[end:k]):
                break
            end = k + 1
        elif not _is_label(line):
            break
    return end


def _is_label(line: Line) -> bool:
    text = line.text.strip()
    short = len(text) <= 30 and not p.is_terminated(text) and not p.heading_level(text)
    return line.row or line.figure is not None or line.furniture or short


def _is_source(text: str) -> bool:
    return bool(re.match(r"[(（\[【]?\s*(資料|出所|出典)\s*[)）\]】:：]", text)) or bool(
        _is_remark(text) and re.search(r"[(（](資料|出所|出典)[)）]", text)
    )


def _is_unit(text: str) -> bool:
    """A line such as （万トン） or （前年同月比） under a caption."""
    return len(text) <= 20 and text.startswith(("(", "（")) and text.endswith((")", "）"))


def _is_remark(text: str) -> bool:
    return p.SOURCE.match(text) is not None or p.REMARK.match(text) is not None


def _source_end(lines: Sequence[str], k: int) -> int:
    """The line after a source, which may run over two lines."""
    end = k + 1
    if end < len(lines) and not _SOURCE_END.search(lines[k].strip()):
        following = lines[end].strip()
        if len(following) <= 40 and _SOURCE_END.search(following):
            end += 1
    return end


def float_parts(
    lines: Sequence[str], known: Mapping[int, BlockKind] = MappingProxyType({})
) -> list[tuple[BlockKind, int, int]]:
    """The blocks of a figure: caption (with its unit line), table rows, remarks and source.

    `known` says what single lines are, by their index: lettering of a drawing or a sentence.
    """
    parts: list[tuple[BlockKind, int, int]] = []
    start, kind = 0, BlockKind.CAPTION
    in_remarks = False
    for k in range(1, len(lines)):
        text = lines[k].strip()
        in_remarks = in_remarks or _is_remark(text)
        unit = k <= 2 and kind is BlockKind.CAPTION and _is_unit(text)
        found = BlockKind.CAPTION if in_remarks or unit else BlockKind.TABLE
        found = known.get(k, found)
        alone = found is BlockKind.PARAGRAPH or (found is BlockKind.CAPTION and _is_remark(text))
        if found is not kind or alone:
            parts.append((kind, start, k))
            start, kind = k, found
    parts.append((kind, start, len(lines)))
    return parts


def may_begin_table(line: str) -> bool:
    """Whether a line can be the first row of a table written as text."""
    return "\t" in line.strip() or _is_row(line)


def table_end(lines: Sequence[str]) -> int:
    """How many lines from the first are rows of a table written as text; 0 when none are.

    A table is a run of lines with tabs, or at least three lines of short cells set apart
    by spaces, none of which ends a sentence; a cell that wraps may take a line of its own.
    """
    if not lines or not may_begin_table(lines[0]):
        return 0
    tabs = 0
    while tabs < len(lines) and "\t" in lines[tabs].strip():
        tabs += 1
    if tabs >= 2:
        return tabs
    run = 0
    while run < len(lines) and not lines[run].rstrip().endswith(("。", "：", ":")):
        line = lines[run].strip()
        if p.is_bullet(lines[run]) or p.numbered_level(line) >= 3 or p.begins_note(line):
            break
        run += 1
    if run < 3 or not _is_row(lines[0]) or len(lines[0].split()) < 2:
        return 0
    rows = sum(_is_row(line) for line in lines[:run])
    return run if rows >= 0.3 * run else 0


def _is_row(line: str) -> bool:
    cells = line.split()
    return (
        len(cells) >= 2
        and _CELLS.search(line.strip()) is not None
        and not line.isascii()
        and max(len(c) for c in cells) <= 30
    )
