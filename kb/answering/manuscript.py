"""The quotations of a manuscript: what stands between 「」, 『』 or “”, also inside of others."""

from __future__ import annotations

from dataclasses import dataclass

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
    unclosed ones inside of it.
    """
    found: list[Marked] = []
    opened: list[tuple[str, int]] = []
    for i, c in enumerate(text):
        if c in _PAIRS:
            opened.append((_PAIRS[c], i + 1))
        elif c in _CLOSING and any(closing == c for closing, _ in opened):
            while opened[-1][0] != c:
                opened.pop()
            _, start = opened.pop()
            if any(x.isalnum() for x in text[start:i]):
                found.append(Marked(start, i, len(opened) + 1))
    return sorted(found, key=lambda one: (one.start, -one.end))
