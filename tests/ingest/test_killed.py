"""Ingesting processes that are killed: the old generation serves, the next run completes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kb.failpoints import VARIABLE
from kb.indexing.generation import checksum_errors, open_current
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

ROOT = Path(__file__).parents[2]
# Ingests in a process of its own, which ends at the failpoint that its environment names.
PROGRAM = """
import sys
from pathlib import Path
from tests.ingest.corpora import Workshop
import tests.ingest.corpora
Workshop.__post_init__ = lambda self: None
workshop = Workshop(Path(sys.argv[1]))
workshop.corpus, workshop.index = Path(sys.argv[1]) / "資料", Path(sys.argv[1]) / "索引"
workshop.ingest()
"""


@pytest.mark.parametrize(
    "moment",
    [
        "files.link",  # nothing was written
        "postings.write",  # the rows are there
        "vectors.write",  # the postings too
        "current.rename",  # all is there, but does not serve
        "current.renamed",  # it serves
    ],
)
def test_a_run_that_is_killed_leaves_a_whole_generation_and_the_next_completes(
    tmp_path: Path, moment: str
) -> None:
    work = Workshop(tmp_path)
    work.write("一.md", REPORT)
    work.ingest()
    work.write("二.md", MAGNETS)
    work.write("三.md", PANEL)
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, env={**os.environ, VARIABLE: f"{moment}=kill"},
    )  # fmt: skip
    assert ran.returncode == -9, ran.stderr
    serving = open_current(work.index)
    assert checksum_errors(serving) == []
    swapped = moment == "current.renamed"
    assert len(work.paths()) == (3 if swapped else 1)
    assert any("商務部" in hit.text for hit in work.find("商務部の輸出許可"))

    report = work.ingest()
    assert sorted(report.added + report.unchanged) == ["一.md", "三.md", "二.md"]
    assert work.paths() == ["一.md", "三.md", "二.md"]
    assert work.store().integrity_errors() == []
    names = {p.name for p in (work.index / "generations").iterdir()}
    assert names == {report.generation, "g00000001"}
    assert report.generation >= serving.name
