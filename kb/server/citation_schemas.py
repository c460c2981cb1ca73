"""The shapes of citations by their ids, and of their export."""

from __future__ import annotations

import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from kb.server.schemas import Accepted, CitationOut, DocumentRef, Text

MAX_EXPORT = 200
MAX_SPAN = 2_000  # characters that are cited at once

Format = Literal["json", "csl", "bibtex", "ris", "text", "annotation"]
Style = Literal["sist02", "chicago"]
Accessed = Annotated[
    datetime.date | None,
    Field(description="The day on which the source was looked at; today if absent."),
]


class CitationParameters(Accepted):
    """How a citation is wanted."""

    format: Format = Field(
        "json",
        description="json, or a file: CSL-JSON, BibTeX, RIS, a footnote, or a W3C annotation.",
    )
    style: Style = Field("sist02", description="The style of a footnote.")
    accessed: Accessed = None


class SpanIn(Accepted):
    """A span of a stored text that is to be cited."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"document_id": "dq3w5l6k2n7zv4hta", "start": 120, "end": 180}]
        }
    )
    document_id: Text = Field(description="The id of a document.")
    start: int = Field(ge=0, strict=True, description="Where it begins, in code points.")
    end: int = Field(ge=0, strict=True, description="Where it ends; the character is not in it.")


class ExportIn(Accepted):
    """Which citations are wanted, and how."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"ids": ["cd6z7t3kx5qjv2m4nwrbylaaaacqiaaaayq3hnbs2y"], "format": "ris"},
            ]
        }
    )
    ids: list[Text] = Field(min_length=1, max_length=MAX_EXPORT, description="Ids of citations.")
    format: Format = "json"
    style: Style = "sist02"
    accessed: Accessed = None


class NowOut(BaseModel):
    """Where and how a quotation stands now: `quote` is `[start:end]` of the document's text."""

    id: str = Field(description="The id to cite it by from now on.")
    document: DocumentRef
    start: int
    end: int
    quote: str
    heading_path: list[str]
    first_page: int | None
    last_page: int | None
    page_label: str | None
    url: str


class DiffOut(BaseModel):
    """A run of words that stand in both texts, in the old one only, or in the new one only."""

    kind: Literal["equal", "delete", "insert"]
    text: str


class CitationResponse(CitationOut):
    """A citation that was asked for by its id, as it was when it was given out."""

    generation: str
    status: Literal["same", "moved", "changed", "gone"] = Field(
        description="Whether the quotation stands at its place, elsewhere, changed, or nowhere."
    )
    superseded: bool = Field(
        description="Whether an earlier version of the document says this, and no longer the "
        "one that is searched: it was changed or is gone."
    )
    now: NowOut | None = Field(description="Where it stands now, if it moved or was changed.")
    diff: list[DiffOut] = Field(description="From the words that were cited to those of now.")
    selector: list[dict[str, Any]] = Field(
        description="W3C Web Annotation selectors: TextQuoteSelector and TextPositionSelector, "
        "in code points of the stored text."
    )


class ExportOut(BaseModel):
    """Several citations as JSON."""

    generation: str
    citations: list[CitationResponse]
