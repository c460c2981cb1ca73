"""What changed in an index, run by run: kept beside the generations for the last runs.

Only runs that made a new generation are noted. The notes are for people and for feeds; the
index does not depend on them, so a file of them that cannot be read counts as none.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from kb.domain import IngestReport, Rejection
from kb.durable import replace_file

FILE = "changes.json"
KEPT = 50  # runs


@dataclass(frozen=True, slots=True)
class AffectedCitation:
    """A citation that was given out and that a run changed.

    `status` is `changed`, `gone`, or `back` for one that stands again as it was cited. `quote` is
    what was cited, `now` what stands in its place, at `start` to `end` of `document_id`;
    `document` is the path of the file that was cited.
    """

    id: str
    status: str
    document: str
    title: str
    quote: str
    now: str | None = None
    document_id: str | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class FactValue:
    """A value of a row of the tracker, with the first place that states it."""

    cell: str
    value: str
    citation: str
    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row of the tracker that a run changed.

    `what` is `new`, `more` for a row that has further values, or `gone`. `named` has the values of
    the cells that name the row, `date` its first date, `values` those that are new.
    """

    table: str
    row: str
    what: str
    named: Mapping[str, tuple[str, ...]]
    date: str | None = None
    values: tuple[FactValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Effects:
    """What a run meant for what was cited and for the tracker.

    `counts` has how many citations are `moved` (the same words at another place), `changed`,
    `gone` and `back`, and how many rows are `new_facts`, `more_facts` and `gone_facts`; a name
    without any is left out. Of `citations` and `facts` at most the first `LISTED` are kept.
    `unseen` is how many citations were too many to be followed.
    """

    counts: Mapping[str, int] = field(default_factory=dict)
    citations: tuple[AffectedCitation, ...] = ()
    facts: tuple[FactRow, ...] = ()
    unseen: int = 0


LISTED = 60
"""Citations, and rows of the tracker, that are kept of one run."""


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
    effects: Effects = Effects()


def change_of(
    report: IngestReport,
    before: Collection[Rejection],
    *,
    rebuilt: bool,
    effects: Effects = Effects(),
) -> Change:
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
        effects=effects,
    )


def record(index: Path, change: Change) -> None:
    """Note a change; the caller holds the writer lock. What cannot be noted is left out."""
    noted = [asdict(change), *(asdict(one) for one in recent(index))][:KEPT]
    path = index / FILE
    try:
        data = json.dumps(noted, ensure_ascii=False).encode("utf-8", "replace")
        replace_file(path, data, point="changes")
    except OSError:
        pass  # the generation is published, which is what counts


def recent(index: Path) -> tuple[Change, ...]:
    """The changes that are noted, the newest first."""
    try:
        values = json.loads((index / FILE).read_text(encoding="utf-8"))
        return tuple(map(_change, values))
    except (OSError, ValueError, TypeError, LookupError, AttributeError):
        return ()


def _change(value: Mapping[str, Any]) -> Change:
    """A change as it was noted; of earlier versions there are no effects."""
    lists = {name: tuple(value[name]) for name in ("added", "updated", "removed")}
    rejected = tuple(Rejection(**one) for one in value["rejected"])
    noted = value.get("effects", {})
    effects = Effects(
        dict(noted.get("counts", {})),
        tuple(AffectedCitation(**one) for one in noted.get("citations", ())),
        tuple(map(_fact_row, noted.get("facts", ()))),
        noted.get("unseen", 0),
    )
    return Change(**{**value, **lists, "rejected": rejected, "effects": effects})


def _fact_row(value: Mapping[str, Any]) -> FactRow:
    named = {name: tuple(values) for name, values in value["named"].items()}
    values = tuple(FactValue(**one) for one in value["values"])
    return FactRow(**{**value, "named": named, "values": values})
