"""Measures out of what several places say of them.

Two places tell of the same measure when implementer and kind are the same, the minerals
overlap, and the dates fit: equal as far as known, an entry into force up to four months after
an announcement, or, for the very same minerals, up to two months apart (they then conflict).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from kb.tracker.cells import Event, Group, agree, apart, cell_of, date_cell, first_day, row_id
from kb.tracker.facets import RARE_EARTHS
from kb.tracker.model import Cell, Drawn, Evidence, Measure, MeasureType, Stated

_GENERIC = frozenset({"rare-earths", "heavy-rare-earths", "light-rare-earths", "rare-metals"})
_FROM_ANNOUNCEMENT = 125  # days to the entry into force
_CONFLICT = 62  # days by which two dates of the same event may differ
_LAW = re.compile(r"(law|list)-")
_NUMBER = re.compile(r"(?P<year>20[0-9]{2})?年?第(?P<number>[0-9]+)号")
_STARTS = ("announced", "in_force")


def measures_of(events: Sequence[Event]) -> list[Measure]:
    """The measures that some events tell of, by date."""
    told = [e for e in events if e.values("type")]
    starting = [e for e in told if _dates(e, _STARTS)]
    ending = [e for e in told if not _dates(e, _STARTS)]
    naming = [e for e in events if not e.values("type")]
    groups: list[Group] = []
    alike: dict[tuple[str | None, str | None], list[Group]] = {}
    for event in sorted(starting, key=_order):
        same = alike.setdefault((event.one("implementer"), event.one("type")), [])
        fitting = next((group for group in same if _fits(event, group.different)), None)
        if fitting is not None:
            fitting.append(event)
        else:
            groups.append(Group(event))
            same.append(groups[-1])
    for event in sorted(ending, key=_order):
        same = alike.setdefault((event.one("implementer"), event.one("type")), [])
        ended = _ended(event, same)
        for group in ended:
            group.append(event)
        if not ended:
            groups.append(Group(event))
            same.append(groups[-1])
    for event in naming:
        meant = [group for group in groups if _is_meant(event, group.different)]
        for group in meant:
            group.append(_without_starts(event))
        if not meant and (event.values("instrument") or _dates(event, _STARTS)):
            groups.append(Group(event))
    rows = [_row(sorted(group.events, key=lambda e: e.place)) for group in groups]
    return sorted(rows, key=lambda row: (row.date or "9", row.id))


def _without_starts(event: Event) -> Event:
    """An event that names a measure by its date, which that measure has of its own."""
    cells = tuple(c for c in event.drawn.cells if c.name not in _STARTS)
    return Event(event.document_id, Drawn(event.drawn.table, cells))


def _order(event: Event) -> tuple[int, int, int, str, tuple[str, int]]:
    """The most exact first, so that the vaguer find their place."""
    dates = _dates(event, _STARTS)
    exact = max((len(date) for date in dates), default=0)
    return -exact, -len(_particular(event)), -len(dates), min(dates, default="9"), event.place


def _dates(event: Event, names: Iterable[str]) -> list[str]:
    return [value for name in names for value in event.values(name)]


def _particular(event: Event) -> set[str]:
    return set(event.values("minerals")) - _GENERIC


def _laws(event: Event) -> set[str]:
    return {value for value in event.values("instrument") if _LAW.match(value)}


def _fits(event: Event, group: Sequence[Event]) -> bool:
    """Whether an event tells of the measure of a group of the same implementer and kind."""
    if event.one("type") == MeasureType.REGULATION:
        laws = {law for other in group for law in _laws(other)}
        if laws or _laws(event):
            return bool(_laws(event) & laws)
        bodies = {value for other in group for value in other.values("body")}
        if bodies and event.values("body") and not bodies & set(event.values("body")):
            return False
    affected = {v for other in group for v in other.values("affected")} - {"all"}
    own = set(event.values("affected")) - {"all"}
    if own and affected and not own & affected:
        return False
    particular = {name for other in group for name in _particular(other)}
    mine = _particular(event)
    if mine and particular:
        if len(mine & particular) * 2 < min(len(mine), len(particular)):
            return False
        return _near(event, group, conflict=_CONFLICT)
    general = set(event.values("minerals")) | {v for o in group for v in o.values("minerals")}
    if general & _GENERIC and (mine | particular) and not (mine | particular) & RARE_EARTHS:
        return False  # rare earths in general are no gallium
    return _near(event, group, conflict=0)


def _near(event: Event, group: Sequence[Event], *, conflict: int) -> bool:
    """Whether the dates of an event fit those of a group."""
    for name in _STARTS:
        for mine in event.values(name):
            for other in (value for e in group for value in e.values(name)):
                if agree(mine, other) or (
                    len(mine) > 4 and len(other) > 4 and apart(mine, other) <= conflict
                ):
                    return True
    for announced, in_force in ((event, group), (group, event)):
        for a in _all(announced, "announced"):
            for b in _all(in_force, "in_force"):
                days = (first_day(b) - first_day(a)).days
                if agree(a, b) or (len(b) > 4 and 0 <= days <= _FROM_ANNOUNCEMENT):
                    return bool(conflict) or agree(a, b)
    return False


def _all(events: Event | Sequence[Event], name: str) -> list[str]:
    said = [events] if isinstance(events, Event) else events
    return [value for event in said for value in event.values(name)]


def _ended(event: Event, alike: Sequence[Group]) -> list[Group]:
    """The measures of the same kind that an event revokes or suspends: the last before it.

    Where no minerals are named in particular (輸出割当を廃止した), all of the kind end.
    """
    ends = _dates(event, ("revoked", "suspended", "suspended_until"))
    found: list[tuple[str, Group]] = []
    for group in alike:
        said = group.different
        mine, theirs = _particular(event), {n for e in said for n in _particular(e)}
        if bool(mine) != bool(theirs) or (mine and not mine & theirs):
            numbered = set(event.values("instrument")) & set(_all(said, "instrument"))
            if not numbered and not _same_named(event, said):
                continue
        ended = _dates_of(said, ("revoked",))
        if ended and not any(agree(a, b) for a in ended for b in ends):
            continue
        starts = _dates_of(said, _STARTS)
        if starts and ends and min(starts) <= max(ends):
            found.append((min(starts), group))
        elif not starts and any(agree(a, b) for a in ended for b in ends):
            found.append(("", group))
    if not found or not _particular(event):
        return [group for _, group in found]
    return [max(found, key=lambda item: item[0])[1]]


def _same_named(event: Event, group: Sequence[Event]) -> bool:
    affected = set(event.values("affected"))
    return bool(affected & {value for other in group for value in other.values("affected")})


def _dates_of(group: Sequence[Event], names: Iterable[str]) -> list[str]:
    return [value for name in names for value in _all(group, name)]


def _is_meant(event: Event, group: Sequence[Event]) -> bool:
    """Whether an event that names measures by date or number means this one."""
    if event.one("implementer") != group[0].one("implementer"):
        return False
    numbers = [m for v in event.values("instrument") if (m := _NUMBER.search(v))]
    theirs = [m for v in _all(group, "instrument") if (m := _NUMBER.search(v))]
    for mine in numbers:
        for other in theirs:
            same_year = not mine["year"] or not other["year"] or mine["year"] == other["year"]
            if mine["number"] == other["number"] and same_year:
                return True
    starts = _dates_of(group, _STARTS)
    law = any(_laws(other) for other in group)
    return not law and any(
        len(meant) > 4 and agree(meant, start)
        for meant in event.values("meant")
        for start in starts
    )


def _row(group: Sequence[Event]) -> Measure:
    particular = any(_particular(event) for event in group)
    generic = _GENERIC if particular else frozenset[str]()
    dates = {
        name: date_cell(group, name)
        for name in ("announced", "in_force", "suspended", "suspended_until", "revoked")
    }
    kind = cell_of(group, "type")
    minerals = cell_of(group, "minerals", without=generic)
    instrument = cell_of(group, "instrument")
    start = min((v for name in _STARTS for v in dates[name]), default="")
    laws = sorted(v for v in instrument if _LAW.match(v))
    laws = laws if kind.first == MeasureType.REGULATION else []
    key = [
        group[0].one("implementer") or "", kind.first or "",
        *(laws or [*sorted(minerals), start[:7]]),
    ]  # fmt: skip
    if not kind or kind.first == MeasureType.BAN:
        key += [*sorted(instrument), *sorted(cell_of(group, "affected"))]
    return Measure(
        row_id("t", ["measure", *key]),
        implementer=cell_of(group, "implementer"),
        affected=cell_of(group, "affected"),
        type=kind,
        minerals=minerals,
        instrument=_with_years(instrument),
        body=cell_of(group, "body"),
        reason=cell_of(group, "reason"),
        status=_status(dates, group),
        **dates,
    )


def _with_years(instrument: Cell) -> Cell:
    """公告第46号 joined to 公告2024年第46号, where one year only is said of that number."""
    full: dict[str, list[Stated]] = {}
    for stated in instrument.values:
        if (match := _NUMBER.search(stated.value)) and match["year"]:
            full.setdefault(stated.value.replace(f"{match['year']}年", ""), []).append(stated)
    joined: dict[str, list[Evidence]] = {}
    for stated in instrument.values:
        known = full.get(stated.value, ())
        name = known[0].value if len(known) == 1 else stated.value
        joined.setdefault(name, []).extend(stated.evidence)
    return Cell(tuple(Stated(name, tuple(sorted(set(e)))) for name, e in joined.items()))


def _status(dates: Mapping[str, Cell], group: Sequence[Event]) -> Cell:
    """What the dates and the reports say became of a measure in the end."""
    for name, status in (("revoked", "revoked"), ("suspended", "suspended")):
        if dates[name]:
            return _stated(status, dates[name])
    said = cell_of(group, "status")
    if said or dates["suspended_until"]:
        return said or _stated("suspended", dates["suspended_until"])
    for name, status in (("in_force", "in-force"), ("announced", "announced")):
        if dates[name]:
            return _stated(status, dates[name])
    return Cell()


def _stated(status: str, cell: Cell) -> Cell:
    places: tuple[Evidence, ...] = tuple(e for stated in cell.values for e in stated.evidence)
    return Cell((Stated(status, tuple(dict.fromkeys(places))),))
