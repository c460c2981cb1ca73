"""Which lines are headings: by size, by a font of their own, by numbering, by their place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from kb.reading import patterns as p
from kb.reading.lines import SLACK, Line, body_font, body_size, wrap_width

_LARGE = 1.12  # times the body's font size, and a line is set as a heading
_HEADINGS_SHARE = 0.15  # of the text; a font that sets more is no font of headings
_MAX_TITLE = 45  # an unnumbered heading is not longer than this


class Headings:
    """What tells headings from body text in the lines of one document."""

    def __init__(self, lines: Sequence[Line], *, wrapped: bool | None) -> None:
        self.lines = lines
        self.column = None if wrapped is False else wrap_width(lines)
        self.gaps = sum(line.gap for line in lines) > 0.2 * len(lines)
        self.body_size = body_size(lines)
        self.largest = max((line.size or 0.0 for line in lines), default=0.0)
        self.fonts = self._fonts()

    def is_full(self, line: Line) -> bool:
        """Whether a line reaches the far edge of its column."""
        if self.column is None or line.full is not None:
            return bool(line.full)
        return p.visible_width(line.text.strip()) >= self.column - SLACK

    def is_large(self, line: Line) -> bool:
        """Whether a line is set clearly larger than the body."""
        return bool(line.size and self.body_size and line.size >= _LARGE * self.body_size)

    def level(self, i: int, *, first: bool) -> int:
        """The heading level of line `i`, 0 when it is none; `first` when no block is before it."""
        line = self.lines[i]
        text = line.text.strip()
        following = self.lines[i + 1] if i + 1 < len(self.lines) else None
        if following is None:
            return 0
        if text.startswith("http") or following.text.strip().startswith("http"):
            return 0  # an address, or the source that it is the address of
        if self.body_size and line.size:
            # below an author's name stands the date
            titled = _may_be_title(text) and not p.is_date_line(following.text)
            if self.is_large(line) and titled and not self._is_sentence(i):
                return p.numbered_level(text) or (1 if self._is_largest(line) else 2)
            if self.fonts:
                return self._level_by_font(line, titled=titled)
        level = p.heading_level(text)
        if level:
            same_kind = p.is_bullet(line.text) and not line.gap and not following.gap
            listed = same_kind and p.is_bullet(following.text) and self.gaps
            return 0 if listed else level
        if first:
            return 1 if _may_be_title(text) and self._is_title(line, following) else 0
        short = len(text) <= _MAX_TITLE and not p.is_terminated(text) and not p.looks_broken(text)
        if not short or p.is_bullet(line.text) or text.startswith(("(", "（", "http", "@")):
            return 0
        if self.gaps and not (line.gap and following.gap):
            return 0
        if self.column is not None and (self.is_full(line) or not line.gap):
            return 0
        if "\t" in following.text:
            return 0
        body = p.is_terminated(following.text) or len(following.text) >= _MAX_TITLE
        listed = p.is_bullet(following.text) and not p.heading_level(following.text)
        return 3 if (body and not p.heading_level(following.text)) or listed else 0

    def _is_sentence(self, i: int) -> bool:
        """Whether the lines from `i` on, of one size and without a gap, end a sentence."""
        line = self.lines[i]
        for following in self.lines[i + 1 :]:
            goes_on = following.size == line.size and not following.gap and not following.furniture
            if p.is_terminated(line.text) or not goes_on or following.page != line.page:
                break
            line = following
        return p.is_terminated(line.text)

    def _fonts(self) -> frozenset[str]:
        """The fonts that only headings are set in: not the body's, and of three numbered lines.

        Where there are any, numbered lines in the font of the body are no headings.
        """
        if not any(line.font for line in self.lines):
            return frozenset()
        body = body_font(self.lines)
        numbered: Counter[str] = Counter(
            line.font
            for line in self.lines
            if line.font not in ("", body)
            and not (line.furniture or line.row)
            and p.heading_level(line.text.strip()) in (1, 2, 3)
            and line.size is not None
            and self.body_size is not None
            and line.size >= 0.95 * self.body_size
        )
        total = sum(len(line.text) for line in self.lines)
        shares = Counter[str]()
        for line in self.lines:
            shares[line.font] += len(line.text)
        return frozenset(
            font
            for font, count in numbered.items()
            if count >= 3 and shares[font] <= _HEADINGS_SHARE * total
        )

    def _level_by_font(self, line: Line, *, titled: bool) -> int:
        """The heading level of a line in a document that sets its headings in a font of their
        own; 0 for what is set in the body's.
        """
        text = line.text.strip()
        if p.is_named_heading(text):
            return 2
        assert line.size is not None and self.body_size is not None
        if line.font not in self.fonts or line.size < 0.95 * self.body_size:
            return 0
        plain = (
            titled and len(text) <= 60 and not p.is_terminated(text) and not p.is_date_line(text)
        )
        return (p.numbered_level(text) or 3) if plain and not line.row else 0

    def _is_title(self, line: Line, following: Line) -> bool:
        """Whether the first line is a title: not the date, nor smaller than what follows, nor
        the first line of a paragraph.
        """
        text = line.text.strip()
        smaller = line.size is not None and not self._is_largest(line)
        goes_on = (
            self.column is not None
            and self.is_full(line)
            and line.size == following.size
            and not following.gap
        )
        return not (smaller or goes_on or p.is_terminated(text) or p.is_date_line(text))

    def _is_largest(self, line: Line) -> bool:
        return line.size == self.largest


def _may_be_title(text: str) -> bool:
    """Whether a line is as short as a title, no row of a table, and ends with no day."""
    return len(text) <= 80 and "\t" not in text and not re.search(r"[0-9０-９]日$", text)
