"""How well pages are read from their pictures: our own briefs, printed and scanned again."""

from __future__ import annotations

import hashlib
import io
import time
from collections import Counter
from pathlib import Path

import pypdfium2 as pdfium

from benchmarks.reading_part import MAX_BYTES, Absent, Material, Table, existing
from benchmarks.reading_text import edit_distance, squeezed
from kb.domain import Document
from kb.reading.files import FileBytes, read_bytes, read_document
from kb.reading.ocr import INSTALL, is_available
from kb.reading.options import ReadingOptions

_DPI = 300


def scans(material: Material) -> list[Table]:
    """Errors of the first page of each PDF of corpus/, read from a picture of it."""
    if not is_available():
        raise Absent(INSTALL)
    table = Table(
        f"the first pages of corpus/, as pictures of {_DPI} dots per inch, by OCR",
        ("file", "characters", "CER", "characters found", "seconds"),
        remarks=[
            "CER: Levenshtein distance to the text layer over its length, in the order read",
            "characters found: share of the characters of the page, whatever their order",
        ],
    )
    for path in sorted(existing(material.repository / "corpus").glob("*.pdf")):
        table.rows.append(_row(path))
    return [table]


def _row(path: Path) -> tuple[str, int, float, float, float]:
    whole = read_document(path.name, read_bytes(path, max_bytes=MAX_BYTES), {})
    truth = squeezed(_first_page(whole))
    data = photographed(path, 1, dpi=_DPI)
    began = time.perf_counter()
    held = FileBytes(data, hashlib.sha256(data).hexdigest())
    read = squeezed(_first_page(read_document(path.name, held, {}, ReadingOptions(ocr=True))))
    seconds = time.perf_counter() - began
    found = (Counter(truth) & Counter(read)).total()
    return (
        path.name, len(truth), edit_distance(truth, read) / len(truth),
        found / len(truth), round(seconds, 1),
    )  # fmt: skip


def _first_page(document: Document) -> str:
    starts = document.page_starts
    return document.text[: starts[1] if len(starts) > 1 else None]


def photographed(source: Path, pages: int, *, dpi: int) -> bytes:
    """The first pages of a PDF file as pictures in a PDF file: what a scanner makes of them."""
    document = pdfium.PdfDocument(source)
    pictures = [
        document[number].render(scale=dpi / 72).to_pil().convert("L") for number in range(pages)
    ]
    document.close()
    held = io.BytesIO()
    pictures[0].save(held, format="PDF", save_all=True, append_images=pictures[1:], resolution=dpi)
    return held.getvalue()
