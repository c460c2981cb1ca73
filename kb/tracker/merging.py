"""The tables of a collection: what all documents say, brought together row by row.

The same measure, dispute or response in several reports becomes one row with every place
that tells of it. Nothing depends on the order in which documents came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kb.language.folding import fold
from kb.tracker.cells import Event, Group, agree, cell_of, date_cell, row_id
from kb.tracker.measure_merging import measures_of
from kb.tracker.model import DATED, Assertion, Cell, Dispute, Drawn, Response, Row, Stage, Tables


def tables_of(drawn: Iterable[tuple[str, Sequence[Drawn]]]) -> Tables:
    """The four tables of what was drawn from each document, given with its id."""
    events = [Event(document, fact) for document, facts in drawn for fact in facts]
    events.sort(key=lambda e: (e.place, e.drawn.table, e.drawn.cells))
    of = {
        table: [e for e in events if e.drawn.table == table]
        for table in ("measures", "disputes", "responses")
    }
    measures = measures_of(of["measures"])
    disputes = disputes_of(of["disputes"])
    responses = responses_of(of["responses"])
    named: list[tuple[str, Sequence[Row]]] = [
        ("measures", measures), ("disputes", disputes), ("responses", responses)
    ]  # fmt: skip
    assertions = tuple(
        a for table, rows in named for row in rows for a in assertions_of(table, row)
    )
    return Tables(tuple(measures), tuple(disputes), tuple(responses), assertions)


def disputes_of(events: Sequence[Event]) -> list[Dispute]:
    """The disputes, by the first of their dates.

    What a document says of a case that it does not number goes to the one case that fits it,
    by stages of the same date or by two complainants and the respondent.
    """
    cases: dict[str, list[Event]] = {}
    for event in events:
        case = event.one("case")
        cases.setdefault(case if case else f"in {event.document_id}", []).append(event)
    for name in sorted(name for name in cases if name.startswith("in ")):
        numbered = [other for other in sorted(cases) if not other.startswith("in ")]
        fitting = _fitting(cases[name], {other: cases[other] for other in numbered})
        if fitting is not None:
            cases[fitting] += cases.pop(name)
    rows = []
    for name, said in cases.items():
        if name.startswith("in ") and not (_values(said, "respondent") and _dated(said)):
            continue
        stages = {field: date_cell(said, field) for field in (stage.cell for stage in Stage)}
        rows.append(
            Dispute(
                row_id("t", ["dispute", name]),
                numbers=cell_of(said, "numbers"),
                complainants=cell_of(said, "complainants"),
                respondent=cell_of(said, "respondent"),
                third_parties=cell_of(said, "third_parties"),
                minerals=cell_of(said, "minerals"),
                measures=cell_of(said, "measures"),
                articles=cell_of(said, "articles"),
                findings=cell_of(said, "findings"),
                **stages,
            )
        )
    return sorted(rows, key=lambda row: (row.date or "9", row.id))


def _values(events: Iterable[Event], name: str) -> set[str]:
    return {value for event in events for value in event.values(name)}


def _dated(events: Iterable[Event]) -> bool:
    fields = [stage.cell for stage in Stage]
    return any(event.values(field) for event in events for field in fields)


def _fitting(said: Sequence[Event], cases: Mapping[str, Sequence[Event]]) -> str | None:
    """The one case that fits; dates tell more than parties, which return from case to case."""
    by_date = {name for name, case in cases.items() if _same_dates(said, case)}
    by_party = {name for name, case in cases.items() if _same_parties(said, case)}
    found = by_date & by_party or by_date or by_party
    return found.pop() if len(found) == 1 else None


def _same_dates(a: Sequence[Event], b: Sequence[Event]) -> bool:
    fields = [stage.cell for stage in Stage]
    return any(agree(x, y) for f in fields for x in _values(a, f) for y in _values(b, f))


def _same_parties(a: Sequence[Event], b: Sequence[Event]) -> bool:
    same = _values(a, "respondent") & _values(b, "respondent")
    return bool(same) and len(_values(a, "complainants") & _values(b, "complainants")) >= 2


def responses_of(events: Sequence[Event]) -> list[Response]:
    """The responses, by date; the same act in several places is one row."""
    groups: list[Group] = []
    alike: dict[tuple[str, str], list[Group]] = {}  # of one country and year
    for event in sorted(events, key=lambda e: (-len(e.one("date") or ""), e.place)):
        key = (event.one("country") or "", (event.one("date") or "")[:4])
        same = alike.setdefault(key, [])
        fitting = next(
            (g for g in same if any(_same_response(event, other) for other in g.different)), None
        )
        if fitting is not None:
            fitting.append(event)
        else:
            groups.append(Group(event))
            same.append(groups[-1])
    rows = []
    for group in groups:
        said = sorted(group.events, key=lambda e: e.place)
        first = min(said, key=lambda e: (-len(e.one("date") or ""), e.place))
        named = [first.one(name) or "" for name in ("country", "type", "date", "instrument")]
        rows.append(
            Response(
                row_id("t", ["response", *named, first.one("amount") or ""]),
                **{
                    name: cell_of(said, name)
                    for name in (
                        "country", "type", "instrument", "actor", "partner", "minerals", "amount",
                        "target", "target_year", "measure",
                    )
                },
                date=date_cell(said, "date"),
            )
        )  # fmt: skip
    return sorted(rows, key=lambda row: (row.date.first or "9", row.id))


def _same_response(a: Event, b: Event) -> bool:
    if a.one("country") != b.one("country"):
        return False
    if a.said == b.said:
        return True
    one, other = a.one("date"), b.one("date")
    if one is None or other is None or not agree(one, other):
        return False
    if _amounts(a) & _amounts(b):
        return True
    laws = set(a.values("instrument")), set(b.values("instrument"))
    if laws[0] & laws[1] and "大統領令" not in laws[0] & laws[1]:
        return True
    if a.document_id == b.document_id and a.drawn.cells[0].start == b.drawn.cells[0].start:
        return False  # one sentence tells of two acts
    same_kind = bool(set(a.values("type")) & set(b.values("type")))
    if not same_kind or (a.values("amount") and b.values("amount")):
        return False
    if len(one) < 7 or len(other) < 7:
        return False
    actors = set(a.values("actor")), set(b.values("actor"))
    return bool(actors[0] & actors[1]) or not (actors[0] and actors[1])


def _amounts(event: Event) -> set[str]:
    """The amounts of an event, apart from width and spacing."""
    return {fold(value).text for value in event.values("amount")}


def assertions_of(table: str, row: Row) -> Iterator[Assertion]:
    """Who says each value of a row, and what the others say of the same cell."""
    for name, cell in row.cells().items():
        if name == "status":
            continue  # it follows from the dates
        for stated in cell.values:
            documents = tuple(dict.fromkeys(e.document_id for e in stated.evidence))
            yield Assertion(
                row_id("a", [row.id, name, stated.value]),
                table, row.id, name, stated.value, stated.evidence, documents,
                agree=documents if len(documents) > 1 else (),
                conflict=_conflicting(cell, stated.value, documents) if name in DATED else (),
            )  # fmt: skip


def _conflicting(cell: Cell, value: str, documents: Sequence[str]) -> tuple[str, ...]:
    """The documents that state another value of a cell that can have only one."""
    if not cell.conflicting:
        return ()
    others = (e.document_id for s in cell.values if s.value != value for e in s.evidence)
    return tuple(dict.fromkeys(other for other in others if other not in documents))
