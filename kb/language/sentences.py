"""Sentence spans of Japanese text: full stops outside brackets, and line ends."""

from __future__ import annotations

import re
from functools import lru_cache

_OPEN = "「『（(［[【〔〈《｛{“"
_CLOSE = "」』）)］]】〕〉》｝}”"
_STOP = "。．！？!?"
# A full-width stop ends a sentence wherever it stands outside brackets; the others only
# before white space or the end, since 3.5 and U.S. hold stops that end nothing.
_SURE = "。！？"
_SIGN = re.compile(f"[\n{re.escape(_OPEN + _CLOSE + _STOP)}]")
_MAX_DEPTH_LENGTH = 400  # an unclosed bracket must not swallow the rest of a document


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Spans of the sentences of `text[start:end]`, without the white space around them.

    A sentence ends at a full stop outside brackets, together with closing brackets and
    note markers such as [12] or （注3） that follow it, or at a line end. The spans are in
    order, do not overlap, and leave out only white space.
    """
    end = len(text) if end is None else end
    known = _known(text)
    found = known.get((start, end))
    if found is None:
        found = known[start, end] = tuple(_spans(text, start, end))
    return list(found)


@lru_cache(maxsize=2)
def _known(text: str) -> dict[tuple[int, int], tuple[tuple[int, int], ...]]:
    """The sentences found in a text so far: passages, facts and the comparison of documents ask
    for those of the same blocks one after the other.
    """
    return {}


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    begin, i, depth, opened = start, start, 0, start
    while (sign := _SIGN.search(text, i, end)) is not None:
        i = sign.start()
        c = text[i]
        if depth and i - 1 - opened > _MAX_DEPTH_LENGTH:
            depth = 0
        if c in _OPEN:
            opened = i if depth == 0 else opened
            depth += 1
        elif c in _CLOSE:
            depth = max(0, depth - 1)
        if depth and i - opened > _MAX_DEPTH_LENGTH:
            depth = 0
        if c == "\n":
            depth = 0
            _add(spans, text, begin, i)
            begin = i + 1
        elif depth == 0 and c in _STOP and _ends(text, i, end):
            i = _tail(text, i + 1, end)
            _add(spans, text, begin, i)
            begin = i
            continue
        i += 1
    _add(spans, text, begin, end)
    return spans


def _ends(text: str, i: int, end: int) -> bool:
    if text[i] in _SURE:
        return True
    if text[i] == "．":
        return i + 1 >= end or not text[i + 1].isalnum()
    return i + 1 >= end or text[i + 1].isspace()


def _tail(text: str, i: int, end: int) -> int:
    """The end of what belongs to a sentence after its stop: more stops, note markers."""
    while i < end:
        if text[i] in _STOP or text[i] in "」』”":
            i += 1
        elif (marker := _marker_end(text, i, end)) > i:
            i = marker
        else:
            break
    return i


def _marker_end(text: str, i: int, end: int) -> int:
    """The end of a note marker ([12], （注3）) that stands at `i`; `i` when none does."""
    if text[i] not in "[（(［":
        return i
    for j in range(i + 1, min(end, i + 8)):
        if text[j] in "]）)］":
            inner = text[i + 1 : j].removeprefix("注")
            return j + 1 if inner.strip().isdecimal() else i
    return i


def _add(spans: list[tuple[int, int]], text: str, begin: int, end: int) -> None:
    while begin < end and text[begin].isspace():
        begin += 1
    while end > begin and text[end - 1].isspace():
        end -= 1
    if end > begin:
        spans.append((begin, end))
