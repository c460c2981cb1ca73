"""As much is done at once as there are cores for this process, not for the machine."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SHOWN = """
import os
os.sched_setaffinity(0, {core})
from kb import cores
from kb.reading.sandbox import Sandbox
from kb.server import workers
print(cores.available(), Sandbox()._children, workers.COUNT)
"""


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system does not say it")
def test_a_process_that_is_given_one_core_takes_one() -> None:
    shown = SHOWN.format(core={min(os.sched_getaffinity(0))})
    ran = subprocess.run([sys.executable, "-c", shown], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["1", "1", "2"]
