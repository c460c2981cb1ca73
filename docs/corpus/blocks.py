"""Reads the small Markdown dialect in which the vertical and the DOCX briefs are written.

One line is one paragraph.  Known forms: ``> digest``, ``## heading``, ``1. item``, ``- item``,
``表: caption`` followed by ``| cell | cell |`` rows and a ``（資料）`` line, ``[^1]`` for a
footnote call and ``[^1]: text`` for its text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

ITEM = re.compile(r"\d+\. (.*)")
NOTE = re.compile(r"\[\^(\d+)\]: (.*)")
CALL = re.compile(r"\[\^(\d+)\]")
MARKS = (("> ", "digest"), ("## ", "heading"), ("- ", "bullet"), ("表: ", "caption"))


@dataclass
class Block:
    """A piece of a brief: its kind, its text and, for a table, its rows."""

    kind: str
    text: str
    rows: list[list[str]] = field(default_factory=list)


@dataclass
class Brief:
    """A parsed brief: its blocks in order and the text of its footnotes by number."""

    blocks: list[Block]
    notes: dict[int, str]


def classify(line: str) -> Block:
    """Return the block that one line of source stands for."""
    for mark, kind in MARKS:
        if line.startswith(mark):
            return Block(kind, line[len(mark) :])
    item = ITEM.match(line)
    if item:
        return Block("number", item.group(1))
    if line.startswith("|"):
        return Block("table", "", [[cell.strip() for cell in line.strip("|").split("|")]])
    return Block("source" if line.startswith("（資料）") else "paragraph", line)


def parse(path: Path) -> Brief:
    """Parse the brief at ``path``; neighbouring table rows become one table."""
    brief = Brief([], {})
    for line in path.read_text(encoding="utf-8").splitlines():
        note = NOTE.match(line)
        if note:
            brief.notes[int(note.group(1))] = note.group(2)
        elif line.strip():
            block = classify(line.strip())
            if block.rows and brief.blocks and brief.blocks[-1].rows:
                brief.blocks[-1].rows.extend(block.rows)
            else:
                brief.blocks.append(block)
    return brief
