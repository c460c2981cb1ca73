"""What a run of ingestion loads: little where nothing is new, so that it can be run often."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from kb.ingesting import ingestion
from kb.settings import Settings

RUN = """
import sys
from pathlib import Path
from kb.ingesting import ingestion
from kb.settings import Settings
corpus, index = map(Path, sys.argv[1:])
report = ingestion(Settings(corpus=corpus, index=index)).run()
print(len(report.unchanged), *sys.modules)
"""
HEAVY = {
    "datasketch", "faiss", "fastapi", "numpy", "pydantic", "pypdf", "pypdfium2", "tantivy",
    "kb.answering.answerer", "kb.assembly", "kb.ingest.prepare", "kb.tracker.drawing",
}  # fmt: skip


def test_a_run_that_finds_nothing_new_loads_nothing_heavy(tmp_path: Path) -> None:
    corpus, index = tmp_path / "corpus", tmp_path / "index"
    corpus.mkdir()
    (corpus / "a.txt").write_text("希土類の輸出には許可が要る。", encoding="utf-8")
    ingestion(replace(Settings(), corpus=corpus, index=index)).run()
    command = [sys.executable, "-c", RUN, str(corpus), str(index)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    unchanged, *modules = done.stdout.split()
    assert unchanged == "1"
    assert not HEAVY & set(modules)
