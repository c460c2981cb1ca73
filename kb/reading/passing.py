"""A document on its way out of the process that read it: JSON, checked when it comes in.

The process that read an untrusted file is not trusted either. What it may say is text,
spans of that text and how it was read; who the document is (path, digest, metadata of the
collection) is not taken from it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from kb.blocks import Block, BlockKind, Furigana, PageQuality, Place, Section
from kb.domain import Document
from kb.reading.draft import document_id


class Malformed(ValueError):
    """What came in is not a document."""


def dumped(document: Document) -> bytes:
    """What was read, as JSON; signs that no UTF-8 can hold become replacement characters."""
    told = {
        "metadata": document.metadata,
        "text": document.text,
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
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def loaded(
    data: bytes, *, path: str, sha256: str, format: str, metadata: Mapping[str, Any]
) -> Document:
    """The document of `dumped`. Raises Malformed where the parts do not fit together."""
    try:
        told = json.loads(data, parse_constant=_no_number)
        return _document(told, path=path, sha256=sha256, format=format, metadata=metadata)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError) as error:
        raise Malformed(f"{type(error).__name__}: {error}"[:200]) from error


def _document(
    told: Any, *, path: str, sha256: str, format: str, metadata: Mapping[str, Any]
) -> Document:
    text = _text(told["text"])
    size = len(text)
    blocks = tuple(_block(row, size) for row in told["blocks"])
    ends = [0, *(block.end for block in blocks)]
    if [block.start for block in blocks] != ends[:-1] or ends[-1] != size:
        raise Malformed("blocks do not tile the text")
    own = told["metadata"]
    if not isinstance(own, dict):
        raise Malformed("metadata is no object")
    starts = tuple(_whole(start, size) for start in told["page_starts"])
    if list(starts) != sorted(starts):
        raise Malformed("pages are not in order")
    return Document(
        id=document_id(path),
        path=path,
        sha256=sha256,
        format=format,
        metadata={**own, **metadata},
        text=text,
        blocks=blocks,
        sections=tuple(
            Section(tuple(map(_text, names)), *_span(start, end, size))
            for names, start, end in told["sections"]
        ),
        page_starts=starts,
        page_labels=tuple(map(_text, told["page_labels"])),
        quality=_number(told["quality"]),
        warnings=tuple(map(_text, told["warnings"])),
        pages=tuple(
            PageQuality(_whole(page), _text(reader), _whole(signs), _number(odd))
            for page, reader, signs, odd in told["pages"]
        ),
        places=tuple(_place(row, size) for row in told["places"]),
        furigana=tuple(
            Furigana(*_span(start, end, size), _text(kana)) for start, end, kana in told["furigana"]
        ),
    )


def _block(row: Any, size: int) -> Block:
    kind, start, end, page, level, marker, call = row
    return Block(
        BlockKind(kind),
        *_span(start, end, size),
        None if page is None else _whole(page),
        _whole(level),
        None if marker is None else _text(marker),
        None if call is None else _span(call[0], call[1], size),
    )


def _place(row: Any, size: int) -> Place:
    start, end, page, box, vertical = row
    left, bottom, right, top = map(_number, box)
    if end <= start or not isinstance(vertical, bool):
        raise Malformed("a place of nothing")
    return Place(*_span(start, end, size), _whole(page), (left, bottom, right, top), vertical)


def _span(start: Any, end: Any, size: int) -> tuple[int, int]:
    span = _whole(start, size), _whole(end, size)
    if span[0] > span[1]:
        raise Malformed(f"a span from {start} to {end}")
    return span


def _whole(value: Any, most: int = 1 << 40) -> int:
    if type(value) is not int or not 0 <= value <= most:
        raise Malformed(f"{value!r:.40} where a whole number belongs")
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float) or not math.isfinite(value):
        raise Malformed(f"{value!r:.40} where a number belongs")
    found: float = value
    return found


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise Malformed(f"{value!r:.40} where text belongs")
    value.encode()  # raises ValueError where half a surrogate pair stands alone
    return value


def _no_number(name: str) -> float:
    raise Malformed(f"{name} where a number belongs")
