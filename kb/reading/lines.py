"""Printed lines: what is known of one, how two are joined, how wide their column is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.domain import BlockKind, Furigana, Place
from kb.reading import patterns as p

MAX_WRAP_WIDTH = 64.0  # full-width characters; a longer line is a paragraph, not a printed line
SLACK = 3.5  # how much shorter than the column a full line may be (line-breaking rules)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file: `gap` when a blank line stands before it, font size if known.

    `furniture` marks a running head or page number, which interrupts but does not end text;
    `full` says whether the line reaches the far edge of its column, None where unknown.
    `row` marks a row of a table, its cells parted by tabs; `figure` says what a line in a
    figure is, its lettering or a paragraph, and is None elsewhere. `box` is where the line
    stands on its page (left, bottom, right, top in points), `furigana` the spans of the text
    that have their reading beside them, `font` the font that the line begins in, empty where
    unknown.
    """

    text: str
    page: int | None = None
    gap: bool = False
    size: float | None = None
    furniture: bool = False
    full: bool | None = None
    row: bool = False
    figure: BlockKind | None = None
    box: tuple[float, float, float, float] | None = None
    vertical: bool = False
    furigana: tuple[tuple[int, int, str], ...] = ()
    font: str = ""


def marks_of(
    placed: Sequence[tuple[int, Line]],
) -> tuple[tuple[Place, ...], tuple[Furigana, ...]]:
    """Places and furigana of lines whose text begins at the given offsets of a block."""
    places: list[Place] = []
    furigana: list[Furigana] = []
    for offset, line in placed:
        text = line.text.strip()
        if line.box is not None and line.page is not None and text:
            places.append(Place(offset, offset + len(text), line.page, line.box, line.vertical))
        furigana += [Furigana(offset + a, offset + b, kana) for a, b, kana in line.furigana]
    return tuple(places), tuple(furigana)


def joint(before: str, after: str) -> str:
    """What stands between two joined lines: nothing in Japanese, a space between Latin words.

    A backspace sign means that the hyphen at the end of `before` divided a word and goes.
    """
    if not before or not after:
        return ""
    a, b = before[-1], after[0]
    if a in "-\u00ad\u2010" and len(before) > 1 and before[-2].isascii() and before[-2].isalpha():
        return "\b" if b.isascii() and b.islower() else ""
    if (a.isascii() and not a.isspace()) and (b.isascii() and not b.isspace()):
        return " "
    return ""


def joined(before: str, after: str) -> str:
    """Two lines of one sentence as one (see `joint`)."""
    glue = joint(before, after)
    return before[:-1] + after if glue == "\b" else before + glue + after


def wrap_width(lines: Sequence[Line]) -> float | None:
    """The column width of hard-wrapped text in full-width characters; None when it is not.

    Wrapped text is what has a width that many lines nearly reach without ending a sentence.
    """
    texts = [line.text.strip() for line in lines]
    # How much longer than any printed line one is does not matter.
    width = {text: p.visible_width(text[: 2 * int(MAX_WRAP_WIDTH) + 1]) for text in texts}
    widths = sorted(width[text] for text in texts if text)
    if len(widths) < 4:
        return None
    column = widths[int(0.9 * (len(widths) - 1))]
    if column > MAX_WRAP_WIDTH or column < 8:
        return None
    full = [ln for ln, text in zip(lines, texts, strict=True) if width[text] >= column - SLACK]
    unfinished = sum(not p.is_terminated(ln.text) for ln in full)
    if len(full) >= 0.25 * len(widths) and unfinished >= 0.5 * len(full):
        return column
    return None


def body_font(lines: Sequence[Line]) -> str:
    """The font in which most characters are set; empty where unknown."""
    fonts: Counter[str] = Counter()
    for line in lines:
        fonts[line.font] += len(line.text)
    return max(fonts, key=lambda font: fonts[font]) if fonts else ""


def body_size(lines: Sequence[Line]) -> float | None:
    """The font size in which most characters are set, in points; None where unknown."""
    sizes: Counter[float] = Counter()
    for line in lines:
        if line.size is not None:
            sizes[line.size] += len(line.text)
    return max(sizes, key=lambda size: sizes[size]) if sizes else None
