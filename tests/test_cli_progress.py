"""What a run says of how far it is."""

from __future__ import annotations

import io

from kb.cli_progress import IngestProgress, progress_line


def test_the_line_has_the_rate_and_the_time_left() -> None:
    assert (
        progress_line(50, 250, 20.0, "報告.md")
        == "50 of 250 files, 2.5 a second, 1 min 20 s left  報告.md"
    )
    assert progress_line(0, 9, 5.0, "報告.md") == "0 of 9 files  報告.md"
    assert progress_line(10_000, 40_000, 10_000.0, "a").split(", ")[2].startswith("8 h 20 min")
    assert progress_line(9, 9, 61.0, "") == "9 files prepared in 1 min 01 s; writing the index"


def test_a_short_run_writes_nothing_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    progress = IngestProgress(stream)
    for done in range(4):
        progress(done, 3, "a")
    assert stream.getvalue() == ""


def test_a_terminal_has_one_line_that_ends_with_the_run() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    stream = Terminal()
    progress = IngestProgress(stream)
    progress(3, 3, "")
    assert stream.getvalue().startswith("\r3 files prepared") and stream.getvalue().endswith("\n")
