"""The reports pasted as plain text: notes, captions, appendices, and joined lines."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reading_part import Absent, Cell, Material, Table, existing, read
from benchmarks.reading_text import squeezed
from kb.domain import BlockKind, Document

_NOTES = {"000": 36, "003": 120}
_FIGURES = [n for n in range(1, 25) if n != 16]  # 16 has no caption in the source
_APPENDICES = range(1, 6)
_POINTS = range(1, 8)
_BREAKS = 100
_SEED = 20260401
_AROUND = 15


def report_path(material: Material, number: str) -> Path:
    """The report whose file name begins with `number`. Raises Absent."""
    found = sorted(existing(material.shared / "reports").glob(f"{number}_*.txt"))
    if not found:
        raise Absent(f"report {number} is not there")
    return found[0]


def reports(material: Material) -> list[Table]:
    """What is known of the reports' structure against the blocks that were read."""
    table = Table("reports: structure", ("what", "found", "of", "which are missing"))
    for number, count in _NOTES.items():
        document = read(report_path(material, number))
        table.rows += [_notes_row(number, document, count, linked) for linked in (False, True)]
    document = read(report_path(material, "003"))
    captions = _texts(document, BlockKind.CAPTION)
    headings = _texts(document, BlockKind.HEADING)
    table.rows += [
        _numbered_row("003 captions 図表", captions, "図表", _FIGURES),
        _numbered_row("003 appendices as caption or heading", captions + headings,
                      "巻末資料", _APPENDICES),
        _numbered_row("003 appendices followed by a table", _before_table(document),
                      "巻末資料", _APPENDICES),
        _points_row(document),
    ]  # fmt: skip
    return [table]


def _notes_row(number: str, document: Document, count: int, linked: bool) -> tuple[Cell, ...]:
    """Notes that are blocks with their marker; with `linked`, those with a call."""
    markers = {
        b.marker or ""
        for b in document.blocks
        if b.kind is BlockKind.NOTE and (b.call is not None or not linked)
    }
    numbers = {int(m[0]) for marker in markers if (m := re.search(r"\d+", marker))}
    missing = [n for n in range(1, count + 1) if n not in numbers]
    what = "linked" if linked else "read"
    return f"{number} notes {what}", count - len(missing), count, listed(missing)


def _numbered_row(
    what: str, texts: list[str], word: str, numbers: list[int] | range
) -> tuple[Cell, ...]:
    missing = [n for n in numbers if not any(re.match(rf"{word}{n}(?!\d)", t) for t in texts)]
    return what, len(numbers) - len(missing), len(numbers), listed(missing)


def _points_row(document: Document) -> tuple[Cell, ...]:
    """The numbered points of the abstract, each a list item of its own."""
    section = next(
        (s for s in document.sections if squeezed("".join(s.heading_path[-1:])) == "要旨"), None
    )
    if section is None:
        return "003 points of 要旨", 0, len(_POINTS), "no section 要旨"
    texts = [
        squeezed(document.text[b.start : b.end])
        for b in document.blocks
        if b.kind is BlockKind.LIST_ITEM and section.start <= b.start < section.end
    ]
    missing = [n for n in _POINTS if sum(t.startswith(f"{n}.") for t in texts) != 1]
    return "003 points of 要旨", len(_POINTS) - len(missing), len(_POINTS), listed(missing)


def _texts(document: Document, kind: BlockKind) -> list[str]:
    return [squeezed(document.text[b.start : b.end]) for b in document.blocks if b.kind is kind]


def _before_table(document: Document) -> list[str]:
    """The captions and headings that a table follows within the next three blocks."""
    out = []
    for i, block in enumerate(document.blocks):
        if block.kind in (BlockKind.CAPTION, BlockKind.HEADING):
            following = document.blocks[i + 1 : i + 4]
            if any(b.kind is BlockKind.TABLE for b in following):
                out.append(squeezed(document.text[block.start : block.end]))
    return out


def listed(numbers: list[int]) -> str:
    """Rising numbers with their runs as from-to."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{r[0]}-{r[-1]}" if len(r) > 1 else str(r[0]) for r in runs)


@dataclass(frozen=True, slots=True)
class Break:
    """The end of a line of the source, and what stands around it in the stored text."""

    line: int
    before: str
    after: str

    @property
    def shown(self) -> str:
        """One line for the eye: ⏎ is a line break that was kept."""
        return f"{self.line:5d}  {self.before}│{self.after}".replace("\n", "⏎")


def breaks(material: Material) -> list[str]:
    """The joins of report 003 at a fixed choice of its page and line breaks."""
    path = report_path(material, "003")
    found = line_breaks(path.read_text(encoding="utf-8"), read(path).text)
    chosen = random.Random(_SEED).sample(found, min(_BREAKS, len(found)))
    return [b.shown for b in sorted(chosen, key=lambda b: b.line)]


def line_breaks(source: str, stored: str) -> list[Break]:
    """The ends of lines that end inside a sentence and are no rows of a table.

    A line is traced by the ten squeezed characters before its end, searched onward from
    the line before; a line that cannot be traced is left out.
    """
    text, offsets = traced(stored)
    out: list[Break] = []
    at = 0
    for number, line in enumerate(source.splitlines(), 1):
        tail = traced(line)[0][-10:]
        if len(tail) < 10:
            continue
        place = text.find(tail, at)
        if not 0 <= place < at + 20_000:
            continue
        at = place + len(tail)
        end = offsets[at - 1] + 1
        if tail[-1] not in "。.)」" and "\t" not in line:
            before, after = stored[max(0, end - _AROUND) : end], stored[end : end + _AROUND]
            out.append(Break(number, before, after))
    return out


def traced(text: str) -> tuple[str, list[int]]:
    """The text without white space, and the offset of each character that is left."""
    offsets = [i for i, sign in enumerate(text) if not sign.isspace()]
    return "".join(text[i] for i in offsets), offsets
