"""Running heads, page numbers and margins of PDF pages, known by place and repetition."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from kb.reading.lines import Line, body_size


def mark_running_heads(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """The lines with running heads and page numbers marked as furniture.

    What stands in the first two or last two lines of at least two pages and two fifths of
    them, digits apart, is a running head; so is a bare page number there, a highest row
    that is set smaller than the body and apart from it, and what repeats the title.
    """
    body = body_size([line for page in pages for line in page])
    title = _title(pages)
    counts: Counter[str] = Counter()
    for page in pages:
        counts.update({_shape(page[i].text) for i in _edges(page)})
    needed = max(2, 0.4 * sum(bool(page) for page in pages))
    marked: list[list[Line]] = []
    for page in pages:
        lines = list(page)
        apart = _set_apart(page, body)
        for i in _edges(page):
            shape = _shape(lines[i].text)
            number = re.fullmatch(r"[-–—\s]*#(\s*/\s*#)?[-–—\s]*", shape)
            repeats = (
                title is not None
                and title.size != lines[i].size
                and title.text in "".join(lines[i].text.split())
            )
            often = counts[shape] >= needed and len(shape) <= 80
            if i in apart or number or repeats or often:
                lines[i] = replace(lines[i], furniture=True)
        marked.append(lines)
    return marked


def _set_apart(page: Sequence[Line], body: float | None) -> set[int]:
    """The lines of the highest row where they are smaller than the body and apart from it."""
    if body is None or len(page) <= 4:
        return set()
    boxes = [line.box for line in page]
    if None in boxes:
        first = (page[0].size or body) < 0.92 * body and page[1].gap
        return {0} if first else set()
    heights = [box[3] for box in boxes if box is not None]
    top = max(heights)
    highest = {i for i, height in enumerate(heights) if height > top - 3}
    if any((page[i].size or body) >= 0.92 * body or _is_in_float(page, i) for i in highest):
        return set()
    foot = min(box[1] for i in highest if (box := boxes[i]) is not None)
    below = max((h for i, h in enumerate(heights) if i not in highest), default=0.0)
    return highest if foot - below > 1.2 * body else set()


def _is_in_float(page: Sequence[Line], i: int) -> bool:
    """Whether a line is lettering of a figure, or a row of a table with more rows."""
    beside = [page[k].row for k in (i - 1, i + 1) if 0 <= k < len(page)]
    return page[i].figure is not None or (page[i].row and any(beside))


def _title(pages: Sequence[Sequence[Line]]) -> Line | None:
    """The lines set largest in the document, without white space; None when they are short."""
    first = next((page for page in pages if page), [])
    size = max((line.size or 0.0 for page in pages for line in page), default=0.0)
    text = "".join("".join(line.text.split()) for line in first if line.size == size)
    return Line(text, size=size) if 8 <= len(text) <= 120 else None


def _edges(page: Sequence[Line]) -> list[int]:
    """The lines of the two highest and the two lowest rows of a page.

    Where places are unknown, the first two and the last two; all of a very short page.
    """
    count = len(page)
    if count <= 4:
        return list(range(count))
    heights = [line.box[3] if line.box else None for line in page]
    known = sorted({round(h) for h in heights if h is not None})
    if len(known) <= 4 or None in heights:
        return sorted({0, 1, count - 2, count - 1})
    low, high = known[1] + 1, known[-2] - 1
    return [i for i, h in enumerate(heights) if h is not None and (h <= low or h >= high)]


def _shape(text: str) -> str:
    return re.sub(r"[0-9０-９]+|\b[ivxlc]+\b", "#", unicodedata.normalize("NFKC", text).strip())
