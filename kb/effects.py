"""What a run of ingestion meant for the citations that were given out, and for the tracker."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from kb.answering.citations import cite
from kb.answering.lookup import Lookup
from kb.changes import LISTED, AffectedCitation, Effects, FactRow, FactValue
from kb.domain import Document, IngestReport
from kb.errors import NotFound
from kb.indexing.generation import Generation
from kb.indexing.ledger import Ledger
from kb.indexing.lexical import LexicalIndex
from kb.indexing.store import Store
from kb.quotation import Status, Trace
from kb.quoting import Quotations
from kb.reading.draft import document_id
from kb.tracker.drawing import from_json
from kb.tracker.merging import tables_of
from kb.tracker.model import Cell, Drawn, Evidence, Response, Row, Tables

log = logging.getLogger("kb.effects")

FOLLOWED = 2000  # citations that one run follows
LONGEST = 300  # characters of a quotation that are kept in the notes of a run
NAMING = (
    "implementer", "minerals", "type", "instrument", "numbers", "complainants", "country",
)  # fmt: skip
"""The cells of which the name of a row is made."""

Facts = Mapping[str, Sequence[Drawn]]


class State:
    """One generation, opened for comparing it with another."""

    def __init__(self, generation: Generation, ledger: Ledger) -> None:
        self.store = Store(generation.store)
        self._postings = generation.postings
        self._ledger = ledger

    @cached_property
    def quotations(self) -> Quotations:
        """What was cited, for which all documents and the postings are opened."""
        summaries = {s.id: s for s in self.store.summaries()}
        lookup = Lookup(self.store, LexicalIndex(self._postings))
        return Quotations(self.store, self.document, summaries, lookup, self._ledger)

    def document(self, one: str) -> Document:
        """One document with its text. Raises NotFound."""
        return self.store.document(one)

    def facts(self) -> Facts:
        """What was drawn from each document, without those that say nothing."""
        found = ((one, from_json(facts)) for one, facts in self.store.facts() if facts != "[]")
        return dict(found)

    def trace(self, citation_id: str) -> Trace | None:
        """What an id stands for here; None where nothing is known of it."""
        try:
            return self.quotations.trace(citation_id)
        except NotFound:
            return None


def effects_of(
    index: Path,
    before: Generation,
    current: Generation,
    report: IngestReport | None,
    *,
    max_citations: int,
) -> Effects:
    """What became of citations and facts from the generation `before` to the current one.

    Without a report all was read again by other rules: then every citation is followed and
    facts are not compared. What cannot be compared costs the run nothing but its notes.
    """
    ledger = Ledger(index, limit=max_citations)
    try:
        old, new = State(before, ledger), State(current, ledger)
        ids, unseen = _concerned(ledger, report)
        citations = sorted(_affected(old, new, ids), key=lambda a: (_ORDER[a.status], a.id))
        counts = Counter(one.status for one in citations)
        facts: list[FactRow] = []
        if report is not None and _facts_changed(old, new, report):
            touched = frozenset(map(document_id, (*report.added, *report.updated)))
            facts = list(changed_rows(old.facts(), new.facts(), touched, new))
            counts.update(f"{row.what}_facts" for row in facts)
        listed = tuple(one for one in citations if one.status != Status.MOVED)[:LISTED]
        return Effects(dict(counts), listed, tuple(facts[:LISTED]), unseen)
    except Exception as error:  # the generation is published, which is what counts
        log.warning("%s: what the run changed cannot be said (%s)", index, error, exc_info=True)
        return Effects()


_ORDER = {Status.GONE: 0, Status.CHANGED: 1, "back": 2, Status.MOVED: 3}


def _concerned(ledger: Ledger, report: IngestReport | None) -> tuple[list[str], int]:
    """The citations of documents that were changed or removed, and how many are left out."""
    if report is None:
        ids = ledger.ids(limit=FOLLOWED)
        return ids, len(ledger) - len(ids)
    ids = []
    for path in (*report.updated, *report.removed):
        ids += ledger.ids(document_id(path), limit=2 * FOLLOWED)
    return ids[:FOLLOWED], max(0, len(ids) - FOLLOWED)


def _facts_changed(old: State, new: State, report: IngestReport) -> bool:
    """Whether a document says something else than before, or one that said something is gone."""
    paths = [*report.added, *report.updated, *report.removed, *report.duplicates]
    paths += [rejection.path for rejection in report.rejected]
    return any(
        (old.store.facts_of(one) or "[]") != (new.store.facts_of(one) or "[]")
        for one in map(document_id, paths)
    )


def _affected(old: State, new: State, ids: Iterable[str]) -> Iterator[AffectedCitation]:
    """The citations of which the one generation does not say what the other said."""
    for one in ids:
        was, now = old.trace(one), new.trace(one)
        if now is None or (was is not None and _same(was, now)):
            continue
        status: str = now.status
        if not _lost(now):  # it stands as it was cited, at its place or another
            status = "back" if was is None or _lost(was) else Status.MOVED
        place = now.now.citation if now.now else None
        yield AffectedCitation(
            id=one,
            status=str(status),
            document=now.was.source.path,
            title=now.was.source.title,
            quote=_short(now.was.citation.quote),
            now=_short(place.quote) if place else None,
            document_id=place.document_id if place else None,
            start=place.start if place else None,
            end=place.end if place else None,
        )


def _same(was: Trace, now: Trace) -> bool:
    if was.status is not now.status or not (was.now and now.now):
        return was.status is now.status
    here, there = was.now.citation, now.now.citation
    return (here.document_id, here.start, here.quote) == (
        there.document_id, there.start, there.quote
    )  # fmt: skip


def _lost(trace: Trace) -> bool:
    return trace.status in (Status.CHANGED, Status.GONE)


def changed_rows(
    before: Facts, now: Facts, touched: Collection[str], new: State
) -> Iterator[FactRow]:
    """The rows of the tracker that are new, say more, or are gone, in the order of the tables.

    A value is new when only documents that were added or changed (`touched`) state it, and did
    not before; a row, when nothing else tells of it.
    """
    if before == now:
        return
    old_tables = tables_of(before.items())
    tables = tables_of(now.items())
    old_rows = {row.id: (table, row) for table, row in _rows(old_tables)}
    kept = set()
    for table, row in _rows(tables):
        kept.add(row.id)
        of_touched = all(place.document_id in touched for place in row.evidence())
        fresh = row.id not in old_rows and of_touched
        values = tuple(_values(table, row, before, touched, new, whole=fresh))
        if values:
            yield FactRow(
                table, row.id, "new" if fresh else "more", _named(row), _date(row), values
            )
    said = {_said(row) for _, row in _rows(tables)}
    for row_id, (table, row) in old_rows.items():
        # What is told by another document now may have another id, and is not gone.
        if row_id not in kept and _said(row) not in said:
            yield FactRow(table, row_id, "gone", _named(row), _date(row))


def _rows(tables: Tables) -> Iterator[tuple[str, Row]]:
    named: list[tuple[str, Sequence[Row]]] = [
        ("measures", tables.measures), ("disputes", tables.disputes),
        ("responses", tables.responses),
    ]  # fmt: skip
    for table, rows in named:
        for row in rows:
            yield table, row


def _values(
    table: str, row: Row, before: Facts, touched: Collection[str], new: State, *, whole: bool
) -> Iterator[FactValue]:
    """The values of a row that are new, or all where the whole row is."""
    cells: Mapping[str, Cell] = row.cells()
    for name, cell in cells.items():
        if name == "status":
            continue  # it follows from the dates
        for stated in cell.values:
            if whole or all(
                place.document_id in touched
                and not _stated(before.get(place.document_id, ()), table, name, stated.value)
                for place in stated.evidence
            ):
                yield _fact_value(name, stated.value, stated.evidence[0], new)


def _stated(drawn: Iterable[Drawn], table: str, cell: str, value: str) -> bool:
    """Whether a document said a value before."""
    return any(d.table == table and value in d.values(cell) for d in drawn)


def _fact_value(cell: str, value: str, place: Evidence, new: State) -> FactValue:
    document = new.document(place.document_id)
    citation = cite(document, place.start, place.end, number=1, passage=None)
    new.quotations.issue([citation])
    return FactValue(
        cell, value, citation.id, place.document_id, place.start, place.end,
        _short(citation.quote),
    )  # fmt: skip


def _named(row: Row) -> dict[str, tuple[str, ...]]:
    return {name: tuple(cell) for name, cell in row.cells().items() if name in NAMING and cell}


def _date(row: Row) -> str | None:
    if isinstance(row, Response):
        return row.date.first
    return getattr(row, "date", None)


def _said(row: Row) -> tuple[object, ...]:
    """What a row says without where."""
    return (type(row), *(tuple(cell) for cell in row.cells().values()))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
