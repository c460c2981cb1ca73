"""What a cluster gains is worked out from processor time that was really used."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.cluster_gain import Cost, cost_of, gain, watched, writer_share

_BUSY = "import time\nwhile time.process_time() < 0.4: pass\ntime.sleep(0.3)"
_PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_BUSY!r}])"


@given(st.floats(0.001, 1), st.integers(1, 10_000))
def test_more_workers_gain_more_and_never_more_than_the_writer_lets_them(
    share: float, workers: int
) -> None:
    assert gain(share, workers) * (1 + 1e-9) >= 1
    assert gain(share, workers) <= gain(share, workers + 1) * (1 + 1e-9)
    assert gain(share, workers) <= min(workers, 1 / share) * (1 + 1e-9)


def test_the_scheduler_counts_as_what_is_done_once() -> None:
    assert writer_share(Cost(9.0, writer=2.0, workers=7.0, scheduler=1.0)) == pytest.approx(0.3)


def test_processor_time_of_processes_below_is_seen() -> None:
    process = subprocess.Popen([sys.executable, "-c", _PARENT])
    with watched([process.pid]) as seen:
        process.wait()
    below = {pid: seconds for pid, seconds in seen[process.pid].items() if pid != process.pid}
    assert 0.3 < sum(below.values()) < 2


def test_a_run_costs_what_its_processes_use_and_a_failed_one_says_so(tmp_path: Path) -> None:
    (tmp_path / "資料").mkdir()
    (tmp_path / "資料" / "鉱物.md").write_text(
        "# 鉱物\n\n希土類の輸出は許可制となった。", encoding="utf-8"
    )
    cost = cost_of(tmp_path / "資料", tmp_path / "索引")
    assert cost.clock > 0 and cost.writer > 0 and cost.scheduler == 0
    with pytest.raises(SystemExit, match="kb ingest ended with"):
        cost_of(tmp_path / "ない", tmp_path / "索引")
