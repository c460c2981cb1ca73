"""DOCX files, made here with python-docx."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from kb.domain import BlockKind
from kb.errors import Reason
from tests.reading.documents import (
    check_passages,
    check_structure,
    outline,
    read,
    rejection,
    text_of,
)

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_NOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"


def made(write: Callable[[Any], object], title: str = "") -> bytes:
    document = docx.Document()
    document.core_properties.title = title
    write(document)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_footnote(document: Any) -> None:
    document.add_paragraph("割当は企業ごとに決まる")
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), "2")
    document.paragraphs[-1].add_run()._r.append(reference)
    document.paragraphs[-1].add_run("。")
    document.add_heading("参考文献", 1)
    document.add_paragraph("通商白書、2025年。", style="List Number")
    xml = (
        f"<w:footnotes {_W}><w:footnote w:type='separator' w:id='0'><w:p><w:r><w:t>線</w:t></w:r>"
        "</w:p></w:footnote><w:footnote w:id='2'><w:p><w:r><w:t>概数で</w:t></w:r><w:r><w:t>ある。"
        "</w:t></w:r></w:p></w:footnote></w:footnotes>"
    )
    part = Part(PackURI("/word/footnotes.xml"), _NOTES_TYPE, xml.encode(), document.part.package)
    document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def test_styles_give_headings_lists_and_captions() -> None:
    def write(document: Any) -> None:
        document.add_heading("希土の市場", 0)
        document.add_heading("供給", 1)
        document.add_paragraph("採掘は一国に偏る。")
        document.add_heading("精製", 2)
        document.add_paragraph("分離", style="List Bullet")
        document.add_paragraph("先", style="List Number")
        document.add_paragraph("後", style="List Number")
        document.add_paragraph("表1 国別の割合")

    document = read(made(write), "a.docx")
    check_structure(document)
    assert [(b.kind.value, b.level, text_of(document, b)) for b in document.blocks] == [
        ("heading", 1, "希土の市場"),
        ("heading", 2, "供給"),
        ("paragraph", 0, "採掘は一国に偏る。"),
        ("heading", 3, "精製"),
        ("list_item", 0, "• 分離"),
        ("list_item", 0, "1. 先"),
        ("list_item", 0, "2. 後"),
        ("caption", 0, "表1 国別の割合"),
    ]


def test_numbering_begins_again_after_body_text() -> None:
    def write(document: Any) -> None:
        for text in ("甲", "乙", "", "丙"):
            style = "List Number" if text else "Normal"
            document.add_paragraph(text or "本文である。", style=style)

    found = [text for kind, text in outline(read(made(write), "a.docx")) if kind == "list_item"]
    assert found == ["1. 甲", "2. 乙", "1. 丙"]


def test_a_bold_numbered_line_is_a_heading() -> None:
    def write(document: Any) -> None:
        document.add_paragraph().add_run("1. 供給の現状").bold = True
        document.add_paragraph("2. 本文の中の番号")
        document.add_paragraph("採掘は一国に偏る。")

    assert [kind for kind, _ in outline(read(made(write), "a.docx"))] == [
        "heading",
        "paragraph",
        "paragraph",
    ]


def test_a_table_is_rows_of_cells() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("割合は次のとおり。")
        table = document.add_table(rows=2, cols=2)
        for i, text in enumerate(("国", "割合", "甲\n国", "60%")):
            table.cell(i // 2, i % 2).text = text

    assert outline(read(made(write), "a.docx"))[1] == ("table", "国\t割合\n甲 国\t60%")


def test_footnotes_are_notes_with_the_number_in_the_body() -> None:
    document = read(made(with_footnote), "a.docx")
    check_passages(document)
    assert outline(document) == [
        ("paragraph", "割当は企業ごとに決まる[2]。"),
        ("heading", "参考文献"),
        ("reference", "1. 通商白書、2025年。"),
        ("note", "概数である。"),
    ]
    assert document.blocks[-1].marker == "2"


def test_tracked_insertions_are_text_and_deletions_are_not() -> None:
    def write(document: Any) -> None:
        document.add_paragraph("割当は")
        for tag, inner, text in (("w:ins", "w:t", "公表され"), ("w:del", "w:delText", "秘密で")):
            change, run, node = OxmlElement(tag), OxmlElement("w:r"), OxmlElement(inner)
            node.text = text
            run.append(node)
            change.append(run)
            document.paragraphs[-1]._p.append(change)
        document.paragraphs[-1].add_run("ない。")

    assert outline(read(made(write), "a.docx")) == [("paragraph", "割当は公表されない。")]


def test_metadata_are_the_core_properties() -> None:
    document = read(made(lambda d: d.add_paragraph("本文である。"), title="希土の市場"), "a.docx")
    assert document.metadata == {"title": "希土の市場"}
    assert document.page_starts == ()


def test_an_encrypted_or_old_document_is_refused() -> None:
    reason, message = rejection(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512, "a.docx")
    assert reason is Reason.ENCRYPTED
    assert "password" in message
    assert "save it as an open .docx" in message


@pytest.mark.parametrize("share", [0.2, 0.5, 0.95])
def test_a_truncated_file_is_damaged(share: float) -> None:
    data = made(lambda d: d.add_paragraph("本文である。"))
    reason, _ = rejection(data[: int(share * len(data))], "a.docx")
    assert reason in (Reason.DAMAGED, Reason.MISNAMED)


def test_a_part_that_is_not_xml_is_damaged() -> None:
    data, out = made(lambda d: d.add_paragraph("本文である。")), io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(out, "w") as target:
        for name in source.namelist():
            broken = name == "word/document.xml"
            target.writestr(name, b"<w:document" if broken else source.read(name))
    reason, message = rejection(out.getvalue(), "a.docx")
    assert reason is Reason.DAMAGED
    assert message.endswith("; open and save it again")


def test_a_flipped_byte_in_the_compressed_text_is_damaged() -> None:
    data = bytearray(made(lambda d: [d.add_paragraph(f"{n}本文である。") for n in range(300)]))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        info = archive.getinfo("word/document.xml")
    at = info.header_offset + 60 + info.compress_size // 2
    data[at : at + 8] = bytes(b ^ 0xFF for b in data[at : at + 8])
    assert rejection(bytes(data), "a.docx")[0] is Reason.DAMAGED


def test_a_document_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.reading.docx.MAX_UNPACKED", 1000)
    data = made(lambda d: d.add_paragraph("本文である。"))
    assert rejection(data, "a.docx")[0] is Reason.TOO_LARGE


def test_a_document_without_text_is_refused() -> None:
    assert rejection(made(lambda d: d.add_paragraph("")), "a.docx")[0] is Reason.NO_TEXT


def test_no_block_kind_is_lost_on_the_way_to_the_index() -> None:
    document = read(made(with_footnote), "a.docx")
    assert {b.kind for b in document.blocks} >= {BlockKind.NOTE, BlockKind.REFERENCE}
