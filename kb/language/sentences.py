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
_KINDS = {**dict.fromkeys(_STOP + "\n", 0), **dict.fromkeys(_OPEN, 1), **dict.fromkeys(_CLOSE, -1)}
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
    begin, depth, opened = start, 0, start
    for sign in _SIGN.finditer(text, start, end):
        i = sign.start()
        if i < begin:
            continue  # it belongs to the sentence before
        if depth and i - 1 - opened > _MAX_DEPTH_LENGTH:
            depth = 0
        kind = _KINDS[text[i]]
        if kind > 0:
            opened = i if depth == 0 else opened
            depth += 1
        elif kind < 0:
            depth = max(0, depth - 1)
        if depth:
            if i - opened > _MAX_DEPTH_LENGTH:
                depth = 0
            elif text[i] != "\n":
                continue
        if kind:
            continue
        if text[i] == "\n":
            depth = 0
            _add(spans, text, begin, i)
            begin = i + 1
        elif _ends(text, i, end):
            tail = _tail(text, i + 1, end)
            _add(spans, text, begin, tail)
            begin = tail
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
