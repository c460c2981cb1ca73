"""A picture of a page of a PDF with boxes marked on it; runs where files are read."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw

from kb.reading.pdf import open_pdf

WIDTH = 1000  # pixels of a page's width
MAX_HEIGHT = 3000  # pixels; a longer page is drawn smaller
MARK = (255, 226, 120)  # multiplied with what is there, so that the letters stay black
_COLOURS = 128
_MARGIN = 1.5  # points around the marked letters


def page_png(data: bytes, number: int, boxes: Sequence[Sequence[float]]) -> bytes:
    """Page `number`, from 1, as PNG; `boxes` are left, bottom, right, top in points.

    Raises RejectedFile where the file cannot be opened.
    """
    picture, scale, height = _drawn(data, number)
    if boxes:
        overlay = Image.new("RGB", picture.size, (255, 255, 255))
        pen = ImageDraw.Draw(overlay)
        for left, bottom, right, top in boxes:
            pen.rectangle(
                (
                    (left - _MARGIN) * scale, (height - top - _MARGIN) * scale,
                    (right + _MARGIN) * scale, (height - bottom + _MARGIN) * scale,
                ),
                fill=MARK,
            )  # fmt: skip
        picture = ImageChops.multiply(picture, overlay)
    buffer = io.BytesIO()
    # A page of print is few colours: a fifth of the bytes.
    few = picture.quantize(_COLOURS, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def _drawn(data: bytes, number: int) -> tuple[Image.Image, float, float]:
    """The page, how many pixels a point has, and the page's height in points."""
    pdf = open_pdf(data)
    try:
        page = pdf[number - 1]
        width, height = page.get_size()
        scale = min(WIDTH / width, MAX_HEIGHT / height)
        return page.render(scale=scale).to_pil().convert("RGB"), scale, height
    finally:
        pdf.close()
