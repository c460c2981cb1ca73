"""Failpoints: named moments at which a write is made to fail, or the process to end.

    KIDO_FAILPOINTS="current.rename=kill,store.commit=ENOSPC@2" kb ingest

Nothing happens at them unless that variable, or a test by `arm`, says so; passing one then costs a
look at an empty dictionary. An action is `kill` (SIGKILL: no handler and no `finally` runs) or the
name of an error of the system, raised as OSError; `@N` means the Nth passing and those after it.
What is done at them is in benchmarks/torture.py and docs/reliability.md.
"""

from __future__ import annotations

import errno
import os
import signal
from dataclasses import dataclass

VARIABLE = "KIDO_FAILPOINTS"
_KILL = "kill"
# Each file that is replaced whole (`kb.durable`) has these moments.
_STEPS = ("write", "fsync", "rename", "renamed", "synced")
INGESTING = (
    "files.link", "prepared.write", "store.document", "store.commit", "store.committed",
    "store.merge", "store.merged", "postings.write", "postings.commit", "postings.written",
    "vectors.write", "vectors.written", "manifest.write", "manifest.written",
    "files.fsync", "folders.fsync", "generation.rename", "generation.renamed",
    *(f"previous.{step}" for step in _STEPS), *(f"current.{step}" for step in _STEPS),
    "old.remove", "old.removed", "spare.write", "spare.written",
    *(f"changes.{step}" for step in _STEPS),
)  # fmt: skip
UPLOADING = ("upload.open", "upload.write", "upload.fsync", "upload.rename", "upload.renamed",
             "upload.synced", "removal.unlink", "removal.unlinked")  # fmt: skip
CITING = ("ledger.write", "ledger.commit", "ledger.committed")
NOTING = tuple(f"{file}.{step}" for file in ("job", "keys") for step in _STEPS)
POINTS = (*INGESTING, *UPLOADING, *CITING, *NOTING)


@dataclass(slots=True)
class _Action:
    """What happens at a point, from the `after`th passing on; None: the process is killed."""

    error: int | None
    after: int


_armed: dict[str, _Action] = {}


def reach(point: str) -> None:
    """Pass a point of `POINTS`. Raises OSError where it is armed with an error."""
    if _armed and (action := _armed.get(point)) is not None:
        action.after -= 1
        if action.after <= 0:
            if action.error is None:
                os.kill(os.getpid(), signal.SIGKILL)
            else:
                raise OSError(action.error, os.strerror(action.error), f"failpoint {point}")


def arm(actions: str) -> None:
    """Let points have actions, as the variable does; those armed before are so no longer.

    Raises ValueError that names what is no point or no action.
    """
    found = {}
    for part in filter(None, actions.split(",")):
        point, _, action = part.strip().partition("=")
        name, _, number = action.partition("@")
        code = getattr(errno, name, None) if name.isupper() else None
        if point not in POINTS:
            raise ValueError(f"{VARIABLE}: there is no point {point!r}; kb/failpoints.py has all")
        if (code is None and name != _KILL) or (number and not number.isdecimal()):
            raise ValueError(f"{VARIABLE}: {action!r} is no action: kill, ENOSPC, EIO@2 are")
        found[point] = _Action(code, int(number or 1))
    _armed.clear()
    _armed.update(found)


arm(os.environ.get(VARIABLE, ""))
