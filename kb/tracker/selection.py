"""Rows of the tables that are asked for: by country, mineral, kind, time, and in force on a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date as day
from typing import TypeVar

from kb.tracker.cells import first_day, last_day
from kb.tracker.model import Cell, Dispute, Measure, MeasureType, Response, Row, Stage

R = TypeVar("R", Measure, Dispute, Response)

_COUNTRIES = (
    "implementer", "affected", "complainants", "respondent", "third_parties", "country", "partner",
)  # fmt: skip
_KINDS = ("type", "measures")
_DATES = (
    "announced", "in_force", "suspended", "suspended_until", "revoked", "date",
    *(stage.cell for stage in Stage),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows are wanted; of several values of a kind a row must have one.

    `since` and `until` are ISO dates, both included: a row passes when one of its dates can lie
    between them.
    """

    countries: Sequence[str] = ()
    minerals: Sequence[str] = ()
    types: Sequence[str] = ()
    since: str | None = None
    until: str | None = None


def selected(rows: Iterable[R], wanted: Wanted, rare_earths: frozenset[str]) -> list[R]:
    """Those of some rows that are wanted, in their order.

    `rare_earths` are the elements that count where rare earths are asked for.
    """
    minerals = set(wanted.minerals)
    if "rare-earths" in minerals:
        minerals |= rare_earths | {"heavy-rare-earths", "light-rare-earths"}
    return [
        row for row in rows
        if _has(row, _COUNTRIES, set(wanted.countries))
        and _has(row, ("minerals",), minerals)
        and _has(row, _KINDS, set(wanted.types))
        and _is_within(row, wanted)
    ]  # fmt: skip


def _has(row: Row, names: Sequence[str], values: set[str]) -> bool:
    if not values:
        return True
    cells = row.cells()
    return any(values.intersection(cells[name]) for name in names if name in cells)


def _is_within(row: Row, wanted: Wanted) -> bool:
    if wanted.since is None and wanted.until is None:
        return True
    cells = row.cells()
    for name in _DATES:
        for date in cells.get(name, Cell()):
            after = wanted.since is None or last_day(date) >= first_day(wanted.since)
            before = wanted.until is None or first_day(date) <= last_day(wanted.until)
            if after and before:
                return True
    return False


def offered(rows: Iterable[Row]) -> dict[str, Counter[str]]:
    """By what rows can be narrowed: `country`, `mineral`, `type`, with the rows that have each."""
    found: dict[str, Counter[str]] = {"country": Counter(), "mineral": Counter(), "type": Counter()}
    for row in rows:
        cells = row.cells()
        for what, names in (("country", _COUNTRIES), ("mineral", ("minerals",)), ("type", _KINDS)):
            values = {value for name in names if name in cells for value in cells[name]}
            found[what].update(values - {"all"})
    return found


def in_force_on(measures: Iterable[Measure], when: day) -> list[Measure]:
    """The measures that held on a day, as the reports state their dates.

    One holds from its entry into force (or, where no report states that, its announcement),
    until it is revoked, and not while it is suspended. A stop of exports that nobody announced
    is an event, and held on no day that could be told. Of dates that conflict the first counts
    for beginnings and the last for ends; a month or year begins on its first day.
    """
    return [measure for measure in measures if _holds(measure, when)]


def _holds(measure: Measure, when: day) -> bool:
    if MeasureType.EXPORT_STOP in set(measure.type):
        return False
    start = _first(measure.in_force) or _first(measure.announced)
    if start is None or when < start:
        return False
    revoked = _last(measure.revoked)
    if revoked is not None and when >= revoked:
        return False
    suspended = _first(measure.suspended)
    if suspended is None or when < suspended:
        return True
    until = max((last_day(date) for date in measure.suspended_until), default=None)
    return until is not None and when > until


def _first(cell: Cell) -> day | None:
    return min((first_day(date) for date in cell), default=None)


def _last(cell: Cell) -> day | None:
    return max((first_day(date) for date in cell), default=None)
