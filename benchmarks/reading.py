"""How faithfully documents are read: text, order, headings, notes, encodings, speed.

    python -m benchmarks.reading [--shared ../shared] [--json] [--only NAME] [--breaks]

A part whose material is absent is skipped with the reason.
"""

from __future__ import annotations

import argparse
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.machine import machine_size
from benchmarks.reading_html import encodings, main_content
from benchmarks.reading_ocr import scans
from benchmarks.reading_papers import papers
from benchmarks.reading_part import Absent, Material, Table
from benchmarks.reading_pdf import columns, hard_files
from benchmarks.reading_reports import breaks, reports
from benchmarks.reading_speed import speed

_REPOSITORY = Path(__file__).resolve().parent.parent


def parts(verbose: bool) -> dict[str, Callable[[Material], list[Table]]]:
    """The parts by the names that --only takes."""
    return {
        "papers": lambda material: papers(material, verbose),
        "pdf": hard_files,
        "reports": reports,
        "encodings": encodings,
        "html": main_content,
        "columns": lambda material: columns(material, verbose),
        "ocr": scans,
        "speed": speed,
    }


def measured(material: Material, only: str | None, verbose: bool) -> dict[str, Any]:
    """The tables of each part, or the reason why it was skipped."""
    results: dict[str, Any] = {}
    for name, part in parts(verbose).items():
        if only in (None, name):
            try:
                results[name] = part(material)
            except Absent as absent:
                results[name] = str(absent)
    return results


def main() -> None:
    """Print the tables, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=_REPOSITORY.parent / "shared")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.add_argument("--only", choices=sorted(parts(False)), help="one part")
    parser.add_argument("--verbose", action="store_true", help="the faults themselves, too")
    parser.add_argument("--breaks", action="store_true", help="joins of report 003, to look at")
    options = parser.parse_args()
    logging.disable(logging.WARNING)  # of parsers, about damaged files
    material = Material(options.shared.resolve(), _REPOSITORY)
    if options.breaks:
        print("\n".join(breaks(material)))
        return
    results = measured(material, options.only, options.verbose)
    if options.json:
        plain = {
            name: {"skipped": found} if isinstance(found, str) else [t.plain() for t in found]
            for name, found in results.items()
        }
        print(json.dumps({"machine": machine_size(), **plain}, ensure_ascii=False, indent=1))
        return
    print(f"machine  {machine_size()}")
    for name, found in results.items():
        lines = [f"== {name}: skipped, {found}"] if isinstance(found, str) else [
            line for table in found for line in ("", *table.lines())
        ]  # fmt: skip
        print("\n".join(lines))


if __name__ == "__main__":
    main()
