"""Suspensions of measures that a statement names by their dates or numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from kb.tracker import measure_words as w
from kb.tracker.actors import actor
from kb.tracker.measure_parts import cell
from kb.tracker.model import Drawn, DrawnCell
from kb.tracker.statements import Statement


@dataclass
class _Dates:
    """When what was meant had come (`starts` by the act that is told), and the suspension."""

    meant: list[str] = field(default_factory=list)
    starts: list[tuple[str, str]] = field(default_factory=list)
    since: str | None = None
    until: str | None = None


def suspensions_in(statement: Statement, countries: frozenset[str]) -> Iterator[Drawn]:
    """Suspensions of measures that are named by the date on which they came, or by number."""
    told = w.SUSPENDS_MEASURE.search(statement.text)
    if told is None or any(cue.search(statement.text) for cue in (w.UNSURE, w.WTO_TALK, w.UNSAID)):
        return
    text = statement.text[: told.end()]
    found = actor(text, statement.mentions, countries, start=0, end=len(text))
    if (
        found is not None
        and found[0] != "china"
        and not re.search("合意|協議|会談", statement.text)
    ):
        return
    dates = _dates(statement, told.end())
    numbers = list(_numbered(statement, text))
    if not dates.meant and not numbers:
        return
    cells = [cell(statement, "implementer", "china"), cell(statement, "status", "suspended")]
    cells += [cell(statement, "meant", iso) for iso in dict.fromkeys(dates.meant)]
    cells += [cell(statement, name, iso) for name, iso in dict.fromkeys(dates.starts)]
    cells += numbers
    if dates.since is not None:
        cells.append(cell(statement, "suspended", dates.since))
    if dates.until is not None:
        cells.append(cell(statement, "suspended_until", dates.until))
    yield Drawn("measures", tuple(cells))


def _dates(statement: Statement, told: int) -> _Dates:
    """What the dates of a statement are whose suspension is told of by `told`."""
    found = _Dates()
    talks: str | None = None
    for date in statement.dates:
        if date.year is None or date.month is None:
            continue
        after = statement.text[date.end :]
        if date.start > told and (found.meant or found.since or found.until):
            break  # what is said after that may be of measures that go on
        if w.UNTIL.match(after):
            found.until = found.until or date.iso
        elif (match := w.WAS_MEANT.match(after)) and not w.BY_WHICH.match(after, match.end()):
            found.meant.append(date.iso)
            if act := re.search(r"発表|公表|公告|公布|導入|施行|実施", match[0]):
                of = w.ANNOUNCED if act[0] in "発表公表公告公布" else w.IN_FORCE
                found.starts.append((of, date.iso))
        elif date.end <= told and w.AFTER_TALKS.match(after):
            talks = date.iso
        elif date.end <= told:
            found.since = date.iso
    if found.since is None and re.search(r"合意|約束|発表", statement.text):
        found.since = talks
    return found


def _numbered(statement: Statement, text: str) -> list[DrawnCell]:
    """The numbers of the announcements that are suspended, without the one that suspends."""
    cells = []
    for match in re.finditer(r"(公告)?(?P<year>20[0-9]{2}年)?第(?P<number>[0-9]+)号", text):
        if not w.BY_WHICH.match(text, match.end()):
            name = f"公告{match['year'] or ''}第{match['number']}号"
            cells.append(cell(statement, "instrument", name))
    return cells
