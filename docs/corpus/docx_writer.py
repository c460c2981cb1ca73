"""Writes a parsed brief as a DOCX file with real headings, lists, tables and footnotes."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path

from blocks import CALL, Block, Brief
from docx import Document
from docx.document import Document as Doc
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

SERIF = "Noto Serif CJK JP"
SANS = "Noto Sans CJK JP"
INK = RGBColor(0x1F, 0x3A, 0x5F)
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
FOOTNOTES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
FOOTNOTES_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
EPOCH = (1980, 1, 1, 0, 0, 0)


def set_font(document: Doc, name: str, font: str, size: float, bold: bool = False) -> None:
    """Give a paragraph style its fonts, for Latin and for Japanese text."""
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(name)
    style.font.name = font
    style.font.size = Pt(size)
    style.font.bold = bold
    style.font.italic = False
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), font)
    fonts.set(qn("w:hAnsi"), font)


def paragraph_style(document: Doc, name: str) -> ParagraphStyle:
    """Return a paragraph style by name."""
    style = document.styles[name]
    if not isinstance(style, ParagraphStyle):
        raise TypeError(name)
    return style


def prepare_styles(document: Doc) -> None:
    """Set fonts, spacing and language of the styles that are used."""
    set_font(document, "Normal", SERIF, 10.5)
    for name, size in (("Title", 18.0), ("Heading 1", 13.0)):
        set_font(document, name, SANS, size, bold=True)
        paragraph_style(document, name).font.color.rgb = INK
    for name in ("List Number", "List Bullet"):
        set_font(document, name, SERIF, 10.5)
    set_font(document, "Caption", SANS, 9.5, bold=True)
    normal = paragraph_style(document, "Normal")
    normal.paragraph_format.line_spacing = 1.4
    normal.paragraph_format.space_after = Pt(4)
    heading = paragraph_style(document, "Heading 1").paragraph_format
    heading.space_before, heading.space_after = Pt(16), Pt(6)
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "ja-JP")
    language.set(qn("w:eastAsia"), "ja-JP")
    properties = normal.element.get_or_add_rPr()
    properties.append(language)


def add_note_call(paragraph: Paragraph, number: int) -> None:
    """Add a reference to a footnote at the end of a paragraph."""
    run = paragraph.add_run()
    run.font.superscript = True
    reference = OxmlElement("w:footnoteReference")
    reference.set(qn("w:id"), str(number))
    run._r.append(reference)


def fill(paragraph: Paragraph, text: str) -> Paragraph:
    """Add text to a paragraph, turning ``[^1]`` into footnote references."""
    for index, piece in enumerate(CALL.split(text)):
        if index % 2:
            add_note_call(paragraph, int(piece))
        elif piece:
            paragraph.add_run(piece)
    return paragraph


def note_xml(number: int, text: str) -> str:
    """Return one footnote."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f'<w:footnote w:id="{number}"><w:p><w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr>'
        f'<w:footnoteRef/></w:r><w:r><w:rPr><w:sz w:val="17"/></w:rPr>'
        f'<w:t xml:space="preserve"> {safe}</w:t></w:r></w:p></w:footnote>'
    )


def add_footnotes(document: Doc, notes: dict[int, str]) -> None:
    """Add the part that holds the footnotes, with the two separators Word expects."""
    lines = "".join(
        f'<w:footnote w:type="{kind}" w:id="{number}"><w:p><w:r><w:{mark}/></w:r></w:p>'
        "</w:footnote>"
        for kind, number, mark in (
            ("separator", -1, "separator"),
            ("continuationSeparator", 0, "continuationSeparator"),
        )
    )
    lines += "".join(note_xml(number, text) for number, text in sorted(notes.items()))
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f'<w:footnotes xmlns:w="{WORD}">{lines}</w:footnotes>'
    )
    package = document.part.package
    if package is None:
        raise ValueError("document has no package")
    part = Part(PackURI("/word/footnotes.xml"), FOOTNOTES_TYPE, xml.encode("utf-8"), package)
    document.part.relate_to(part, FOOTNOTES)


