"""The tracker's tables as plain values and as CSV, each cell with its citation ids."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from kb.tracker.model import Assertion, Cell, Dispute, Evidence, Measure, Response, Row
from kb.tracking import CitedSpan, Tracker

BASIS = "as stated in the reports"
COLUMNS: Mapping[str, Sequence[str]] = {
    "measures": tuple(Measure("").cells()),
    "disputes": tuple(Dispute("").cells()),
    "responses": tuple(Response("").cells()),
    "assertions": ("table", "row", "cell", "value", "documents", "agree", "conflict"),
}
"""The cells of each table, in their order."""
_RISKY = frozenset("=+-@|%\t\r\n")  # what spreadsheets take for a formula, also if full-width


class Citations:
    """The citations of a table, each looked up once."""

    def __init__(self, tracker: Tracker) -> None:
        self._tracker = tracker
        self._found: dict[Evidence, CitedSpan] = {}

    def id_of(self, evidence: Evidence) -> str:
        """The citation id of a place."""
        if evidence not in self._found:
            self._found[evidence] = self._tracker.cited(evidence)
        return self._found[evidence].id

    def ids_of(self, evidence: Sequence[Evidence]) -> list[str]:
        """The citation ids of some places, each once."""
        return list(dict.fromkeys(map(self.id_of, evidence)))

    def give_out(self) -> None:
        """Keep what was looked up, before the ids are given out."""
        self._tracker.give_out(self._found)

    @property
    def spans(self) -> list[CitedSpan]:
        """All that were looked up, in the order of documents and texts."""
        found = {span.id: span for span in self._found.values()}
        return sorted(found.values(), key=lambda s: (s.document_id, s.start, s.end))


def plain_row(row: Row, citations: Citations) -> dict[str, Any]:
    """A row as JSON has it: its id and its cells, each value with citation ids."""
    return {"id": row.id, **{name: _plain_cell(cell, citations)
                             for name, cell in row.cells().items()}}  # fmt: skip


def _plain_cell(cell: Cell, citations: Citations) -> dict[str, Any]:
    return {
        "values": [
            {"value": stated.value, "citations": citations.ids_of(stated.evidence)}
            for stated in cell.values
        ],
        "conflicting": cell.conflicting,
    }


def plain_assertion(one: Assertion, citations: Citations) -> dict[str, Any]:
    """An assertion as JSON has it."""
    return {
        "id": one.id, "table": one.table, "row": one.row, "cell": one.cell, "value": one.value,
        "documents": list(one.documents), "agree": list(one.agree),
        "conflict": list(one.conflict), "citations": citations.ids_of(one.evidence),
    }  # fmt: skip


def as_csv(table: str, rows: Sequence[Row | Assertion], citations: Citations) -> str:
    """A table as CSV (RFC 4180): after each cell a column with its citation ids.

    Several values of a cell are parted by "; ", citation ids by spaces.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    columns = COLUMNS[table]
    if table == "assertions":
        writer.writerow(["id", *columns, "citations"])
        for one in rows:
            if isinstance(one, Assertion):
                values = [_joined(getattr(one, name)) for name in columns]
                writer.writerow([one.id, *values, " ".join(citations.ids_of(one.evidence))])
        return out.getvalue()
    writer.writerow(["id", *(f"{name}{end}" for name in columns for end in ("", "_citations"))])
    for row in rows:
        if isinstance(row, Row):
            values = []
            for cell in row.cells().values():
                places = [place for stated in cell.values for place in stated.evidence]
                values += [_joined(tuple(cell)), " ".join(citations.ids_of(places))]
            writer.writerow([row.id, *values])
    return out.getvalue()


def _joined(value: str | Sequence[str]) -> str:
    text = value if isinstance(value, str) else "; ".join(value)
    # Some spreadsheets drop what stands before a formula: spaces, and signs without a width.
    seen = (unicodedata.normalize("NFKC", c) for c in text if unicodedata.category(c) != "Cf")
    first = next((c for c in seen if c != " "), "")
    return f"'{text}" if first in _RISKY else text
