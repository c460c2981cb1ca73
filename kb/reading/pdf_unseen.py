"""Text of a PDF page that no reader sees: white on white, not drawn, tiny, or off the page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Sequence
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from kb.reading.pdf_drawing import MAX_OBJECTS, box_on_page
from kb.reading.pdf_glyphs import Box, Glyph, is_pale

_TINIEST = 1.0  # points; nobody reads smaller letters, on paper or enlarged
_DEPTH = 3  # how deep forms in forms are followed
_MARGIN = 1.0  # points by which a letter may stand over the edge of the page


def without_unseen(page: pdfium.PdfPage, glyphs: Sequence[Glyph]) -> tuple[list[Glyph], int]:
    """The glyphs that can be seen, and how many cannot.

    Pale or undrawn text on a picture or a coloured area is seen: so are the white heads of
    tables, and the text layer of a scan, which stands for what its picture shows. Text that
    something is drawn over is not told from other text.
    """
    edges = _edges(page)
    lost = [i for i, g in enumerate(glyphs) if g.size < _TINIEST or _is_off(g.box, edges)]
    faint = [i for i, g in enumerate(glyphs) if g.faint]
    if not lost and not faint:
        return list(glyphs), 0
    behind = list(_behind(page)) if faint else []
    unseen = {*lost, *(i for i in faint if not any(_is_on(glyphs[i].box, b) for b in behind))}
    kept = [g for i, g in enumerate(glyphs) if i not in unseen]
    return kept, sum(not glyphs[i].text.isspace() for i in unseen)


def _edges(page: pdfium.PdfPage) -> Box:
    left, bottom, right, top = page.get_bbox()
    return left - _MARGIN, bottom - _MARGIN, right + _MARGIN, top + _MARGIN


def _is_off(box: Box, edges: Box) -> bool:
    return box[2] < edges[0] or box[0] > edges[2] or box[3] < edges[1] or box[1] > edges[3]


def _is_on(box: Box, other: Box) -> bool:
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return other[0] <= x <= other[2] and other[1] <= y <= other[3]


def _behind(page: pdfium.PdfPage) -> Iterator[Box]:
    """The areas of a page that have a colour: pictures, shadings, filled paths but pale ones."""
    colour = tuple(ctypes.c_uint() for _ in range(4))
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    for item in islice(page.get_objects(max_depth=_DEPTH), MAX_OBJECTS):
        if item.type == pdfium_c.FPDF_PAGEOBJ_PATH:
            pdfium_c.FPDFPath_GetDrawMode(item.raw, fill, stroke)
            if not fill.value:
                continue
            if pdfium_c.FPDFPageObj_GetFillColor(item.raw, *colour) and is_pale(*colour):
                continue
        elif item.type not in (pdfium_c.FPDF_PAGEOBJ_IMAGE, pdfium_c.FPDF_PAGEOBJ_SHADING):
            continue
        box = box_on_page(item)
        if box is not None:
            yield box
