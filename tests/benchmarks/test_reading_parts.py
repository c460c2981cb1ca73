from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from benchmarks.reading_docx import formatted, read_truth
from benchmarks.reading_html import page, report_parts, share_of_runs, visible
from benchmarks.reading_papers import heading_words
from benchmarks.reading_part import Table, shown
from benchmarks.reading_pdf import prose_sentences, rejection_is_right, without_footnotes
from benchmarks.reading_reports import line_breaks, listed
from kb.errors import Reason


def saved(document: Any, folder: Path) -> Path:
    buffer = io.BytesIO()
    document.save(buffer)
    path = folder / "paper.docx"
    path.write_bytes(buffer.getvalue())
    return path


def test_truth_has_headings_numbers_and_cells(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_heading("概要", level=1)
    document.styles.add_style("見出し２本文", 1)
    document.add_paragraph("本文である。", style="見出し２本文")
    document.add_paragraph("初め", style="List Number")
    document.add_paragraph("次", style="List Number")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "年", "量"
    truth = read_truth(saved(document, tmp_path))
    assert [u.text for u in truth.units if u.is_heading] == ["概要"]
    assert truth.squeezed_units == ["概要", "本文である。", "1.初め", "2.次", "年", "量"]


def test_truth_leaves_out_what_is_deleted(tmp_path: Path) -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("残る")
    deleted = OxmlElement("w:del")
    run = paragraph.add_run("消えた")._r
    deleted.append(run)
    paragraph._p.append(deleted)
    assert paragraph._p.find(qn("w:del")) is not None
    assert read_truth(saved(document, tmp_path)).squeezed_units == ["残る"]


@pytest.mark.parametrize(
    ("number", "form", "label"),
    [(3, "decimal", "3"), (3, "upperLetter", "C"), (4, "lowerRoman", "iv"), (2, "aiueo", "イ"),
     (12, "japaneseCounting", "十二"), (1, "none", ""), (3, "decimalEnclosedCircle", "3")],
)  # fmt: skip
def test_forms_of_numbers(number: int, form: str, label: str) -> None:
    assert formatted(number, form) == label


def test_headings_are_compared_without_their_numbers() -> None:
    assert [heading_words(h) for h in ("１.１背景", "第2章 方法", "1) データ", "2021年の規制")] == [
        "背景", "方法", "データ", "年の規制",
    ]  # fmt: skip


def test_footnotes_of_typst_may_hold_brackets() -> None:
    assert without_footnotes("減った#footnote[USGS [2025] による。]。次") == "減った。次"


def test_prose_leaves_out_markup() -> None:
    source = "# 題\n> 要旨である。\n本文[^1]である。続き\n| 表 | である。 |\n#digest[消える。]\n"
    assert prose_sentences(source) == ["要旨である。", "本文である。"]


@pytest.mark.parametrize(
    ("hard", "kana", "pages", "encrypted", "reason", "right"),
    [("AES-256", "0", "unreadable", "yes", Reason.ENCRYPTED, True),
     ("AES-256", "0", "unreadable", "yes", Reason.DAMAGED, False),
     ("fuzzed, broken", "0", "1", "no", Reason.DAMAGED, True),
     ("image-only", "0", "3", "no", Reason.NO_TEXT, True),
     ("table", "44", "1", "no", Reason.NO_TEXT, False),
     ("unrecoverable without the font", "71", "1", "no", Reason.NO_TEXT, True)],
)  # fmt: skip
def test_which_rejections_are_right(
    hard: str, kana: str, pages: str, encrypted: str, reason: Reason, right: bool
) -> None:
    row = {
        "what_makes_it_hard": hard, "pdftotext_kana": kana, "pdftotext_kanji": "0",
        "pages": pages, "encrypted": encrypted,
    }  # fmt: skip
    assert rejection_is_right(row, reason) is right


def test_runs_of_a_wrong_decoding_are_not_found() -> None:
    true = visible("<p>希土類の<b>輸出</b>&amp;規制</p>")
    assert true == "希土類の輸出&規制"
    assert share_of_runs("希土類の輸出", true) == 1.0
    assert share_of_runs("蟶悟悄鬘槭", true) == 0.0
    assert share_of_runs("abc", true) == 0.0


def test_a_report_becomes_a_page() -> None:
    report = report_parts("見出し\n\n規制は\n強まった。\n")
    assert [(p.text, p.is_heading) for p in report] == [
        ("見出し", True), ("規制は 強まった。", False),
    ]  # fmt: skip
    for markup in ("tags", "classes", "bare"):
        source = page(report, markup)
        assert source.count("通関太郎は") == 2
        assert "<h2>見出し</h2>" in source


def test_line_breaks_inside_sentences_are_traced() -> None:
    source = "レアアースの輸出は近年になって大き\nく減った。次の年には回復している。\n"
    found = line_breaks(
        source, "レアアースの輸出は近年になって大きく減った。次の年には回復している。"
    )
    assert [b.line for b in found] == [1]
    assert found[0].before.endswith("大き") and found[0].after.startswith("く減った")


def test_numbers_are_listed_by_runs() -> None:
    assert listed([1, 2, 3, 7, 9, 10]) == "1-3, 7, 9-10"


def test_tables_line_up_wide_characters() -> None:
    table = Table("題", ("名", "share"), [("希土", 0.5), ("a", None)])
    assert table.lines()[1:] == ["名    share", "希土  0.5000", "a     -"]
    assert shown(None) == "-"
