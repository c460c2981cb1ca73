"""Pictures of the pages of a PDF, with the place of a span marked on them."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator

from PIL import Image, ImageChops, ImageDraw

from kb.domain import Document, Place
from kb.errors import NotFound, RejectedFile
from kb.reading.pdf import open_pdf

WIDTH = 1000  # pixels of a page's width
MAX_HEIGHT = 3000  # pixels; a longer page is drawn smaller
MARK = (255, 226, 120)  # multiplied with what is there, so that the letters stay black
_COLOURS = 128
_MARGIN = 1.5  # points around the marked letters

_DRAWING = threading.Lock()  # PDFium draws one page at a time


def page_image(
    document: Document, data: bytes, number: int, span: tuple[int, int] | None = None
) -> bytes:
    """A page as PNG; `data` is the PDF file, `number` counts from 1, `span` is marked if given.

    Raises NotFound where the document has no such page, or its file cannot be drawn.
    """
    if document.format != "pdf":
        raise NotFound(f"{document.path} has no pages to show: only PDF files have")
    if not 1 <= number <= len(document.page_starts):
        raise NotFound(
            f"{document.path} has no page {number}: it has {len(document.page_starts)} pages"
        )
    with _DRAWING:
        picture, scale, height = _drawn(document, data, number)
    boxes = [
        (
            (left - _MARGIN) * scale, (height - top - _MARGIN) * scale,
            (right + _MARGIN) * scale, (height - bottom + _MARGIN) * scale,
        )
        for left, bottom, right, top in (span_boxes(document, number, span) if span else ())
    ]  # fmt: skip
    if boxes:
        overlay = Image.new("RGB", picture.size, (255, 255, 255))
        pen = ImageDraw.Draw(overlay)
        for box in boxes:
            pen.rectangle(box, fill=MARK)
        picture = ImageChops.multiply(picture, overlay)
    buffer = io.BytesIO()
    # A page of print is few colours: a fifth of the bytes.
    few = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


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


def _drawn(document: Document, data: bytes, number: int) -> tuple[Image.Image, float, float]:
    """The page, how many pixels a point has, and the page's height in points."""
    try:
        pdf = open_pdf(data)
    except RejectedFile as error:
        raise NotFound(f"the pages of {document.path} cannot be drawn: {error.message}") from error
    try:
        page = pdf[number - 1]
        width, height = page.get_size()
        scale = min(WIDTH / width, MAX_HEIGHT / height)
        return page.render(scale=scale).to_pil().convert("RGB"), scale, height
    finally:
        pdf.close()
