"""The values that the rest of Kido speaks in: documents, passages, hits, citations, answers.

All are frozen. Offsets count Unicode code points of `Document.text`, the stored text;
spans are half-open, `text[start:end]`. Pages are physical and count from 1.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from kb.blocks import CITABLE as CITABLE
from kb.blocks import Block as Block
from kb.blocks import BlockKind as BlockKind
from kb.blocks import Furigana as Furigana
from kb.blocks import PageQuality as PageQuality
from kb.blocks import Place as Place
from kb.blocks import Section as Section


@dataclass(frozen=True, slots=True)
class Document:
    """One report: where it came from, its stored text, and how that text is structured.

    `id` depends on the path alone, `sha256` on the bytes that were read. `metadata` is a
    CSL-JSON item. `page_starts[i]` is the offset at which page i+1 begins and
    `page_labels[i]` what is printed on it; both are empty where a format has no pages.
    `quality` is the share of characters that are not damaged, 1.0 being all; `pages` says
    it of each page. `places` leads from spans to boxes on pages, in the order of the text.
    """

    id: str
    path: str
    sha256: str
    format: str
    metadata: Mapping[str, Any]
    text: str
    blocks: tuple[Block, ...]
    sections: tuple[Section, ...]
    page_starts: tuple[int, ...] = ()
    page_labels: tuple[str, ...] = ()
    quality: float = 1.0
    warnings: tuple[str, ...] = ()
    pages: tuple[PageQuality, ...] = ()
    places: tuple[Place, ...] = ()
    furigana: tuple[Furigana, ...] = ()

    @property
    def title(self) -> str:
        """The title of the metadata, or the file's path when there is none."""
        return str(self.metadata.get("title") or self.path)

    def page_at(self, offset: int) -> int | None:
        """The page on which the character at `offset` stands; None without pages."""
        return page_at(self.page_starts, offset)

    def page_label(self, page: int | None) -> str | None:
        """What is printed on `page` (such as ⅳ or 12); None without pages."""
        if page is None or not 1 <= page <= len(self.page_labels):
            return None
        return self.page_labels[page - 1]

    def block_at(self, offset: int) -> Block | None:
        """The block in which the character at `offset` stands; None outside of all."""
        return next((b for b in self.blocks if b.start <= offset < b.end), None)

    def section_at(self, offset: int) -> Section | None:
        """The section in which the character at `offset` stands; None outside of all."""
        return next((s for s in self.sections if s.start <= offset < s.end), None)

    def read_by_ocr(self, start: int, end: int) -> bool:
        """Whether a page on which the span stands was read from its picture."""
        first, last = self.page_at(start) or 0, self.page_at(end - 1) or 0
        return any(p.reader == "ocr" and first <= p.page <= last for p in self.pages)


def page_at(page_starts: tuple[int, ...], offset: int) -> int | None:
    """The page of `offset` by bisection of `page_starts`; None when there are no pages."""
    if not page_starts:
        return None
    return max(1, bisect_right(page_starts, offset))


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of whole sentences of one section: what is indexed, found and shown."""

    id: str
    document_id: str
    start: int
    end: int
    heading_path: tuple[str, ...]
    first_page: int | None
    last_page: int | None
    kind: BlockKind = BlockKind.PARAGRAPH


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage found for a query: its score in 0..1 and what each leg contributed.

    `also_in` names the near-duplicate documents that say the same among the candidates.
    """

    passage: Passage
    text: str
    score: float
    scores: Mapping[str, float]
    highlights: tuple[tuple[int, int], ...] = ()
    also_in: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filters:
    """Which documents and passages a query may look into; an empty filter lets all pass.

    Dates are ISO (2025, 2025-11 or 2025-11-13), both ends included. Topics, countries,
    minerals and instruments are values of the passages' facets (`kb.tracker.facets`); of
    several of one kind a passage must have one.
    """

    documents: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()
    issued_from: str | None = None
    issued_to: str | None = None
    topics: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    minerals: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()

    @property
    def facets(self) -> tuple[tuple[str, ...], ...]:
        """The facets that a passage must have, one of each group, as `name:value`."""
        asked = {
            "topic": self.topics, "country": self.countries, "mineral": self.minerals,
            "instrument": self.instruments,
        }  # fmt: skip
        return tuple(
            tuple(f"{name}:{value}" for value in values) for name, values in asked.items() if values
        )


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The hits of one query in one generation.

    `facets` counts, among the candidates that were looked at, the passages of each
    publisher ("publisher") and year of issue ("year"), and those about each topic, country,
    mineral and instrument, most frequent first.
    """

    generation: str
    query: str
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[tuple[str, int], ...]]


@dataclass(frozen=True, slots=True)
class ResolvedDate:
    """A date that a reader has to infer (同年10月): span, words, and what it comes to."""

    start: int
    end: int
    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A checked quotation: `quote == document.text[start:end]`, with where it stands.

    `superseded` says that this is so in an earlier version of the document, and no longer in
    the one that is searched; it then belongs to no passage and its `passage_id` is empty.
    `ocr` says that it was read from the picture of a page and may be misread. `dates` are
    those dates of the quote that are understood only from what stands elsewhere. `marker` is
    what a note is called by; `header` is the span of the first row of the table that a row
    is quoted from.
    """

    number: int
    id: str
    document_id: str
    start: int
    end: int
    quote: str
    heading_path: tuple[str, ...]
    first_page: int | None
    last_page: int | None
    page_label: str | None
    passage_id: str
    kind: BlockKind = BlockKind.PARAGRAPH
    superseded: bool = False
    ocr: bool = False
    dates: tuple[ResolvedDate, ...] = ()
    marker: str | None = None
    header: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the numbers of the citations that back it."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DisagreementValue:
    """A value in the words of its sources, its citations, and what tells it apart (発表)."""

    value: str
    citations: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sources that say different things `about` the same question."""

    about: str
    values: tuple[DisagreementValue, ...]


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """The date, amount, name or list that a question asks for: `document.text[start:end]` of
    the document of citation number `citation`, inside of its quotation.
    """

    text: str
    citation: int
    start: int
    end: int


class Outcome(StrEnum):
    """Whether the collection holds evidence for an answer."""

    ANSWERED = "answered"
    NO_EVIDENCE = "no_evidence"


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to a question, from one generation of the index."""

    question: str
    outcome: Outcome
    generation: str
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    disagreements: tuple[Disagreement, ...] = ()
    related: tuple[Hit, ...] = ()
    composed_by: str = "extraction"  # or "model": statements that are verified, not quotations
    fallback: str | None = None  # why a model that was asked did not compose it
    value: AnswerValue | None = None

    @property
    def text(self) -> str:
        """The statements one after the other, each with its citation numbers."""
        return "".join(
            s.text + "".join(f"[{number}]" for number in s.citations) for s in self.statements
        )


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file of the corpus that could not be indexed, and why."""

    path: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What one run of ingestion did to each file, and the generation that now serves.

    `duplicates` leads from each file with the same bytes as a document to that document's
    path; once known, such a file counts as unchanged with its document.
    """

    generation: str
    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rejected: tuple[Rejection, ...] = ()
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    passages: int = 0
    seconds: float = 0.0
    duplicates: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Version:
    """An earlier version of a document: what it was, and the last generation that had it."""

    document_id: str
    sha256: str
    path: str
    format: str
    metadata: Mapping[str, Any]
    generation: str
