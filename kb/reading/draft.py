"""Draft blocks that the format readers give, and the Document that is made of them."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from base64 import b32encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from kb.domain import Block, BlockKind, Document, Furigana, PageQuality, Place, Section
from kb.reading.notes import with_calls

# Replacement characters, private use, controls: what a damaged reading is full of.
_DAMAGED = frozenset({"Co", "Cc", "Cn", "Cs"})
_UNUSUAL = re.compile("[^!-~\u3001-\u3029\u3041-\u3096\u30a1-\u30fe\u3400-\u9fff\uff01-\uff9d]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a block that stands on one page (None in formats without pages)."""

    text: str
    page: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A block before it has its place in the stored text; `level` as in `Block`.

    The offsets of `places` and `furigana` count from the beginning of the block.
    """

    kind: BlockKind
    pieces: tuple[Piece, ...]
    level: int = 0
    marker: str | None = None
    places: tuple[Place, ...] = ()
    furigana: tuple[Furigana, ...] = ()

    @property
    def text(self) -> str:
        """The whole text of the block."""
        return (
            self.pieces[0].text if len(self.pieces) == 1 else "".join(p.text for p in self.pieces)
        )

    @property
    def first_page(self) -> int | None:
        """The page on which the block begins."""
        return self.pieces[0].page if self.pieces else None

    @property
    def last_page(self) -> int | None:
        """The page on which the block ends."""
        return self.pieces[-1].page if self.pieces else None

    def as_kind(self, kind: BlockKind, marker: str | None = None) -> Draft:
        """The same text as a block of another kind (no longer a heading)."""
        return replace(self, kind=kind, level=0, marker=marker)


def draft(
    kind: BlockKind, text: str, page: int | None = None, level: int = 0, marker: str | None = None
) -> Draft:
    """A draft of one piece."""
    return Draft(kind, (Piece(text, page),), level, marker)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a format reader found in a file.

    `page_labels` has one entry for each physical page; `metadata` holds what the file says
    of itself, as CSL-JSON fields; `pages` how each page was read.
    """

    drafts: tuple[Draft, ...]
    page_labels: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    pages: tuple[PageQuality, ...] = ()


def document_id(path: str) -> str:
    """The id of the document at `path` (relative to the corpus, with forward slashes)."""
    digest = hashlib.sha256(b"kido document\0" + unicodedata.normalize("NFC", path).encode())
    return "d" + b32encode(digest.digest()[:10]).decode().lower()


def to_document(
    reading: Reading,
    *,
    path: str,
    sha256: str,
    format: str,
    metadata: Mapping[str, Any],
) -> Document:
    """The document of a reading: its text laid out, blocks and sections with their spans.

    `metadata` (from the collection) goes before what the file says of itself, and the
    first heading is the title where neither has one.
    """
    drafts = [d for d in reading.drafts if d.text.strip()]
    parts: list[str] = []
    blocks: list[Block] = []
    page_starts: list[int] = []
    places: list[Place] = []
    furigana: list[Furigana] = []
    offset = 0
    for i, d in enumerate(drafts):
        start = offset
        for piece in d.pieces:
            while piece.page is not None and len(page_starts) < piece.page:
                page_starts.append(offset)
            parts.append(piece.text)
            offset += len(piece.text)
        places += [replace(p, start=p.start + start, end=p.end + start) for p in d.places]
        furigana += [replace(f, start=f.start + start, end=f.end + start) for f in d.furigana]
        gap = _gap(d, drafts[i + 1]) if i + 1 < len(drafts) else "\n"
        parts.append(gap)
        offset += len(gap)
        blocks.append(Block(d.kind, start, offset, d.first_page, d.level, d.marker))
    text = "".join(parts)
    if reading.page_labels:
        page_starts.extend([offset] * (len(reading.page_labels) - len(page_starts)))
    title = next((d.text.strip() for d in drafts if d.kind is BlockKind.HEADING), None)
    merged = {**({"title": title} if title else {}), **reading.metadata, **metadata}
    return Document(
        id=document_id(path),
        path=path,
        sha256=sha256,
        format=format,
        metadata=merged,
        text=text,
        blocks=with_calls(text, blocks),
        sections=_sections(text, blocks),
        page_starts=tuple(page_starts),
        page_labels=reading.page_labels,
        quality=undamaged_share(text),
        warnings=reading.warnings,
        pages=reading.pages,
        places=tuple(places),
        furigana=tuple(furigana),
    )


def _gap(d: Draft, following: Draft) -> str:
    """What separates two blocks: list items follow on the next line, others after a blank."""
    return "\n" if d.kind is following.kind is BlockKind.LIST_ITEM else "\n\n"


def _sections(text: str, blocks: Sequence[Block]) -> tuple[Section, ...]:
    sections: list[Section] = []
    stack: list[tuple[int, str]] = []
    start, path = 0, ()  # type: int, tuple[str, ...]
    for block in blocks:
        if block.kind is not BlockKind.HEADING:
            continue
        if block.start > start:
            sections.append(Section(path, start, block.start))
        while stack and stack[-1][0] >= block.level:
            stack.pop()
        stack.append((block.level, " ".join(text[block.start : block.end].split())))
        start, path = block.start, tuple(name for _, name in stack)
    if text:
        sections.append(Section(path, start, len(text)))
    return tuple(sections)


def undamaged_share(text: str) -> float:
    """The share of the characters of `text` that a reader could make sense of, 0..1."""
    signs = "".join(text.split())
    if not signs:
        return 0.0
    odd = "".join(_UNUSUAL.findall(signs))
    damaged = sum(c == "\ufffd" or unicodedata.category(c) in _DAMAGED for c in odd)
    return 1.0 - damaged / len(signs)
