"""From lines to blocks: sentences broken by line, page or figure are made whole again.

Two kinds of text come as lines. In the first every line is a paragraph, cut only where a
page or a figure interrupted it (text pasted from a page or a converter); in the second
every line is one printed line (PDF, hard-wrapped text) and a paragraph ends at a short
one. `wrap_width` tells them apart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from kb.domain import BlockKind
from kb.reading import patterns as p
from kb.reading.draft import Draft, Piece
from kb.reading.floats import (
    float_end,
    float_parts,
    may_begin_table,
    printed_float_end,
    table_end,
)
from kb.reading.headings import Headings
from kb.reading.lines import Line, joined, joint, marks_of

_ADDRESS_TAIL = re.compile(r"- [!-~]+$")


@dataclass(slots=True)
class _Open:
    """A block that is still being put together."""

    kind: BlockKind
    pieces: list[Piece]
    level: int = 0
    marker: str | None = None
    last: Line = field(default_factory=lambda: Line(""))
    size: float | None = None
    placed: list[tuple[int, Line]] = field(default_factory=list)

    @property
    def text(self) -> str:
        if len(self.pieces) == 1:
            return self.pieces[0].text
        return "".join(piece.text for piece in self.pieces)

    def append(self, line: Line) -> None:
        text = line.text.strip()
        last = self.pieces[-1]
        indented = self.kind is BlockKind.LIST_ITEM and line.text[:2].isspace()
        label = indented and len(self.text) < 20 and not p.looks_broken(self.text)
        glue = " " if label else joint(last.text, text)
        if glue == "\b":  # a hyphenated Latin word
            last, glue = Piece(last.text[:-1], last.page), ""
            self.pieces[-1] = last
        self.placed.append((len(self.text) + len(glue), line))
        if last.page == line.page:
            self.pieces[-1] = Piece(last.text + glue + text, line.page)
        else:
            self.pieces[-1:] = [last, Piece(glue + text, line.page)]
        self.last = line

    def draft(self) -> Draft:
        places, furigana = marks_of(self.placed)
        return Draft(self.kind, tuple(self.pieces), self.level, self.marker, places, furigana)


def drafts_from_lines(lines: Sequence[Line], *, wrapped: bool | None = None) -> list[Draft]:
    """The blocks of a text given as lines (blank ones left out, see `Line.gap`).

    `wrapped` says that the lines are printed lines; None lets `wrap_width` decide. What
    interrupts a paragraph (a figure, a note, a running head) is put after it, or before it
    when only that keeps the pages in order.
    """
    return _Layout(lines, wrapped).run()


def _note_is_cut(note: str, following: str) -> bool:
    """Whether a page break cut a note, so that the next line is a piece of its address."""
    unclosed = sum(map(note.count, "(（")) > sum(map(note.count, ")）"))
    goes_on = unclosed or note.endswith(("、", "，"))
    return goes_on or following.startswith(("- ", "(<http", "<http", "http"))


@dataclass(slots=True)
class _Layout:
    lines: Sequence[Line]
    wrapped: bool | None
    headings: Headings = field(init=False)
    done: list[_Open] = field(default_factory=list)
    current: _Open | None = None
    suspended: _Open | None = None

    def run(self) -> list[Draft]:
        self.headings = Headings(self.lines, wrapped=self.wrapped)
        i = 0
        while i < len(self.lines):
            i = self._take(i)
        self._close()
        return [block.draft() for block in self.done]

    def _take(self, i: int) -> int:
        """Put line `i` (and those that belong with it) where they belong; the next index."""
        line = self.lines[i]
        text = line.text.strip()
        if line.furniture:
            self._close()
            self._emit_lines(BlockKind.BOILERPLATE, [line])
            return i + 1
        if line.figure is not None:
            self._close()
            end = self._figure_end(i)
            self._emit_lines(line.figure, self.lines[i:end])
            return end
        block = self.current
        if block is not None and self._continues(block, line) and self._keeps_pages(block, line):
            block.append(line)
            return i + 1
        if self.headings.is_large(line) and self._continues_heading(line):
            self.done[-1].append(line)
            return i + 1
        self._close()
        if p.CAPTION.match(text) and not p.is_terminated(text):
            return self._take_float(i)
        if (end := self._table_end(i)) > i:
            self._emit_lines(BlockKind.TABLE, self.lines[i:end])
            return end
        if p.SOURCE.match(text) and self.headings.column is None:
            self._emit_lines(BlockKind.CAPTION, [line])
            return i + 1
        if self._resumes(line) or self._resumes_note(line):
            return i + 1
        self._begin(i, line, text)
        return i + 1

    def _table_end(self, i: int) -> int:
        """The line after a table that begins at `i`; `i` when none does."""
        line = self.lines[i]
        if line.size is None:
            if not may_begin_table(line.text):
                return i
            return i + table_end([other.text for other in self._run_from(i)])
        while i < len(self.lines) and self.lines[i].row and self.lines[i].page == line.page:
            i += 1
        return i

    def _figure_end(self, i: int) -> int:
        """The line after the lettering that begins at `i`; a sentence stands by itself."""
        line, end = self.lines[i], i + 1
        if line.figure is BlockKind.FIGURE:
            while end < len(self.lines) and (self.lines[end].figure, self.lines[end].page) == (
                line.figure, line.page,
            ):  # fmt: skip
                end += 1
        return end

    def _continues_heading(self, line: Line) -> bool:
        """Whether a large line is the second line of the heading before it."""
        last = self.done[-1] if self.done else None
        return (
            last is not None
            and last.kind is BlockKind.HEADING
            and last.size is not None
            and line.size is not None
            and abs(last.size - line.size) < 0.5
            and last.pieces[-1].page == line.page
            and not p.numbered_level(line.text.strip())
        )

    def _begin(self, i: int, line: Line, text: str) -> None:
        if p.begins_note(text):
            self._open(BlockKind.NOTE, line, marker=p.note_marker(text))
        elif level := self.headings.level(i, first=not self.done):
            self._open(BlockKind.HEADING, line, level=level)
            self._close()
        elif p.is_bullet(line.text):
            self._open(BlockKind.LIST_ITEM, line)
        else:
            self._open(BlockKind.PARAGRAPH, line)

    def _open(self, kind: BlockKind, line: Line, level: int = 0, marker: str | None = None) -> None:
        piece = Piece(line.text.strip(), line.page)
        self.current = _Open(kind, [piece], level, marker, line, line.size, [(0, line)])
        self.done.append(self.current)

    def _close(self) -> None:
        """Finish the current block; one that stops in mid-sentence waits for its rest."""
        block, self.current = self.current, None
        if block is None or block.kind is BlockKind.NOTE:
            return
        self.suspended = block if self._is_open(block) else None

    def _run_from(self, i: int) -> Sequence[Line]:
        """The lines from `i` to the next blank line."""
        j = i + 1
        while j < len(self.lines) and not self.lines[j].gap:
            j += 1
        return self.lines[i:j]

    def _is_open(self, block: _Open) -> bool:
        """Whether a block stops in mid-sentence."""
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM):
            return False
        if p.is_date_line(block.text):
            return False
        if self.headings.column is not None and self.headings.is_full(block.last):
            return not p.is_terminated(block.last.text)
        return p.looks_broken(block.text)

    def _continues(self, block: _Open, line: Line) -> bool:
        """Whether `line` goes on with `block`."""
        if block.size and line.size and abs(block.size - line.size) > 0.12 * block.size:
            return False
        if block.kind is BlockKind.NOTE:
            return self._continues_note(block, line)
        if self.headings.column is not None:
            if line.gap and not (line.page != block.pieces[-1].page and self._is_open(block)):
                return False
            unfinished = not p.is_terminated(block.last.text)
            if self.headings.is_full(block.last) and not p.is_date_line(block.text):
                return not (self._strong_start(line) if unfinished else p.begins_item(line.text))
            return unfinished and p.looks_broken(block.last.text) and not p.begins_item(line.text)
        if block.kind is BlockKind.LIST_ITEM and line.text[:2].isspace() and not line.gap:
            return not p.is_bullet(line.text)
        return self._is_open(block) and self._may_follow(block, line)

    def _may_follow(self, block: _Open, line: Line) -> bool:
        """Whether `line` can be the rest of a sentence that stops in the middle."""
        if p.begins_item(line.text):
            return False
        return p.ends_open(block.text) or not (
            p.opens_sentence(line.text) or block.kind is BlockKind.LIST_ITEM
        )

    def _continues_note(self, block: _Open, line: Line) -> bool:
        text = line.text.strip()
        if p.note_marker(text) or (line.gap and p.is_terminated(block.text)):
            return False
        if text.startswith("http") and not line.gap:
            return True  # the address of a source has a line of its own
        if (
            self.headings.column is not None
            and line.size is None
            and not self.headings.is_full(block.last)
        ):
            return False
        if self.headings.column is None:
            return (
                _note_is_cut(block.text, text)
                or (p.looks_broken(block.text) and self._may_follow(block, line))
                or not (line.gap or block.text.endswith((".", ")", "）", "。")))
            )
        return not line.gap and not p.is_terminated(block.text) and not self._strong_start(line)

    def _strong_start(self, line: Line) -> bool:
        text = line.text.strip()
        return bool(
            (p.CAPTION.match(text) and not p.is_terminated(text))
            or p.SOURCE.match(text)
            or p.is_named_heading(text)
            or text[:1] in "•・■□◆◇▼●○【"
            or ((marker := p.note_marker(text)) and marker.startswith("注"))
        )

    def _resumes(self, line: Line) -> bool:
        """Go on with a paragraph that a figure or a note interrupted, if `line` does that."""
        block = self.suspended
        if block is None or not self._may_follow(block, line):
            return False
        if block.size and line.size and abs(block.size - line.size) > 0.12 * block.size:
            return False
        if not self._keeps_pages(block, line):
            return False
        block.append(line)
        self.current, self.suspended = block, None
        return True

    def _resumes_note(self, line: Line) -> bool:
        """Go on with the address of a note that a figure cut, in text without places: a word
        of Latin signs that closes a bracket which it does not open.
        """
        text = line.text.strip()
        tail = line.size is None and _ADDRESS_TAIL.match(text) and text.count(")") > text.count("(")
        if not tail:
            return False
        note = next((b for b in reversed(self.done) if b.kind is BlockKind.NOTE), None)
        if note is None or "http" not in note.text:
            return False
        note.append(line)
        return True

    def _keeps_pages(self, block: _Open, line: Line) -> bool:
        """Whether `line` may go on with `block` without turning a page back.

        What interrupted the block is put after it, or before it when it stands on the page
        on which the block begins and `line` does not; a page in between forbids it.
        """
        if self.done[-1] is block:
            return True
        at = next(i for i, b in enumerate(self.done) if b is block)
        between = self.done[at + 1 :]
        after = [b for b in between if b.pieces[0].page == line.page]
        before = between[: len(between) - len(after)]
        if any(b.pieces[-1].page != block.pieces[0].page for b in before):
            return False
        self.done[at:] = [*before, block, *after]
        return True

    def _take_float(self, i: int) -> int:
        """A caption with the table, notes and source line that follow it."""
        if self.lines[i].size is None:
            end = i + float_end([line.text for line in self.lines[i:]])
        else:
            end = i + printed_float_end(self.lines[i:])
        lines = list(self.lines[i:end])
        while len(lines) > 1 and self._runs_on(end - 1):
            text = joined(lines[-1].text, self.lines[end].text.strip())
            lines[-1] = replace(lines[-1], text=text)
            end += 1
        known = {k: line.figure for k, line in enumerate(lines) if line.figure is not None}
        for kind, start, stop in float_parts([line.text for line in lines], known):
            self._emit_lines(kind, lines[start:stop])
        return end

    def _runs_on(self, i: int) -> bool:
        """Whether the last line of a figure, in a PDF, goes on in the line after it."""
        if i + 1 >= len(self.lines):
            return False
        line, following = self.lines[i], self.lines[i + 1]
        return (
            line.full is True
            and line.size == following.size
            and line.page == following.page
            and line.size != self.headings.body_size
            and not (following.gap or following.furniture)
            and not p.is_terminated(line.text)
            and not p.begins_item(following.text)
        )

    def _emit_lines(self, kind: BlockKind, lines: Sequence[Line]) -> None:
        """A finished block of lines that stay lines (table rows, caption and source)."""
        pieces: list[Piece] = []
        placed: list[tuple[int, Line]] = []
        offset = 0
        for k, line in enumerate(lines):
            text = ("\n" if k else "") + line.text.strip()
            placed.append((offset + bool(k), line))
            pieces.append(Piece(text, line.page))
            offset += len(text)
        last = lines[-1]
        self.done.append(_Open(kind, pieces, last=last, size=last.size, placed=placed))
