"""Pages without a text layer, read by the tesseract program where it is installed."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, median

import pypdfium2 as pdfium

from kb.errors import KidoError
from kb.reading.lines import Line
from kb.reading.pdf_direction import is_wide

INSTALL = (
    "OCR needs the tesseract program with its Japanese data: apt-get install tesseract-ocr "
    "tesseract-ocr-jpn tesseract-ocr-jpn-vert"
)
DPI = 300
_MOST_PIXELS = 6000  # of one side; a poster is read at fewer dots per inch
_SECONDS = 120  # for one page
_CONFIDENT = 30.0  # of 100; lines of a lower mean confidence are noise of the scan
_PITCH = 1.6  # times the usual distance of lines, and a paragraph ends
_SURE = 80.0  # of 100; so sure a first reading needs no second one in the other direction


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of tesseract: its line, its text, its box in pixels and how sure it is (0..100)."""

    line: tuple[int, int, int]
    text: str
    left: int
    top: int
    width: int
    height: int
    confidence: float


def is_available() -> bool:
    """Whether tesseract and its Japanese data are installed."""
    program = shutil.which("tesseract")
    if program is None:
        return False
    listed = subprocess.run(
        [program, "--list-langs"], capture_output=True, text=True, timeout=30, check=False
    )
    return "jpn" in listed.stdout.split()


def ocr_page(page: pdfium.PdfPage, number: int) -> list[Line]:
    """The printed lines of the picture of a page, horizontal or vertical.

    Raises KidoError when tesseract is missing, fails or takes too long.
    """
    scale = min(DPI / 72, _MOST_PIXELS / max(page.get_size()))
    image = page.render(scale=scale).to_pil().convert("L")
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return ocr_lines(buffer.getvalue(), number, 1 / scale, page.get_height())


def ocr_lines(png: bytes, page: int, points_per_pixel: float, page_height: float) -> list[Line]:
    """The printed lines of a picture; the direction that tesseract is surer of is taken."""
    words = _words(png, "jpn")
    sure = _confidence(words)
    vertical = False
    if sure < _SURE:
        down = _words(png, "jpn_vert")
        if _confidence(down) > sure + 5:
            words, vertical = down, True
    return _lines(words, page, points_per_pixel, page_height, vertical=vertical)


def _words(png: bytes, language: str) -> list[_Word]:
    program = shutil.which("tesseract")
    if program is None:
        raise KidoError(INSTALL)
    # "3" finds the columns and tiers of either direction; "5" would take a page of two
    # tiers of vertical writing for one block.
    command = [program, "stdin", "stdout", "-l", language, "--psm", "3", "tsv"]
    try:
        ran = subprocess.run(command, input=png, capture_output=True, timeout=_SECONDS, check=True)
    except subprocess.TimeoutExpired as error:
        raise KidoError(f"tesseract took more than {_SECONDS} s for a page") from error
    except subprocess.CalledProcessError as error:
        detail = error.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise KidoError(f"tesseract failed ({''.join(detail)}); {INSTALL}") from error
    rows = csv.DictReader(
        io.StringIO(ran.stdout.decode("utf-8", "replace")), delimiter="\t", quoting=csv.QUOTE_NONE
    )
    return [
        _Word(
            (int(row["block_num"]), int(row["par_num"]), int(row["line_num"])),
            row["text"].strip(), int(row["left"]), int(row["top"]), int(row["width"]),
            int(row["height"]), float(row["conf"]),
        )
        for row in rows
        if row["level"] == "5" and (row["text"] or "").strip()
    ]  # fmt: skip


def _confidence(words: Sequence[_Word]) -> float:
    """How sure the reading of a page is, 0..100, longer words counting more."""
    total = sum(len(word.text) for word in words)
    return sum(word.confidence * len(word.text) for word in words) / total if total else 0.0


def _lines(
    words: Sequence[_Word], page: int, scale: float, page_height: float, *, vertical: bool
) -> list[Line]:
    grouped: dict[tuple[int, int, int], list[_Word]] = {}
    for word in words:
        grouped.setdefault(word.line, []).append(word)
    rows = [row for row in grouped.values() if mean(w.confidence for w in row) >= _CONFIDENT]
    if not rows:
        return []
    thick = [_thickness(row, vertical=vertical) * scale for row in rows]
    usual = median(thick)
    ends = [_end(row, vertical=vertical) for row in rows]
    edge = sorted(ends)[int(0.85 * (len(ends) - 1))]
    lines: list[Line] = []
    before: list[_Word] | None = None
    for row, end in zip(rows, ends, strict=True):
        gap = before is not None and _distance(before, row, vertical=vertical) > (
            _PITCH * 1.5 * usual / scale
        )
        lines.append(
            Line(
                _joined(row), page, gap=gap, size=round(usual, 1),
                full=end > edge - 2 * usual / scale, box=_box(row, scale, page_height),
                vertical=vertical,
            )
        )  # fmt: skip
        before = row
    return lines


def _joined(row: Sequence[_Word]) -> str:
    """The words of a line; tesseract parts Japanese at will, so only Latin words keep spaces."""
    text = ""
    for word in row:
        latin = text and not is_wide(text[-1]) and not is_wide(word.text[0])
        text += (" " if latin else "") + word.text
    return text


def _thickness(row: Sequence[_Word], *, vertical: bool) -> float:
    return median(word.width if vertical else word.height for word in row)


def _end(row: Sequence[_Word], *, vertical: bool) -> float:
    return max(w.top + w.height if vertical else w.left + w.width for w in row)


def _distance(a: Sequence[_Word], b: Sequence[_Word], *, vertical: bool) -> float:
    if vertical:
        return mean(w.left for w in a) - mean(w.left for w in b)
    return mean(w.top for w in b) - mean(w.top for w in a)


def _box(
    row: Sequence[_Word], scale: float, page_height: float
) -> tuple[float, float, float, float]:
    left, right = min(w.left for w in row), max(w.left + w.width for w in row)
    top, bottom = min(w.top for w in row), max(w.top + w.height for w in row)
    return (
        left * scale, page_height - bottom * scale, right * scale, page_height - top * scale
    )  # fmt: skip
