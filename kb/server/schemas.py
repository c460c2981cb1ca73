"""The shapes of the JSON API: what is accepted and what is answered."""

from __future__ import annotations

import datetime
import unicodedata
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from kb.server.answer_schemas import ValueOut

MAX_LIMIT = 100
DEFAULT_LIMIT = 10
DEFAULT_RELATED = 3
MAX_VALUES = 50  # of one filter


def _readable(value: str) -> str:
    for c in value:
        if unicodedata.category(c) in ("Cc", "Cs") and c not in "\t\r\n":
            raise ValueError(f"the character U+{ord(c):04X} is not text; leave it out")
    return value


def _real_date(value: str) -> str:
    parts = [int(part) for part in value.split("-")]
    try:
        datetime.date(*[*parts, 1, 1][:3])
    except ValueError as error:
        raise ValueError(f"{value} is not a date ({error})") from error
    return value


Text = Annotated[str, AfterValidator(_readable)]
Date = Annotated[
    str, Field(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"), AfterValidator(_real_date)
]
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT, description="How many hits to give at most.")]
TopicName = Literal["wto-rulings", "controls", "national-responses", "market"]
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
Ids = Annotated[list[Id], Field(max_length=MAX_VALUES)]
Names = Annotated[list[Text], Field(max_length=MAX_VALUES)]


class Accepted(BaseModel):
    """A request: names that are not known are refused, so that a typing error is noticed."""

    model_config = ConfigDict(extra="forbid")


class FiltersIn(Accepted):
    """Which documents are looked into; both dates are included."""

    publisher: Names = Field([], description="Publishers; a document of any of them passes.")
    document: Names = Field([], description="Ids of documents; any of them passes.")
    issued_from: Date | None = Field(
        None, alias="from", description="Issued on or after this date: 2025, 2025-11, 2025-11-13."
    )
    issued_to: Date | None = Field(
        None, alias="to", description="Issued on or before this date: 2025, 2025-11, 2025-11-13."
    )
    topic: list[TopicName] = Field(
        [], max_length=MAX_VALUES, description="What a passage is about; any of them passes."
    )
    country: Ids = Field([], description="Countries that a passage names, such as japan.")
    mineral: Ids = Field([], description="Minerals that a passage names, such as gallium.")
    instrument: Ids = Field([], description="Laws, agreements, articles or cases that it names.")


class SearchParameters(FiltersIn):
    """The parameters of a search."""

    q: Text = Field(description="What to look for, in Japanese or English.", examples=["輸出許可"])
    limit: Limit = DEFAULT_LIMIT


class TextParameters(Accepted):
    """Which part of a stored text is wanted, in Unicode code points."""

    start: int = Field(0, ge=0, description="Where the part begins.")
    end: int | None = Field(None, ge=0, description="Where it ends; the end of the text if absent.")


class PageImageParameters(Accepted):
    """The span of the stored text that is marked on the picture of a page."""

    start: int | None = Field(None, ge=0, description="Where the marked span begins.")
    end: int | None = Field(None, ge=0, description="Where it ends.")


class Nothing(Accepted):
    """The parameters of a call that has none."""


class AskIn(Accepted):
    """A question to the collection."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"question": "2025年4月に輸出許可制の対象となったレアアースは何か。"}]
        }
    )
    question: Text = Field(description="The question, in Japanese or English.")
    limit: int = Field(
        DEFAULT_RELATED,
        ge=1,
        le=MAX_LIMIT,
        strict=True,
        description="How many related passages to give at most; the answer is the same.",
    )
    filters: FiltersIn = Field(default_factory=lambda: FiltersIn.model_validate({}))
    compose: bool = Field(
        True,
        strict=True,
        description="Whether the language model may compose the answer, where one is set up.",
    )


class DocumentRef(BaseModel):
    """The document that something was found in."""

    id: str
    path: str = Field(description="The file, relative to the corpus.")
    title: str
    publisher: str | None
    published: str | None = Field(description="The ISO date of issue, as far as it is known.")
    format: str


class PassageOut(BaseModel):
    """A passage: `text` is `[start:end]` of the stored text of its document."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    heading_path: list[str]
    first_page: int | None
    last_page: int | None
    page_label: str | None = Field(description="What is printed on the first page.")


class HitOut(BaseModel):
    """A passage that was found, and why."""

    rank: int
    score: float
    scores: dict[str, float] = Field(description="What each leg of the search contributed.")
    passage: PassageOut
    document: DocumentRef
    highlights: list[tuple[int, int]] = Field(description="Spans relative to the passage's text.")
    also_in: list[str] = Field(
        description="Ids of near-duplicate documents that say the same; their hits are folded "
        "into this one."
    )


class FacetValue(BaseModel):
    """How often a value occurs among the candidates."""

    value: str
    count: int


class SearchOut(BaseModel):
    """The hits of a search, best first."""

    generation: str = Field(description="The generation of the index that answered.")
    query: str
    hits: list[HitOut]
    facets: dict[str, list[FacetValue]]


