"""The characters of a PDF page with their boxes.

This module and `pdf_drawing` are the only ones of `kb.reading` that call pypdfium2's raw
interface: its wrappers would make an object for every character and hide the points of paths.
"""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass, replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

Box = tuple[float, float, float, float]

MAX_CHARACTERS = 200_000  # on one page; a page with more is an attack or a map
_HYPHEN = 2  # what pdfium gives for a hyphen at the end of a line
_SPACE = 32
_LATIN = 0x2FF  # the last code point of Latin letters
PROBABLE_SPACE = "\u200a"  # where pdfium thinks that Latin text has a space


@dataclass(frozen=True, slots=True)
class Glyph:
    """A drawn character: where its line of writing begins (x, y), its box, size and angle.

    Boxes are left, bottom, right, top in points from the lower left corner of the page;
    the angle is in degrees, 0 for upright letters. `font` is the name of the font without
    the prefix of its subset, asked for where a line begins.
    """

    text: str
    x: float
    y: float
    box: Box
    size: float
    angle: float
    font: str = ""


def page_glyphs(page: pdfium.PdfPage) -> list[Glyph]:
    """The characters of a page in the order of its content.

    Of those that pdfium adds, only its spaces are kept, as `PROBABLE_SPACE`.
    """
    text_page = page.get_textpage()
    handle = text_page.raw
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix = pdfium_c.FS_MATRIX()
    glyphs: list[Glyph] = []
    high, font, latin = 0, "", True
    for i in range(min(pdfium_c.FPDFText_CountChars(handle), MAX_CHARACTERS)):
        code = pdfium_c.FPDFText_GetUnicode(handle, i)
        if 0xD800 <= code < 0xDC00:  # characters past U+FFFF come in two halves
            high = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((high - 0xD800) << 10) + code - 0xDC00 if high else 0xFFFD
        high = 0
        if code == _HYPHEN:
            code = ord("-")
        if code == 0:
            continue
        if pdfium_c.FPDFText_IsGenerated(handle, i) == 1:
            if code == _SPACE and glyphs:
                glyphs.append(replace(glyphs[-1], text=PROBABLE_SPACE))
            continue
        pdfium_c.FPDFText_GetCharBox(handle, i, left, right, bottom, top)
        pdfium_c.FPDFText_GetCharOrigin(handle, i, x, y)
        size = pdfium_c.FPDFText_GetFontSize(handle, i)
        if pdfium_c.FPDFText_GetMatrix(handle, i, matrix):
            size *= math.sqrt(abs(matrix.a * matrix.d - matrix.b * matrix.c)) or 1.0
        angle = math.degrees(pdfium_c.FPDFText_GetCharAngle(handle, i)) % 360
        box = (left.value, bottom.value, right.value, top.value)
        if not glyphs or abs(glyphs[-1].y - y.value) > 1 or glyphs[-1].size != size:
            font, latin = _font_name(handle, i), True
        if latin and code > _LATIN:  # Latin signs have a font of their own
            font, latin = _font_name(handle, i), False
        glyphs.append(Glyph(chr(code), x.value, y.value, box, size, angle, font))
    text_page.close()
    return glyphs


def _font_name(handle: object, i: int) -> str:
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(handle, i, buffer, len(buffer), flags)
    name = buffer.value.decode("utf-8", "replace")
    return name.split("+", 1)[-1] if "+" in name[:8] else name
