"""A Dask cluster prepares documents as this machine does, also when it loses a worker."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kb.cli import app
from kb.errors import KidoError
from kb.ingesting import ingestion
from kb.reading.options import PLAIN
from kb.settings import Settings

pytest.importorskip("distributed", reason="pip install 'kido-kb[cluster]'")
from benchmarks.cluster import cluster, differences
from tests.ingest.test_workers import collection


def test_the_index_is_that_of_this_machine_also_when_a_worker_is_killed(tmp_path: Path) -> None:
    settings = collection(tmp_path)
    alone = replace(settings, index=tmp_path / "別", workers=1)
    ingestion(alone).run()
    with cluster(2, tmp_path) as (address, _, workers):

        def kill_one(done: int, total: int, path: str) -> None:
            if done == total // 3:
                os.kill(workers[0].pid, signal.SIGKILL)

        report = ingestion(settings, cluster=address, progress=kill_one).run()
    assert len(report.added) == 24
    assert workers[0].returncode == -signal.SIGKILL
    assert differences(settings.index, alone.index) == []


def test_a_scheduler_that_does_not_answer_and_a_missing_package_are_told_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = collection(tmp_path)
    run = ingestion(settings, options=PLAIN, cluster="nonsense://nowhere")
    with pytest.raises(KidoError, match="no Dask scheduler answers at nonsense://nowhere"):
        run.run()
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(KidoError, match=r"pip install 'kido-kb\[cluster\]'"):
        run.run()


def test_the_command_takes_the_address_of_a_cluster() -> None:
    assert (
        "--cluster" in CliRunner().invoke(app, ["ingest", "--help"], env={"COLUMNS": "200"}).output
    )


def test_nothing_to_do_needs_no_cluster(tmp_path: Path) -> None:
    (tmp_path / "資料").mkdir()
    settings = Settings(corpus=tmp_path / "資料", index=tmp_path / "索引")
    assert ingestion(settings, cluster="nonsense://nowhere").run().added == ()
