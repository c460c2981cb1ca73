"""The shapes of checking quotations: one, and all of a manuscript."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from kb.server.citation_schemas import Accessed, DiffOut, Style
from kb.server.schemas import Accepted, DocumentRef, Text

Verdict = Literal["exact", "normalized", "partial", "not_found"]


class VerifyIn(Accepted):
    """A quotation whose place is sought."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"quote": "措置は相手国を問わない。"}]}
    )
    quote: Text = Field(description="The words that were quoted.")
    document_id: Text | None = Field(None, description="Look in this document only.")


class ManuscriptIn(Accepted):
    """A text whose quotations are to be checked."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"text": "同省は「措置は相手国を問わない。」と説明した。"}]}
    )
    text: Text = Field(description="The manuscript; 「」, 『』 and “” are checked, nested too.")
    style: Style = Field("sist02", description="The style of the footnotes.")
    accessed: Accessed = None


class DifferenceOut(BaseModel):
    """A sign of the quotation and what stands for it in the source."""

    kind: str = Field(
        description="width, case, spaces, dashes, ellipses, punctuation, quotation_marks, "
        "old_forms, iteration_marks or other"
    )
    quote: str
    text: str


class MatchOut(BaseModel):
    """A place where a quotation stands, with the words as they stand there."""

    document: DocumentRef
    start: int
    end: int
    text: str
    heading_path: list[str]
    first_page: int | None
    last_page: int | None
    page_label: str | None
    url: str
    citation_id: str = Field(description="The id to cite this place by.")
    differences: list[DifferenceOut] = Field(description="In what the quotation is other.")


class ClosestOut(MatchOut):
    """The place most like a quotation that stands nowhere as it is."""

    similarity: float = Field(description="The share of letters that they have in common.")
    diff: list[DiffOut] = Field(description="From the words of the quotation to those there.")


class VerifyOut(BaseModel):
    """Whether a quotation stands in the collection, and how it is written there."""

    generation: str
    verdict: Verdict
    matches: list[MatchOut]
    closest: ClosestOut | None = Field(description="Only where the verdict is `partial`.")
    complete: bool = Field(description="Whether every document was looked into.")


class CheckedOut(BaseModel):
    """A quotation of a manuscript: `quote` is `[start:end]` of it, without its marks."""

    start: int
    end: int
    depth: int = Field(description="1 for a quotation that stands in no other.")
    quote: str
    verdict: Verdict
    matches: list[MatchOut]
    closest: ClosestOut | None
    complete: bool
    citation_id: str | None = Field(description="The id of the first match.")
    footnote: str | None = Field(description="The footnote of the first match.")


class ManuscriptOut(BaseModel):
    """All quotations of a manuscript, in its order."""

    generation: str
    quotations: list[CheckedOut]
