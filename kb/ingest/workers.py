"""Processes beside this one that finish documents, one for each core.

Each is started anew (nothing is inherited but the settings), reads with a sandbox of its own, and
ends when the process that started it does, however that ends.
"""

from __future__ import annotations

import os
import pickle
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context
from typing import TYPE_CHECKING, Protocol, TypeAlias

from kb.errors import KidoError, Reason, RejectedFile
from kb.indexing.finished import Finished
from kb.reading.sandbox import Job
from kb.replaced import ADVICE, was_replaced

if TYPE_CHECKING:  # the rules of the tracker and NumPy, which a run without changes does not load
    from kb.ingest.finish import Finisher

MANY = 24  # files from which processes are worth their start,
_MUCH = 4_000_000  # or bytes
_BATCH, _BATCH_BYTES = 16, 48_000  # files and bytes that are handed over at once
_AHEAD = 3  # batches that are handed over for each process before their turn comes
_TRIES = 3  # how often processes that were ended are started again

Make: TypeAlias = "Callable[[], Finisher]"
Outcome = bytes | tuple[str, str]  # a finished document, or why there is none


class Finishing(Protocol):
    """What finishes documents."""

    def finish_all(self, jobs: Iterable[Job]) -> Iterator[Finished | RejectedFile]:
        """What becomes of each file, in their order."""


@dataclass(frozen=True, slots=True)
class Processes:
    """Finishes many documents in `count` processes, and few by `here`.

    `make` gives each process its finisher: a function of a module, or a partial of one.
    """

    make: Make
    count: int
    here: Make

    def finish_all(self, jobs: Iterable[Job]) -> Iterator[Finished | RejectedFile]:
        """What becomes of each file, in their order.

        Raises KidoError where the processes are ended again and again.
        """
        waiting = iter(jobs)
        first: list[Job] = []
        for job in waiting:
            first.append(job)
            if len(first) >= MANY or sum(len(j.data.data) for j in first) >= _MUCH:
                break
        if self.count < 2 or (len(first) < MANY and _size(first) < _MUCH) or len(first) < 2:
            yield from self.here().finish_all(chain(first, waiting))
            return
        for outcome in chain.from_iterable(self._outcomes(chain(first, waiting))):
            yield received(outcome)

    def _outcomes(self, jobs: Iterator[Job]) -> Iterator[list[Outcome]]:
        batches = in_batches(jobs)
        running: deque[tuple[list[Job], Future[list[Outcome]]]] = deque()
        pool, tries = self._pool(), 0
        try:
            while True:
                for batch in islice(batches, _AHEAD * self.count - len(running)):
                    running.append((batch, pool.submit(_finish, self.make, batch)))
                if not running:
                    return
                try:
                    outcomes = running[0][1].result()
                except BrokenProcessPool as error:
                    tries += 1
                    if tries > _TRIES and was_replaced():
                        raise KidoError(ADVICE) from error
                    if tries > _TRIES:
                        raise KidoError(
                            "the processes that prepare documents are ended from outside (is "
                            "there too little memory?); run `kb ingest` again, it goes on where "
                            "it stopped, and KIDO_WORKERS=1 takes less"
                        ) from error
                    pool.shutdown(wait=False, cancel_futures=True)
                    pool = self._pool()
                    running = deque((b, pool.submit(_finish, self.make, b)) for b, _ in running)
                    continue
                running.popleft()
                yield outcomes
        finally:
            pool.shutdown(wait=False, cancel_futures=True)

    def _pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self.count, get_context("spawn"), initializer=_begin, initargs=(os.getpid(),)
        )


def in_batches(jobs: Iterator[Job]) -> Iterator[list[Job]]:
    """Files by as many as are handed over at once."""
    batch: list[Job] = []
    for job in jobs:
        batch.append(job)
        if len(batch) == _BATCH or _size(batch) >= _BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def outcomes_of(finisher: Finisher, batch: Iterable[Job]) -> list[Outcome]:
    """What becomes of each file of a batch, in a form for another process."""
    return [
        (str(found.reason), found.message) if isinstance(found, RejectedFile) else found.to_bytes()
        for found in finisher.finish_all(batch)
    ]


def received(outcome: Outcome) -> Finished | RejectedFile:
    """What another process said of a file."""
    if isinstance(outcome, bytes):
        return Finished.from_bytes(outcome)
    reason, message = outcome
    return RejectedFile(Reason(reason), message)


def _size(jobs: Iterable[Job]) -> int:
    return sum(len(job.data.data) for job in jobs)


def _finish(make: Make, batch: list[Job]) -> list[Outcome]:
    return outcomes_of(made(make), batch)


_made: dict[bytes, Finisher] = {}


def made(make: Make) -> Finisher:
    """The finisher of this process, made once for all batches with the same settings."""
    key = pickle.dumps(make)
    if key not in _made:
        _made.clear()
        _made[key] = make()
    return _made[key]


def _begin(parent: int) -> None:
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # the process that asked is told, and ends this one
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # there is a process for each core already
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
