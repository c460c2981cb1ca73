"""The pages of a PDF beside the blocks that were read from them, as one HTML file."""

from __future__ import annotations

import base64
import html
import io

import pypdfium2 as pdfium

from kb.domain import Block, Document
from kb.inspection import summary_lines
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.pdf import open_pdf

_SCALE = 100 / 72  # pixels per point
_COLOURS = {
    "heading": "#b3541e", "paragraph": "#1f5f7a", "list_item": "#3d7a5a", "table": "#6b4fa0",
    "caption": "#8a6d1d", "figure": "#b08a4a", "note": "#a03d5f", "reference": "#5a6b7a",
    "boilerplate": "#9a9a9a",
}  # fmt: skip
_STYLE = """
body{font:15px/1.7 "Hiragino Sans","Noto Sans CJK JP","Yu Gothic",sans-serif;margin:24px;color:#222;background:#fafaf8}
h1{font-size:20px}dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px}dt{color:#666}dd{margin:0}
section{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:24px;border-top:1px solid #ddd;padding:16px 0}
h2{grid-column:1/-1;font-size:15px;margin:0;color:#444}figure{margin:0;position:sticky;top:8px;align-self:start}
svg{width:100%;height:auto;border:1px solid #ddd;background:#fff}
p.b{margin:0 0 8px;padding:2px 10px;border-left:4px solid;white-space:pre-wrap;overflow-wrap:anywhere}
p.b small{display:block;color:#777;font-size:12px}p.boilerplate,p.figure,p.reference{opacity:.65}p.heading{font-weight:bold}
@media(max-width:900px){section{grid-template-columns:1fr}figure{position:static}}
"""


def inspection_page(document: Document, data: bytes | None, options: ReadingOptions = PLAIN) -> str:
    """One HTML file without scripts; `data` is the PDF whose pages are to be shown, if any.

    Raises RejectedFile where the options do not open the PDF.
    """
    facts = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>"
        for name, value in summary_lines(document)
    )
    legend = " ".join(
        f'<span style="color:{colour}">■ {kind}</span>' for kind, colour in _COLOURS.items()
    )
    title = html.escape(document.title)
    return (
        f'<!doctype html><html lang="ja"><meta charset="utf-8"><title>{title}</title>'
        f"<style>{_STYLE}</style><h1>{title}</h1><dl>{facts}</dl><p>{legend}</p>"
        f"{''.join(_sections(document, data, options))}</html>"
    )


def _sections(document: Document, data: bytes | None, options: ReadingOptions) -> list[str]:
    if data is None or not document.page_starts:
        blocks = "".join(_block(document, b) for b in document.blocks)
        return [f"<section><div>{blocks}</div></section>"]
    pdf = open_pdf(data, options)
    try:
        return [
            f"<section><h2>{_page_title(document, number)}</h2>"
            f"<figure>{_picture(pdf, document, number)}</figure><div>"
            + "".join(_block(document, b) for b in document.blocks if b.page == number)
            + "</div></section>"
            for number in range(1, len(pdf) + 1)
        ]
    finally:
        pdf.close()


def _page_title(document: Document, number: int) -> str:
    quality = next((page for page in document.pages if page.page == number), None)
    read = (
        f" · {quality.reader}, {quality.characters} 字, {quality.odd_share:.2%} 異常"
        if quality
        else ""
    )
    return html.escape(f"{number} ({document.page_label(number)}){read}")


def _block(document: Document, block: Block) -> str:
    text = html.escape(document.text[block.start : block.end].strip())
    marks = [str(block.kind), f"{block.start}–{block.end}"]
    if block.level:
        marks.append(f"level {block.level}")
    if block.marker:
        marks.append(
            f"marker {block.marker}" + (f", called at {block.call[0]}" if block.call else "")
        )
    colour = _COLOURS[block.kind]
    return (
        f'<p class="b {block.kind}" style="border-color:{colour}">'
        f"<small>{html.escape(' · '.join(marks))}</small>{text}</p>"
    )


def _picture(pdf: pdfium.PdfDocument, document: Document, number: int) -> str:
    """The page with the boxes of its lines, coloured by the kind of their block."""
    page = pdf[number - 1]
    width, height = page.get_size()
    buffer = io.BytesIO()
    page.render(scale=_SCALE).to_pil().convert("RGB").save(buffer, format="PNG", optimize=True)
    picture = base64.b64encode(buffer.getvalue()).decode()
    boxes = []
    for place in document.places:
        if place.page != number:
            continue
        left, bottom, right, top = place.box
        block = document.block_at(place.start)
        boxes.append(
            f'<rect x="{left:.1f}" y="{height - top:.1f}" width="{right - left:.1f}" '
            f'height="{top - bottom:.1f}" fill="{_COLOURS[block.kind] if block else "#000"}" '
            'fill-opacity=".12" stroke-opacity=".5" stroke-width=".5"/>'
        )
    return (
        f'<svg viewBox="0 0 {width:.1f} {height:.1f}" role="img" aria-label="{number}">'
        f'<image href="data:image/png;base64,{picture}" width="{width:.1f}" '
        f'height="{height:.1f}"/>{"".join(boxes)}</svg>'
    )
