"""What changed in an index, run by run: kept beside the generations for the last runs.

Only runs that made a new generation are noted. The notes are for people and for feeds; the
index does not depend on them, so a file of them that cannot be read counts as none.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from kb.domain import IngestReport, Rejection

FILE = "changes.json"
KEPT = 50  # runs


@dataclass(frozen=True, slots=True)
class Change:
    """What one run changed. `at` is UTC in ISO 8601; files are named by their paths.

    `rejected` are the files that were not rejected before, or for another reason. `rebuilt`
    says that all was read again, because the rules or the encoder had changed; then every file
    counts as added.
    """

    at: str
    generation: str
    rebuilt: bool
    added: tuple[str, ...]
    updated: tuple[str, ...]
    removed: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    duplicates: Mapping[str, str]
    passages: int


def change_of(report: IngestReport, before: Collection[Rejection], *, rebuilt: bool) -> Change:
    """What the report of a run says that is new; `before` are the files rejected until then."""
    now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    return Change(
        at=now,
        generation=report.generation,
        rebuilt=rebuilt,
        added=report.added,
        updated=report.updated,
        removed=report.removed,
        rejected=tuple(r for r in report.rejected if r not in before),
        duplicates={a: path for a, path in report.duplicates.items() if path in report.added},
        passages=report.passages,
    )


def record(index: Path, change: Change) -> None:
    """Note a change; the caller holds the writer lock. What cannot be noted is left out."""
    noted = [asdict(change), *(asdict(one) for one in recent(index))][:KEPT]
    path = index / FILE
    temporary = path.with_suffix(".new")
    try:
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(noted, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        pass  # the generation is published, which is what counts


def recent(index: Path) -> tuple[Change, ...]:
    """The changes that are noted, the newest first."""
    try:
        values = json.loads((index / FILE).read_text(encoding="utf-8"))
        return tuple(
            Change(
                **{
                    **value,
                    **{name: tuple(value[name]) for name in ("added", "updated", "removed")},
                    "rejected": tuple(Rejection(**one) for one in value["rejected"]),
                }
            )
            for value in values
        )
    except (OSError, ValueError, TypeError, LookupError):
        return ()
