"""One file of a corpus: its bytes, what it really is, and the Document it holds."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from kb.domain import BlockKind, Document
from kb.errors import Reason, RejectedFile
from kb.reading.draft import Reading, to_document
from kb.reading.options import PLAIN, ReadingOptions

# Raised whenever the same bytes are read into another text, so that they are read again.
READER_VERSION = 5

# Loaded when first needed: a run in which nothing changed parses nothing, and the server
# never does.
READERS = {
    "pdf": ("kb.reading.pdf", "read_pdf"),
    "html": ("kb.reading.html", "read_html"),
    "markdown": ("kb.reading.markdown", "read_markdown"),
    "text": ("kb.reading.text", "read_text"),
    "docx": ("kb.reading.docx", "read_docx"),
}
SUFFIXES = {
    ".pdf": "pdf", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".md": "markdown", ".markdown": "markdown", ".txt": "text", ".docx": "docx",
}  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True, slots=True)
class FileBytes:
    """The bytes of a file as they were at one moment, and their SHA-256 in hex."""

    data: bytes
    sha256: str


def read_bytes(path: Path, *, max_bytes: int) -> FileBytes:
    """Read a file once.

    Raises RejectedFile: unreadable, empty, too_large, changed_while_reading.
    """
    try:
        with path.open("rb") as file:
            before = os.fstat(file.fileno())
            if before.st_size > max_bytes:
                raise RejectedFile(
                    Reason.TOO_LARGE,
                    f"it has {before.st_size >> 20} MiB; at most {max_bytes >> 20} MiB are read "
                    "(KIDO_MAX_FILE_BYTES)",
                )
            data = file.read(max_bytes + 1)
            after = path.stat()
    except OSError as error:
        raise RejectedFile(
            Reason.UNREADABLE, f"it cannot be opened ({error.strerror}); check its permissions"
        ) from error
    if (before.st_size, before.st_mtime_ns, before.st_ino) != (
        after.st_size, after.st_mtime_ns, after.st_ino
    ) or len(data) != after.st_size:  # fmt: skip
        raise RejectedFile(
            Reason.CHANGED_WHILE_READING,
            "it changed while it was read; ingest again when it is still",
        )
    if not data.strip(b"\0 \t\r\n"):
        raise RejectedFile(Reason.EMPTY, "it is empty; put the report in its place")
    return FileBytes(data, hashlib.sha256(data).hexdigest())


def format_of(path: str) -> str:
    """The format that a file's suffix stands for. Raises RejectedFile (unknown_suffix)."""
    name = path.rpartition("/")[2]
    at = name.rfind(".")  # as PurePath.suffix has it, which takes long for many paths
    suffix = name[at:].lower() if 0 < at < len(name) - 1 else ""
    if suffix not in SUFFIXES:
        raise RejectedFile(
            Reason.UNKNOWN_SUFFIX,
            f"its suffix is {suffix or 'missing'}; {', '.join(sorted(SUFFIXES))} are read",
        )
    return SUFFIXES[suffix]


def read_document(
    path: str,
    data: FileBytes,
    metadata: Mapping[str, Any],
    options: ReadingOptions = PLAIN,
) -> Document:
    """The document in the bytes of the file at `path` (relative to the corpus).

    Raises RejectedFile with the reason why it cannot be indexed.
    """
    kind = format_of(path)
    _check_content(kind, data.data)
    reader = _reader(kind)
    reading = reader(data.data, options) if kind == "pdf" else reader(data.data)
    document = to_document(reading, path=path, sha256=data.sha256, format=kind, metadata=metadata)
    if not any(
        b.kind not in (BlockKind.BOILERPLATE, BlockKind.HEADING)
        and any(c.isalnum() for c in document.text[b.start : b.end])
        for b in document.blocks
    ):
        raise RejectedFile(
            Reason.NO_TEXT, "it holds no text of its own; check that it is the right file"
        )
    return document


def _reader(kind: str) -> Callable[..., Reading]:
    module, function = READERS[kind]
    reader: Callable[..., Reading] = getattr(import_module(module), function)
    return reader


def _check_content(format: str, data: bytes) -> None:
    """Raises RejectedFile (misnamed) where the first bytes are plainly of another format."""
    found = _sniff(data)
    if found is None or found == format:
        return
    if format == "docx" and found == "ole":
        return  # an encrypted DOCX: its reader says so
    if format in ("text", "markdown") and found == "html":
        return  # text may begin with a tag
    raise RejectedFile(
        Reason.MISNAMED,
        f"its suffix says {format}, but its content is {found}; give it the suffix of what it is",
    )


def _sniff(data: bytes) -> str | None:
    head = data[:1024].lstrip(b"\xef\xbb\xbf\0 \t\r\n")
    if b"%PDF-" in data[:1024]:
        return "pdf"
    if data.startswith(b"PK\x03\x04"):
        return "docx" if b"word/" in data else "zip"
    if data.startswith(_OLE):
        return "ole"
    if data.startswith((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*")):
        return "image"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if re.match(rb"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)", head, re.I | re.S):
        return "html"
    if data.startswith((b"\x7fELF", b"MZ\x90")):
        return "program"
    return None
