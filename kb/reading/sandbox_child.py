"""The process in which files are read and pages drawn: without rights, one task at a time.

    python -m kb.reading.sandbox_child LIMITS [FORMAT...]

It is started by `kb.reading.sandbox`, speaks through its standard input and output, and ends
when the input ends.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO

from kb.errors import RejectedFile
from kb.reading.confinement import Limits, allow_cpu, confine
from kb.reading.files import READERS, FileBytes, read_document
from kb.reading.options import ReadingOptions
from kb.reading.passing import dumped

_MOST_FILES = 1000
# Of the address space that may be used; what earlier files left is not to fail a later one.
_WORN = 0.6


def main(arguments: list[str]) -> None:
    """Serve until the input ends, or until this process has become too large."""
    settings = json.loads(arguments[0])
    limits = Limits(**settings["limits"])
    source = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a parser prints is no answer
    for name in arguments[1:]:  # before the fences, so that their compiled form can be stored
        import_module(READERS[name][0])
    size = _Size()
    fences = confine(limits, programs=settings["programs"])
    write_frame(answers, {"fences": fences}, b"")
    for number in range(1, _MOST_FILES + 1):
        frame = read_frame(source)
        if frame is None:
            return
        allow_cpu(limits.for_file(len(frame[1])).cpu)
        said, payload = _answer(*frame)
        last = number == _MOST_FILES or size.now() > _WORN * limits.memory or "memory" in said
        write_frame(answers, {**said, "last": last}, payload)
        if last:
            return


def read_frame(source: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """The next message: what is said, and bytes; None at the end of the input."""
    sizes = source.read(16)
    if len(sizes) < 16:
        return None
    said = json.loads(source.read(int.from_bytes(sizes[:8], "big")))
    return said, source.read(int.from_bytes(sizes[8:], "big"))


def write_frame(target: BinaryIO, said: dict[str, Any], payload: bytes) -> None:
    """Send a message, at once."""
    head = json.dumps(said).encode()
    target.write(len(head).to_bytes(8, "big") + len(payload).to_bytes(8, "big") + head)
    target.write(payload)
    target.flush()


def _answer(asked: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    if "draw" in asked:
        return _guarded(lambda: _picture(data, *asked["draw"]))
    options = ReadingOptions(ocr=asked["ocr"], passwords=tuple(asked["passwords"]))
    file = FileBytes(data, asked["sha256"])
    return _guarded(lambda: dumped(read_document(asked["path"], file, asked["metadata"], options)))


def _picture(data: bytes, number: int, boxes: list[list[float]]) -> bytes:
    from kb.reading.pdf_picture import page_png  # only who draws loads it

    return page_png(data, number, boxes)


def _guarded(task: Callable[[], bytes]) -> tuple[dict[str, Any], bytes]:
    try:
        return {}, task()
    except RejectedFile as rejection:
        return {"rejected": [rejection.reason, rejection.message]}, b""
    except MemoryError:
        return {"memory": True}, b""
    except Exception as error:  # what a parser raises on a broken file is not limited
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        return {"failed": f"{type(error).__name__} in {place}"}, b""


class _Size:
    """How large this process is; made before the fences are up, which hide /proc."""

    def __init__(self) -> None:
        try:
            self._told: int | None = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            self._told = None

    def now(self) -> int:
        """The address space in bytes, or the most that was resident where that is not told."""
        if self._told is None:
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return int(os.pread(self._told, 100, 0).split()[0]) * resource.getpagesize()


if __name__ == "__main__":
    main(sys.argv[1:])
