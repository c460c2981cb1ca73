"""Pages without a text layer, read from their pictures by the real tesseract program."""

import io
import os
from hashlib import sha256
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from PIL import Image

from benchmarks.reading_ocr import photographed
from kb.domain import BlockKind, Document
from kb.errors import KidoError, Reason, RejectedFile
from kb.reading import ocr
from kb.reading.files import FileBytes, read_bytes, read_document
from kb.reading.ocr import INSTALL, is_available
from kb.reading.options import ReadingOptions
from tests.reading.documents import check_passages, check_structure, texts
from tests.reading.pdfs import lines, pdf

needs_tesseract = pytest.mark.skipif(not is_available(), reason=INSTALL)


def read(data: bytes, *, ocr: bool = True) -> Document:
    return read_document(
        "scan.pdf", FileBytes(data, sha256(data).hexdigest()), {}, ReadingOptions(ocr=ocr)
    )


def rejection(data: bytes) -> RejectedFile:
    with pytest.raises(RejectedFile) as caught:
        read(data)
    return caught.value


def bigrams(text: str) -> set[str]:
    plain = "".join(text.split())
    return {plain[i : i + 2] for i in range(len(plain) - 1)}


@pytest.fixture(scope="module")
def source(corpus: Path) -> Path:
    return min(corpus.glob("*.pdf"), key=lambda path: path.stat().st_size)


@pytest.fixture(scope="module")
def scanned(source: Path) -> Document:
    if not is_available():
        pytest.skip(INSTALL)
    return read(photographed(source, 1, dpi=150))


def test_a_scan_is_read_from_its_pictures(scanned: Document, source: Path) -> None:
    whole = read_document(source.name, read_bytes(source, max_bytes=1 << 26), {})
    end = max(block.end for block in whole.blocks if block.page == 1)
    expected = bigrams(whole.text[:end])
    assert len(expected & bigrams(scanned.text)) / len(expected) > 0.8
    assert [page.reader for page in scanned.pages] == ["ocr"]
    assert scanned.read_by_ocr(0, len(scanned.text))
    assert texts(scanned, BlockKind.PARAGRAPH)


def test_what_ocr_read_keeps_its_places(scanned: Document) -> None:
    check_structure(scanned)
    check_passages(scanned)
    assert scanned.places
    for place in scanned.places:
        left, bottom, right, top = place.box
        assert 0 <= left < right <= 596
        assert 0 <= bottom < top <= 843


def test_pages_with_text_are_not_read_from_pictures(source: Path) -> None:
    data = read_bytes(source, max_bytes=1 << 26)
    document = read_document(source.name, data, {}, ReadingOptions(ocr=True))
    assert document == read_document(source.name, data, {})
    assert not document.read_by_ocr(0, len(document.text))


def test_a_scan_is_rejected_unless_ocr_is_asked_for(source: Path) -> None:
    with pytest.raises(RejectedFile) as caught:
        read(photographed(source, 1, dpi=40), ocr=False)
    assert caught.value.reason is Reason.NO_TEXT
    assert "kb ingest --ocr" in str(caught.value)


@needs_tesseract
def test_an_empty_picture_gives_no_text() -> None:
    held = io.BytesIO()
    Image.new("L", (400, 600), 255).save(held, format="PDF")
    found = rejection(held.getvalue())
    assert found.reason is Reason.NO_TEXT
    assert "OCR found none" in str(found)


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tesseract that ends with an error, first in the path."""
    program = tmp_path / "bin" / "tesseract"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\necho 'no more memory' >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")


@pytest.mark.usefixtures("failing")
def test_a_failure_of_ocr_is_the_reason_for_the_file(source: Path) -> None:
    found = rejection(photographed(source, 1, dpi=40))
    assert found.reason is Reason.NO_TEXT
    assert "no more memory" in str(found)


@pytest.mark.usefixtures("failing")
def test_a_failure_of_ocr_leaves_the_other_pages() -> None:
    data = pdf([lines(["許可制は四月に始まり、対象は七元素であった。"] * 5), []])
    document = read(data)
    assert "許可制は四月に始まり" in document.text
    assert any("no more memory" in warning for warning in document.warnings)


def test_without_tesseract_the_command_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not is_available()
    with pytest.raises(KidoError, match="apt-get install tesseract-ocr"):
        ocr.ocr_lines(b"", 1, 1.0, 842.0)


@needs_tesseract
def test_a_large_page_is_read_at_fewer_dots_per_inch() -> None:
    document = pdfium.PdfDocument.new()
    page = document.new_page(14_400, 14_400)
    assert ocr.ocr_page(page, 1) == []
