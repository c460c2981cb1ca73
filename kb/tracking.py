"""The tracker of one generation: its tables, time axis and matrix, each cell with citations."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date as day

from kb.answering.citations import citation_id, cite
from kb.domain import BlockKind, Citation, Document, Passage
from kb.indexing.facets import Facets
from kb.indexing.store import Store
from kb.tracker.drawing import from_json
from kb.tracker.facets import RARE_EARTHS
from kb.tracker.merging import tables_of
from kb.tracker.model import (
    Assertion,
    Cell,
    Dispute,
    Evidence,
    Measure,
    Response,
    Row,
    Stage,
    Tables,
)
from kb.tracker.selection import Wanted, in_force_on, selected

_MARKED: Mapping[str, Sequence[str]] = {
    "measures": ("announced", "in_force", "suspended", "revoked"),
    "disputes": tuple(stage.cell for stage in Stage),
    "responses": ("date",),
}
_NOTES = frozenset({BlockKind.NOTE, BlockKind.REFERENCE})
_NOTE_HEADING = re.compile(
    r"脚注|注|注釈|後注|(主要|主な)?(参考|引用)(文献|資料)|参照文献|Notes|References"
)


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """A span that says something of a row, with the citation id under which it opens."""

    id: str
    document_id: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A date of a row on the time axis: `lane` is the table, `cell` what happened on it."""

    lane: str
    row: str
    cell: str
    date: str
    evidence: tuple[Evidence, ...]


class Tracker:
    """The facts of one generation, brought together when they are first asked for."""

    def __init__(
        self,
        store: Store,
        facets: Facets,
        document_of: Callable[[str], Document],
        issue: Callable[[Iterable[Citation]], bool],
    ) -> None:
        """`issue` keeps citations before their ids are given out, and says whether it could."""
        self._store = store
        self._facets = facets
        self._document_of = document_of
        self._issue = issue
        self._issued: set[Evidence] = set()
        self._making = threading.Lock()
        self._tables: Tables | None = None

    @property
    def tables(self) -> Tables:
        """The four tables."""
        with self._making:
            if self._tables is None:
                drawn = [(document, from_json(facts)) for document, facts in self._store.facts()]
                self._tables = tables_of(drawn)
            return self._tables

    def measures(self, wanted: Wanted = Wanted(), *, on: day | None = None) -> list[Measure]:
        """The measures that are wanted, by date; with `on` those in force on that day."""
        found = selected(self.tables.measures, wanted, RARE_EARTHS)
        return in_force_on(found, on) if on is not None else found

    def disputes(self, wanted: Wanted = Wanted()) -> list[Dispute]:
        """The disputes that are wanted, by date."""
        return selected(self.tables.disputes, wanted, RARE_EARTHS)

    def responses(self, wanted: Wanted = Wanted()) -> list[Response]:
        """The national responses that are wanted, by date."""
        return selected(self.tables.responses, wanted, RARE_EARTHS)

    def assertions(self, wanted: Wanted = Wanted()) -> list[Assertion]:
        """What the reports state of the wanted rows of all tables."""
        if wanted == Wanted():
            return list(self.tables.assertions)
        rows: list[Row] = [*self.measures(wanted), *self.disputes(wanted), *self.responses(wanted)]
        ids = {row.id for row in rows}
        return [one for one in self.tables.assertions if one.row in ids]

    def marks(self) -> list[Mark]:
        """Every dated event of the tables in the order of time, for the time axis."""
        found = []
        tables: dict[str, Sequence[Row]] = {
            "measures": self.tables.measures,
            "disputes": self.tables.disputes,
            "responses": self.tables.responses,
        }
        for lane, rows in tables.items():
            for row in rows:
                cells: Mapping[str, Cell] = row.cells()
                for name in _MARKED[lane]:
                    for stated in cells[name].values:
                        found.append(Mark(lane, row.id, name, stated.value, stated.evidence))
        return sorted(found, key=lambda m: (m.date, m.lane, m.row, m.cell))

    def matrix(self) -> dict[str, dict[str, list[str]]]:
        """For each country and each kind of control or response the ids of its rows."""
        cells: dict[str, dict[str, list[str]]] = {}
        for measure in self.tables.measures:
            for country in measure.implementer:
                for kind in measure.type:
                    cells.setdefault(country, {}).setdefault(kind, []).append(measure.id)
        for response in self.tables.responses:
            for country in response.country:
                for kind in response.type:
                    cells.setdefault(country, {}).setdefault(kind, []).append(response.id)
        return {country: dict(sorted(kinds.items())) for country, kinds in sorted(cells.items())}

    def passages_on(self, instrument: str) -> list[tuple[Passage, str]]:
        """The passages that name an article, law, agreement or case of the glossary, by report
        and place; lists of notes and of literature last, which rather tell where it is written.
        """
        rows = self._facets.having(f"instrument:{instrument}")
        found = self._store.passages(rows)
        return sorted(
            found.values(),
            key=lambda item: (item[0].document_id, _is_apparatus(item[0]), item[0].start),
        )

    def give_out(self, places: Iterable[Evidence]) -> None:
        """Keep the citations of some places, each once, so that their ids stay good."""
        new = [place for place in places if place not in self._issued]
        kept = self._issue(
            cite(self._document_of(p.document_id), p.start, p.end, number=0, passage=None)
            for p in new
        )
        if kept:
            self._issued.update(new)

    def cited(self, evidence: Evidence) -> CitedSpan:
        """A place with its quotation and citation id. Raises NotFound."""
        text = self._document_of(evidence.document_id).text
        quote = text[evidence.start : evidence.end]
        number = citation_id(evidence.document_id, evidence.start, evidence.end, quote)
        return CitedSpan(number, evidence.document_id, evidence.start, evidence.end, quote)


def _is_apparatus(passage: Passage) -> bool:
    """Whether a passage is of the notes or the literature of a report."""
    last = passage.heading_path[-1] if passage.heading_path else ""
    return passage.kind in _NOTES or _NOTE_HEADING.fullmatch(last.strip()) is not None
