"""The quotations of a manuscript: what stands between 「」, 『』 or “”, also inside of others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import accumulate

_PAIRS = {"「": "」", "『": "』", "“": "”"}
_CLOSING = frozenset(_PAIRS.values())


@dataclass(frozen=True, slots=True)
class Marked:
    """A quotation without its marks, `[start:end]`; `depth` is 1 outside of all others."""

    start: int
    end: int
    depth: int


def quotations_in(text: str) -> list[Marked]:
    """All quotations that are opened and closed, in the order in which they begin.

    A mark that closes nothing is left out; one that closes an outer quotation ends the
    unclosed ones inside of it. The time grows with the length, however deep they are.
    """
    letters = [0, *accumulate(c.isalnum() for c in text)]  # how many stand before each offset
    found: list[Marked] = []
    opened: list[tuple[str, int]] = []
    waiting: Counter[str] = Counter()  # how many are opened that each mark closes
    for i, c in enumerate(text):
        if c in _PAIRS:
            opened.append((_PAIRS[c], i + 1))
            waiting[_PAIRS[c]] += 1
        elif c in _CLOSING and waiting[c]:
            closing, start = "", 0
            while closing != c:
                closing, start = opened.pop()
                waiting[closing] -= 1
            if letters[i] > letters[start]:
                found.append(Marked(start, i, len(opened) + 1))
    return sorted(found, key=lambda one: (one.start, -one.end))
