"""Citations: a checked span of a stored text, and the id by which it can be found again."""

from __future__ import annotations

import binascii
import hashlib
from base64 import b32decode, b32encode

from kb.domain import Block, BlockKind, Citation, Document, Passage
from kb.errors import NotFound
from kb.language.dating import resolved_dates
from kb.quotation import CONTEXT, Quoted, Source

_DOCUMENT_BYTES = 10
_DIGEST_BYTES = 6


def citation_id(document_id: str, start: int, end: int, quote: str) -> str:
    """The id of a quotation: its document, place and content, in 38 letters and digits.

    It needs no table, so it is the same on every machine and stays valid as long as the
    text at its place is the same.
    """
    digest = hashlib.sha256(quote.encode("utf-8", "surrogatepass")).digest()[:_DIGEST_BYTES]
    packed = (
        b32decode(document_id[1:].upper())
        + start.to_bytes(4, "big")
        + (end - start).to_bytes(3, "big")
        + digest
    )
    return "c" + b32encode(packed).decode().rstrip("=").lower()


def parse_citation_id(value: str) -> tuple[str, int, int, bytes]:
    """Document id, start, end and digest of a citation id. Raises NotFound when it is none."""
    body = value[1:].upper()
    try:
        if not value.startswith("c"):
            raise ValueError(value)
        packed = b32decode(body + "=" * (-len(body) % 8))
    except (binascii.Error, ValueError) as error:
        raise NotFound(f"{value[:60]!r} is not a citation id") from error
    if len(packed) != _DOCUMENT_BYTES + 7 + _DIGEST_BYTES:
        raise NotFound(f"{value[:60]!r} is not a citation id")
    document_id = "d" + b32encode(packed[:_DOCUMENT_BYTES]).decode().lower()
    start = int.from_bytes(packed[10:14], "big")
    return document_id, start, start + int.from_bytes(packed[14:17], "big"), packed[17:]


def is_citation(value: str, document_id: str | None, start: int, end: int, quote: str) -> bool:
    """Whether an id is the one of this quotation."""
    try:
        return value == citation_id(document_id or "", start, end, quote)
    except (ValueError, OverflowError):
        return False


def cite(
    document: Document,
    start: int,
    end: int,
    *,
    number: int,
    passage: Passage | None,
    superseded: bool = False,
) -> Citation:
    """The citation of a span of a document that lies in `passage`.

    An earlier version of a document has no passages; its sections give the headings.
    Raises ValueError when the span is not inside the stored text, so that nothing that
    cannot be checked is ever shown.
    """
    if not 0 <= start < end <= len(document.text):
        raise ValueError(f"span {start}:{end} is outside the text of {document.path}")
    quote = document.text[start:end]
    first, last = document.page_at(start), document.page_at(end - 1)
    block, section = document.block_at(start), document.section_at(start)
    return Citation(
        number=number,
        id=citation_id(document.id, start, end, quote),
        document_id=document.id,
        start=start,
        end=end,
        quote=quote,
        heading_path=passage.heading_path if passage else section.heading_path if section else (),
        first_page=first,
        last_page=last,
        page_label=page_range(document, first, last),
        passage_id=passage.id if passage else "",
        kind=block.kind if block else BlockKind.PARAGRAPH,
        superseded=superseded,
        ocr=document.read_by_ocr(start, end),
        marker=block.marker if block and block.kind is BlockKind.NOTE else None,
        header=_header(document.text, block, start) if block else None,
        dates=resolved_dates(document, start, end),
    )


def quoted(document: Document, citation: Citation) -> Quoted:
    """A citation of a document with its source and the text on both sides of it."""
    text, header = document.text, citation.header
    return Quoted(
        citation=citation,
        source=Source(
            document.id, document.path, document.sha256, document.format, document.metadata
        ),
        prefix=text[max(0, citation.start - CONTEXT) : citation.start],
        suffix=text[citation.end : citation.end + CONTEXT],
        header=text[header[0] : header[1]] if header else None,
    )


def _header(text: str, block: Block, start: int) -> tuple[int, int] | None:
    """The span of the first row of a table, for a quotation from a later one."""
    if block.kind is not BlockKind.TABLE:
        return None
    end = text.find("\n", block.start, block.end)
    return (block.start, end) if block.start < end <= start else None


def page_range(document: Document, first: int | None, last: int | None) -> str | None:
    """The printed label of a page, or of two pages joined by a dash; None without pages."""
    labels = [document.page_label(first), document.page_label(last)]
    names = dict.fromkeys(label for label in labels if label is not None)
    return "–".join(names) or None


def resolve(
    value: str, document: Document, passage: Passage | None, *, superseded: bool = False
) -> Citation:
    """The citation that an id stands for, when its document still says the same there.

    `superseded` says that `document` is an earlier version.

    Raises NotFound when the text at that place is another now.
    """
    _, start, end, digest = parse_citation_id(value)
    if start == end:
        raise NotFound(f"{value} quotes nothing, so it is not a citation id")
    quote = document.text[start:end].encode("utf-8", "surrogatepass")
    if end > len(document.text) or hashlib.sha256(quote).digest()[:_DIGEST_BYTES] != digest:
        raise NotFound(
            f"the text that citation {value} quotes is no longer at its place in {document.path}"
        )
    return cite(document, start, end, number=1, passage=passage, superseded=superseded)
