"""From a Document to Passages: spans of whole sentences inside one section."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.domain import CITABLE, Block, BlockKind, Document, Passage
from kb.language.sentences import sentence_spans

# Raised whenever the same document is cut into other passages.
CHUNKER_VERSION = 1

TARGET = 320  # characters at which a passage is full
LIMIT = 420  # characters that a passage does not pass unless one sentence is longer
LABEL = 30  # a lone paragraph shorter than this without a full stop is none
SMALLEST = 80  # a shorter rest joins the passage before it

_BODY = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM})


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, a table row or a caption: what is not cut further."""

    start: int
    end: int
    kind: BlockKind


def passages_of(document: Document) -> list[Passage]:
    """The passages of a document in the order of its text.

    Body text, notes, and each table with its caption are kept apart; headings, references,
    boilerplate and lone labels (a byline under a title) are in none. Notes that only name
    their sources are passages of the kind `reference`. Every passage is a span of `document.text`
    without white space around it.
    """
    passages: list[Passage] = []
    begins = [block.start for block in document.blocks]
    for section in document.sections:
        own = slice(bisect_left(begins, section.start), bisect_left(begins, section.end))
        for group in _groups(document.blocks[own]):
            for start, end, kind in _pack(_units(document.text, group)):
                if kind is BlockKind.PARAGRAPH and _is_label(document.text[start:end]):
                    continue
                if kind is BlockKind.NOTE and _names_sources(document.text[start:end]):
                    kind = BlockKind.REFERENCE
                passages.append(_passage(document, section.heading_path, start, end, kind))
    return passages


def _is_label(text: str) -> bool:
    """A line that says nothing by itself: a byline, a date, a number in a series."""
    return len(text) < LABEL and not any(c in text for c in "。．！？!?")


def _names_sources(text: str) -> bool:
    """Notes most of which give an address: where something was read, not what it says."""
    lines = text.split("\n")
    return 2 * sum("http" in line for line in lines if line.strip()) >= len(lines)


def _groups(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Runs of neighbouring blocks that may share a passage."""
    group: list[Block] = []
    for block in blocks:
        if group and (block.kind not in CITABLE or not _together(group[-1], block)):
            yield group
            group = []
        if block.kind in CITABLE:
            group.append(block)
    if group:
        yield group


def _together(a: Block, b: Block) -> bool:
    if a.kind in _BODY and b.kind in _BODY:
        return True
    if a.kind is BlockKind.CAPTION:
        return b.kind in (BlockKind.CAPTION, BlockKind.TABLE)
    if a.kind is BlockKind.TABLE:
        return b.kind is BlockKind.CAPTION
    return a.kind is b.kind is BlockKind.NOTE


def _units(text: str, group: Sequence[Block]) -> list[_Unit]:
    return [
        _Unit(start, end, block.kind)
        for block in group
        for start, end in sentence_spans(text, block.start, block.end)
    ]


def _pack(units: Sequence[_Unit]) -> list[tuple[int, int, BlockKind]]:
    """Spans of consecutive units, each about `TARGET` characters long."""
    spans: list[tuple[int, int, BlockKind]] = []
    start = end = 0
    kinds: list[BlockKind] = []
    for unit in units:
        if kinds and (unit.end - start > LIMIT or end - start >= TARGET):
            spans.append((start, end, _main_kind(kinds)))
            kinds = []
        if not kinds:
            start = unit.start
        end = unit.end
        kinds.append(unit.kind)
    if kinds:
        if spans and end - start < SMALLEST and end - spans[-1][0] <= LIMIT + SMALLEST:
            start = spans.pop()[0]
        spans.append((start, end, _main_kind(kinds)))
    return spans


def _main_kind(kinds: Sequence[BlockKind]) -> BlockKind:
    """What a passage of several kinds counts as: a table with a caption is a table."""
    return max(kinds, key=lambda kind: (kind is BlockKind.TABLE, kinds.count(kind)))


def _passage(
    document: Document, heading_path: tuple[str, ...], start: int, end: int, kind: BlockKind
) -> Passage:
    key = f"kido passage\0{document.id}\0{document.sha256}\0{start}\0{end}"
    digest = hashlib.sha256(key.encode()).digest()[:10]
    return Passage(
        id="p" + _base32(digest),
        document_id=document.id,
        start=start,
        end=end,
        heading_path=heading_path,
        first_page=document.page_at(start),
        last_page=document.page_at(end - 1),
        kind=kind,
    )


def _base32(digest: bytes) -> str:
    """Ten bytes as sixteen letters and digits: RFC 4648 in lower case, two of them at a time."""
    bits = int.from_bytes(digest, "big")
    return "".join([_PAIRS[bits >> shift & 1023] for shift in range(70, -1, -10)])


_PAIRS = [
    a + b for a in "abcdefghijklmnopqrstuvwxyz234567" for b in "abcdefghijklmnopqrstuvwxyz234567"
]
