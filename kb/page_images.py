"""Pictures of the pages of a PDF, with the place of a span marked on them."""

from __future__ import annotations

from collections.abc import Iterator

from kb.domain import Document, Place
from kb.errors import NotFound, RejectedFile
from kb.reading.sandbox import Sandbox


def page_image(
    document: Document,
    data: bytes,
    number: int,
    span: tuple[int, int] | None = None,
    *,
    sandbox: Sandbox,
) -> bytes:
    """A page as PNG; `data` is the PDF file, `number` counts from 1, `span` is marked if given.

    `sandbox` draws it: the file may be from anyone.

    Raises NotFound where the document has no such page, or its file cannot be drawn.
    """
    if document.format != "pdf":
        raise NotFound(f"{document.path} has no pages to show: only PDF files have")
    if not 1 <= number <= len(document.page_starts):
        raise NotFound(
            f"{document.path} has no page {number}: it has {len(document.page_starts)} pages"
        )
    boxes = list(span_boxes(document, number, span)) if span else []
    try:
        return sandbox.draw(data, number, boxes)
    except RejectedFile as error:
        raise NotFound(f"the pages of {document.path} cannot be drawn: {error.message}") from error


def span_boxes(
    document: Document, number: int, span: tuple[int, int]
) -> Iterator[tuple[float, float, float, float]]:
    """The boxes of a span on a page in points (left, bottom, right, top), one a line of print.

    Of a line that the span shares with other text, the part that falls to it if all letters
    were of one size.
    """
    for place in document.places:
        if place.page == number and place.start < span[1] and span[0] < place.end:
            yield _part_of(place, span)


def _part_of(place: Place, span: tuple[int, int]) -> tuple[float, float, float, float]:
    left, bottom, right, top = place.box
    length = place.end - place.start
    first = (max(span[0], place.start) - place.start) / length
    last = (min(span[1], place.end) - place.start) / length
    if place.vertical:
        return left, top - (top - bottom) * last, right, top - (top - bottom) * first
    return left + (right - left) * first, bottom, left + (right - left) * last, top
