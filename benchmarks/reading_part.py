"""What the parts of the reading benchmark have in common: files in, tables out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kb.domain import Document
from kb.errors import RejectedFile
from kb.reading.files import read_bytes, read_document

MAX_BYTES = 1 << 30
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Material:
    """Where the documents to be read are."""

    shared: Path
    repository: Path


class Absent(Exception):
    """The material of a part is not there; the message says what is missing."""


@dataclass(slots=True)
class Table:
    """Figures under column heads, with remarks below; shares are floats from 0 to 1."""

    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Cell, ...]] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The table as JSON has it."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The table in columns of text."""
        cells = [self.columns, *(tuple(map(shown, row)) for row in self.rows)]
        widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
        out = [f"== {self.title}"]
        for row in cells:
            padded = (c + " " * (w - _width(c)) for c, w in zip(row, widths, strict=True))
            out.append("  ".join(padded).rstrip())
        return [*out, *(f"   {remark}" for remark in self.remarks)]


def shown(cell: Cell) -> str:
    """A figure as it is printed: shares with four places."""
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.4f}" if cell < 2 else f"{cell:.1f}"
    return str(cell)


def _width(text: str) -> int:
    return sum(2 if sign >= "\u1100" else 1 for sign in text)


def existing(path: Path) -> Path:
    """The path. Raises Absent when nothing is there."""
    if not path.exists():
        raise Absent(f"{path} is not there")
    return path


def read(path: Path, name: str | None = None) -> Document:
    """The document of one file, under another name if given. Raises RejectedFile."""
    return read_document(name or path.name, read_bytes(path, max_bytes=MAX_BYTES), {})


def read_or_reason(path: Path, name: str | None = None) -> Document | RejectedFile:
    """The document of one file, or why it was rejected."""
    try:
        return read(path, name)
    except RejectedFile as rejected:
        return rejected


def manifest(path: Path) -> list[dict[str, str]]:
    """The rows of a manifest.tsv by column."""
    lines = existing(path).read_text(encoding="utf-8").splitlines()
    head = lines[0].split("\t")
    return [dict(zip(head, line.split("\t"), strict=False)) for line in lines[1:] if line]
