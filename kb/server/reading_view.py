"""A document cut for reading: every rendered piece is a slice of the stored text."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from kb.domain import Block, BlockKind, Document

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Piece:
    """`text[start:end]`, all of it marked or none; `page` is what is printed on the
    page that begins here, `page_number` counts them from 1.

    `first` is true for the first marked piece that a page shows: it carries the anchor.
    `note` is where the note begins that this piece calls, `found` the number from 1 of the
    place found that begins here, 0 where one goes on, None outside of what was found.
    """

    start: int
    end: int
    text: str
    marked: bool = False
    page: str | None = None
    page_number: int | None = None
    first: bool = False
    note: int | None = None
    found: int | None = None


Pieces = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A block as it is shown: `pieces`, or `rows` of cells for a table, and then `tail`.

    `tail` is the white space that ends the block; with it (and a tab between cells, a
    line feed between rows) the pieces join to the text of the block. `call` is where the
    text calls this note.
    """

    kind: BlockKind
    start: int
    level: int
    pieces: Pieces
    rows: tuple[tuple[Pieces, ...], ...]
    tail: Pieces
    call: int | None = None

    @property
    def text(self) -> str:
        """The text of the block, put together again from what is shown."""
        cells = "\n".join("\t".join(map(joined, row)) for row in self.rows)
        return (cells if self.rows else joined(self.pieces)) + joined(self.tail)

    def same_as(self, words: str) -> bool:
        """Whether the block says just `words`, but for white space."""
        return same_words(self.text, words)

    @property
    def columns(self) -> int:
        """The width of the widest row of a table."""
        return max((len(row) for row in self.rows), default=0)

    @property
    def numeric(self) -> tuple[bool, ...]:
        """For each column of a table whether most of its cells below the header are numbers."""
        body = self.rows[1:]
        return tuple(_mostly_numbers(body, column) for column in range(self.columns))


@dataclass(frozen=True, slots=True)
class Group:
    """Neighbouring parts that are shown as one: a list, a run of notes, of references…"""

    kind: BlockKind
    parts: tuple[Part, ...]

    @property
    def cited(self) -> bool:
        """Whether a mark is inside, so that what is folded must be open."""
        return any(piece.marked for part in self.parts for piece in _shown(part))


