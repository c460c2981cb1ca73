"""kill -9 at named and at random moments: what was acknowledged is there, all else is whole.

The ledger of acknowledgements is in the process that starts the writers, outside of the index:
what a writer has told before it was killed counts as promised. After each kill a reader opens
the index as a server does; of some points a real server answers over HTTP, and some writers are
real `kb ingest` processes.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.torture_home import QUESTION, Home, Tell, Told, editions_in, forked, served, warm
from benchmarks.torture_http import asked, serving
from kb import failpoints
from kb.index_errors import index_errors
from kb.indexing.generation import CURRENT, PREVIOUS
from kb.indexing.ledger import Ledger
from kb.ingest.uploads import Upload, remove
from kb.jobs import Jobs
from kb.keys import Keys

_KINDS = {
    "ingest": failpoints.INGESTING,
    "upload": tuple(p for p in failpoints.UPLOADING if p.startswith("upload")),
    "remove": tuple(p for p in failpoints.UPLOADING if p.startswith("removal")),
    "cite": failpoints.CITING,
    "note": failpoints.NOTING,
}
_CLEAN = 25  # points between two runs that nothing disturbs, after which nothing may be left over
_SERVED = 50  # points between two that are asked over HTTP
_PROGRAM = 100  # points between two whose writer is the `kb ingest` program
_LEFT = re.compile(r"CURRENT|PREVIOUS|lock|seen|verified|doubted|changes\.json|keys\.(json|lock)|"
                   r"jobs/(lock|j\w+\.json)|"
                   r"citations\.sqlite(-wal|-shm)?|generations/g\d{8}/.*|"
                   r"spare/[0-9a-f]{16}-[^.]+\.\w+")  # fmt: skip


@dataclass
class Promised:
    """The ledger of acknowledgements, and what may be served besides."""

    indexed: dict[str, str] = field(default_factory=dict)  # by the last run that was acknowledged
    attempted: dict[str, str] = field(default_factory=dict)
    citations: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    generation: str = ""


def campaign(folder: Path, points: int, seed: int) -> Counter[str]:
    """Kill so many writers, and count what was wrong: "lost", "duplicated", "orphaned", "mixed".

    "named" and "random" are the points, "acknowledged" what was promised, "served" the starts of
    the reading side, "http" those over HTTP.
    """
    kills = _Kills(Home(folder), random.Random(seed))
    for number in range(points):
        kills.point(number)
        if number % _CLEAN == _CLEAN - 1 or number == points - 1:
            kills.clean()
        if number % 100 == 99:
            print(f"{number + 1} points: {dict(kills.counts)}", file=sys.stderr, flush=True)
    return +kills.counts


class _Kills:
    def __init__(self, home: Home, chance: random.Random) -> None:
        self.home, self.chance = home, chance
        self.counts: Counter[str] = Counter()
        self.promised = Promised()
        self.seconds = {"ingest": 1.0}
        warm(home)
        home.write_next()
        self._attempt("ingest")
        self._check(served_over_http=True)
        queue = [(kind, point) for kind, names in _KINDS.items() for point in names]
        # Most of what is written is written by ingestion, and so are most points.
        self._queue = [*queue, *((k, p) for k, p in queue if k == "ingest")]

    def point(self, number: int) -> None:
        """Kill one writer, named and random by turns, and look at what it left."""
        if number % 2 == 0:
            kind, point = self._queue[(number // 2) % len(self._queue)]
            nth = (
                self.chance.randint(1, 8)
                if point in ("prepared.write", "store.document", "files.fsync")
                else 1
            )
            arm, after = f"{point}=kill@{nth}", None
            self.counts["named"] += 1
        else:
            point = ""
            kind = self.chance.choice(("ingest", "ingest", "ingest", "upload", "cite", "note"))
            arm, after = "", self.chance.uniform(0, 1.2 * self.seconds.get(kind, 0.5))
            self.counts["random"] += 1
        large = point.startswith(("store.merge", "spare."))  # not with a small index otherwise
        program = kind == "ingest" and number % _PROGRAM in (10, 11) and not large
        if point == "files.link":  # they grow where nothing else has changed
            self._attempt("ingest")
        told = self._attempt(
            kind, arm=arm, kill_after=after, program=program, grow=point == "files.link"
        )
        if arm and not told.killed:
            self._wrong("not reached", [arm])
        self._check(served_over_http=number % _SERVED in (20, 21))

    def clean(self) -> None:
        """A run, a key, a job and an upload that nobody disturbs: nothing may be left over."""
        for part in self.home.corpus.glob(".*.part"):
            os.utime(part, (0, 0))  # as if it had been left an hour ago
        for kind in ("upload", "note", "ingest"):
            self._attempt(kind)
        self._check()
        left = [
            str(path.relative_to(self.home.index))
            for path in self.home.index.rglob("*")
            if path.is_file() and not _LEFT.fullmatch(str(path.relative_to(self.home.index)))
        ]
        left += [path.name for path in self.home.corpus.glob(".*")]
        named = {(self.home.index / name).read_text().split()[0] for name in (CURRENT, PREVIOUS)}
        there = {path.name for path in (self.home.index / "generations").iterdir()}
        self._wrong("orphaned", sorted({*left, *(there ^ named)}))

    def _attempt(
        self,
        kind: str,
        *,
        arm: str = "",
        kill_after: float | None = None,
        program: bool = False,
        grow: bool = False,
    ) -> Told:
        """Have one writer work, and note what it acknowledged."""
        works: dict[str, Callable[..., None]] = {
            "ingest": self._ingest, "upload": self._upload, "remove": self._remove,
            "cite": self._cite, "note": self._note,
        }  # fmt: skip
        if kind == "ingest":
            if grow:
                self.home.add_one()
            else:
                self.home.write_next()
            self.promised.attempted = self.home.files()
        before = self.home.files()
        name = f"届{self.home.edition:05}{self.chance.randrange(10**6):06}.md"
        removed = min(self.home.names)
        given = {"upload": (name,), "remove": (removed,)}.get(kind, ())
        if program:
            told = self._by_program(arm, kill_after)
        else:
            told = forked(partial(works[kind], *given), arm=arm, kill_after=kill_after)
        if told.error is not None:
            self._wrong("failed", [told.error])
        elif not told.killed:
            self.seconds[kind] = 0.5 * self.seconds.get(kind, told.seconds) + 0.5 * told.seconds
        self.counts["killed"] += told.killed
        for line in told.lines:
            self._acknowledge(line)
        if kind == "upload":
            self._after_upload(name, before, acknowledged=bool(told.lines))
        if kind == "remove":
            gone = removed not in self.home.files()
            self._wrong("lost", [] if gone or not told.lines else [f"{removed} came back"])
            self.home.names -= {removed} if gone else set()
        return told

    def _acknowledge(self, line: dict[str, str]) -> None:
        self.counts["acknowledged"] += 1
        for what, value in line.items():
            if what == "generation":
                self.promised.generation = value
                self.promised.indexed = self.promised.attempted
            elif what in ("citations", "jobs", "keys"):
                getattr(self.promised, what).append(value)

    def _after_upload(self, name: str, before: dict[str, str], *, acknowledged: bool) -> None:
        now = self.home.files()
        extra = {path for path in now if before.get(path) != now[path]}
        self._wrong("lost", [p for p in before if p not in now])
        self._wrong("lost", [name] if acknowledged and name not in now else [])
        whole = name not in now or (self.home.corpus / name).read_bytes() == _sent(name)
        self._wrong("mixed", sorted(extra - {name}) + ([] if whole else [name]))
        self.home.names |= {name} & set(now)
        if len(self.home.names) > self.home.documents + 4:
            gone = min(self.home.names)
            (self.home.corpus / gone).unlink()
            self.home.names.discard(gone)

    # What writers do, in children

    def _ingest(self, tell: Tell) -> None:
        tell({"generation": self.home.ingest().generation})

    def _upload(self, name: str, tell: Tell) -> None:
        with Upload(self.home.corpus, max_bytes=1 << 20) as upload:
            for line in _sent(name).splitlines(keepends=True):
                upload.write(line)
            upload.put(name, replace=False)
            tell({"upload": name})

    def _remove(self, name: str, tell: Tell) -> None:
        remove(self.home.corpus, frozenset({name}))
        tell({"removed": name})

    def _cite(self, tell: Tell) -> None:
        with self.home.opened().view() as view:
            for citation in view.ask(QUESTION).citations:
                tell({"citations": citation.id})

    def _note(self, tell: Tell) -> None:
        tell({"keys": Keys(self.home.index).new("訓練")[0].id})
        jobs = Jobs(self.home.settings)
        # Its thread is never begun: what is killed here is the note of a job.
        jobs._working = True
        tell({"jobs": jobs.submit(self.home.corpus).id})

    def _by_program(self, arm: str, kill_after: float | None) -> Told:
        """The same by `kb ingest`; it is acknowledged by what it prints."""
        command = [sys.executable, "-m", "kb.cli", "ingest", str(self.home.corpus),
                   "--index", str(self.home.index), "--json"]  # fmt: skip
        environment = {**os.environ, failpoints.VARIABLE: arm, "KIDO_KEEP_VERSIONS": "1"}
        began = time.monotonic()
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as ran:
            try:
                out = ran.communicate(timeout=None if kill_after is None else kill_after + 2)[0]
            except subprocess.TimeoutExpired:
                ran.kill()
                out = ran.communicate()[0]
        self.counts["program"] += 1
        found = re.search(r'"generation": "(g\d+)"', out)
        lines = ({"generation": found.group(1)},) if found else ()
        error = f"kb ingest ended with {ran.returncode}" if ran.returncode not in (0, -9) else None
        return Told(lines, ran.returncode == -9, error, time.monotonic() - began)

    # What a reader finds

    def _check(self, *, served_over_http: bool = False) -> None:
        """Start the reading side, and compare what it serves with what was promised."""
        told = forked(self._over_http if served_over_http else self._read)
        self.counts["served"] += 1
        self.counts["http"] += served_over_http
        if told.error is not None or len(told.lines) != 1:
            self._wrong("mixed", [told.error or "nothing was told"])
            return
        found = told.lines[0]
        promised = self.promised
        if found["generation"] < promised.generation:
            self._wrong("lost", [f"{found['generation']} after {promised.generation}"])
        states = [promised.indexed, promised.attempted]
        paths = found.get("paths")  # over HTTP, where digests are not told
        same = [state for state in states if found["files"] == state or paths == sorted(state)]
        if not same:
            there = set(found["files"] or paths)
            self._wrong("lost", sorted(promised.indexed.keys() - there))
            self._wrong("mixed", [f"{found} is neither {states[0]} nor {states[1]}"])
        elif found["files"]:
            # What was served once may not be taken back either.
            promised.indexed, promised.generation = same[0], found["generation"]
        for what in ("lost", "duplicated", "mixed"):
            self._wrong(what, found[what])
        if served_over_http:
            self._check()  # digests are not told over HTTP, and what was served is promised now

    def _read(self, tell: Tell) -> None:
        errors = index_errors(self.home.settings)
        with self.home.opened().view() as view:
            files = served(view)
            answer = view.ask(QUESTION)
            editions = {e for c in answer.citations for e in editions_in(c.quote)}
            mixed = [*errors, *([] if len(editions) == 1 else [f"editions {sorted(editions)}"])]
            paths = [summary.path for summary in view.summaries()]
        tell({
            "generation": view.generation,
            "files": files,
            "lost": self._not_kept(),
            "duplicated": sorted(p for p, n in Counter(paths).items() if n > 1),
            "mixed": mixed,
        })  # fmt: skip

    def _not_kept(self) -> list[str]:
        """Citations, jobs and keys that were promised and are not there."""
        ledger = Ledger(self.home.index, limit=0)
        lost = [one for one in self.promised.citations[-200:] if ledger.find(one) is None]
        held = {key.id for key in Keys(self.home.index).all()}
        lost += [one for one in self.promised.keys if one not in held]
        jobs = {path.stem for path in (self.home.index / "jobs").glob("j*.json")}
        return lost + [one for one in self.promised.jobs[-20:] if one not in jobs]

    def _over_http(self, tell: Tell) -> None:
        with serving(self.home.settings) as port:
            health = asked(port, "GET", "/healthz")
            listed = asked(port, "GET", "/api/v1/documents")
            answer = asked(port, "POST", "/api/v1/ask", {"question": QUESTION})
            editions = {e for c in answer["citations"] for e in editions_in(c["quote"])}
            for document in listed["documents"]:
                text = asked(port, "GET", f"/api/v1/documents/{document['id']}/text")
                editions |= editions_in(text["text"])
        generations = {value["generation"] for value in (health, listed, answer)}
        paths = [d["path"] for d in listed["documents"]]
        tell({
            "generation": health["generation"],
            "files": None,
            "paths": sorted(paths),
            "lost": self._not_kept(),
            "duplicated": sorted(p for p, n in Counter(paths).items() if n > 1),
            "mixed": [] if len(generations) == len(editions) == 1
            else [f"{generations}, editions {editions}"],
        })  # fmt: skip

    def _wrong(self, what: str, cases: list[str]) -> None:
        if cases:
            self.counts[what] += len(cases)
            print(f"{what}: {'; '.join(cases)[:2000]}", file=sys.stderr, flush=True)


def _sent(name: str) -> bytes:
    """The bytes of a file that is uploaded."""
    return (f"# {name}\n\n" + "届け出の内容は別紙のとおりである。\n" * 200).encode()
