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
_WHITE = 250  # of 255 in red, green and blue
_CLEAR = 13  # of 255; less than a twentieth is not seen
_STROKED = frozenset({1, 2, 5, 6})  # its outline is drawn, in a colour of its own
_UNDRAWN = frozenset({3, 7})  # neither filled nor stroked, such as the text of a scan
PROBABLE_SPACE = "\u200a"  # where pdfium thinks that Latin text has a space


@dataclass(frozen=True, slots=True)
class Glyph:
    """A drawn character: where its line of writing begins (x, y), its box, size and angle.

    Boxes are left, bottom, right, top in points from the lower left corner of the page;
    the angle is in degrees, 0 for upright letters. `font` is the name of the font without
    the prefix of its subset, asked for where a line begins. A `faint` one is drawn in white, all
    but transparent, or not at all, so that it is seen only on what is drawn behind it.
    """

    text: str
    x: float
    y: float
    box: Box
    size: float
    angle: float
    font: str = ""
    faint: bool = False


def page_glyphs(page: pdfium.PdfPage) -> list[Glyph]:
    """The characters of a page in the order of its content.

    Of those that pdfium adds, only its spaces are kept, as `PROBABLE_SPACE`.
    """
    text_page = page.get_textpage()
    handle = text_page.raw
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    matrix = pdfium_c.FS_MATRIX()
    colour = tuple(ctypes.c_uint() for _ in range(4))
    glyphs: list[Glyph] = []
    high, font, latin, drawn = 0, "", True, True
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
            drawn = _mode(handle, i) not in _UNDRAWN
        if latin and code > _LATIN:  # Latin signs have a font of their own
            font, latin = _font_name(handle, i), False
        faint = not drawn or (
            pdfium_c.FPDFText_GetFillColor(handle, i, *colour)
            and is_pale(*colour)
            and _mode(handle, i) not in _STROKED
        )
        glyphs.append(Glyph(chr(code), x.value, y.value, box, size, angle, font, faint))
    text_page.close()
    return glyphs


def is_pale(
    red: ctypes.c_uint, green: ctypes.c_uint, blue: ctypes.c_uint, alpha: ctypes.c_uint
) -> bool:
    """Whether a colour is white, or all but transparent: paper looks the same."""
    return alpha.value < _CLEAR or min(red.value, green.value, blue.value) >= _WHITE


def _mode(handle: object, i: int) -> int:
    """How a character is drawn (ISO 32000-1, table 106); 0, filled, where that is not known."""
    item = pdfium_c.FPDFText_GetTextObject(handle, i)
    return int(pdfium_c.FPDFTextObj_GetTextRenderMode(item)) if item else 0


def _font_name(handle: object, i: int) -> str:
    buffer = ctypes.create_string_buffer(128)
    flags = ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(handle, i, buffer, len(buffer), flags)
    name = buffer.value.decode("utf-8", "replace")
    return name.split("+", 1)[-1] if "+" in name[:8] else name
