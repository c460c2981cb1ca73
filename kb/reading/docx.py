"""DOCX: headings by style, lists, tables and footnotes as blocks."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml import etree

from kb.domain import BlockKind
from kb.errors import Reason, RejectedFile
from kb.reading.draft import Draft, Reading, draft
from kb.reading.furniture import mark_furniture
from kb.reading.patterns import CAPTION, heading_level

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an encrypted DOCX is an OLE file
MAX_UNPACKED = 512 * 1024 * 1024
_TINIEST = 2  # half points; nobody reads smaller letters
_COLOURED = frozenset({qn("w:tbl"), qn("w:txbxContent")})
_FOOTNOTES = "word/footnotes.xml"
_ENDNOTES = "word/endnotes.xml"


def read_docx(data: bytes) -> Reading:
    """The reading of a DOCX file. Raises RejectedFile (encrypted, damaged, too_large)."""
    if data.startswith(_OLE):
        raise RejectedFile(
            Reason.ENCRYPTED,
            "it is protected by a password or an old .doc file; save it as an open .docx",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(info.file_size for info in archive.infolist()) > MAX_UNPACKED:
                raise RejectedFile(
                    Reason.TOO_LARGE, f"it unpacks to more than {MAX_UNPACKED >> 20} MiB"
                )
            notes = [*_notes(archive, _FOOTNOTES), *_notes(archive, _ENDNOTES)]
        document = docx.Document(io.BytesIO(data))
    except (
        PackageNotFoundError,
        zipfile.BadZipFile,
        zlib.error,
        KeyError,
        ValueError,
        EOFError,
        etree.XMLSyntaxError,
        NotImplementedError,
    ) as error:
        raise RejectedFile(
            Reason.DAMAGED, f"it is not a readable DOCX file ({error}); open and save it again"
        ) from error  # fmt: skip
    unseen = sum(map(_take_unseen, document.element.body.iter(qn("w:r"))))
    properties = document.core_properties
    metadata: dict[str, Any] = {}
    if properties.title:
        metadata["title"] = properties.title
    if properties.author and properties.author != "python-docx":
        metadata["author"] = [{"literal": properties.author}]
    # Footnotes are a part of their own, so a 参考文献 at the end does not cover them.
    drafts = [*mark_furniture(list(_body(document))), *notes]
    told = f"{unseen} characters that no reader of the document sees are left out"
    return Reading(tuple(drafts), metadata=metadata, warnings=(told,) if unseen else ())


def _take_unseen(run: Any) -> int:
    """Empty a run that is hidden, white on nothing, or tiny; how many characters it had."""
    style = run.find(qn("w:rPr"))
    if style is None:
        return 0
    said = {child.tag: child.get(qn("w:val"), "") for child in style}
    size = said.get(qn("w:sz"), "")
    white = said.get(qn("w:color"), "").upper() == "FFFFFF"
    # Styles colour cells and boxes, which the run does not say.
    shaded = any(name in said for name in (qn("w:shd"), qn("w:highlight"))) or any(
        above.tag in _COLOURED or above.find(f"{above.tag}Pr/{qn('w:shd')}") is not None
        for above in run.iterancestors()
    )
    hidden = said.get(qn("w:vanish"), "0") not in ("0", "false", "off")
    tiny = size.isdecimal() and int(size) <= _TINIEST
    if not (hidden or tiny or (white and not shaded)):
        return 0
    texts = list(run.iter(qn("w:t")))
    lost = sum(len("".join((node.text or "").split())) for node in texts)
    for node in texts:
        node.text = ""
    return lost


def _body(document: Any) -> Iterator[Draft]:
    counters: dict[str, int] = {}
    for element in document.element.body.iterchildren():
        if element.tag == qn("w:p"):
            if (found := _paragraph(element, document, counters)) is not None:
                yield found
        elif element.tag == qn("w:tbl"):
            yield draft(BlockKind.TABLE, _table(element))
        elif element.tag == qn("w:sdt"):
            for paragraph in element.iter(qn("w:p")):
                if (found := _paragraph(paragraph, document, counters)) is not None:
                    yield found


def _text(element: Any) -> str:
    """The text of a paragraph, with tracked insertions and without tracked deletions."""
    out: list[str] = []
    for node in element.iter():
        if node.tag == qn("w:t"):
            out.append(node.text or "")
        elif node.tag == qn("w:tab"):
            out.append("\t" if node.getparent().tag == qn("w:r") else "")
        elif node.tag in (qn("w:br"), qn("w:cr")):
            out.append("\n")
        elif node.tag == qn("w:noBreakHyphen"):
            out.append("-")
        elif node.tag in (qn("w:footnoteReference"), qn("w:endnoteReference")):
            out.append(f"[{node.get(qn('w:id'))}]")
    return re.sub(r"[ \u00a0]+", " ", "".join(out)).strip()


def _paragraph(element: Any, document: Any, counters: dict[str, int]) -> Draft | None:
    text = _text(element)
    if not text:
        return None
    paragraph = docx.text.paragraph.Paragraph(element, document)
    style = (paragraph.style.name if paragraph.style is not None else "") or ""
    number = element.find(f"{qn('w:pPr')}/{qn('w:numPr')}")
    outline = element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
    if style in ("Title", "表題"):
        return draft(BlockKind.HEADING, text, level=1)
    if match := re.fullmatch(r"(?:Heading|heading|見出し)\s*([1-9１-９])", style):
        return draft(BlockKind.HEADING, text, level=int(match[1]) + 1)
    if outline is not None and int(outline.get(qn("w:val"), "9")) < 9:
        return draft(BlockKind.HEADING, text, level=int(outline.get(qn("w:val"))) + 2)
    if style.startswith(("Caption", "図表番号")) or (CAPTION.match(text) and len(text) < 80):
        return draft(BlockKind.CAPTION, text)
    if number is not None or style.startswith(("List", "リスト", "箇条書き")):
        return draft(BlockKind.LIST_ITEM, _bullet(style, counters) + text)
    counters.clear()
    level = heading_level(text) if _is_bold(element) else 0
    if level:
        return draft(BlockKind.HEADING, text, level=level + 1)
    return draft(BlockKind.PARAGRAPH, text)


def _bullet(style: str, counters: dict[str, int]) -> str:
    if "Number" not in style and "番号" not in style:
        return "• "
    counters[style] = counters.get(style, 0) + 1
    return f"{counters[style]}. "


def _is_bold(element: Any) -> bool:
    runs = [
        r for r in element.iter(qn("w:r")) if any((t.text or "").strip() for t in r.iter(qn("w:t")))
    ]
    return bool(runs) and all(r.find(f"{qn('w:rPr')}/{qn('w:b')}") is not None for r in runs)


def _table(element: Any) -> str:
    rows = []
    for row in element.iter(qn("w:tr")):
        cells = [
            " ".join(filter(None, (_text(p) for p in cell.iter(qn("w:p"))))).replace("\n", " ")
            for cell in row.iter(qn("w:tc"))
        ]
        rows.append("\t".join(cells))
    return "\n".join(rows)


def _notes(archive: zipfile.ZipFile, name: str) -> Iterator[Draft]:
    """Footnotes or endnotes, each with the number that stands in the body."""
    if name not in archive.namelist():
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    root = etree.fromstring(archive.read(name), parser)
    for note in root:
        if note.get(qn("w:type")) in ("separator", "continuationSeparator", "continuationNotice"):
            continue
        text = " ".join(filter(None, (_text(p) for p in note.iter(qn("w:p")))))
        if text:
            yield draft(BlockKind.NOTE, text, marker=note.get(qn("w:id")))
