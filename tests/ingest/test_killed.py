"""Ingesting processes that are killed: the old generation serves, the next run completes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kb.indexing.generation import checksum_errors, open_current
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

ROOT = Path(__file__).parents[2]
# Ingests in a process of its own, which kills itself when it comes to a function.
PROGRAM = """
import importlib, os, signal, sys
from pathlib import Path
module, name, work = sys.argv[1:]
owner = importlib.import_module(module)
*path, last = name.split(".")
for part in path:
    owner = getattr(owner, part)
setattr(owner, last, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
from tests.ingest.corpora import Workshop
import tests.ingest.corpora
Workshop.__post_init__ = lambda self: None
workshop = Workshop(Path(work))
workshop.corpus, workshop.index = Path(work) / "資料", Path(work) / "索引"
workshop.ingest()
"""


@pytest.mark.parametrize(
    "moment",
    [
        ("kb.reading.sandbox", "Sandbox.read_all"),  # nothing was written
        ("kb.indexing.lexical", "write_postings"),  # the rows are there
        ("kb.indexing.dense", "write_vector_blocks"),  # the postings too
        ("kb.indexing.generation", "_replace"),  # all is there, but does not serve
        ("kb.indexing.generation", "remove_unread"),  # it serves, the old one is not removed
    ],
)
def test_a_run_that_is_killed_leaves_a_whole_generation_and_the_next_completes(
    tmp_path: Path, moment: tuple[str, str]
) -> None:
    work = Workshop(tmp_path)
    work.write("一.md", REPORT)
    work.ingest()
    work.write("二.md", MAGNETS)
    work.write("三.md", PANEL)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *moment, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == -9, ran.stderr
    serving = open_current(work.index)
    assert checksum_errors(serving) == []
    swapped = moment[1] == "remove_unread"
    assert len(work.paths()) == (3 if swapped else 1)
    assert any("商務部" in hit.text for hit in work.find("商務部の輸出許可"))

    report = work.ingest()
    assert sorted(report.added + report.unchanged) == ["一.md", "三.md", "二.md"]
    assert work.paths() == ["一.md", "三.md", "二.md"]
    assert work.store().integrity_errors() == []
    assert [p.name for p in (work.index / "generations").iterdir()] == [report.generation]
    assert report.generation >= serving.name
