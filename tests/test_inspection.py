"""`kb inspect`: what was read in one file, for people and for programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from kb.domain import Document
from kb.inspection import as_json, block_row, inspect_file, page_rows, summary_lines
from kb.inspection_html import inspection_page
from kb.reading.options import PLAIN
from tests.test_cli import kb, refusal


@pytest.fixture(scope="module")
def report(corpus: Path) -> Path:
    return corpus / "japan-response.pdf"


@pytest.fixture(scope="module")
def document(report: Path) -> Document:
    return inspect_file(report, PLAIN, max_bytes=1 << 26)


def test_the_title_is_that_of_the_library(document: Document, corpus: Path) -> None:
    items = json.loads((corpus / "library.json").read_text(encoding="utf-8"))
    assert document.title in {item["title"] for item in items}
    assert dict(summary_lines(document))["title"] == document.title


def test_each_block_has_a_row_with_its_place(document: Document) -> None:
    rows = [block_row(document, block) for block in document.blocks]
    assert {row[0] for row in rows} >= {"heading", "paragraph"}
    assert all(row[2].isdigit() for row in rows)
    assert [int(row[4]) for row in rows] == [
        len(" ".join(document.text[b.start : b.end].split())) for b in document.blocks
    ]


def test_each_page_has_a_row(document: Document) -> None:
    rows = page_rows(document)
    assert [row[0] for row in rows] == [str(i + 1) for i in range(len(document.page_starts))]
    assert {row[2] for row in rows} == {"pdfium"}


def test_programs_get_everything(document: Document) -> None:
    found = json.loads(json.dumps(as_json(document), ensure_ascii=False))
    assert found["text"] == document.text
    assert len(found["blocks"]) == len(document.blocks)
    assert set(found["shares"]) == {"odd", "known", "broken", "empty_pages"}


def test_the_page_shows_pictures_beside_blocks(document: Document, report: Path) -> None:
    page = inspection_page(document, report.read_bytes())
    assert page.count("<figure>") == len(document.page_starts)
    assert len(re.findall(r'<p class="b ', page)) == len(document.blocks)
    assert "data:image/" in page
    assert "<script" not in page


def test_what_a_file_says_is_not_markup(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# <script>alert(1)</script>題\n\n`<img src=x>`は許可制である。\n", "utf-8")
    page = inspection_page(inspect_file(path, PLAIN, max_bytes=1 << 20), None)
    assert "<script" not in page
    assert "<img" not in page


def test_the_command_prints_blocks_and_pages(report: Path) -> None:
    ran = kb("inspect", report)
    assert (ran.returncode, ran.stderr) == (0, "")
    for word in ("heading", "paragraph", "pdfium", "known words"):
        assert word in ran.stdout


def test_the_command_writes_the_page(report: Path, tmp_path: Path) -> None:
    ran = kb("inspect", report, "--html", tmp_path / "見.html")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "見.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_command_prints_json(report: Path) -> None:
    ran = kb("inspect", report, "--json")
    assert json.loads(ran.stdout)["format"] == "pdf"


def test_a_file_that_cannot_be_read_gives_its_reason(tmp_path: Path) -> None:
    path = tmp_path / "破.pdf"
    path.write_bytes(b"%PDF-1.7 broken")
    assert "破.pdf" in refusal(kb("inspect", path))
