"""`kb ingest --watch`: a folder is looked at, and read again whenever what changed is still.

Each run is a process of its own (`kb.background`), so that a run that fails, or is killed for its
memory, ends no watching; one is made at a time, and the lock of the index keeps out all others.
Looking is by asking for sizes and times, which also works in folders of a network, where nobody
tells of changes.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any

from kb.errors import IndexUnavailable
from kb.ingest.stillness import Stillness, stamps_of
from kb.orders import Order, line_of

_AGAIN = 5.0  # seconds after which a run that failed is tried again; then twice as long, …
_LONGEST = 300.0  # … up to this
_SHARE = 4  # times as long as a look took, at least, is waited for the next
_GRACE = 10.0  # seconds that the process of a run has to end


@dataclass(frozen=True, slots=True)
class Ran:
    """A run that ended: with its report, or with why it failed and when it is tried again."""

    report: Mapping[str, Any] | None
    error: str | None = None
    again: float | None = None


class Stopped(BaseException):
    """SIGTERM or SIGINT came."""


def watch(order: Order, *, interval: float, still: float, say: Callable[[Ran], None]) -> None:
    """Look at the folder of an order every `interval` seconds until SIGTERM or SIGINT comes.

    Files are read when they have been still for `still` seconds. A run that is cut off by the
    signal leaves the index as it was.
    """
    watched = Stillness(still)
    failures, failed, retry = 0, 0.0, 0.0
    trouble = ""
    try:
        with _signals():
            while True:
                began = time.monotonic()
                try:
                    watched.see(stamps_of(order.settings.corpus), began)
                    trouble = ""
                except (IndexUnavailable, OSError) as error:
                    if str(error) != trouble:  # said once
                        trouble = str(error)
                        say(Ran(None, trouble, interval))
                held = None if trouble else watched.due(began)
                if held is not None and (began >= retry or watched.last_change > failed):
                    ran = _run(replace(order, held=held))
                    if ran.report is not None:
                        watched.read(held)
                        failures, retry = 0, 0.0
                    else:
                        pause = min(_LONGEST, _AGAIN * 2**failures)
                        failures += 1
                        failed = time.monotonic()
                        retry = failed + pause
                        ran = replace(ran, again=pause)
                    say(ran)
                    continue
                took = time.monotonic() - began
                time.sleep(max(interval, _SHARE * took))
    except Stopped:
        return


def _run(order: Order) -> Ran:
    """One run in a process of its own; it ends with this one."""
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "kb.background"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8", start_new_session=True,
    )  # fmt: skip
    ran = Ran(None)
    try:
        assert process.stdin and process.stdout
        with suppress(BrokenPipeError):  # it ended at once; its code says so
            process.stdin.write(line_of(order))
            process.stdin.flush()
        for line in process.stdout:
            with suppress(ValueError):
                told = json.loads(line)
                if "report" in told:
                    ran = Ran(told["report"])
                elif "error" in told:
                    ran = Ran(None, str(told["error"]))
    finally:
        _end(process)
    if ran.report is None and ran.error is None:
        return Ran(None, f"the process of the run ended with {process.returncode}")
    return ran


def _end(process: subprocess.Popen[str]) -> None:
    """End a process whose life is its stdin; by force when it does not."""
    if process.stdin:
        with suppress(OSError):
            process.stdin.close()
    try:
        process.wait(_GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()


@contextmanager
def _signals() -> Iterator[None]:
    """Have the first SIGTERM or SIGINT raise Stopped, wherever the process is."""

    def stop(number: int, frame: FrameType | None) -> None:
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_IGN)
        raise Stopped

    before = {one: signal.signal(one, stop) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
