"""Hard PDF files against poppler's counts, and the order of columns against the sources."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.reading_part import Cell, Material, Table, existing, manifest, read, read_or_reason
from benchmarks.reading_text import japanese_characters, longest_rising, sentences, squeezed
from kb.domain import Document
from kb.errors import Reason, RejectedFile

_COLUMNS = {
    "united-states-response": "two columns",
    "market-supply-background": "two columns",
    "myanmar-third-country-routes": "vertical",
}
_PROSE = re.compile(r"^[^\s#+|\-=/\[\]*`:.,)(（>表図0-9a-z]")


def hard_files(material: Material) -> list[Table]:
    """Kana and kanji of each file against those that poppler finds."""
    folder = material.shared / "documents" / "pdf"
    rows = manifest(folder / "manifest.tsv")
    table = Table(
        "hard PDF files: kana and kanji against poppler",
        ("file", "ours", "poppler", "share", "verdict"),
    )
    for row in rows:
        table.rows.append(_row(row, read_or_reason(folder / row["file"])))
    wrong = sum("wrong" in str(r[-1]) for r in table.rows)
    fewer = sum("fewer" in str(r[-1]) for r in table.rows)
    table.remarks.append(
        f"{len(rows)} files: {fewer} with fewer than poppler, {wrong} rejected or accepted wrongly;"
        " furigana, which poppler has in its text, are counted with ours"
    )
    return [table]


def _row(row: dict[str, str], found: Document | RejectedFile) -> tuple[Cell, ...]:
    poppler = int(row["pdftotext_kana"]) + int(row["pdftotext_kanji"])
    if isinstance(found, RejectedFile):
        right = "right" if rejection_is_right(row, found.reason) else "wrong"
        return row["file"], None, poppler, None, f"rejected {found.reason}: {right}"
    ours = japanese_characters(found.text + "".join(f.kana for f in found.furigana))
    verdict = "fewer" if ours < poppler else "ok" if ours else "no Japanese found by either"
    if any(sign in row["what_makes_it_hard"] for sign in ("fuzzed", "corrupt", "empty")):
        verdict = "accepted wrongly" if not ours else verdict
    if found.warnings:
        verdict += f" ({len(found.warnings)} warnings)"
    return row["file"], ours, poppler, ours / poppler if poppler else None, verdict


def rejection_is_right(row: dict[str, str], reason: Reason) -> bool:
    """Whether a file of this kind may be rejected for this reason.

    Protected, unreadable, damaged, empty and scanned files may, and so may one whose text
    neither poppler nor anyone else can recover.
    """
    hard = row["what_makes_it_hard"]
    if row["encrypted"] == "yes":
        return reason is Reason.ENCRYPTED
    if row["pages"] == "unreadable":
        return reason in (Reason.DAMAGED, Reason.ENCRYPTED)
    if "fuzzed" in hard:
        return reason in (Reason.DAMAGED, Reason.NO_TEXT)
    if "unrecoverable" in hard:
        return reason in (Reason.NO_TEXT, Reason.UNDECODABLE)
    return int(row["pdftotext_kana"]) + int(row["pdftotext_kanji"]) == 0 and (
        reason is Reason.NO_TEXT
    )


def columns(material: Material, verbose: bool = False) -> list[Table]:
    """Sentences of the sources of the shipped collection in its PDF files."""
    corpus = existing(material.repository / "corpus")
    sources = existing(material.repository / "docs" / "corpus" / "sources")
    table = Table(
        "columns and vertical writing: sentences of the source in the stored text",
        ("file", "layout", "sentences", "whole", "in order"),
        remarks=["whole: found letter for letter apart from width, space and calls of notes"],
    )
    for stem, layout in _COLUMNS.items():
        source = next(p for p in sources.iterdir() if p.stem == stem)
        document = read(existing(corpus / f"{stem}.pdf"))
        true = source_sentences(source)
        text = squeezed(_uncalled(document))
        places = [at for s in true if (at := text.find(s)) >= 0]
        order = longest_rising(places) / len(places) if places else 0.0
        table.rows.append((stem, layout, len(true), len(places) / len(true), order))
        if verbose:
            table.remarks += [f"{stem} broken: {s}" for s in true if s not in text]
    return [table]


def source_sentences(path: Path) -> list[str]:
    """The sentences of the prose of a Typst or Markdown source, squeezed."""
    return prose_sentences(path.read_text(encoding="utf-8"))


def prose_sentences(source: str) -> list[str]:
    """The whole sentences of the paragraphs, without notes, headings, tables and lists."""
    out = []
    for line in source.splitlines():
        line = line.removeprefix("> ")
        if not _PROSE.match(line):
            continue
        line = re.sub(r"\[\^\w+\]|［\d+］", "", without_footnotes(line))
        out += [s for s in sentences(squeezed(line.replace("\\", ""))) if s.endswith("。")]
    return out


def without_footnotes(line: str) -> str:
    """A line of Typst without #footnote[…], whose brackets may hold others."""
    while (at := line.find("#footnote[")) >= 0:
        end, depth = at + len("#footnote["), 1
        while depth and end < len(line):
            depth += (line[end] == "[") - (line[end] == "]")
            end += 1
        line = line[:at] + line[end:]
    return line


def _uncalled(document: Document) -> str:
    """The stored text with nothing but the calls of notes taken out."""
    text, at, pieces = document.text, 0, []
    for start, end in sorted(b.call for b in document.blocks if b.call is not None):
        if start >= at:
            pieces.append(text[at:start])
            at = end
    return re.sub(r"［\d+］", "", "".join(pieces) + text[at:])
