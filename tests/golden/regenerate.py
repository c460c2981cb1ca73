"""Write the golden outlines anew: `python -m tests.golden.regenerate`. Read the difference."""

from __future__ import annotations

from pathlib import Path

from kb.domain import Document
from kb.reading.files import read_bytes, read_document

GOLDEN = Path(__file__).parent
CORPUS = GOLDEN.parents[1] / "corpus"
HEAD, TAIL = 40, 15


def shipped() -> list[Path]:
    """The reports of the shipped collection."""
    return sorted(path for path in CORPUS.iterdir() if path.suffix != ".json")


def golden_path(report: Path) -> Path:
    """Where the outline of a report is kept."""
    return GOLDEN / f"{report.name}.txt"


def outline(document: Document) -> str:
    """The reading of a document in short: one line for each block.

    Kind, level, marker, page, length, and the first and last characters.
    """
    lines = [f"{len(document.text)} characters, pages: {' '.join(document.page_labels) or 'none'}"]
    for block in document.blocks:
        text = document.text[block.start : block.end].strip()
        shown = text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} … {text[-TAIL:]}"
        shown = shown.replace("\n", "⏎").replace("\t", "→")
        fields = (block.kind.value, block.level, block.marker or "-", block.page or "-", len(text))
        lines.append(" ".join(map(str, (*fields, shown))))
    return "\n".join(lines) + "\n"


def read(report: Path) -> Document:
    """The document of a shipped report, without its metadata."""
    return read_document(report.name, read_bytes(report, max_bytes=1 << 26), {})


def main() -> None:
    """Write the outline of each report, and remove those of reports that are gone."""
    for old in GOLDEN.glob("*.txt"):
        old.unlink()
    for report in shipped():
        golden_path(report).write_text(outline(read(report)), encoding="utf-8")


if __name__ == "__main__":
    main()
