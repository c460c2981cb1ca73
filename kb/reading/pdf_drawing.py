"""What is drawn on a PDF page besides its text: ruled lines, and the areas of figures."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from kb.reading.pdf_glyphs import Box

MAX_DRAWN = 5000  # paths and images of one page; what is drawn after these is not looked at
MAX_OBJECTS = 200_000  # of one page, its text with them
_DEPTH = 3  # how deep forms in forms are followed
_THIN = 2.5  # points; a path not thicker than this is a line
_SHORTEST = 12.0  # points; a shorter line rules nothing
_SLANTED = 1.0  # points in both directions, and a stroke is neither across nor down
_MAX_POINTS = 200  # of one path; a longer one is a curve or shows its slant early
_NEAR = 20.0  # points between two parts of one figure
_FEWEST = 3  # parts of a figure; fewer are a frame, a rule or a bullet
_MAX_CLUSTERS = 400  # on one page; more are a pattern or a map
_FEW_BOXES = 200  # of a form; boxes in boxes are looked for among the first of these
_FREE = 3.0  # points between a box and the one that it stands free in
_SMALLEST = (60.0, 40.0)  # width and height of a figure in points
_PAGE = 0.6  # share of the page from which an area is its background


@dataclass(frozen=True, slots=True)
class Rules:
    """Ruled lines of a page: across as (y, left, right), down as (x, bottom, top), in points."""

    across: tuple[tuple[float, float, float], ...] = ()
    down: tuple[tuple[float, float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Drawing:
    """The ruled lines of a page and the areas of its figures.

    `pasted` are figures that the file holds as a whole (forms of their own), whatever is in
    them; `drawn` are figures told by strokes that are neither across nor down, which may be
    ornaments of a table.
    """

    rules: Rules = Rules()
    pasted: tuple[Box, ...] = ()
    drawn: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class _Part:
    """A path or an image: its box on the page, and whether a stroke of it is slanted."""

    box: Box
    slanted: bool
    image: bool
    form: int  # which form of the page it is in, -1 for none


def page_drawing(page: pdfium.PdfPage) -> Drawing:
    """The lines, the edges of boxes and the figures that are drawn on a page."""
    forms: list[Box] = []
    lettered: set[int] = set()
    parts: list[_Part] = []
    objects = page.get_objects(max_depth=_DEPTH)
    for item in islice(objects, MAX_OBJECTS):
        if len(parts) >= MAX_DRAWN:
            break
        inside = len(forms) - 1 if item.level else -1
        if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
            lettered.add(inside)
        box = box_on_page(item)
        if item.type == pdfium_c.FPDF_PAGEOBJ_FORM and not item.level:
            forms.append(box or (0.0, 0.0, 0.0, 0.0))
        elif box is None:
            continue
        elif item.type == pdfium_c.FPDF_PAGEOBJ_PATH:
            parts.append(_Part(box, _is_slanted(item), image=False, form=inside))
        elif item.type == pdfium_c.FPDF_PAGEOBJ_IMAGE:
            parts.append(_Part(box, slanted=False, image=True, form=inside))
    width, height = page.get_size()
    if width > height:  # a slide: what stands in its drawings is its text
        return Drawing(_rules(parts))
    largest = _PAGE * width * height
    pasted = [
        box for i, box in enumerate(forms)
        if i in lettered and _is_pasted([p for p in parts if p.form == i], box, largest)
    ]  # fmt: skip
    loose = [p for p in parts if not any(_within(p.box, box) for box in pasted)]
    return Drawing(_rules(loose), tuple(pasted), tuple(_clusters(loose, largest)))


def box_on_page(item: pdfium.PdfObject) -> Box | None:
    """The box of an object in the coordinates of the page; None for one that draws nothing."""
    if item.type == pdfium_c.FPDF_PAGEOBJ_TEXT:
        return None
    try:
        left, bottom, right, top = item.get_bounds()
    except pdfium.PdfiumError:
        return None
    form = item.container
    while form is not None:  # what is drawn in a form has the form's own coordinates
        left, bottom, right, top = form.get_matrix().on_rect(left, bottom, right, top)
        form = form.container
    return left, bottom, right, top


def _rules(parts: Sequence[_Part]) -> Rules:
    across: list[tuple[float, float, float]] = []
    down: list[tuple[float, float, float]] = []
    for part in parts:
        if part.image or part.slanted:
            continue
        left, bottom, right, top = part.box
        width, height = right - left, top - bottom
        if height <= _THIN < _SHORTEST <= width:
            across.append(((bottom + top) / 2, left, right))
        elif width <= _THIN < _SHORTEST <= height:
            down.append(((left + right) / 2, bottom, top))
        elif width >= _SHORTEST and height >= _THIN * 2:
            across.extend(((bottom, left, right), (top, left, right)))
            down.extend(((left, bottom, top), (right, bottom, top)))
    return Rules(tuple(across), tuple(down))


def _is_slanted(path: pdfium.PdfObject) -> bool:
    """Whether a path has a curve, or a stroke that goes neither across nor down."""
    left, bottom, right, top = path.get_bounds()
    if max(right - left, top - bottom) < _SHORTEST:
        return False  # a bullet
    x, y = ctypes.c_float(), ctypes.c_float()
    before = (0.0, 0.0)
    for i in range(min(pdfium_c.FPDFPath_CountSegments(path.raw), _MAX_POINTS)):
        segment = pdfium_c.FPDFPath_GetPathSegment(path.raw, i)
        kind = pdfium_c.FPDFPathSegment_GetType(segment)
        if kind == pdfium_c.FPDF_SEGMENT_BEZIERTO:
            return True
        pdfium_c.FPDFPathSegment_GetPoint(segment, x, y)
        point = (x.value, y.value)
        if kind == pdfium_c.FPDF_SEGMENT_LINETO and all(
            abs(b - a) > _SLANTED for a, b in zip(before, point, strict=True)
        ):
            return True
        before = point
    return False


def _is_pasted(parts: Sequence[_Part], box: Box, largest: float) -> bool:
    """Whether a form is a figure: it has pictures, slanted strokes, or boxes in boxes.

    A form of ruled cells alone is a table.
    """
    telling = any(p.image or p.slanted for p in parts) or _has_nested(parts[:_FEW_BOXES])
    return telling and _is_figure(parts, box, largest)


def _has_nested(parts: Sequence[_Part]) -> bool:
    """Whether a box stands free inside another one, as no cell of a table does."""
    boxes = [p.box for p in parts if min(p.box[2] - p.box[0], p.box[3] - p.box[1]) > _SHORTEST]
    return any(
        a[0] + _FREE < b[0] and a[1] + _FREE < b[1] and b[2] + _FREE < a[2] and b[3] + _FREE < a[3]
        for a in boxes for b in boxes
    )  # fmt: skip


def _is_figure(parts: Sequence[_Part], box: Box, largest: float) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    return (
        len(parts) >= _FEWEST
        and width >= _SMALLEST[0]
        and height >= _SMALLEST[1]
        and width * height < largest
    )


def _clusters(parts: Sequence[_Part], largest: float) -> list[Box]:
    """The areas of paths that stand close together, one of them slanted."""
    found: list[tuple[Box, list[_Part]]] = []
    for part in parts:
        if part.image or _area(part.box) >= largest:
            continue
        box, members = part.box, [part]
        apart: list[tuple[Box, list[_Part]]] = []
        for other, others in found:
            if _near(box, other):
                box, members = _around(box, other), others + members
            else:
                apart.append((other, others))
        found = [*apart, (box, members)]
        if len(found) > _MAX_CLUSTERS:
            return []
    return [
        box for box, members in _settled(found)
        if any(part.slanted for part in members) and _is_figure(members, box, largest)
    ]  # fmt: skip


def _settled(
    clusters: list[tuple[Box, list[_Part]]],
) -> list[tuple[Box, list[_Part]]]:
    """Clusters that touch now that they have grown, as one."""
    count = len(clusters) + 1
    while len(clusters) < count:
        count = len(clusters)
        merged: list[tuple[Box, list[_Part]]] = []
        for box, members in clusters:
            for i, (other, others) in enumerate(merged):
                if _near(box, other):
                    merged[i] = (_around(box, other), others + members)
                    break
            else:
                merged.append((box, members))
        clusters = merged
    return clusters


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _near(a: Box, b: Box) -> bool:
    across = max(a[0], b[0]) - min(a[2], b[2])
    down = max(a[1], b[1]) - min(a[3], b[3])
    return across <= _NEAR and down <= _NEAR


def _around(a: Box, b: Box) -> Box:
    return min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3])


def _within(inner: Box, outer: Box) -> bool:
    return (
        inner[0] >= outer[0] - 1 and inner[1] >= outer[1] - 1
        and inner[2] <= outer[2] + 1 and inner[3] <= outer[3] + 1
    )  # fmt: skip
