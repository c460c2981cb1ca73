"""Which characters of a page run from left to right and which from top to bottom."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from kb.reading.pdf_glyphs import Glyph


def set_across(glyphs: Sequence[Glyph]) -> list[Glyph]:
    """Glyphs of vertical lines, digits set side by side in one square (縦中横) made one."""
    out: list[Glyph] = []
    narrow = [g for g in glyphs if not is_wide(g.text) and not g.text.isspace() and g.angle < 5]
    taken: set[int] = set()
    for glyph in sorted(narrow, key=lambda g: (-round(g.y, 1), g.x)):
        last = out[-1] if out else None
        if last is not None and abs(last.y - glyph.y) < 0.2 * glyph.size and (
            0 < glyph.x - last.box[2] + 0.3 * glyph.size < 0.8 * glyph.size
        ):  # fmt: skip
            box = (last.box[0], min(last.box[1], glyph.box[1]), glyph.box[2],
                   max(last.box[3], glyph.box[3]))  # fmt: skip
            out[-1] = replace(last, text=last.text + glyph.text, box=box)
        else:
            out.append(glyph)
        taken.add(id(glyph))
    return [*out, *(g for g in glyphs if id(g) not in taken)]


def by_direction(glyphs: Sequence[Glyph]) -> tuple[list[Glyph], list[Glyph]]:
    """Characters of horizontal and of vertical lines.

    Signs of one line stand closer than lines do: each sign looks for the nearest one to
    its right and below, and the majority of the page decides for those that see neither.
    """
    places: dict[tuple[int, int], list[int]] = {}
    em = _common_size(glyphs)
    centres = [((g.box[0] + g.box[2]) / 2, (g.box[1] + g.box[3]) / 2) for g in glyphs]
    for i, (cx, cy) in enumerate(centres):
        places.setdefault((int(cx // em), int(cy // em)), []).append(i)
    votes = [_vote(i, glyphs, centres, places, em) for i in range(len(glyphs))]
    vertical_page = sum(v < 0 for v in votes) > sum(v > 0 for v in votes)
    if not any(v < 0 for v in votes) or not (vertical_page or _has_column(votes)):
        return list(glyphs), []
    default = -1 if vertical_page else 1
    upright: list[Glyph] = []
    down: list[Glyph] = []
    last = 0
    for glyph, vote in zip(glyphs, votes, strict=True):
        if glyph.text.isspace():
            vote = last  # a space goes with the sign before it
        (down if (vote or default) < 0 else upright).append(glyph)
        last = vote
    return upright, down


def _has_column(votes: Sequence[int]) -> bool:
    return sum(v < 0 for v in votes) >= 12


def _vote(
    i: int,
    glyphs: Sequence[Glyph],
    centres: Sequence[tuple[float, float]],
    places: dict[tuple[int, int], list[int]],
    em: float,
) -> int:
    """1 for a sign with a neighbour beside it only, -1 below it only, 0 for both or none."""
    glyph = glyphs[i]
    if glyph.text.isspace():
        return 0
    cx, cy = centres[i]
    size = glyph.size
    beside = below = False
    column, row = int(cx // em), int(cy // em)
    for dc in (-2, -1, 0, 1, 2):
        for dr in (-2, -1, 0, 1, 2):
            for j in places.get((column + dc, row + dr), ()):
                if j == i or glyphs[j].text.isspace():
                    continue
                dx, dy = abs(centres[j][0] - cx), abs(centres[j][1] - cy)
                beside = beside or (dy < 0.42 * size and 0.25 * size < dx < 1.3 * size)
                below = below or (dx < 0.42 * size and 0.6 * size < dy < 1.3 * size)
    return beside - below


def _common_size(glyphs: Iterable[Glyph]) -> float:
    sizes = Counter(round(g.size, 1) for g in glyphs if not g.text.isspace())
    return max(sizes, key=lambda size: (sizes[size], size), default=10.0)


@lru_cache(maxsize=8192)
def is_wide(text: str) -> bool:
    """Whether a character takes a full em."""
    return unicodedata.east_asian_width(text) in "WFA"
