"""`kb ingest --watch` as a process: what arrives is read, what is half-written is not."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from kb.changes import recent
from kb.indexing.generation import current_name, writer_lock
from tests.ingest.corpora import MAGNETS, PANEL, REPORT
from tests.test_cli import ENVIRONMENT, ROOT, kb

LONGEST = 120.0  # seconds that a run may take


class Watcher:
    """A watching process; its lines are JSON."""

    def __init__(self, folder: Path, index: Path, *, still: float) -> None:
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "kb.cli", "ingest", str(folder), "--index", str(index),
                "--watch", "--interval", "0.1", "--still", str(still), "--json",
            ],
            cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            encoding="utf-8",
        )  # fmt: skip

    def line(self) -> dict[str, Any]:
        """The next line, which is waited for."""
        assert self.process.stdout
        value: dict[str, Any] = json.loads(self.process.stdout.readline())
        return value

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send a signal; the exit code, and what is on stderr besides the greeting."""
        self.process.send_signal(number)
        _, err = self.process.communicate(timeout=LONGEST)
        greeting, *more = err.splitlines()
        assert greeting.startswith("watching ")
        return self.process.returncode, "\n".join(more)


@contextmanager
def watching(folder: Path, index: Path, *, still: float) -> Iterator[Watcher]:
    watcher = Watcher(folder, index, still=still)
    try:
        yield watcher
    finally:
        if watcher.process.poll() is None:
            watcher.process.kill()
            watcher.process.communicate()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "届いた資料"
    folder.mkdir()
    return folder


def test_what_arrives_is_read_when_it_is_still(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "索引"
    (folder / "管理.md").write_text(REPORT, "utf-8")
    (folder / "library.json").write_text("{", "utf-8")
    with watching(folder, index, still=2) as watcher:
        failed = watcher.line()
        assert "library.json" in failed["error"] and failed["again"] == 5
        (folder / "library.json").write_text("[]", "utf-8")
        assert watcher.line()["added"] == ["管理.md"]
        # A slow writer beside a finished file; the finished one need not wait for it.
        slow = (folder / "磁石.md").open("w", encoding="utf-8")
        slow.write(MAGNETS[:30])
        slow.flush()
        (folder / ".移動中.md").write_text(PANEL, "utf-8")
        (folder / ".移動中.md").rename(folder / "小委員会.md")
        (folder / "会議.xlsx").write_bytes(b"PK")
        started = time.monotonic()
        while current_name(index) == "g00000001":
            slow.write("。")
            slow.flush()
            time.sleep(0.05)
            assert time.monotonic() - started < LONGEST
        line = watcher.line()
        assert (line["added"], line["updated"], line["removed"]) == (["小委員会.md"], [], [])
        assert [r["reason"] for r in line["rejected"]] == ["unknown_suffix"]
        slow.seek(0)
        slow.truncate()
        slow.write(MAGNETS)
        slow.close()
        (folder / "小委員会.md").rename(folder / "改名.md")
        (folder / "会議.xlsx").unlink()
        line = watcher.line()
        assert set(line["added"]) == {"改名.md", "磁石.md"} and line["removed"] == ["小委員会.md"]
        assert line["rejected"] == [] and line["effects"]["counts"] == {}
        for path in folder.iterdir():  # as a folder of a network looks that is away
            path.unlink()
        time.sleep(2.5)
        assert watcher.stop(signal.SIGINT) == (0, "")
    assert [change.removed for change in recent(index)] == [("小委員会.md",), (), ()]
    assert "added     磁石.md" in kb("changes", "--index", index).stdout


def test_a_run_waits_for_another_and_ends_with_its_watcher(folder: Path, tmp_path: Path) -> None:
    index = tmp_path / "索引"
    (folder / "管理.md").write_text(REPORT, "utf-8")
    with writer_lock(index), watching(folder, index, still=0.1) as watcher:
        until = time.monotonic() + LONGEST
        while not (children := _children(watcher.process.pid)):
            assert time.monotonic() < until
            time.sleep(0.05)
        time.sleep(0.5)
        assert watcher.stop() == (0, "")
        assert current_name(index) is None
        assert not any(Path(f"/proc/{child}").exists() for child in children)


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task/{process}/children")
    return [int(one) for one in tasks.read_text().split()] if os.path.exists(tasks) else []
