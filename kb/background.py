"""The process of a job: `python -m kb.background` ingests as one line on stdin says (`kb.orders`).

It prints a JSON object a line: {"progress": [done, total, file]}, and at the end {"report": …}
or {"error": …}. It ends at once when its stdin is closed, which is when its server ended; what
it had not published is then as if it had never been.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from kb.domain import IngestReport
from kb.errors import IndexLocked, KidoError
from kb.ingesting import ingestion
from kb.orders import Order, order_of
from kb.reading.options import ReadingOptions

_PATIENCE = 600.0  # seconds that another writer is waited for


def main() -> None:
    """Run one job."""
    order = order_of(_first_line())
    threading.Thread(target=_end_with_server, daemon=True).start()
    _let_readers_go_first()
    try:
        _say({"report": asdict(_ingested(order))})
    except KidoError as error:
        _say({"error": str(error)})


def _let_readers_go_first() -> None:
    os.nice(10)
    if os.getsid(0) == os.getpid():
        # Linux weighs sessions against each other, and niceness counts only inside of one.
        with suppress(OSError):
            Path("/proc/self/autogroup").write_text("10")


def _ingested(order: Order) -> IngestReport:
    options = ReadingOptions(ocr=order.ocr, passwords=order.passwords)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            return ingestion(
                order.settings, options=options, progress=_progress, held=order.held
            ).run()
        except IndexLocked:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _progress(done: int, total: int, path: str) -> None:
    _say({"progress": [done, total, path]})


def _say(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False), flush=True)


def _first_line() -> str:
    data = bytearray()
    while (byte := os.read(0, 1)) not in (b"", b"\n"):
        data += byte
    return data.decode()


def _end_with_server() -> None:
    while os.read(0, 1024):
        pass
    os._exit(1)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    main()
