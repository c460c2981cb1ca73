"""Government papers: their PDF against their DOCX original."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from statistics import median

from benchmarks.reading_docx import Footnote, Truth, read_truth
from benchmarks.reading_part import Cell, Material, Table, existing, read
from benchmarks.reading_text import (
    BODY,
    Alignment,
    Score,
    align,
    edit_distance,
    score,
    squeezed,
    without_calls,
)  # fmt: skip
from kb.domain import BlockKind, Document

_LABEL = re.compile(
    r"^(第?[0-9一二三四五六七八九十]+[章節条編]|[(（]?[0-9a-zA-Zア-ン]{1,2}[)）.]|[0-9]+(\.[0-9]+)*\.?)+"
)
_CONTENTS = "目次"


def papers(material: Material, verbose: bool = False) -> list[Table]:
    """Errors of the body, headings and notes of each paper that exists in both forms."""
    folder = existing(material.shared / "documents" / "gov_cio")
    table = Table(
        "government papers: PDF against its DOCX original",
        ("file", "characters", "CER", "CER any order", "missing", "misfiled", "extra",
         "out of order",
         "heading P", "heading R", "heading F1", "notes", "read PDF", "linked PDF",
         "placed PDF", "read DOCX", "linked DOCX", "placed DOCX", "DOCX CER any order"),
    )  # fmt: skip
    for path in sorted((folder / "docx").glob("*.docx")):
        pdf = folder / "pdf" / f"{path.stem}.pdf"
        if pdf.exists():
            truth = read_truth(path)
            table.rows.append(_row(truth, read(pdf), read(path), path.stem, table, verbose))
    _add_summary(table)
    table.remarks += [
        "CER: Levenshtein distance (exact, bit-parallel) of the squeezed body over its length;"
        " any order: each paragraph, cell and text box at its own place (benchmarks.reading_text)",
        "body: headings, paragraphs, list items, tables, captions, references, without the calls"
        " of notes; automatic numbers are rendered into the truth; contents pages are left out",
        "misfiled: what is missing of the body but stands whole in a block of furniture or notes",
        "extra holds the lettering of figures that are pictures in the DOCX and drawings in the"
        " PDF; out of order: units that must move; placed: the call stands where Word has it",
    ]
    return [table]


def _row(
    truth: Truth, pdf: Document, word: Document, name: str, table: Table, verbose: bool
) -> tuple[Cell, ...]:
    units = truth.squeezed_units
    text, word_text = squeezed(without_calls(pdf)), squeezed(without_calls(word))
    alignment, word_alignment = align(units, text), align(units, word_text)
    headings = heading_score(truth, pdf)
    if verbose:
        table.remarks += _details(name, alignment, truth, pdf)
    size = alignment.characters
    return (
        name, size, edit_distance("".join(units), text) / max(1, size),
        alignment.error_rate, alignment.missing / size,
        misfiled(alignment, pdf) / size, alignment.extra / size,
        alignment.out_of_order, headings.precision, headings.recall, headings.f1,
        len(truth.footnotes), *notes_linked(truth.footnotes, pdf),
        *notes_linked(truth.footnotes, word), word_alignment.error_rate,
    )  # fmt: skip


def misfiled(alignment: Alignment, document: Document) -> int:
    """How many of the missing characters were read, but as furniture or as notes."""
    other = squeezed(without_calls(document, set(BlockKind) - BODY))
    return sum(len(piece) for piece in alignment.lost if piece in other)


def _add_summary(table: Table) -> None:
    """A row of medians and a row of the worst values; for scores the worst is the lowest."""
    if not table.rows:
        return
    columns = list(zip(*table.rows, strict=True))
    median_row: list[Cell] = ["median"]
    worst_row: list[Cell] = ["worst"]
    for head, column in list(zip(table.columns, columns, strict=True))[1:]:
        values = [v for v in column if isinstance(v, int | float)]
        lower_is_worse = head.startswith(("heading", "read", "linked", "placed"))
        counted = head in ("notes", "characters")
        median_row.append(None if counted or not values else float(median(values)))
        worst = (min if lower_is_worse else max)(values, default=None)
        worst_row.append(None if counted else worst)
    table.rows += [tuple(median_row), tuple(worst_row)]


def heading_words(text: str) -> str:
    """A heading without its number, squeezed."""
    return _LABEL.sub("", squeezed(text))


def heading_score(truth: Truth, document: Document) -> Score:
    """Headings found against headings styled so; the title, above the first, counts for neither."""
    true = Counter(heading_words(u.text) for u in truth.units if u.is_heading)
    found = Counter(_found_headings(document))
    first = next((i for i, u in enumerate(truth.units) if u.is_heading), 0)
    front = "".join(squeezed(u.text) for u in truth.units[:first]) + _CONTENTS
    for neutral in [h for h in found if h in front and h not in true]:
        del found[neutral]
    return score(found, true)


def _found_headings(document: Document) -> list[str]:
    texts = (
        heading_words(document.text[b.start : b.end])
        for b in document.blocks
        if b.kind is BlockKind.HEADING
    )
    return [t for t in texts if t]


def notes_linked(footnotes: list[Footnote], document: Document) -> tuple[Cell, Cell, Cell]:
    """The shares of footnotes that are note blocks, that have a call, and have it in its place."""
    if not footnotes:
        return None, None, None
    notes = [
        (squeezed(document.text[b.start : b.end]), b.call)
        for b in document.blocks
        if b.kind is BlockKind.NOTE
    ]
    read = linked = placed = 0
    for footnote in footnotes:
        beginning = squeezed(footnote.text)[:15]
        found = [call for text, call in notes if beginning in text]
        calls = [call for call in found if call is not None]
        read += bool(found)
        linked += bool(calls)
        placed += any(
            squeezed(document.text[max(0, start - 60) : start]).endswith(footnote.before)
            for start, _ in calls
        )
    count = len(footnotes)
    return read / count, linked / count, placed / count


def _details(name: str, alignment: Alignment, truth: Truth, pdf: Document) -> list[str]:
    """The longest faults of one paper, for whoever mends the reader."""
    true = Counter(heading_words(u.text) for u in truth.units if u.is_heading)
    found = Counter(_found_headings(pdf))
    lost = sorted(alignment.lost, key=len, reverse=True)[:12]
    extra = sorted(alignment.unclaimed, key=len, reverse=True)[:12]
    return [
        *(f"{name} lost: {t[:90]}" for t in lost),
        *(f"{name} extra ({len(t)}): {t[:90]}" for t in extra),
        f"{name} headings missed: {' | '.join(t[:30] for t in (true - found))}",
        f"{name} headings too many: {' | '.join(t[:30] for t in (found - true))}",
    ]


def paper_pdfs(material: Material) -> list[Path]:
    """All papers in PDF."""
    return sorted(existing(material.shared / "documents" / "gov_cio" / "pdf").glob("*.pdf"))
