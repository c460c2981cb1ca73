"""PDF files made for tests: text at given places, in a font whose codes are UTF-16 units."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

from pypdf import PdfReader, PdfWriter


@dataclass(frozen=True)
class Placed:
    """A run of text at a place, in points from the lower left corner."""

    text: str
    x: float
    y: float
    size: float = 10.0


def lines(
    texts: Sequence[str], *, x: float = 60, top: float = 780, size: float = 10, step: float = 16
) -> list[Placed]:
    """Printed lines one below the other."""
    return [Placed(text, x, top - i * step, size) for i, text in enumerate(texts)]


def column(text: str, *, x: float, top: float = 760, size: float = 10) -> list[Placed]:
    """A vertical line: each character below the one before it."""
    return [Placed(c, x, top - i * size, size) for i, c in enumerate(text)]


def pdf(
    pages: Sequence[Sequence[Placed]],
    *,
    title: str = "",
    drawn: str = "",
    form: tuple[Sequence[Placed], str] | None = None,
) -> bytes:
    """A PDF file of the given pages.

    `drawn` are operators that draw on each page; `form` is text and operators of a form of
    its own, which each page shows 100 points to the right and 300 up.
    """
    contents = [_content(page) + b"\n" + drawn.encode() for page in pages]
    if form is not None:
        contents = [content + b"\nq 1 0 0 1 100 300 cm /X1 Do Q" for content in contents]
    pages = [*pages, form[0]] if form is not None else pages
    first = 7  # objects before the pages
    kids = " ".join(f"{first + 2 * i} 0 R" for i in range(len(contents)))
    signs = sorted({c for page in pages for run in page for c in run.text})
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(contents)} >>".encode(),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Sample /Encoding /Identity-H "
        b"/DescendantFonts [4 0 R] /ToUnicode 5 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /Sample /DW 1000 /CIDSystemInfo "
        b"<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        _stream(_to_unicode(signs)),
        _form(*form) if form is not None else b"null",
    ]
    for i, content in enumerate(contents):
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font "
            b"<< /F1 3 0 R >> /XObject << /X1 6 0 R >> >> /Contents %d 0 R >>" % (first + 2 * i + 1)
        )
        objects.append(_stream(content))
    if title:
        objects.append(b"<< /Title <feff%s> >>" % title.encode("utf-16-be").hex().encode())
    return _file(objects, info=len(objects) if title else None)


def _content(page: Sequence[Placed]) -> bytes:
    parts = [
        f"BT /F1 {run.size} Tf 1 0 0 1 {run.x} {run.y} Tm "
        f"<{run.text.encode('utf-16-be').hex()}> Tj ET"
        for run in page
    ]
    return "\n".join(parts).encode()


def _form(text: Sequence[Placed], drawn: str) -> bytes:
    entries = (
        b"/Type /XObject /Subtype /Form /BBox [0 0 400 300] /Resources << /Font << /F1 3 0 R >> >>"
    )
    return _stream(drawn.encode() + b"\n" + _content(text), entries)


def _to_unicode(signs: Sequence[str]) -> bytes:
    pairs = [f"<{ord(c):04x}> <{c.encode('utf-16-be').hex()}>" for c in signs]
    blocks = [
        f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar"
        for i in range(0, len(pairs), 100)
        if (part := pairs[i : i + 100])
    ]
    return (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Sample def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        + "\n".join(blocks)
        + "\nendcmap end end"
    ).encode()


def _stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(data), data)


def _file(objects: Sequence[bytes], *, info: int | None) -> bytes:
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, body in enumerate(objects, 1):
        places.append(out.tell())
        out.write(b"%d 0 obj\n%s\nendobj\n" % (number, body))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    out.writelines(b"%010d 00000 n \n" % place for place in places)
    extra = b"" if info is None else b" /Info %d 0 R" % info
    out.write(b"trailer\n<< /Size %d /Root 1 0 R%s >>\n" % (len(objects) + 1, extra))
    out.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return out.getvalue()


def encrypted(data: bytes, *, user: str, owner: str = "owner") -> bytes:
    """The same file protected by passwords (AES-256)."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.encrypt(user_password=user, owner_password=owner, algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
