"""Full and failing disks: reading goes on, writing says so and resumes once there is room.

A collection and its index lie on a file system of its own (tmpfs), which is made so small that the
next run fits to some part only, in as many sizes as are asked for; where mounting is not
permitted, or for the campaign `limited`, no file may become larger than such a size (RLIMIT_FSIZE).
Then every failpoint of writing fails with ENOSPC and with EIO. Each time a server answers over HTTP
before, while and after a file is sent and the index written; then there is room again.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from benchmarks.torture_home import QUESTION, Home, Tell, forked, warm
from benchmarks.torture_http import call, serving
from kb import failpoints
from kb.errors import KidoError, NotStored
from kb.index_errors import index_errors
from kb.keys import Keys

_LARGE = 256 << 20  # bytes, where there is room
_SENT = "届け出の内容は別紙のとおりである。".encode() * 400
_BEST_EFFORT = ("changes.", "old.", "ledger.")  # what fails there costs nothing that was promised
_READS = (("GET", "/healthz"), ("GET", "/api/v1/documents"), ("GET", "/api/v1/search?q=a"),
          ("POST", "/api/v1/ask"))  # fmt: skip


def campaign(folder: Path, sizes: int, seed: int) -> Counter[str]:
    """Fill a disk in so many sizes, and count what was wrong.

    "read errors" are reads that were not answered, "untyped" writes that failed with anything but
    507 or NotStored, "not resumed" those that failed once there was room, "mixed" indexes that were
    not consistent. "refused" and "accepted" are the writes.
    """
    del seed
    folder.mkdir(parents=True)
    warm(Home(folder / "warm"))
    counts = _sizes(folder, sizes, mounts=_may_mount())
    home = Home(folder / "failing", documents=4)
    forked(lambda tell: tell(_first(home)))
    for point in (*failpoints.INGESTING, *failpoints.UPLOADING, *failpoints.NOTING):
        for error in ("ENOSPC", "EIO"):
            counts.update(_failing(home, f"{point}={error}"))
            counts["failing calls"] += 1
    return +counts


def limited(folder: Path, sizes: int, seed: int) -> Counter[str]:
    """The same of files that may not become larger, and without the failpoints."""
    del seed
    folder.mkdir(parents=True)
    warm(Home(folder / "warm"))
    return +_sizes(folder, sizes, mounts=False)


def _sizes(folder: Path, sizes: int, *, mounts: bool) -> Counter[str]:
    counts = Counter({"by tmpfs" if mounts else "by RLIMIT_FSIZE": sizes})
    for number in range(sizes):
        share = (number + 1) / sizes
        with _disk(folder / f"disk{number}", mounts) as (place, limit):
            counts.update(_filled(Home(place / "home", documents=6), share, limit))
    return counts


def _first(home: Home) -> str:
    home.write_next()
    home.ingest()
    return Keys(home.index).new("訓練")[1]


def _filled(home: Home, share: float, limited: Callable[[float | None], None]) -> Counter[str]:
    """Make the disk so full that a share of the next run fits, write, and make room again."""
    key = forked(lambda tell: tell(_first(home))).lines[0]
    home.edition = 1
    home.write_next()

    def work(tell: Tell) -> None:
        counts: Counter[str] = Counter()
        with serving(home.settings) as port:
            limited(share)
            _written(home, port, key, counts, room=False)
            limited(None)
            _written(home, port, key, counts, room=True)
        counts.update(_read(home))
        tell(sorted(counts.items()))

    told = forked(work)
    if told.error is not None or not told.lines:
        print(told.error, file=sys.stderr)
        return Counter({"untyped": 1})
    return Counter(dict(told.lines[0]))


def _failing(home: Home, arm: str) -> Counter[str]:
    """Write while a failpoint fails, and again when none does."""
    home.write_next()

    def work(tell: Tell) -> None:
        counts = Counter[str]()
        for armed in (arm, ""):
            failpoints.arm(armed)
            counts.update(_stored(home, best_effort=arm.startswith(_BEST_EFFORT), room=not armed))
        tell(sorted(counts.items()))

    told = forked(work)
    if told.error is not None or not told.lines:
        print(f"{arm}: {told.error}", file=sys.stderr)
        return Counter({"untyped": 1})
    return Counter(dict(told.lines[0]))


def _stored(home: Home, *, best_effort: bool, room: bool) -> Counter[str]:
    """Index, make a key and note a job; read the index then."""
    from kb.ingest.uploads import Upload, remove
    from kb.jobs import Jobs

    def sent() -> None:
        with Upload(home.corpus, max_bytes=1 << 20) as upload:
            upload.write(_SENT)
            upload.put("届.md", replace=True)
        remove(home.corpus, frozenset({"届.md"}))

    def noted() -> None:
        Keys(home.index).new("訓練")
        jobs = Jobs(home.settings)
        jobs._working = True  # noting it is what is tried
        jobs.submit(home.corpus)

    counts: Counter[str] = Counter()
    for write in (sent, noted, home.ingest):
        try:
            write()
            counts["accepted"] += 1
        except NotStored:
            counts["refused"] += 1
            counts["not resumed"] += room
        except Exception as error:
            counts["untyped"] += 1
            print(f"untyped: {error!r}", file=sys.stderr)
    counts["untyped"] += best_effort and counts["refused"] > 0
    counts.update(_read(home))
    return +counts


def _read(home: Home) -> Counter[str]:
    counts = Counter[str](reads=1)
    try:
        with home.opened().view() as view:
            assert view.ask(QUESTION).citations
        if errors := index_errors(home.settings):
            print(errors, file=sys.stderr)
            counts["mixed"] += 1
    except (KidoError, AssertionError) as error:
        print(f"read errors: {error!r}", file=sys.stderr)
        counts["read errors"] += 1
    return counts


def _written(home: Home, port: int, key: str, counts: Counter[str], *, room: bool) -> None:
    """Over HTTP: read, index, read, send a file, read. With `room` all must succeed."""
    _reads(port, counts)
    try:
        home.ingest()
        counts["accepted"] += 1
    except NotStored:
        counts["refused"] += 1
        counts["not resumed"] += room
    _reads(port, counts)
    write = {"Authorization": f"Bearer {key}"}
    sent = _SENT + str(room).encode()
    status, headers, body = call(port, "POST", f"/api/v1/documents?name={room}.md", sent, **write)
    _judge(status, headers, body, counts, room=room)
    _reads(port, counts)


def _judge(status: int, headers: object, body: bytes, counts: Counter[str], *, room: bool) -> None:
    kind = str(dict(headers)).lower() if isinstance(headers, dict) else ""
    if status == 202:
        counts["accepted"] += 1
    elif status == 507 and "problem+json" in kind:
        counts["refused"] += 1
        counts["not resumed"] += room
    else:
        counts["untyped"] += 1
        print(f"untyped: {status} {body[:300]!r}", file=sys.stderr)


def _reads(port: int, counts: Counter[str]) -> None:
    for method, path in _READS:
        body = json.dumps({"question": QUESTION}).encode() if method == "POST" else b""
        kind = {"Content-Type": "application/json"} if body else {}
        status, _, found = call(port, method, path, body, **kind)
        counts["reads"] += 1
        if status != 200:
            counts["read errors"] += 1
            print(f"read errors: {path} {status} {found[:300]!r}", file=sys.stderr)


def _may_mount() -> bool:
    with tempfile.TemporaryDirectory() as folder:
        return _mount(Path(folder)) and _unmount(Path(folder))


@contextmanager
def _disk(place: Path, mounts: bool) -> Iterator[tuple[Path, Callable[[float | None], None]]]:
    """A folder, and what limits the room there to a share of what the next run needs."""
    place.mkdir(parents=True)
    if not mounts:
        yield place, partial(_limit_files, place)
        return
    _mount(place)
    try:
        yield place, partial(_resize, place)
    finally:
        _unmount(place)


def _limit_files(place: Path, share: float | None) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    largest = max(p.stat().st_size for p in place.rglob("*") if p.is_file())
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    most = hard if share is None else int(1.2 * share * largest)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, hard))


def _resize(place: Path, share: float | None) -> None:
    found = os.statvfs(place)
    used = (found.f_blocks - found.f_bfree) * found.f_frsize
    size = _LARGE if share is None else used + int(1.5 * share * used)
    subprocess.run(["mount", "-o", f"remount,size={size}", str(place)], check=True)


def _mount(place: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={_LARGE}", "tmpfs", str(place)]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def _unmount(place: Path) -> bool:
    return subprocess.run(["umount", "-l", str(place)], capture_output=True).returncode == 0
