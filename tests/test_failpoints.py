"""Failpoints: nothing unless armed, each with its action, and none that nobody passes."""

from __future__ import annotations

import errno
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import failpoints

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_nothing_happens_unless_a_point_is_armed() -> None:
    for point in failpoints.POINTS:
        failpoints.reach(point)


def test_an_armed_point_raises_the_error_of_the_system_from_the_passing_that_is_named() -> None:
    failpoints.arm("store.commit=ENOSPC@2, vectors.write=EIO")
    failpoints.reach("store.commit")
    failpoints.reach("store.copy")
    for _ in range(2):
        with pytest.raises(OSError, match="failpoint store") as caught:
            failpoints.reach("store.commit")
        assert caught.value.errno == errno.ENOSPC
    with pytest.raises(OSError, match="failpoint vectors"):
        failpoints.reach("vectors.write")
    failpoints.arm("vectors.write=EIO")
    failpoints.reach("store.commit")


@pytest.mark.parametrize(
    "actions", ["nowhere=kill", "store.commit", "store.commit=sleep", "store.commit=kill@x"]
)
def test_what_is_no_point_or_no_action_is_named(actions: str) -> None:
    with pytest.raises(ValueError, match=r"KIDO_FAILPOINTS: .*(no point|no action)"):
        failpoints.arm(actions)


def test_the_variable_arms_a_process() -> None:
    program = "from kb.failpoints import reach; reach('job.write'); reach('job.fsync')"
    environment = {**os.environ, failpoints.VARIABLE: "job.fsync=kill"}
    ran = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment)
    assert ran.returncode == -signal.SIGKILL


def test_every_point_is_passed_somewhere() -> None:
    code = "\n".join(path.read_text("utf-8") for path in (ROOT / "kb").rglob("*.py"))
    direct = set(re.findall(r'reach\(\s*"([a-z.]+)"', code))
    files = {*re.findall(r'point="([a-z]+)"', code), "current", "previous"}
    steps = re.findall(r'reach\(f"\{point\}\.([a-z]+)"\)', code)
    assert direct | {f"{file}.{step}" for file in files for step in steps} == set(failpoints.POINTS)
