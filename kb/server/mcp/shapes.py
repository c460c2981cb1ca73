"""What the tools take and give: the shapes of the JSON API, smaller where that is enough."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from kb.server import schemas as s
from kb.server.citation_schemas import Accessed, Style

MAX_HITS = 20
MAX_CONTEXT = 2_000
MAX_PART = 20_000
DEFAULT_PART = 6_000
MAX_SECTIONS = 200
MAX_CITATIONS = 50


class SearchArguments(s.FiltersIn):
    """A search."""

    query: s.Text = Field(description="Words or a question, Japanese or English.")
    limit: int = Field(5, ge=1, le=MAX_HITS, description="How many passages at most.")


class AskArguments(s.FiltersIn):
    """A question."""

    question: s.Text = Field(
        description="One question, best in Japanese (日本語の質問文が最もよく当たる)."
    )
    limit: int = Field(3, ge=1, le=10, description="How many related passages at most.")


class PassageArguments(s.Accepted):
    """A passage by its id."""

    passage_id: s.Text = Field(description="The id of a passage, as `search` gives it.")
    context: int = Field(
        0, ge=0, le=MAX_CONTEXT, description="Characters of the document before and after it."
    )


class DocumentArguments(s.Accepted):
    """A part of a document."""

    document_id: s.Text = Field(description="The id of a document, as every hit gives it.")
    start: int = Field(0, ge=0, description="Where to begin: `next_start` of the part before.")
    length: int = Field(DEFAULT_PART, ge=1, le=MAX_PART, description="How many characters.")


class VerifyArguments(s.Accepted):
    """A quotation."""

    quote: s.Text = Field(description="The quoted words, without the quotation marks.")
    document_id: s.Text | None = Field(None, description="Look in this document only.")


class FormatArguments(s.Accepted):
    """Citations and the form in which they are wanted."""

    citation_ids: list[s.Text] = Field(
        min_length=1,
        max_length=MAX_CITATIONS,
        description="Ids of citations, as `ask` and `get_passage` give them.",
    )
    format: Literal["text", "csl", "bibtex", "ris", "annotation"] = Field(
        "text", description="A footnote each, CSL-JSON, BibTeX, RIS, or W3C web annotations."
    )
    style: Style = Field("sist02", description="The style of a footnote; sist02 is Japan's.")
    accessed: Accessed = None


class HitFound(BaseModel):
    """A passage that was found; `text` is word for word from the document."""

    rank: int
    score: float = Field(description="0..1; compare within one search only.")
    passage_id: str
    text: str
    heading_path: list[str]
    page_label: str | None
    document: s.DocumentRef
    url: str = Field(description="Path of the page that shows it, on this server.")


class SearchFound(BaseModel):
    """The passages that were found, best first."""

    generation: str = Field(description="The generation of the index that answered.")
    query: str
    hits: list[HitFound]


class PassageFound(BaseModel):
    """A passage with the text around it."""

    generation: str
    passage: s.PassageOut
    document: s.DocumentRef
    citation_id: str = Field(description="The id to cite the passage by, for `format_citation`.")
    before: str
    after: str
    url: str


class DocumentFound(BaseModel):
    """A document: its metadata, headings and a part of its text."""

    generation: str
    document: s.DocumentRef
    authors: list[str]
    sections: list[s.SectionOut] = Field(
        description=f"Headings with their spans, at most {MAX_SECTIONS}."
    )
    text: str = Field(description="[start:end] of the stored text.")
    start: int
    end: int
    length: int = Field(description="The length of the whole text.")
    next_start: int | None = Field(description="Where the next part begins; null at the end.")


class CitationsFormatted(BaseModel):
    """Citations as other programs and papers want them."""

    generation: str
    format: str
    text: str = Field(description="To be used as it is: one footnote a line, or a whole file.")
    media_type: str
    file_name: str
