"""Many documents are prepared beside each other, and the index is the same as by one process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from kb.errors import RejectedFile
from kb.indexing.finished import Finished
from kb.indexing.generation import open_current
from kb.indexing.store import Store
from kb.ingest.finish import Finisher
from kb.ingest.workers import MANY, Processes, in_batches
from kb.ingesting import finisher, ingestion
from kb.reading.files import FileBytes
from kb.reading.options import PLAIN
from kb.reading.sandbox import Job
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, REPORT

CONTENTS = (REPORT, MAGNETS, PANEL)


def collection(folder: Path) -> Settings:
    corpus = folder / "資料"
    corpus.mkdir(parents=True)
    for i in range(MANY + 3):
        text = CONTENTS[i % 3] + f"\n第{i}号の記録である。\n"
        (corpus / f"{i:02d}.md").write_text(text if i % 9 else "", encoding="utf-8")
    return Settings(corpus=corpus, index=folder / "索引", workers=2)


def dump(settings: Settings) -> list[tuple[object, ...]]:
    """Every row of the store but the history, in the order of their keys."""
    db = Store(open_current(settings.index).store)._db()
    tables = ("documents", "passages", "vectors", "rejected", "aliases", "sketches",
              "near_duplicates")  # fmt: skip
    return [row for table in tables for row in db.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]


@dataclass(frozen=True, slots=True)
class Dying(Finisher):
    """Ends its process in the middle of the work, `times` times in all."""

    folder: Path = Path()
    times: int = 0

    def finish_all(self, jobs: Iterable[Job]) -> Iterator[Finished | RejectedFile]:
        for found in Finisher.finish_all(self, jobs):
            deaths = len(list(self.folder.iterdir()))
            if deaths < self.times:
                (self.folder / str(deaths)).touch()
                os.kill(os.getpid(), signal.SIGKILL)
            yield found


def dying(settings: Settings, folder: Path, times: int) -> Finisher:
    made = finisher(settings, PLAIN)
    return Dying(made.encoder, made.glossary, made.sandbox, folder=folder, times=times)


def test_the_rows_are_the_same_by_several_processes_also_when_one_is_killed(
    tmp_path: Path,
) -> None:
    settings = collection(tmp_path)
    alone = replace(settings, index=tmp_path / "別", workers=1)
    deaths = tmp_path / "死"
    deaths.mkdir()
    run = ingestion(settings)
    beside = Processes(partial(dying, settings, deaths, 1), 2, partial(dying, settings, deaths, 9))
    report = replace(run, finishing=lambda: beside).run()
    assert len(list(deaths.iterdir())) == 1
    assert len(report.added) == MANY and len(report.rejected) == 3
    assert ingestion(alone).run().added == report.added
    assert dump(settings) == dump(alone)


def test_files_are_handed_over_by_as_many_as_are_worth_it() -> None:
    jobs = [
        Job(str(i), FileBytes(b"x" * size, ""), {}) for i, size in enumerate([1] * 20 + [60_000, 5])
    ]
    assert [len(batch) for batch in in_batches(iter(jobs))] == [16, 5, 1]
