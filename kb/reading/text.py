"""Plain text: what was pasted from a page or a PDF, or written by hand."""

from __future__ import annotations

import re

from kb.reading.draft import Reading
from kb.reading.encodings import decode
from kb.reading.furniture import mark_furniture
from kb.reading.layout import drafts_from_lines
from kb.reading.lines import Line

# Signs that a reader does not see and that would split words.
_INVISIBLE = re.compile("[\u200b\u200c\u200d\u2060\ufeff\u00ad]")


def read_text(data: bytes) -> Reading:
    """The reading of a plain text file. Raises RejectedFile when it cannot be decoded."""
    decoded = decode(data)
    drafts = drafts_from_lines(split_lines(decoded.text))
    warnings = (decoded.warning,) if decoded.warning else ()
    return Reading(tuple(mark_furniture(drafts)), warnings=warnings)


def split_lines(text: str) -> list[Line]:
    """The lines of `text` that are not blank; a form feed counts as a line end."""
    lines: list[Line] = []
    gap = False
    for raw in _INVISIBLE.sub("", text.replace("\f", "\n")).split("\n"):
        line = raw.rstrip()
        if line:
            lines.append(Line(line, gap=gap))
            gap = False
        else:
            gap = True
    return lines
