"""Rows of the store as values, and their columns as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kb.domain import (
    Block,
    BlockKind,
    Document,
    Furigana,
    PageQuality,
    Passage,
    Place,
    Section,
)


@dataclass(frozen=True, slots=True)
class PassageTerms:
    """What a passage is found by, tokens parted by spaces; `marks` says where its sentences
    end and concepts stand (`kb.ranking.reranking.marks_of`), `facets` what it is about
    (`kb.tracker.facets`).
    """

    words: str
    compounds: str
    bigrams: str
    concepts: str
    marks: str
    facets: str = ""


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with what the postings and the vectors are made of."""

    passage: Passage
    terms: PassageTerms
    vector_key: bytes


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text: what a list of documents shows.

    `aliases` are the paths of files with the same bytes, `near_duplicates` the ids of
    documents with mostly the same sentences, the most alike first.
    """

    row: int
    id: str
    path: str
    sha256: str
    state: str
    format: str
    issued: str | None
    publisher: str | None
    metadata: Mapping[str, Any]
    characters: int
    passages: int
    pages: int
    quality: float
    warnings: tuple[str, ...]
    aliases: tuple[str, ...] = ()
    near_duplicates: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The title of the metadata, or the path."""
        return str(self.metadata.get("title") or self.path)


def summary_of(
    values: Sequence[Any],
    *,
    aliases: tuple[str, ...] = (),
    near_duplicates: tuple[str, ...] = (),
) -> DocumentSummary:
    """A document without its text, of the columns of `Store.summaries`."""
    row, document_id, path, sha256, state, kind, issued, publisher, *rest = values
    metadata, characters, passages, pages, quality, warnings = rest
    return DocumentSummary(
        row=row,
        id=document_id,
        path=path,
        sha256=sha256,
        state=state,
        format=kind,
        issued=issued,
        publisher=publisher,
        metadata={} if metadata == "{}" else json.loads(metadata),
        characters=characters,
        passages=passages,
        pages=pages,
        quality=quality,
        warnings=() if warnings == "[]" else tuple(json.loads(warnings)),
        aliases=aliases,
        near_duplicates=near_duplicates,
    )


def tokens_in(texts: Sequence[str]) -> tuple[int, ...]:
    """How many tokens texts have that are parted by single spaces."""
    return tuple(text.count(" ") + 1 if text else 0 for text in texts)


def structure_of(document: Document) -> str:
    """All of a document but its text, metadata and name, as JSON."""
    return to_json(
        {
            "blocks": [
                [b.kind, b.start, b.end, b.page, b.level, b.marker, b.call] for b in document.blocks
            ],
            "sections": [[s.heading_path, s.start, s.end] for s in document.sections],
            "page_starts": document.page_starts,
            "page_labels": document.page_labels,
            "quality": document.quality,
            "warnings": document.warnings,
            "pages": [[p.page, p.reader, p.characters, p.odd_share] for p in document.pages],
            "places": [[p.start, p.end, p.page, p.box, p.vertical] for p in document.places],
            "furigana": [[f.start, f.end, f.kana] for f in document.furigana],
        }
    )


def document_of(values: Sequence[Any]) -> Document:
    """A document of its columns: id, path, sha256, format, metadata, text, structure."""
    document_id, path, sha256, kind, metadata, text, structure = values
    found = json.loads(structure)
    return Document(
        id=document_id,
        path=path,
        sha256=sha256,
        format=kind,
        metadata=json.loads(metadata),
        text=text,
        blocks=tuple(
            Block(BlockKind(kind), start, end, page, level, marker, tuple(call) if call else None)
            for kind, start, end, page, level, marker, call in found["blocks"]
        ),
        sections=tuple(Section(tuple(path), *span) for path, *span in found["sections"]),
        page_starts=tuple(found["page_starts"]),
        page_labels=tuple(found["page_labels"]),
        quality=found["quality"],
        warnings=tuple(found["warnings"]),
        pages=tuple(PageQuality(*page) for page in found["pages"]),
        places=tuple(
            Place(start, end, page, tuple(box), vertical)
            for start, end, page, box, vertical in found["places"]
        ),
        furigana=tuple(Furigana(*reading) for reading in found["furigana"]),
    )


def passage_of(values: Sequence[Any]) -> Passage:
    """A passage of its columns, in the order that the store's queries give them."""
    passage_id, document_id, start, end, heading_path, first, last, kind = values
    return Passage(
        passage_id, document_id, start, end, tuple(json.loads(heading_path)), first, last,
        BlockKind(kind),
    )  # fmt: skip


def to_json(value: object) -> str:
    """A value as compact JSON; mappings and dataclasses become objects."""
    return _compact.encode(value)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return asdict(value)  # type: ignore[call-overload]


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_plain)
