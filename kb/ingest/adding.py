"""The new and changed files of a run, each with what became of it, in the order of the plan."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence

from kb.errors import RejectedFile
from kb.indexing.finished import Finished
from kb.ingest.kept import Kept
from kb.ingest.plan import Planner, Work
from kb.ingest.workers import Finishing
from kb.reading.sandbox import Job

Found = Generator[tuple[Work, Finished | RejectedFile], None, None]


def outcomes(
    todo: Sequence[Work],
    planner: Planner,
    finishing: Finishing,
    kept: Kept,
    *,
    making: str,
    complete: Callable[[Finished], Finished],
) -> Found:
    """What becomes of each file, from `kept` or else by `finishing`, and then kept.

    `making` says what documents depend on besides what is in their state; `complete` adds
    what `finishing` left out. Files are read when their turn comes.
    """
    changed: dict[str, RejectedFile] = {}

    def jobs() -> Iterator[Job]:
        for work in todo:
            if _key(work, making) in kept:
                continue
            try:
                data = planner.bytes_of(work)
            except RejectedFile as rejection:
                changed[work.path] = rejection
                continue
            yield Job(work.path, data, work.metadata)

    # Decided beforehand: `kept` grows while the jobs are gone through.
    present = {work.path for work in todo if _key(work, making) in kept}
    made = finishing.finish_all(jobs())
    following: Finished | RejectedFile | None = None
    for work in todo:
        key = _key(work, making)
        if work.path in present:
            yield work, Finished.from_bytes(kept.get(key))
            continue
        if following is None:
            following = next(made, None)
        if work.path in changed:
            yield work, changed[work.path]
            continue
        assert following is not None
        outcome, following = following, None
        if isinstance(outcome, Finished):
            outcome = complete(outcome)
            kept.add(key, outcome.to_bytes())
        yield work, outcome


def _key(work: Work, making: str) -> bytes:
    return hashlib.sha256(f"{work.path}\0{work.state}\0{making}".encode()).digest()
