"""`kb ingest` where the disk is full: one line that says so, and the index as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kb.cli import app
from kb.index_errors import index_errors
from kb.indexing.generation import current_name
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, REPORT

ROOM = 4 << 20  # bytes of the whole disk


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    try:
        ran = subprocess.run(mount, capture_output=True)
    except OSError:
        pytest.skip("there is no mount command")
    if ran.returncode:
        pytest.skip("mounting is not permitted here")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def prepared(place: Path) -> Settings:
    """An index of one report, and a second that has not been indexed."""
    settings = Settings(corpus=place / "資料", index=place / "索引")
    settings.corpus.mkdir()
    (settings.corpus / "管理.md").write_text(REPORT, "utf-8")
    ingested(settings)
    (settings.corpus / "磁石.md").write_text(MAGNETS * 40, "utf-8")
    return settings


def ingested(settings: Settings) -> None:
    """Index what is there, in this process."""
    done = CliRunner().invoke(
        app, ["ingest", str(settings.corpus), "--index", str(settings.index), "--json"]
    )
    assert done.exit_code == 0, done.output


def refused(settings: Settings, *before: str) -> None:
    """Run `kb ingest`, which must say in one line that nothing could be written."""
    there = sorted(path for path in settings.index.rglob("*"))
    command = [sys.executable, "-m", "kb.cli", "ingest", str(settings.corpus)]
    ran = subprocess.run(
        [*before, *command, "--index", str(settings.index)], capture_output=True, text=True
    )
    assert ran.returncode == 2, ran.stdout + ran.stderr
    assert ran.stderr.count("\n") == 1 and ran.stdout == ""
    assert "cannot be written" in ran.stderr
    assert "the index is as before; make room and try again" in ran.stderr
    assert sorted(path for path in settings.index.rglob("*")) == there
    assert index_errors(settings) == []
    assert current_name(settings.index) == "g00000001"


def resumed(settings: Settings) -> None:
    """Run it where there is room."""
    ingested(settings)
    assert current_name(settings.index) == "g00000002"
    assert index_errors(settings) == []


def test_a_full_disk_takes_nothing_from_an_index(disk: Path) -> None:
    settings = prepared(disk)
    free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_frsize
    (disk / "filling").write_bytes(b"x" * (free - 48 * 1024))
    refused(settings)
    (disk / "filling").unlink()
    resumed(settings)


def test_a_limit_for_files_takes_nothing_from_an_index(tmp_path: Path) -> None:
    settings = prepared(tmp_path)
    refused(settings, "sh", "-c", 'ulimit -f 64; exec "$@"', "sh")  # blocks of 512 bytes
    resumed(settings)
