"""What was read in one file, block by block: why something was read as it was."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from kb.domain import Block, BlockKind, Document
from kb.quality import quality_of
from kb.reading.files import read_bytes, read_document
from kb.reading.metadata import read_library
from kb.reading.options import ReadingOptions

_SHOWN = 48  # characters of a block


def inspect_file(path: Path, options: ReadingOptions, *, max_bytes: int) -> Document:
    """The document in a file, with the metadata of a library.json beside it.

    Raises RejectedFile, MetadataError.
    """
    metadata = read_library(path.parent).get(path.name, {})
    return read_document(path.name, read_bytes(path, max_bytes=max_bytes), metadata, options)


def as_json(document: Document) -> dict[str, Any]:
    """Everything that was read, for programs."""
    return {**asdict(document), "shares": asdict(quality_of(document))}


def summary_lines(document: Document) -> list[tuple[str, str]]:
    """What is known of the whole document, as (name, value)."""
    quality = quality_of(document)
    notes = [b for b in document.blocks if b.kind is BlockKind.NOTE]
    called = sum(b.call is not None for b in notes)
    lines = [
        ("title", document.title),
        ("format", document.format),
        ("characters", f"{len(document.text):,}"),
        ("pages", ", ".join(_runs(document.page_labels)) or "none"),
        ("damaged signs", f"{quality.odd:.2%}"),
        ("known words", f"{quality.known:.1%}"),
        ("broken paragraphs", f"{quality.broken:.1%}"),
        ("notes", f"{len(notes)}, {called} with the place that calls them"),
    ]
    if quality.empty_pages:
        lines.append(("pages without text", ", ".join(map(str, quality.empty_pages))))
    lines += [("warning", text) for text in (*document.warnings, *quality.warnings())]
    return lines


def _runs(labels: tuple[str, ...]) -> list[str]:
    """Page labels, long runs shortened to their ends."""
    return list(labels) if len(labels) <= 12 else [*labels[:4], "…", *labels[-4:]]


def block_row(document: Document, block: Block) -> tuple[str, ...]:
    """Kind, level, page, marker with its call, length and beginning of a block."""
    text = " ".join(document.text[block.start : block.end].split())
    call = f" @{block.call[0]}" if block.call else ""
    return (
        str(block.kind),
        str(block.level or ""),
        str(block.page or ""),
        (block.marker or "") + call,
        str(len(text)),
        text if len(text) <= _SHOWN else text[: _SHOWN - 14] + " … " + text[-10:],
    )


def page_rows(document: Document) -> list[tuple[str, ...]]:
    """Number, printed label, reader, characters and share of odd signs of each page."""
    return [
        (
            str(page.page),
            document.page_label(page.page) or "",
            page.reader,
            str(page.characters),
            f"{page.odd_share:.2%}",
        )
        for page in document.pages
    ]
