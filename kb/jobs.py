"""Jobs: the index is brought up to the corpus while the server goes on answering.

A job runs in a process of its own (`kb.background`), so that readers never wait for it; one
runs at a time, and whoever asks while one waits gets that one, which will see the same files.
What becomes of a job is kept in `jobs/` in the folder of the index: of a job whose server was
killed it is said that it was cut off.
"""

from __future__ import annotations

import datetime
import fcntl
import json
import logging
import os
import re
import secrets
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from kb.durable import is_failure, not_stored, replace_file
from kb.errors import IndexLocked, IndexUnavailable, NotFound
from kb.orders import Order, line_of
from kb.settings import Settings

log = logging.getLogger("kb.jobs")

KEPT = 50  # jobs that can be asked for
_ID = re.compile(r"j[0-9a-f]{32}")


class JobState(StrEnum):
    """What has become of a job."""

    WAITING = "waiting"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Job:
    """One run of ingestion. Times are UTC in ISO 8601; `report` is that of the run.

    `done` of `total` new and changed files have been read, `file` is being read. The id is
    128 random bits: whoever has it may see the job.
    """

    id: str
    state: JobState
    created: str
    ended: str | None = None
    done: int = 0
    total: int = 0
    file: str = ""
    error: str | None = None
    report: Mapping[str, Any] | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state not in (JobState.WAITING, JobState.RUNNING)


class Jobs:
    """The jobs of an index. Safe for several threads.

    `taken_up` waits until what a job published is served: only then is the job finished, so
    that who waited for it finds what it brought.
    """

    def __init__(self, settings: Settings, taken_up: Callable[[], None] | None = None) -> None:
        self._taken_up = taken_up
        self._settings = settings
        self._folder = settings.index / "jobs"
        self._lock = threading.Lock()
        self._live: dict[str, Job] = {}
        self._corpora: dict[str, Path] = {}
        self._owned = False
        self._working = False

    def submit(self, corpus: Path) -> Job:
        """A job that brings the index up to the files that `corpus` has now.

        Raises IndexLocked when another server does the jobs of this index, IndexUnavailable
        when nothing may be written there, NotStored when nothing can be.
        """
        with self._lock:
            if not self._own():
                raise IndexLocked(
                    f"another server runs the jobs of {self._settings.index}; ask that one"
                )
            for job in self._live.values():
                if job.state is JobState.WAITING and self._corpora[job.id] == corpus:
                    return job
            job = Job(f"j{secrets.token_hex(16)}", JobState.WAITING, _now())
            try:
                self._save(job)
            except OSError as error:
                raise not_stored(error, self._folder, "no job was begun") from error
            self._corpora[job.id] = corpus
            self._set(job, saved=True)
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="jobs", daemon=True).start()
            return job

    def get(self, job_id: str) -> Job:
        """A job by its id. Raises NotFound."""
        with self._lock:
            if job_id in self._live:
                return self._live[job_id]
            if _ID.fullmatch(job_id) and self._folder.is_dir():
                if not self._settings.follow:
                    self._own()
                job = _read(self._folder / f"{job_id}.json")
                if job is not None:
                    return job
        raise NotFound(f"there is no job {job_id[:60]!r}; only the last {KEPT} are kept")

    def counts(self) -> Mapping[str, int]:
        """How many jobs of this process are in each state."""
        with self._lock:
            states = [job.state for job in self._live.values()]
        return {state.value: states.count(state) for state in JobState}

    def _own(self) -> bool:
        """Become the one that runs the jobs; what another left unfinished was cut off."""
        if self._owned:
            return True
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if is_failure(error):
                raise not_stored(error, self._folder, "no job was begun") from error
            raise IndexUnavailable(
                f"{self._folder} cannot be written ({error.strerror}); check its permissions"
            ) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            return False
        self._owned = True
        weakref.finalize(self, os.close, lock)
        for part in self._folder.glob("j*.new"):  # of one that was killed while it noted a job
            part.unlink(missing_ok=True)
        for path in self._folder.glob("j*.json"):
            job = _read(path)
            if job is not None and not job.over:
                cut = "the server was stopped before the job was done: index again"
                over = replace(job, state=JobState.INTERRUPTED, ended=_now(), file="", error=cut)
                with suppress(OSError):  # it is said again by whoever owns the jobs next
                    self._save(over)
        return True

    def _set(self, job: Job, *, saved: bool = False) -> None:
        """Note what has become of a job; the caller holds the lock.

        A job goes on where its state cannot be saved: after a restart it counts as cut off.
        """
        before = self._live.get(job.id)
        self._live[job.id] = job
        if before is None or before.state is not job.state:
            if not saved:
                try:
                    self._save(job)
                except OSError as error:
                    log.warning("%s: the state of a job is not kept (%s)", self._folder, error)
            if len(self._live) > KEPT:
                del self._live[next(iter(self._live))]

    def _save(self, job: Job) -> None:
        path = self._folder / f"{job.id}.json"
        data = json.dumps(asdict(job), ensure_ascii=False).encode("utf-8", "replace")
        replace_file(path, data, point="job")
        files = sorted(self._folder.glob("j*.json"), key=lambda p: p.stat().st_mtime_ns)
        for old in files[:-KEPT]:
            old.unlink(missing_ok=True)

    def _work(self) -> None:
        """Run what waits, one after the other, until nothing does."""
        while True:
            with self._lock:
                job = next((j for j in self._live.values() if j.state is JobState.WAITING), None)
                if job is None:
                    self._working = False
                    return
                job = replace(job, state=JobState.RUNNING)
                corpus = self._corpora.pop(job.id)
                self._set(job)
            try:
                job = self._run(job, corpus)
                if self._taken_up is not None and job.state is JobState.FINISHED:
                    with suppress(Exception):  # whoever asks is told; the job has done its part
                        self._taken_up()
            except Exception as error:
                job = replace(job, state=JobState.FAILED, error=f"it could not be run: {error}")
            with self._lock:
                self._set(replace(job, ended=_now(), file=""))

    def _run(self, job: Job, corpus: Path) -> Job:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "kb.background"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        assert process.stdin and process.stdout
        # Its stdin stays open: the process ends when that is closed, so also with the server.
        with process:
            process.stdin.write(line_of(Order(replace(self._settings, corpus=corpus))))
            process.stdin.flush()
            for line in process.stdout:
                job = _told(job, line)
                with self._lock:
                    self._set(replace(job, state=JobState.RUNNING))
        if job.over:
            return job
        error = f"the process of the job ended with {process.returncode}; the index is as before"
        return replace(job, state=JobState.FAILED, error=error)


def _told(job: Job, line: str) -> Job:
    """A job after a line of its process; lines that say nothing of it change nothing."""
    try:
        told = json.loads(line)
        if "report" in told:
            return replace(job, state=JobState.FINISHED, report=told["report"])
        if "error" in told:
            return replace(job, state=JobState.FAILED, error=str(told["error"]))
        done, total, file = told["progress"]
        return replace(job, done=int(done), total=int(total), file=str(file))
    except (ValueError, LookupError, TypeError):
        return job


def _read(path: Path) -> Job | None:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return Job(**{**values, "state": JobState(values["state"])})
    except (OSError, ValueError, TypeError, LookupError):
        return None


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
