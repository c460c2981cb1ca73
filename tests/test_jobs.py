"""What becomes of a job, apart from the server that it is asked of."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

from kb.jobs import Job, Jobs, JobState
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS

LONGEST = 400.0  # seconds that a job may take on a machine that has much else to do


def ended(jobs: Jobs, job: Job) -> Job:
    until = time.monotonic() + LONGEST
    while not job.over and time.monotonic() < until:
        time.sleep(0.05)
        job = jobs.get(job.id)
    return job


def test_a_job_is_finished_though_what_it_brought_cannot_be_opened(tmp_path: Path) -> None:
    settings = replace(Settings(), corpus=tmp_path / "資料", index=tmp_path / "索引")
    settings.corpus.mkdir()
    (settings.corpus / "磁石.md").write_text(MAGNETS, encoding="utf-8")
    served: list[str] = []

    def taken_up() -> None:
        served.append("tried")
        raise OSError(24, "too many open files")

    jobs = Jobs(settings, taken_up)
    job = ended(jobs, jobs.submit(settings.corpus))
    assert (job.state, job.error, served) == (JobState.FINISHED, None, ["tried"])
    assert job.report is not None
