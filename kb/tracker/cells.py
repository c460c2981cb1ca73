"""Cells made of what several places say: equal values joined, others side by side."""

from __future__ import annotations

import hashlib
from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date as day

from kb.tracker.model import Cell, Drawn, Evidence, Stated


class Event:
    """Something drawn, with the document that says it; its values are looked up once."""

    __slots__ = ("_values", "document_id", "drawn", "place", "said")

    def __init__(self, document_id: str, drawn: Drawn) -> None:
        self.document_id = document_id
        self.drawn = drawn
        values: dict[str, dict[str, None]] = {}
        for cell in drawn.cells:
            values.setdefault(cell.name, {})[cell.value] = None
        self._values = {name: tuple(found) for name, found in values.items()}
        # Where it is said, for an order that does not depend on how it was read.
        self.place = (document_id, min(cell.start for cell in drawn.cells))
        # What is said, wherever it stands.
        self.said = frozenset((cell.name, cell.value) for cell in drawn.cells)

    def values(self, name: str) -> tuple[str, ...]:
        """The values of a cell, each once."""
        return self._values.get(name, ())

    def one(self, name: str) -> str | None:
        """The first value of a cell; None where it has none."""
        found = self._values.get(name)
        return found[0] if found else None


class Group:
    """Events that tell of the same thing, and one of those that say the very same.

    Many reports repeat each other, so that comparing with `different` is much less work.
    """

    def __init__(self, event: Event) -> None:
        self.events = [event]
        self.different = [event]
        self._said = {event.said}

    def append(self, event: Event) -> None:
        """Add an event."""
        self.events.append(event)
        if event.said not in self._said:
            self._said.add(event.said)
            self.different.append(event)


def collected(events: Iterable[Event], name: str) -> dict[str, list[Evidence]]:
    """The values that some events give to a cell, each with its places in order."""
    found: dict[str, set[Evidence]] = {}
    for event in events:
        for cell in event.drawn.cells:
            if cell.name == name:
                place = Evidence(event.document_id, cell.start, cell.end)
                found.setdefault(cell.value, set()).add(place)
    return {value: sorted(places) for value, places in found.items()}


def cell_of(events: Iterable[Event], name: str, *, without: frozenset[str] = frozenset()) -> Cell:
    """A cell that may have several values at once, the most often stated first."""
    found = {v: e for v, e in collected(events, name).items() if v not in without}
    order = sorted(found, key=lambda value: (-len(found[value]), found[value][0], value))
    return Cell(tuple(Stated(value, tuple(found[value])) for value in order))


def date_cell(events: Iterable[Event], name: str) -> Cell:
    """A cell of one date: a less exact date agrees with an exact one that it covers.

    What does not agree stays side by side in the order of time, and conflicts unless one
    document states all of it (as the days on which a text was adopted and made public).
    """
    found = collected(events, name)
    exact = [
        value for value in found
        if not any(other != value and other.startswith(f"{value}-") for other in found)
    ]  # fmt: skip
    places = {value: set(found[value]) for value in exact}
    for value in found.keys() - set(exact):
        covered = sorted(other for other in exact if other.startswith(f"{value}-"))
        places[covered[0]].update(found[value])
    values = tuple(Stated(value, tuple(sorted(places[value]))) for value in sorted(exact))
    documents = [{place.document_id for place in stated.evidence} for stated in values]
    conflicting = len(values) > 1 and not set.intersection(*documents)
    return Cell(values, conflicting)


def agree(a: str, b: str) -> bool:
    """Whether two ISO dates can be the same as far as both are known."""
    return a == b or a.startswith(f"{b}-") or b.startswith(f"{a}-")


def first_day(iso: str) -> day:
    """The first day of a year, month or day."""
    parts = [int(part) for part in iso.split("-")]
    return day(*[*parts, 1, 1][:3])


def last_day(iso: str) -> day:
    """The last day of a year, month or day."""
    parts = [int(part) for part in iso.split("-")]
    if len(parts) == 3:
        return day(*parts)
    year, month = (parts[0], 12) if len(parts) == 1 else parts
    return day(year, month, monthrange(year, month)[1])


def apart(a: str, b: str) -> int:
    """How many days lie between two dates at least; 0 when they can be the same."""
    if first_day(a) > first_day(b):
        a, b = b, a
    return max(0, (first_day(b) - last_day(a)).days)


def row_id(prefix: str, parts: Sequence[str]) -> str:
    """A short id made of what a row is."""
    return prefix + hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]