def new_numbering(document: Doc) -> int:
    """Return the id of a numbered list that starts again at 1."""
    numbering = document.part.numbering_part.element
    style = paragraph_style(document, "List Number").element
    used = style.xpath("./w:pPr/w:numPr/w:numId/@w:val")[0]
    abstract = numbering.xpath(f"./w:num[@w:numId='{used}']/w:abstractNumId/@w:val")[0]
    number = max(int(value) for value in numbering.xpath("./w:num/@w:numId")) + 1
    numbering.append(
        parse_xml(
            f'<w:num xmlns:w="{WORD}" w:numId="{number}"><w:abstractNumId w:val="{abstract}"/>'
            '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
        )
    )
    return number


def add_number(document: Doc, text: str, numbering: int) -> None:
    """Add an item of a numbered list."""
    paragraph = fill(document.add_paragraph(style="List Number"), text)
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = numbering


def add_table(document: Doc, rows: list[list[str]]) -> None:
    """Add a table whose first row is its heading."""
    table = document.add_table(rows=0, cols=len(rows[0]), style="Light List Accent 1")
    for row in rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.line_spacing = 1.2
            run = paragraph.add_run(text)
            run.font.size = Pt(9)
    heading = table.rows[0]._tr.get_or_add_trPr()
    heading.append(OxmlElement("w:tblHeader"))


def add_digest(document: Doc, text: str) -> None:
    """Add the shaded summary."""
    paragraph = document.add_paragraph()
    paragraph.add_run("要旨　").bold = True
    fill(paragraph, text)
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), "EEF2F7")
    paragraph._p.get_or_add_pPr().append(shade)
    paragraph.paragraph_format.left_indent = Mm(5)
    paragraph.paragraph_format.right_indent = Mm(5)


def add_block(document: Doc, block: Block) -> None:
    """Add any block other than a numbered item."""
    if block.kind == "heading":
        document.add_heading(block.text, level=1)
    elif block.kind == "digest":
        add_digest(document, block.text)
    elif block.kind == "table":
        add_table(document, block.rows)
    elif block.kind == "bullet":
        fill(document.add_paragraph(style="List Bullet"), block.text)
    elif block.kind == "caption":
        caption = document.add_paragraph(block.text, style="Caption")
        caption.paragraph_format.keep_with_next = True
    elif block.kind == "source":
        document.add_paragraph().add_run(block.text).font.size = Pt(8.5)
    else:
        paragraph = fill(document.add_paragraph(), block.text)
        paragraph.paragraph_format.first_line_indent = Pt(10.5)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY


def add_blocks(document: Doc, blocks: list[Block]) -> None:
    """Add all blocks; each run of numbered items is a list of its own."""
    numbering = None
    for block in blocks:
        if block.kind != "number":
            numbering = None
            add_block(document, block)
            continue
        if numbering is None:
            numbering = new_numbering(document)
        add_number(document, block.text, numbering)


def add_frame(document: Doc, title: str, number: str) -> None:
    """Set the page size, the running head and the page number at the foot."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(27)
    section.top_margin = section.bottom_margin = Mm(25)
    head = section.header.paragraphs[0]
    head.add_run(f"希土政策ノート No. {number}　{title}").font.size = Pt(8)
    foot = section.footer.paragraphs[0]
    foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    foot._p.append(field)


def add_masthead(document: Doc, title: str, author: str, date: dt.datetime) -> None:
    """Add the title and the line with author and date."""
    document.add_heading(title, level=0)
    line = document.add_paragraph(f"{author}　{date.year}年{date.month}月{date.day}日")
    line.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def set_properties(document: Doc, title: str, author: str, date: dt.datetime) -> None:
    """Set the properties of the file."""
    core = document.core_properties
    core.title, core.author, core.last_modified_by = title, author, author
    core.created = core.modified = date
    core.language, core.comments, core.revision = "ja", "", 1


def save(document: Doc, target: Path) -> None:
    """Save the document with fixed dates inside the archive."""
    buffer = io.BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))


def write_docx(
    target: Path, brief: Brief, title: str, number: str, author: str, date: tuple[int, int, int]
) -> None:
    """Write ``brief`` to ``target``."""
    day = dt.datetime(*date)
    document = Document()
    prepare_styles(document)
    add_frame(document, title, number)
    add_masthead(document, title, author, day)
    add_blocks(document, brief.blocks)
    if brief.notes:
        add_footnotes(document, brief.notes)
    set_properties(document, title, author, day)
    save(document, target)