@dataclass(frozen=True, slots=True)
class Marks:
    """What is marked in a text: spans that are cited and spans that were found, where pages
    begin with their number and printed label, and where notes are called: start to end, note.
    """

    cited: Sequence[Span] = ()
    found: Sequence[Span] = ()
    pages: Mapping[int, tuple[int, str]] = field(default_factory=dict)
    calls: Mapping[int, tuple[int, int]] = field(default_factory=dict)

    def edges(self, start: int, end: int) -> list[int]:
        """Where the text between two offsets is cut."""
        spans = [*self.cited, *self.found, *((at, to) for at, (to, _) in self.calls.items())]
        edges = [edge for span in spans for edge in span if start < edge < end]
        return sorted({start, end, *edges, *(at for at in self.pages if start < at < end)})

    def piece(self, text: str, start: int, end: int) -> Piece:
        """One piece between two neighbouring edges."""
        call = next((n for at, (to, n) in self.calls.items() if at <= start and end <= to), None)
        found = next((i for i, (s, e) in enumerate(self.found, 1) if s <= start and end <= e), None)
        if found is not None and self.found[found - 1][0] != start:
            found = 0
        number, page = self.pages.get(start, (None, None))
        return Piece(
            start, end, text[start:end],
            marked=any(s <= start and end <= e for s, e in self.cited),
            page=page, page_number=number, note=call, found=found,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class OutlineEntry:
    """A heading of the outline: its depth from 1, its name and where it begins."""

    depth: int
    name: str
    start: int


_GROUPED = frozenset(
    {BlockKind.LIST_ITEM, BlockKind.BOILERPLATE, BlockKind.NOTE, BlockKind.REFERENCE}
)


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for white space."""
    return "".join(one.split()) == "".join(other.split())


def joined(pieces: Iterable[Piece]) -> str:
    """The text of the pieces."""
    return "".join(piece.text for piece in pieces)


def cut(text: str, start: int, end: int, *, marks: Marks) -> Pieces:
    """`text[start:end]` cut where a mark begins or ends and where a page begins."""
    return tuple(marks.piece(text, a, b) for a, b in pairwise(marks.edges(start, end)))


def parts_of(
    document: Document, span: Span | None = None, found: Sequence[Span] = ()
) -> list[Part]:
    """All blocks of a document with the cited span and what was found marked, the beginnings
    of pages noted, and the calls of notes leading to them.
    """
    marks = Marks(
        cited=[span] if span is not None and span[0] < span[1] else [],
        found=found,
        pages=page_names(document),
        calls={b.call[0]: (b.call[1], b.start) for b in document.blocks if b.call is not None},
    )
    within = _Within(marks)
    return list(
        _with_first(
            _part(document.text, block, within.of(block.start, block.end))
            for block in document.blocks
        )
    )


class _Within:
    """The marks that touch a block, so that a block does not look at those of all others."""

    def __init__(self, marks: Marks) -> None:
        self._marks = marks
        self._pages = sorted(marks.pages)
        self._calls = sorted(marks.calls)

    def of(self, start: int, end: int) -> Marks:
        """The marks between two offsets; the numbers of what was found stay."""
        marks = self._marks
        pages = self._pages[bisect_left(self._pages, start) : bisect_left(self._pages, end)]
        calls = self._calls[bisect_left(self._calls, start) : bisect_left(self._calls, end)]
        return Marks(
            cited=[s for s in marks.cited if s[0] < end and start < s[1]],
            found=marks.found if any(s < end and start < e for s, e in marks.found) else (),
            pages={at: marks.pages[at] for at in pages},
            calls={at: marks.calls[at] for at in calls},
        )


def page_names(document: Document) -> dict[int, tuple[int, str]]:
    """The page that begins at an offset, from 1, with what is printed on it (the last, when
    several do).
    """
    labels = document.page_labels
    return {
        start: (i + 1, labels[i] if i < len(labels) and labels[i] else str(i + 1))
        for i, start in enumerate(document.page_starts)
    }


def grouped(parts: Iterable[Part]) -> list[Group]:
    """Neighbouring list items, notes, references and furniture as one group each."""
    groups: list[Group] = []
    for part in parts:
        if groups and part.kind in _GROUPED and groups[-1].kind is part.kind:
            groups[-1] = replace(groups[-1], parts=(*groups[-1].parts, part))
        else:
            groups.append(Group(part.kind, (part,)))
    return groups


def heading_levels(parts: Iterable[Part]) -> dict[int, int]:
    """The level of each heading on the page, by where it begins: below the page's own, from 2
    to 6, and none deeper than one step below the heading before it.
    """
    headings = [part for part in parts if part.kind is BlockKind.HEADING]
    top = min((part.level for part in headings), default=1)
    levels: dict[int, int] = {}
    before = 1
    for part in headings:
        before = min(before + 1, part.level - top + 2, 6)
        levels[part.start] = before
    return levels


def split_title(parts: Sequence[Part], title: str) -> tuple[Part | None, Sequence[Part]]:
    """The first heading, if it says just `title`, and the parts without it."""
    at = next((i for i, part in enumerate(parts) if part.kind is BlockKind.HEADING), None)
    if at is None or not parts[at].same_as(title):
        return None, parts
    return parts[at], (*parts[:at], *parts[at + 1 :])


def outline(document: Document) -> list[OutlineEntry]:
    """The headings of a document in the order of its text, without its title at the top."""
    entries = [
        OutlineEntry(len(section.heading_path), section.heading_path[-1], section.start)
        for section in document.sections
        if section.heading_path
    ]
    if entries and same_words(entries[0].name, document.title):
        del entries[0]
    top = min((entry.depth for entry in entries), default=1)
    return [replace(entry, depth=entry.depth - top + 1) for entry in entries]


def valid_span(document: Document, start: int | None, end: int | None) -> Span | None:
    """The span, if both ends stand in the text in this order with something to see between."""
    if start is None or end is None or not 0 <= start < end <= len(document.text):
        return None
    return (start, end) if document.text[start:end].strip() else None


def table_excerpt(document: Document, block: Block, span: Span) -> Part:
    """The header of a table and those of its rows that the span touches."""
    part = next(_with_first([_part(document.text, block, Marks(cited=[span]))]))
    rows = tuple(
        row for i, row in enumerate(part.rows) if i == 0 or any(p.marked for c in row for p in c)
    )
    return replace(part, rows=rows)


def _part(text: str, block: Block, marks: Marks) -> Part:
    body = block.start + len(text[block.start : block.end].rstrip())
    tail = cut(text, body, block.end, marks=Marks(cited=marks.cited))
    rows: tuple[tuple[Pieces, ...], ...] = ()
    pieces: Pieces = ()
    if block.kind is BlockKind.TABLE:
        rows = tuple(
            tuple(
                cut(text, a, b, marks=marks) or (Piece(a, a, ""),)
                for a, b in _fields(text, first, last, "\t")
            )
            for first, last in _fields(text, block.start, body, "\n")
        )
    else:
        pieces = cut(text, block.start, body, marks=marks)
    call = block.call[0] if block.call is not None else None
    return Part(block.kind, block.start, block.level, pieces, rows, tail, call)


def _fields(text: str, start: int, end: int, separator: str) -> Iterator[Span]:
    """The spans between separators."""
    while (found := text.find(separator, start, end)) >= 0:
        yield start, found
        start = found + 1
    yield start, end


def _shown(part: Part) -> Iterator[Piece]:
    yield from part.pieces
    for row in part.rows:
        for cell in row:
            yield from cell


def _with_first(parts: Iterable[Part]) -> Iterator[Part]:
    """The parts, with the first marked piece among what is shown flagged."""
    waiting = True
    for part in parts:
        first = next((p for p in _shown(part) if p.marked and p.text.strip()), None)
        if waiting and first is not None:
            waiting = False
            part = _flagged(part, first)
        yield part


def _flagged(part: Part, first: Piece) -> Part:
    def flag(pieces: Pieces) -> Pieces:
        return tuple(replace(p, first=True) if p is first else p for p in pieces)

    rows = tuple(tuple(flag(cell) for cell in row) for row in part.rows)
    return replace(part, pieces=flag(part.pieces), rows=rows)


def _mostly_numbers(rows: Sequence[Sequence[Pieces]], column: int) -> bool:
    cells = [joined(row[column]).strip() for row in rows if column < len(row)]
    filled = [cell for cell in cells if cell]
    numbers = [cell for cell in filled if cell.lstrip("-+−▲△約")[:1].isdigit() and len(cell) < 16]
    return bool(filled) and len(numbers) * 2 > len(filled)
