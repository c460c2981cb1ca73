"""What a stored text is made of: blocks, sections, places on pages, furigana, quality of pages."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of the stored text is; `CITABLE` says which kinds may be quoted."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    CAPTION = "caption"
    FIGURE = "figure"
    NOTE = "note"
    REFERENCE = "reference"
    BOILERPLATE = "boilerplate"


CITABLE = frozenset(
    {
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.TABLE,
        BlockKind.CAPTION,
        BlockKind.NOTE,
    }
)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the stored text, with the blank lines after it; blocks tile the text.

    `level` is the depth of a heading (1 is the highest) and 0 for the others; `marker`
    is what a note is called by, such as 注12 or 3, and `call` the span in the body where it
    is called, None when no call was found; `page` is None without pages.
    """

    kind: BlockKind
    start: int
    end: int
    page: int | None = None
    level: int = 0
    marker: str | None = None
    call: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A run of the stored text under one heading; `heading_path` goes from the top down."""

    heading_path: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Place:
    """Where a span of the stored text stands on a page: one line of print or less.

    The box is left, bottom, right, top in points from the lower left corner of the page;
    `vertical` says that the line runs from top to bottom.
    """

    start: int
    end: int
    page: int
    box: tuple[float, float, float, float]
    vertical: bool = False


@dataclass(frozen=True, slots=True)
class Furigana:
    """How a span of the stored text is read aloud, as furigana beside it says."""

    start: int
    end: int
    kana: str


@dataclass(frozen=True, slots=True)
class PageQuality:
    """How one page was read: by which reader, how much, and how much of it is damaged.

    `odd_share` is the share of signs that a sound reading does not have (private use,
    controls, replacement signs, radicals in place of characters).
    """

    page: int
    reader: str
    characters: int
    odd_share: float
