"""Two countries or two reports side by side: what each does, or what each says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.server.tracker_view import KINDS, Link, RowView, TrackerWords
from kb.tracker.model import Dispute, Measure, Response
from kb.tracker.selection import Wanted

if TYPE_CHECKING:
    from kb.assembly import View


@dataclass(frozen=True, slots=True)
class Said:
    """What one report says of a cell of a row: the value with its citations."""

    value: str
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A cell that one of two reports states, or both; `differ` that both cannot hold."""

    row: str
    label: str
    sides: tuple[tuple[Said, ...], tuple[Said, ...]]
    differ: bool


def compared_countries(
    view: View, said: TrackerWords, pair: Sequence[str]
) -> list[tuple[str, tuple[list[RowView], list[RowView]]]]:
    """For each kind of control and response the rows of both countries."""
    of: list[list[Measure | Response]] = []
    for country in pair:
        wanted = Wanted(countries=(country,))
        own: list[Measure | Response] = [
            m for m in view.tracker.measures(wanted) if country in m.implementer
        ]
        own += [r for r in view.tracker.responses(wanted) if country in r.country]
        of.append(own)
    found = []
    for kind in KINDS:
        sides = tuple([said.row(row) for row in rows if kind in row.type] for rows in of)
        if any(sides):
            found.append((said.kind(kind), (sides[0], sides[1])))
    return found


def compared_documents(view: View, said: TrackerWords, pair: Sequence[str]) -> list[Pair]:
    """What two reports say of the rows that both know, cell by cell."""
    tracker = view.tracker
    every: list[Measure | Dispute | Response] = [
        *tracker.measures(), *tracker.disputes(), *tracker.responses(),
    ]  # fmt: skip
    rows = {row.id: row for row in every}
    cells: dict[tuple[str, str], tuple[list[Said], list[Said], list[bool]]] = {}
    known: dict[str, set[str]] = {}
    for one in view.tracker.assertions():
        for side, document in enumerate(pair):
            if document not in one.documents:
                continue
            known.setdefault(one.row, set()).add(document)
            own = [e for e in one.evidence if e.document_id == document][:3]
            left, right, differ = cells.setdefault((one.row, one.cell), ([], [], []))
            value = said.value(one.cell, one.value)
            (left, right)[side].append(Said(value, tuple(map(said.link, own))))
            differ.append(pair[1 - side] in one.conflict)
    return [
        Pair(said.name(rows[row]), said.cell_label(cell), (tuple(left), tuple(right)), any(differ))
        for (row, cell), (left, right, differ) in cells.items()
        if len(known[row]) == 2 and row in rows
    ]
