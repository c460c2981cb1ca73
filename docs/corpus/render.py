"""Renders the briefs under ``sources/`` into the shipped collection as PDF and DOCX files.

The catalogue ``corpus/library.json`` gives each brief its title, number, date and file name.
Typst sets the horizontal PDFs, Chromium prints the vertical one, python-docx writes the DOCX
files.  Dates and identifiers are fixed, so a second run gives the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import io
import json
import re
import subprocess
import tempfile
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst
from blocks import Block, parse
from docx_writer import write_docx
from pypdf import PdfReader, PdfWriter
from pypdf.constants import PageLabelStyle
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    StreamObject,
    TextStringObject,
)

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
CORPUS = HERE.parents[1] / "corpus"
CATALOGUE = CORPUS / "library.json"
RENDERED = (".pdf", ".docx")
AUTHOR = "希土編集室"
FRONT_MATTER = {"united-states-response": 2}
FULL_WIDTH = str.maketrans("0123456789.", "０１２３４５６７８９．")
DIGITS = re.compile(r"(?<![A-Za-z0-9./-])\d+(?:\.\d+)?(?![A-Za-z0-9/-])")
HEX = rb"<([0-9A-Fa-f]+)>"
MAPPING = re.compile(rb"^" + HEX + rb" (?:" + HEX + rb" )?" + HEX + rb"$", re.MULTILINE)
RADICALS = dict(zip("⺠⻑⻄⻘⻩⻝⻤⻨⻭⻫⻯⻁⻆⼾", "民長西青黄食鬼麦歯斉竜虎角戸", strict=True))
VERTICAL = dict(zip("︵︶︓︔︕︖", "（）：；！？", strict=True))
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Entry:
    """What the catalogue says about one brief."""

    title: str
    number: str
    date: tuple[int, int, int]
    file: str

    @property
    def stem(self) -> str:
        """The file name without its ending; the source has the same one."""
        return Path(self.file).stem

    @property
    def iso(self) -> str:
        """The date as ``YYYY-MM-DD``."""
        return "{:04}-{:02}-{:02}".format(*self.date)

    @property
    def japanese(self) -> str:
        """The date as it is printed."""
        return "{}年{}月{}日".format(*self.date)


def read_entry(item: dict[str, Any]) -> Entry:
    """Make an entry of one CSL-JSON item."""
    year, month, day = item["issued"]["date-parts"][0]
    return Entry(item["title"], item["number"], (year, month, day), item["custom"]["file"])


def read_catalogue() -> list[Entry]:
    """Return the entries of the catalogue that are rendered from a source here."""
    items = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return [read_entry(item) for item in items if item["custom"]["file"].endswith(RENDERED)]


def typeset(entry: Entry) -> bytes:
    """Compile a Typst source to PDF."""
    compiled = typst.compile(
        str(SOURCES / f"{entry.stem}.typ"),
        root=str(SOURCES),
        format="pdf",
        sys_inputs={"title": entry.title, "number": entry.number, "date": entry.iso},
    )
    if not isinstance(compiled, bytes):
        raise TypeError(f"{entry.stem}: expected one PDF")
    return compiled


def upright(text: str) -> str:
    """Escape text and set its numbers upright for vertical lines."""

    def number(match: re.Match[str]) -> str:
        digits = match.group()
        if len(digits) == 2:
            return f'<span class="tcy">{digits}</span>'
        return digits.translate(FULL_WIDTH)

    return DIGITS.sub(number, html.escape(text, quote=False))


def vertical_text(text: str) -> str:
    """Turn a paragraph into HTML; addresses stay as they are, on their side."""
    pieces = []
    end = 0
    for match in LINK.finditer(text):
        pieces.append(upright(text[end : match.start()]))
        pieces.append(f'<span class="url">{html.escape(match.group())}</span>')
        end = match.end()
    return "".join([*pieces, upright(text[end:])])


def table_html(block: Block) -> str:
    """Return a horizontal table."""
    rows = [
        "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"
        for tag, row in zip(["th"] + ["td"] * len(block.rows), block.rows, strict=False)
    ]
    return "<table>" + "".join(rows) + "</table>"


def block_html(block: Block) -> str:
    """Return the HTML of one block."""
    if block.kind == "heading":
        return f"<h2>{vertical_text(block.text)}</h2>"
    if block.kind == "table":
        return table_html(block)
    if block.kind == "caption":
        return f'<div class="table"><p class="caption">{html.escape(block.text)}</p>'
    if block.kind == "source":
        return f'<p class="source">{html.escape(block.text)}</p></div>'
    if block.kind == "number":
        return f'<p class="item">{vertical_text(block.text)}</p>'
    if block.kind == "digest":
        return f'<section class="digest"><h3>要旨</h3><p>{vertical_text(block.text)}</p></section>'
    return f"<p>{vertical_text(block.text)}</p>"


def vertical_page(entry: Entry) -> str:
    """Return the whole HTML document of the vertical brief."""
    body = "\n".join(block_html(block) for block in parse(SOURCES / f"{entry.stem}.md").blocks)
    values = {
        "title": html.escape(entry.title),
        "heading": vertical_text(entry.title),
        "number": vertical_text(entry.number),
        "author": AUTHOR,
        "date": vertical_text(entry.japanese),
        "body": body,
    }
    page = (SOURCES / "vertical.html").read_text(encoding="utf-8")
    for name, value in values.items():
        page = page.replace("{{" + name + "}}", value)
    return page


def print_vertical(entry: Entry) -> bytes:
    """Print the vertical brief with Chromium."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder, "brief.html"), Path(folder, "brief.pdf")
        source.write_text(vertical_page(entry), encoding="utf-8")
        command = [
            "chromium",
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={folder}/profile",
            "--no-pdf-header-footer",
            f"--print-to-pdf={target}",
            source.as_uri(),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        return target.read_bytes()


def plain(char: str) -> str:
    """Return the ordinary character for a radical or a vertical form."""
    if char in RADICALS:
        return RADICALS[char]
    special = 0x2E80 <= ord(char) <= 0x2FDF or 0xFE10 <= ord(char) <= 0xFE4F
    if char in VERTICAL:
        return VERTICAL[char]
    return unicodedata.normalize("NFKC", char) if special else char


def mend_line(match: re.Match[bytes]) -> bytes:
    """Mend one line of a character map; a range with such characters is spelt out."""
    first, last, start = (int(part, 16) if part else None for part in match.groups())
    if first is None or start is None or len(match.group(3)) != 4:
        return match.group()
    old = [chr(start + step) for step in range((last or first) - first + 1)]
    new = [plain(char) for char in old]
    if new == old:
        return match.group()
    targets = " ".join(f"<{ord(char):04X}>" for char in new)
    if match.group(2) is None:
        return b"<%b> %b" % (match.group(1), targets.encode())
    return b"<%b> <%b> [%b]" % (match.group(1), match.group(2), targets.encode())


def mend_unicode(writer: PdfWriter) -> None:
    """Repair the character maps: Chromium names a shared glyph by its radical (⽇ for 日)."""
    done: set[int] = set()
    for page in writer.pages:
        fonts = page["/Resources"].get_object().get("/Font", {})
        for font in fonts.get_object().values():
            stream = font.get_object().get("/ToUnicode")
            stream = stream.get_object() if stream is not None else None
            if isinstance(stream, StreamObject) and id(stream) not in done:
                done.add(id(stream))
                stream.set_data(MAPPING.sub(mend_line, stream.get_data()))


def set_labels(writer: PdfWriter, front: int) -> None:
    """Number the front matter i, ii … and the body from 1."""
    writer.root_object.pop(NameObject("/PageLabels"), None)
    if front:
        writer.set_page_label(0, front - 1, style=PageLabelStyle.LOWERCASE_ROMAN)
    writer.set_page_label(front, len(writer.pages) - 1, style=PageLabelStyle.DECIMAL)


def finish_pdf(entry: Entry, data: bytes) -> bytes:
    """Set title, author, dates, language, page labels and a fixed identifier."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    stamp = "D:{:04}{:02}{:02}000000Z".format(*entry.date)
    writer.metadata = None
    writer.add_metadata(
        {
            "/Title": entry.title,
            "/Author": AUTHOR,
            "/CreationDate": stamp,
            "/ModDate": stamp,
            "/Producer": "Kido corpus renderer",
        }
    )
    mend_unicode(writer)
    root = writer.root_object
    root[NameObject("/Lang")] = TextStringObject("ja")
    root.pop(NameObject("/Metadata"), None)
    viewer = DictionaryObject()
    viewer[NameObject("/DisplayDocTitle")] = BooleanObject(True)
    if entry.stem == "myanmar-third-country-routes":
        viewer[NameObject("/Direction")] = NameObject("/R2L")
    root[NameObject("/ViewerPreferences")] = viewer
    set_labels(writer, FRONT_MATTER.get(entry.stem, 0))
    seal = ByteStringObject(hashlib.md5(f"{entry.stem} {entry.iso}".encode()).digest())
    writer._ID = ArrayObject((seal, seal))
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def render(entry: Entry) -> None:
    """Render one brief into the collection."""
    target = CORPUS / entry.file
    if target.suffix == ".docx":
        brief = parse(SOURCES / f"{entry.stem}.md")
        write_docx(target, brief, entry.title, entry.number, AUTHOR, entry.date)
    elif (SOURCES / f"{entry.stem}.typ").exists():
        target.write_bytes(finish_pdf(entry, typeset(entry)))
    else:
        target.write_bytes(finish_pdf(entry, print_vertical(entry)))
    print(target.name)


def main() -> None:
    """Render all briefs, or those named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stem", nargs="*", help="names without ending; all when none is given")
    wanted = parser.parse_args().stem
    for entry in read_catalogue():
        if not wanted or entry.stem in wanted:
            render(entry)


if __name__ == "__main__":
    main()
