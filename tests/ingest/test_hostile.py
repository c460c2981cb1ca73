"""A batch with hostile files: they are rejected with their reasons, the others are indexed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb.reading import sandbox as sandbox_module
from kb.reading.confinement import Limits
from kb.reading.sandbox import Sandbox
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop
from tests.reading.hostile import HOSTILE

ROOT = Path(__file__).parents[2]
BOMBS = ("zeros.pdf", "shared-streams.pdf", "liar.docx", "entities.docx", "nested.html")


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    work = Workshop(tmp_path, sandbox=Sandbox(Limits(cpu=2, wall=6)), max_file_bytes=1 << 24)
    work.write("一.md", REPORT)
    work.write("m.txt", MAGNETS)
    for name in BOMBS:
        work.write(name, HOSTILE[name]())
    work.write("終.md", PANEL)
    return work


def test_batch_mates_of_hostile_files_are_indexed(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = work.ingest()
    assert sorted(report.added) == sorted(["一.md", "m.txt", "終.md"])
    assert {r.path: r.reason for r in report.rejected} == {
        "zeros.pdf": "crashed",
        "shared-streams.pdf": "too_costly",
        "liar.docx": "too_costly",
        "entities.docx": "damaged",
        "nested.html": "no_text",
    }
    assert work.store().integrity_errors() == []

    # Nothing has changed: nothing is read, and no process is started to read it.
    monkeypatch.setattr(sandbox_module, "_Child", None)
    again = work.ingest()
    assert (again.generation, again.added) == (report.generation, ())
    assert again.rejected == report.rejected
    monkeypatch.undo()

    # What took too much is tried again once more is allowed.
    work.sandbox = Sandbox(Limits(cpu=3, wall=6))
    for name in ("zeros.pdf", "liar.docx"):
        (work.corpus / name).unlink()
    later = work.ingest()
    assert later.generation != report.generation
    assert [r.path for r in later.rejected] == [
        "entities.docx", "nested.html", "shared-streams.pdf"
    ]  # fmt: skip
    assert "more than 3 s of a core" in later.rejected[2].message


def test_an_ingestion_loads_no_reader_itself(tmp_path: Path) -> None:
    program = (
        "import sys\nfrom dataclasses import replace\nfrom pathlib import Path\n"
        "from kb.assembly import ingestion\nfrom kb.settings import Settings\n"
        "work = Path(sys.argv[1])\n"
        "report = ingestion(replace(Settings(), corpus=work / 'c', index=work / 'i')).run()\n"
        "print(len(report.added), {'pypdf', 'pypdfium2', 'lxml', 'docx'} & set(sys.modules))\n"
    )
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "a.html").write_text(f"<!doctype html><h1>報告</h1><p>{MAGNETS}</p>")
    ran = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, capture_output=True, text=True
    )
    assert ran.stdout.strip() == "1 set()", ran.stderr
