"""How fast PDF files are read on one core, and how much memory a long one takes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import time
from pathlib import Path

from pypdf import PdfReader, PdfWriter

from benchmarks.reading_papers import paper_pdfs
from benchmarks.reading_part import MAX_BYTES, Material, Table, existing
from kb.reading.files import FileBytes, read_bytes, read_document

_PAGES = 500


def speed(material: Material) -> list[Table]:
    """Pages in a second of process time over the government papers; peak memory of 500 pages."""
    table = Table(
        "speed on one core (process time)", ("what", "pages", "seconds", "pages/s"),
        remarks=["process time of all threads; the affinity is set to one core while reading"],
    )  # fmt: skip
    files = [(p.name, read_bytes(p, max_bytes=MAX_BYTES)) for p in paper_pdfs(material)]
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        _timed(files[:1])  # loads the reader
        for name, file in files:
            pages, seconds = _timed([(name, file)])
            table.rows.append((name, pages, round(seconds, 2), round(pages / seconds, 1)))
    finally:
        os.sched_setaffinity(0, cores)
    pages = sum(int(row[1] or 0) for row in table.rows)
    seconds = sum(float(row[2] or 0) for row in table.rows)
    table.rows.append(("all", pages, round(seconds, 2), round(pages / seconds, 1)))
    return [table, _memory(material)]


def _timed(files: list[tuple[str, FileBytes]]) -> tuple[int, float]:
    start, pages = time.process_time(), 0
    for name, file in files:
        pages += len(read_document(name, file, {}).page_starts)
    return pages, time.process_time() - start


def _memory(material: Material) -> Table:
    data = repeated_pages(sorted(existing(material.repository / "corpus").glob("*.pdf")), _PAGES)
    child = subprocess.run(
        [sys.executable, "-m", "benchmarks.reading_speed"],
        input=data, stdout=subprocess.PIPE, check=True, cwd=material.repository,
    )  # fmt: skip
    figures = json.loads(child.stdout)
    return Table(
        "memory: a PDF of 500 pages made of those of corpus/",
        ("file MiB", "pages", "before MiB", "peak MiB", "seconds", "pages/s"),
        [(
            round(len(data) / 2**20, 1), figures["pages"], figures["before"], figures["peak"],
            figures["seconds"], round(figures["pages"] / figures["seconds"], 1),
        )],
        ["VmRSS before and VmHWM after, of a fresh child process (not ru_maxrss, which a child"
         " inherits from its parent)"],
    )  # fmt: skip


def repeated_pages(paths: list[Path], count: int) -> bytes:
    """A PDF of `count` pages: those of the files over and over."""
    readers = [PdfReader(path) for path in paths]
    pages = [page for reader in readers for page in reader.pages]
    writer = PdfWriter()
    for i in range(count):
        writer.add_page(pages[i % len(pages)])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _mebibytes(field: str) -> int:
    """A field of /proc/self/status, which counts in KiB."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) // 1024
    return 0


def _child() -> None:
    """Read the PDF of standard input and print what it took."""
    data = FileBytes(sys.stdin.buffer.read(), "0" * 64)
    before, start = _mebibytes("VmRSS"), time.process_time()
    document = read_document("long.pdf", data, {})
    seconds = round(time.process_time() - start, 2)
    figures = {"pages": len(document.page_starts), "before": before, "seconds": seconds}
    print(json.dumps(figures | {"peak": _mebibytes("VmHWM")}))


if __name__ == "__main__":
    _child()
