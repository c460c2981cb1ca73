"""Reads files of anyone in processes that can do no harm: bounded, without network or files.

A file that takes too much, or breaks its reader, is rejected with its reason; the process that
asked and the files beside it do not notice. See `kb.reading.confinement` for the fences.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any, TypeVar

import kb
from kb import cores
from kb.domain import Document
from kb.errors import KidoError, Reason, RejectedFile
from kb.reading.confinement import OCR_LIMITS, Limits
from kb.reading.files import FileBytes, format_of
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.passing import Malformed, loaded
from kb.reading.pipes import Expired, Left, receive, send

_Found = TypeVar("_Found")
_PNG = b"\x89PNG\r\n\x1a\n"
_MOST_HEAD = 1 << 16  # bytes of what a child says besides the document
_MOST_ANSWER = 1 << 29  # bytes of a document
_START = 60  # seconds until a child must have said that it is there
_AHEAD = 2  # files that are read for each child before their turn comes
MANY = 24
"""Files from which a second child is worth its start."""


@dataclass(frozen=True, slots=True)
class Job:
    """A file to read: its path in the corpus, its bytes, the metadata of the collection."""

    path: str
    data: FileBytes
    metadata: Mapping[str, Any]


class Sandbox:
    """Children that read files; each is started when it is needed, and serves for many.

    `stays` keeps them for what comes later (a server); otherwise they end with `rest`. Safe for
    use from several threads, each of which waits until one of the `children` is free.
    """

    def __init__(
        self, limits: Limits = Limits(), *, children: int | None = None, stays: bool = False
    ) -> None:
        self.limits = limits
        self._stays = stays
        self._children = children or min(2, cores.available())
        self._free = threading.BoundedSemaphore(self._children)
        self._idle: deque[_Child] = deque()
        weakref.finalize(self, _end_all, self._idle)

    def read(
        self,
        path: str,
        data: FileBytes,
        metadata: Mapping[str, Any],
        options: ReadingOptions = PLAIN,
    ) -> Document:
        """The document in the bytes of a file, as `kb.reading.files.read_document` reads it.

        Raises RejectedFile as that does, and with the reasons too_costly (more time or memory
        than the limits) and crashed; KidoError when no process can be started.
        """
        return self._read(Job(path, data, metadata), options, {format_of(path)})

    def read_all(
        self, jobs: Iterable[Job], options: ReadingOptions = PLAIN
    ) -> Iterator[Document | RejectedFile]:
        """What is read of each file, in the order of the files, while the next are read.

        Of the files only those are held that are read now or next.
        """
        following = iter(jobs)
        first = list(islice(following, MANY))
        formats = {format_of(job.path) for job in first}
        threads = self._children if len(first) >= MANY else 1
        todo = chain(first, following)
        del first
        running: deque[Future[Document]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            try:
                while True:
                    for job in islice(todo, _AHEAD * threads - len(running)):
                        running.append(pool.submit(self._read, job, options, formats))
                    if not running:
                        return
                    try:
                        yield running.popleft().result()
                    except RejectedFile as rejection:
                        yield rejection
            finally:
                for waiting in running:
                    waiting.cancel()

    def expect(self, paths: Iterable[str]) -> None:
        """Start a child now for files that are to be read in a moment."""
        formats = {format_of(path) for path in paths}
        self._idle.append(self._child(formats, ocr=False))

    def rest(self) -> None:
        """Nothing is to be read for a while: the children end, unless they are to stay."""
        if not self._stays:
            self.close()

    def close(self) -> None:
        """End the children that are idle; reading goes on with new ones."""
        _end_all(self._idle)

    def draw(self, data: bytes, number: int, boxes: Sequence[Sequence[float]]) -> bytes:
        """A page of a PDF as PNG with boxes marked on it (see `kb.reading.pdf_picture`).

        Raises RejectedFile and KidoError as `read` does.
        """
        return self._served(lambda child: child.draw(data, number, boxes), {"pdf"}, ocr=False)

    def _read(self, job: Job, options: ReadingOptions, formats: set[str]) -> Document:
        return self._served(lambda child: child.read(job, options), formats, ocr=options.ocr)

    def _served(self, task: Callable[[_Child], _Found], formats: set[str], *, ocr: bool) -> _Found:
        with self._free:
            again = True
            while True:
                child = self._child(formats, ocr=ocr)
                # What a child read before may be to blame; and no fence sends SIGKILL.
                innocent = not child.fresh
                try:
                    return task(child)
                except _Broken as broken:
                    if not again or not (broken.killed or (innocent and not broken.sure)):
                        raise broken.rejection from None
                    again = False
                finally:
                    self._put(child)

    def _child(self, formats: set[str], *, ocr: bool) -> _Child:
        try:
            child = self._idle.pop()
        except IndexError:
            return _Child(OCR_LIMITS if ocr else self.limits, formats, programs=ocr)
        if child.programs == ocr and child.running:
            return child
        child.end()
        return self._child(formats, ocr=ocr)

    def _put(self, child: _Child) -> None:
        if child.usable:
            self._idle.append(child)
        else:
            child.end()


class _Broken(Exception):
    """A child did not answer; `rejection` is what that means for the file.

    `killed` says that something outside ended it, `sure` that no other child would fare better.
    """

    def __init__(
        self, reason: Reason, message: str, *, killed: bool = False, sure: bool = False
    ) -> None:
        super().__init__(message)
        self.rejection = RejectedFile(reason, message)
        self.killed = killed
        self.sure = sure


class _Child:
    """One process that reads files, for one thread at a time."""

    def __init__(self, limits: Limits, formats: set[str], *, programs: bool) -> None:
        self.programs = programs
        self.usable = False  # whether it waits for a file
        self.fresh = True  # whether it has read none yet
        self._limits = limits
        self._allowed = limits  # for the file that it reads
        self._said_hello = False
        self._expired = False
        settings = {"limits": asdict(limits), "programs": programs}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kb.reading.sandbox_child", json.dumps(settings),
             *sorted(formats)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0,
            cwd="/", env=_environment(), close_fds=True, start_new_session=True,
        )  # fmt: skip
        assert self._process.stdin is not None and self._process.stdout is not None
        self._asked: IO[bytes] = self._process.stdin
        self._answers: IO[bytes] = self._process.stdout
        os.set_blocking(self._asked.fileno(), False)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def read(self, job: Job, options: ReadingOptions) -> Document:
        """The document in a file. Raises RejectedFile, _Broken; KidoError where it never began."""
        asked = {
            "path": job.path, "sha256": job.data.sha256, "metadata": job.metadata,
            "ocr": options.ocr, "passwords": options.passwords,
        }  # fmt: skip
        payload = self._answer(asked, job.data.data)
        try:
            return loaded(
                payload, path=job.path, sha256=job.data.sha256, format=format_of(job.path),
                metadata=job.metadata,
            )  # fmt: skip
        except Malformed as error:
            self.usable = False
            raise _Broken(Reason.CRASHED, _broke_down(str(error))) from error

    def draw(self, data: bytes, number: int, boxes: Sequence[Sequence[float]]) -> bytes:
        """A page as PNG. Raises as `read` does."""
        png = self._answer({"draw": [number, boxes]}, data)
        if not png.startswith(_PNG):
            self.usable = False
            raise _Broken(Reason.CRASHED, _broke_down("no picture"))
        return png

    def _answer(self, asked: dict[str, Any], data: bytes) -> bytes:
        self.usable = False
        self._greet()
        said, payload = self._exchange(json.dumps(asked).encode(), data)
        self.fresh = False
        self.usable = said.get("last") is False
        if said.get("memory"):
            raise self._too_costly("memory")
        if "failed" in said:
            raise _Broken(Reason.CRASHED, _broke_down(str(said["failed"])[:100]), sure=True)
        if "rejected" in said:
            raise _rejection(said["rejected"])
        return payload

    def end(self) -> None:
        """End the process, whatever it does."""
        self.usable = False
        self._process.kill()
        self._process.wait()
        for pipe in (self._asked, self._answers):
            try:
                pipe.close()
            except OSError:  # what was not sent yet cannot be
                continue

    def _greet(self) -> None:
        if self._said_hello:
            return
        try:
            with self._patience(_START) as left:
                self._frame(left)
        except (OSError, EOFError, ValueError) as error:
            raise KidoError(
                "the process that reads files does not start; "
                "`python -m kb.reading.sandbox_child '{}'` says why"
            ) from error
        self._said_hello = True

    def _exchange(self, asked: bytes, data: bytes) -> tuple[dict[str, Any], bytes]:
        sizes = len(asked).to_bytes(8, "big") + len(data).to_bytes(8, "big")
        self._allowed = self._limits.for_file(len(data))
        try:
            with self._patience(self._allowed.wall) as left:
                for part in (sizes + asked, data):
                    send(self._asked.fileno(), part, left)
                return self._frame(left)
        except (OSError, EOFError):
            raise self._died() from None
        except ValueError as error:
            raise _Broken(Reason.CRASHED, _broke_down(str(error)[:100])) from error

    def _frame(self, left: Left) -> tuple[dict[str, Any], bytes]:
        """The next message. Raises EOFError where there is none, ValueError for a bad one."""
        pipe = self._answers.fileno()
        sizes = receive(pipe, 16, left)
        head, payload = int.from_bytes(sizes[:8], "big"), int.from_bytes(sizes[8:], "big")
        if head > _MOST_HEAD or payload > _MOST_ANSWER:
            raise ValueError("it answers with too much")
        said = json.loads(receive(pipe, head, left))
        if not isinstance(said, dict):
            raise ValueError("it answers what was not asked")
        return said, receive(pipe, payload, left)

    @contextmanager
    def _patience(self, seconds: float) -> Iterator[Left]:
        """How long the process may still take, which is killed when it takes longer; what it waits
        for a core does not count. Raises EOFError when it was.
        """
        began, waited = time.monotonic(), self._waited()

        def left() -> float:
            more = seconds - (time.monotonic() - began)
            return more if more > 0 else more + self._waited() - waited

        try:
            yield left
        except Expired:
            self._expired = True
            self._process.kill()
            raise EOFError from None

    def _waited(self) -> float:
        """Seconds in which the process could have run, had there been a core; 0 if not known."""
        try:
            told = Path(f"/proc/{self._process.pid}/schedstat").read_text(encoding="ascii")
            return int(told.split()[1]) / 1e9
        except (OSError, IndexError, ValueError):
            return 0.0

    def _died(self) -> _Broken:
        code = self._process.wait()
        if self._expired:
            return self._too_costly("wall")
        if code == -signal.SIGXCPU:
            return self._too_costly("cpu")
        how = signal.Signals(-code).name if code < 0 else f"exit status {code}"
        return _Broken(Reason.CRASHED, _broke_down(how), killed=code == -signal.SIGKILL)

    def _too_costly(self, what: str) -> _Broken:
        limits = self._allowed
        told = {
            "cpu": f"{limits.cpu} s of a core (KIDO_MAX_READING_SECONDS)",
            "wall": f"{limits.wall} s (KIDO_MAX_READING_SECONDS)",
            "memory": f"{limits.memory >> 20} MiB of memory (KIDO_MAX_READING_BYTES)",
        }[what]
        return _Broken(
            Reason.TOO_COSTLY,
            f"reading it takes more than {told}; save it anew or in parts, or allow more",
            sure=what == "cpu",
        )


def _end_all(children: deque[_Child]) -> None:
    while children:
        children.pop().end()


def _broke_down(how: str) -> str:
    printable = "".join(c if c.isprintable() else "?" for c in how)
    return f"its reader broke down on it ({printable}); save it anew, or in another format"


def _rejection(told: Any) -> RejectedFile | _Broken:
    try:
        reason, message = told
        return RejectedFile(Reason(reason), str(message)[:1000])
    except (TypeError, ValueError):
        return _Broken(Reason.CRASHED, _broke_down("a reason that does not exist"))


def _environment() -> dict[str, str]:
    """What a child needs to find Python and its modules; no key or address is passed on."""
    passed = ("PATH", "LD_LIBRARY_PATH", "TESSDATA_PREFIX", "SYSTEMROOT")
    return {
        **{name: os.environ[name] for name in passed if name in os.environ},
        "PYTHONPATH": str(Path(kb.__path__[0]).parent),
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