class StatementOut(BaseModel):
    """One sentence of an answer, word for word from a document, and its citations."""

    text: str
    citations: list[int]


class HeaderOut(BaseModel):
    """The first row of the table that a row was quoted from: `[start:end]` of the text."""

    start: int
    end: int
    text: str


class ResolvedDateOut(BaseModel):
    """A date of a quotation that is understood only from what stands elsewhere."""

    start: int
    end: int
    text: str = Field(description="`[start:end]` of the stored text, such as 同年10月.")
    iso: str = Field(
        description="What it comes to: 2024-10-01; 2009/2010 for a range, 2010-41 for the second "
        "half of a year, 199X for a decade (ISO 8601-2)."
    )


class CitationOut(BaseModel):
    """A quotation: `quote` is `[start:end]` of the stored text of its document."""

    number: int
    id: str = Field(description="Stable and opaque; good to keep in a note.")
    document: DocumentRef
    start: int
    end: int
    quote: str
    heading_path: list[str]
    first_page: int | None
    last_page: int | None
    page_label: str | None
    url: str = Field(description="The page of the document with the quotation marked.")
    ocr: bool = Field(description="Whether it was read from a picture and may be misread.")
    kind: str = Field(description="paragraph, list_item, table, caption, note, …")
    marker: str | None = Field(description="What a note is called by.")
    header: HeaderOut | None = Field(description="The first row, where a row is quoted.")
    dates: list[ResolvedDateOut] = Field(
        description="The dates of the quotation that a reader has to infer; they are not in it."
    )


class DisagreementValueOut(BaseModel):
    """One of the values that sources give."""

    value: str = Field(description="The words of a cited sentence that state it.")
    citations: list[int]
    note: str = Field(description="What tells it from the others, such as 発表; may be empty.")


class DisagreementOut(BaseModel):
    """Sources that say different things."""

    about: str
    values: list[DisagreementValueOut]


class AskOut(BaseModel):
    """An answer made of sentences of the collection, or `no_evidence`."""

    generation: str
    question: str
    outcome: Literal["answered", "no_evidence"]
    text: str
    value: ValueOut | None
    statements: list[StatementOut]
    citations: list[CitationOut]
    disagreements: list[DisagreementOut]
    related: list[HitOut] = Field(
        [],
        description="Passages near the question that are not quoted in the answer, "
        "at most `limit`, in the shape of search hits. They are not an answer.",
    )
    composed_by: Literal["extraction", "model"] = Field(
        description="`extraction`: every statement is a quotation. `model`: statements were "
        "written by a language model and verified; the quotations are in `citations`."
    )
    fallback: str | None = Field(
        description="Why a model that was asked did not compose the answer: busy, unreachable, "
        "timeout, redirected, refused, too_large, malformed, cut, unverified."
    )


class StatementSaid(StatementOut):
    """A statement of the model that has been verified, with what it cites."""

    sources: list[CitationOut]


class DocumentItem(DocumentRef):
    """A document in the list of all."""

    authors: list[str]
    characters: int
    passages: int
    pages: int = Field(description="0 where the format has no pages.")
    quality: float = Field(description="The share of characters that are not damaged.")
    warnings: list[str]
    aliases: list[str] = Field(description="Other paths of files with the very same bytes.")
    near_duplicates: list[str] = Field(description="Ids of documents that say nearly the same.")


class RejectionOut(BaseModel):
    """A file that could not be taken in."""

    path: str
    reason: str
    message: str


class DocumentsOut(BaseModel):
    """The collection."""

    generation: str
    documents: list[DocumentItem]
    rejected: list[RejectionOut]


class BlockOut(BaseModel):
    """A block of the stored text."""

    kind: str
    start: int
    end: int
    page: int | None
    level: int
    marker: str | None = Field(description="What a note is called by.")
    call: tuple[int, int] | None = Field(description="The span that calls a note.")


class SectionOut(BaseModel):
    """A run of the stored text under one heading."""

    heading_path: list[str]
    start: int
    end: int


class PageOut(BaseModel):
    """A page: its number from 1, what is printed on it, and where it begins in the text."""

    number: int
    label: str | None
    start: int
    reader: str | None = Field(description="What read it: pdfium, pypdf, ocr, or none.")
    odd_share: float | None = Field(description="The share of its signs that are damaged.")


class DocumentOut(DocumentItem):
    """A document with its structure; its text comes from `/text`."""

    generation: str
    sha256: str
    metadata: dict[str, Any] = Field(description="The CSL-JSON item.")
    blocks: list[BlockOut]
    sections: list[SectionOut]
    page_list: list[PageOut]


class TextOut(BaseModel):
    """A part of a stored text."""

    generation: str
    text: str
    start: int
    end: int
    length: int = Field(description="The length of the whole stored text, in code points.")


class HealthOut(BaseModel):
    """That the server answers from a complete index."""

    status: Literal["ok"]
    version: str
    generation: str
    documents: int


class ProblemOut(BaseModel):
    """An error, as RFC 9457 has it."""

    type: str = Field(description="A stable URI of the kind of problem.")
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None
