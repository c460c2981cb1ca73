"""How far a run is, on stderr: files, their rate and the time left."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_EACH = 0.2  # seconds between two states of a terminal's line
_LOGGED = 30.0  # seconds between two lines where there is no terminal
_WIDTH = 100


class IngestProgress:
    """Shows the progress of an ingestion, as `kb.ingest.build.Progress`.

    A terminal has one line that changes; elsewhere a long run writes a line now and then.
    """

    def __init__(self, stream: TextIO = sys.stderr) -> None:
        self._stream = stream
        self._terminal = stream.isatty()
        self._began = time.monotonic()
        self._shown = self._began - (_EACH if self._terminal else 0.0)

    def __call__(self, done: int, total: int, path: str) -> None:
        """Note that `done` of `total` files are done and `path` is next."""
        now = time.monotonic()
        if now - self._shown < (_EACH if self._terminal else _LOGGED) and (
            done < total or not self._terminal
        ):
            return
        self._shown = now
        line = progress_line(done, total, now - self._began, path)
        if self._terminal:
            end = "" if done < total else "\n"
            print(f"\r{line[:_WIDTH]:<{_WIDTH}}", end=end, file=self._stream, flush=True)
        else:
            print(line, file=self._stream, flush=True)


def progress_line(done: int, total: int, seconds: float, path: str) -> str:
    """The state of a run in one line."""
    if done >= total:
        return f"{total:,} files prepared in {_span(seconds)}; writing the index"
    if not done or seconds < 1.0:
        return f"{done:,} of {total:,} files  {path}"
    rate = done / seconds
    left = _span((total - done) / rate)
    return f"{done:,} of {total:,} files, {rate:,.1f} a second, {left} left  {path}"


def _span(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
