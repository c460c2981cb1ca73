"""The tracker's tables under /api/v1/tracker, as JSON or CSV."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from kb.fact_tables import BASIS, Citations, as_csv, plain_assertion, plain_row
from kb.server import tracker_schemas as s
from kb.server.api import attachment, knowledge_of
from kb.server.present import span_url
from kb.tracker.model import Assertion, Row
from kb.tracker.selection import Wanted

if TYPE_CHECKING:
    from kb.assembly import View

router = APIRouter(prefix="/api/v1/tracker", tags=["v1"])
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The table as JSON, or as a CSV file.",
        "content": {"text/csv": {"schema": {"type": "string"}}},
    }
}


@router.get("/measures", summary="Controls", response_model=s.MeasuresOut, responses=_FILES)
def measures(request: Request, parameters: Annotated[s.MeasuresWanted, Query()]) -> Any:
    """Controls with their dates, minerals and instruments, as the reports state them."""
    with knowledge_of(request).view() as view:
        on: datetime.date | None = parameters.in_force_on
        found = view.tracker.measures(_wanted(parameters), on=on)
        return _table(view, "measures", found, parameters)


@router.get("/disputes", summary="WTO disputes", response_model=s.DisputesOut, responses=_FILES)
def disputes(request: Request, parameters: Annotated[s.RowsWanted, Query()]) -> Any:
    """Disputes with their stages and findings, as the reports state them."""
    with knowledge_of(request).view() as view:
        found = view.tracker.disputes(_wanted(parameters))
        return _table(view, "disputes", found, parameters)


@router.get(
    "/responses", summary="National responses", response_model=s.ResponsesOut, responses=_FILES
)
def responses(request: Request, parameters: Annotated[s.RowsWanted, Query()]) -> Any:
    """What countries do about controls of others, as the reports state it."""
    with knowledge_of(request).view() as view:
        found = view.tracker.responses(_wanted(parameters))
        return _table(view, "responses", found, parameters)


@router.get(
    "/assertions", summary="Who states what", response_model=s.AssertionsOut, responses=_FILES
)
def assertions(request: Request, parameters: Annotated[s.RowsWanted, Query()]) -> Any:
    """Every value of the other tables with the documents that state it, agree or conflict."""
    with knowledge_of(request).view() as view:
        found = view.tracker.assertions(_wanted(parameters))
        return _table(view, "assertions", found, parameters)


def _wanted(parameters: s.RowsWanted) -> Wanted:
    return Wanted(
        tuple(parameters.country), tuple(parameters.mineral), tuple(parameters.type),
        parameters.since, parameters.until,
    )  # fmt: skip


def _table(view: View, name: str, rows: Sequence[Row | Assertion], parameters: s.RowsWanted) -> Any:
    citations = Citations(view.tracker)
    if parameters.format == "csv":
        headers = {
            "Content-Disposition": attachment(f"{name}.csv"),
            "Kido-Generation": view.generation,
        }
        data = as_csv(name, rows, citations).encode("utf-8", "replace")
        citations.give_out()
        return Response(data, headers=headers, media_type="text/csv; charset=utf-8")
    plain = [
        plain_assertion(row, citations) if isinstance(row, Assertion) else plain_row(row, citations)
        for row in rows
    ]
    citations.give_out()
    return {
        "generation": view.generation,
        "basis": BASIS,
        name: plain,
        "citations": [
            {
                "id": c.id, "document_id": c.document_id, "start": c.start, "end": c.end,
                "quote": c.quote, "url": span_url(c.document_id, c.start, c.end),
            }
            for c in citations.spans
        ],
    }  # fmt: skip
