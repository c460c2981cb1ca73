"""Rows of the store as values, and their columns as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from kb.domain import BlockKind, Passage


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage with what the postings and the vectors are made of."""

    passage: Passage
    words: str
    compounds: str
    bigrams: str
    vector_key: bytes


@dataclass(frozen=True, slots=True)
class DocumentSummary:
    """A document without its text: what a list of documents shows."""

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

    @property
    def title(self) -> str:
        """The title of the metadata, or the path."""
        return str(self.metadata.get("title") or self.path)


def summary_of(values: Sequence[Any]) -> DocumentSummary:
    """A document without its text, of the columns of `Store.summaries`."""
    row, document_id, path, sha256, state, kind, issued, publisher, *rest = values
    metadata, characters, structure, passages = rest
    found = json.loads(structure)
    return DocumentSummary(
        row=row,
        id=document_id,
        path=path,
        sha256=sha256,
        state=state,
        format=kind,
        issued=issued,
        publisher=publisher,
        metadata=json.loads(metadata),
        characters=characters,
        passages=passages,
        pages=len(found["page_starts"]),
        quality=found["quality"],
        warnings=tuple(found["warnings"]),
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
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_plain)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return dict(value)
    return asdict(value)  # type: ignore[call-overload]
