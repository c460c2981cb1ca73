"""Suspensions of measures that a statement names by their dates or numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kb.tracker import measure_words as w
from kb.tracker.actors import actor
from kb.tracker.measure_parts import cell
from kb.tracker.model import Drawn, DrawnCell
from kb.tracker.statements import Statement


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
    meant: list[str] = []
    until: str | None = None
    since: str | None = None
    for date in statement.dates:
        if date.year is None or date.month is None:
            continue
        after = statement.text[date.end :]
        if w.UNTIL.match(after):
            until = until or date.iso
        elif date.end > len(text):
            continue
        elif (match := w.WAS_MEANT.match(after)) and not w.BY_WHICH.match(after, match.end()):
            meant.append(date.iso)
        elif not w.AFTER_TALKS.match(after):
            since = date.iso
    numbers = list(_numbered(statement, text))
    if not meant and not numbers:
        return
    cells = [cell(statement, "implementer", "china"), cell(statement, "status", "suspended")]
    cells += [cell(statement, "meant", iso) for iso in dict.fromkeys(meant)]
    cells += numbers
    if since is not None:
        cells.append(cell(statement, "suspended", since))
    if until is not None:
        cells.append(cell(statement, "suspended_until", until))
    yield Drawn("measures", tuple(cells))


def _numbered(statement: Statement, text: str) -> list[DrawnCell]:
    """The numbers of the announcements that are suspended, without the one that suspends."""
    cells = []
    for match in re.finditer(r"(公告)?(?P<year>20[0-9]{2}年)?第(?P<number>[0-9]+)号", text):
        if not w.BY_WHICH.match(text, match.end()):
            name = f"公告{match['year'] or ''}第{match['number']}号"
            cells.append(cell(statement, "instrument", name))
    return cells
