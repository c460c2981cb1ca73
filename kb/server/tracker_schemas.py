"""The shapes of the tracker's tables: what is asked for and what is answered."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from kb.server.schemas import MAX_VALUES, Accepted, Date, Ids

Kind = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,30}$")]
Format = Literal["json", "csv"]


class RowsWanted(Accepted):
    """Which rows of a table are wanted; of several values of one kind a row must have one."""

    country: Ids = Field([], description="Countries that act or are meant, such as china.")
    mineral: Ids = Field([], description="Minerals, such as gallium; rare-earths has all of them.")
    type: list[Kind] = Field(
        [], max_length=MAX_VALUES, description="Kinds of controls or responses, such as licence."
    )
    since: Date | None = Field(
        None, alias="from", description="With a date on or after this one: 2023, 2023-07."
    )
    until: Date | None = Field(None, alias="to", description="With a date on or before this one.")
    format: Format = Field("json", description="json, or csv as a file.")


class MeasuresWanted(RowsWanted):
    """Which measures are wanted."""

    in_force_on: datetime.date | None = Field(
        None, description="Only those in force on this day, such as 2024-10-01."
    )


class ValueOut(BaseModel):
    """A value as the reports state it."""

    value: str
    citations: list[str] = Field(description="Ids of the citations that state it.")


class CellOut(BaseModel):
    """A cell; without values when no report says anything."""

    values: list[ValueOut]
    conflicting: bool = Field(description="Whether sources give values of which one can hold.")


class SpanOut(BaseModel):
    """A citation of a table: `quote` is `[start:end]` of the stored text of its document."""

    id: str
    document_id: str
    start: int
    end: int
    quote: str
    url: str


class TableOut(BaseModel):
    """What all tables have."""

    generation: str
    basis: Literal["as stated in the reports"]
    citations: list[SpanOut] = Field(description="Every citation that the rows name.")


class MeasureOut(BaseModel):
    """A control and what the reports say of it."""

    id: str
    implementer: CellOut
    affected: CellOut
    type: CellOut
    minerals: CellOut
    instrument: CellOut
    body: CellOut
    announced: CellOut
    in_force: CellOut
    suspended: CellOut
    suspended_until: CellOut
    revoked: CellOut
    reason: CellOut
    status: CellOut


class MeasuresOut(TableOut):
    """The measures, by date."""

    measures: list[MeasureOut]


class DisputeOut(BaseModel):
    """A dispute in the WTO and what the reports say of it."""

    id: str
    numbers: CellOut
    complainants: CellOut
    respondent: CellOut
    third_parties: CellOut
    minerals: CellOut
    measures: CellOut
    articles: CellOut
    consultations: CellOut
    panel_established: CellOut
    panel_report: CellOut
    appeal: CellOut
    appellate_report: CellOut
    adoption: CellOut
    compliance: CellOut
    findings: CellOut


class DisputesOut(TableOut):
    """The disputes, by date."""

    disputes: list[DisputeOut]


class ResponseRowOut(BaseModel):
    """What a country does, and what the reports say of it."""

    id: str
    country: CellOut
    type: CellOut
    instrument: CellOut
    actor: CellOut
    partner: CellOut
    minerals: CellOut
    amount: CellOut
    target: CellOut
    target_year: CellOut
    date: CellOut
    measure: CellOut


class ResponsesOut(TableOut):
    """The national responses, by date."""

    responses: list[ResponseRowOut]


class AssertionOut(BaseModel):
    """Who states a value of a cell, and which documents state the same or another."""

    id: str
    table: Literal["measures", "disputes", "responses"]
    row: str
    cell: str
    value: str
    documents: list[str]
    agree: list[str]
    conflict: list[str]
    citations: list[str]


class AssertionsOut(TableOut):
    """The assertions, row by row."""

    assertions: list[AssertionOut]
