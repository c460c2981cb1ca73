"""What the calls give: frozen values with the names of the HTTP contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class DocumentRef:
    """The document that something was found in."""

    id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    format: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage: `text` is `[start:end]` of the stored text of its document."""

    id: str
    document_id: str
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    first_page: int | None
    last_page: int | None
    page_label: str | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found, with the parts of its score."""

    rank: int
    score: float
    scores: Mapping[str, float]
    passage: Passage
    document: DocumentRef
    highlights: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FacetValue:
    """How often a value occurs among the candidates."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class SearchResults:
    """The hits of a search, best first."""

    generation: str
    query: str
    hits: tuple[Hit, ...]
    facets: Mapping[str, tuple[FacetValue, ...]]


@dataclass(frozen=True, slots=True)
class Header:
    """The first row of the table that a row was quoted from: `[start:end]` of the stored text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class ResolvedDate:
    """A date of a quotation that is understood only from what stands elsewhere: `text` is
    `[start:end]` of the stored text, `iso` what it comes to.
    """

    start: int
    end: int
    text: str
    iso: str


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation of an answer: `quote` is `[start:end]` of the stored text."""

    number: int
    id: str
    document: DocumentRef
    start: int
    end: int
    quote: str
    heading_path: tuple[str, ...]
    first_page: int | None
    last_page: int | None
    page_label: str | None
    url: str
    ocr: bool
    kind: str
    marker: str | None
    header: Header | None
    dates: tuple[ResolvedDate, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence of an answer and the numbers of its citations."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DisagreementValue:
    """One of the values that sources give; `note` is what tells it from the others, if anything."""

    value: str
    citations: tuple[int, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Sources that say different things."""

    about: str
    values: tuple[DisagreementValue, ...]


@dataclass(frozen=True, slots=True)
class AnswerValue:
    """The date, amount, name or list that is asked for: `[start:end]` of the document that the
    citation of that number quotes.
    """

    text: str
    citation: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer made of sentences of the collection, or `no_evidence`.

    `composed_by` is extraction or model; `fallback` says why a model that was asked did not
    compose it.
    """

    generation: str
    question: str
    outcome: str
    text: str
    value: AnswerValue | None
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    disagreements: tuple[Disagreement, ...]
    composed_by: str
    fallback: str | None
    related: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A document of the collection."""

    id: str
    path: str
    title: str
    publisher: str | None
    published: str | None
    format: str
    authors: tuple[str, ...]
    characters: int
    passages: int
    pages: int
    quality: float
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """A part of a stored text; `length` is that of the whole."""

    generation: str
    text: str
    start: int
    end: int
    length: int


@dataclass(frozen=True, slots=True)
class Diff:
    """A run of words: equal, or only in the old (delete) or the new text (insert)."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Now:
    """Where and how a quotation stands now."""

    id: str
    document: DocumentRef
    start: int
    end: int
    quote: str
    first_page: int | None
    last_page: int | None
    page_label: str | None
    url: str


@dataclass(frozen=True, slots=True)
class TracedCitation(Citation):
    """A citation by its id: `status` is same, moved, changed or gone."""

    generation: str
    status: str
    superseded: bool
    now: Now | None
    diff: tuple[Diff, ...]
    selector: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A sign of a quotation and what stands for it in the source."""

    kind: str
    quote: str
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    """A place where a quotation stands, or nearly does."""

    document: DocumentRef
    start: int
    end: int
    text: str
    heading_path: tuple[str, ...]
    first_page: int | None
    last_page: int | None
    page_label: str | None
    url: str
    citation_id: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Closest(Match):
    """The place most like a quotation that stands nowhere as it is."""

    similarity: float
    diff: tuple[Diff, ...]


@dataclass(frozen=True, slots=True)
class Verification:
    """`verdict` is exact, normalized, partial or not_found."""

    generation: str
    verdict: str
    matches: tuple[Match, ...]
    closest: Closest | None
    complete: bool


@dataclass(frozen=True, slots=True)
class CheckedQuotation:
    """A quotation of a manuscript: `quote` is `[start:end]` of it."""

    start: int
    end: int
    depth: int
    quote: str
    verdict: str
    matches: tuple[Match, ...]
    closest: Closest | None
    citation_id: str | None
    footnote: str | None


@dataclass(frozen=True, slots=True)
class Rejection:
    """A file that could not be indexed, and why."""

    path: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run of ingestion did with each file, by their paths."""

    generation: str
    added: tuple[str, ...]
    updated: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    rejected: tuple[Rejection, ...]
    warnings: Mapping[str, tuple[str, ...]]
    passages: int


@dataclass(frozen=True, slots=True)
class Job:
    """A run of ingestion in the background: `done` of `total` files are read."""

    id: str
    state: str
    created: str
    ended: str | None
    done: int
    total: int
    file: str
    error: str | None
    report: Report | None

    @property
    def over(self) -> bool:
        """Whether nothing more will become of it."""
        return self.state not in ("waiting", "running")


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A file that was added, durably, and the job that makes it searchable."""

    path: str
    document_id: str
    replaced: bool
    job: Job


@dataclass(frozen=True, slots=True)
class Removed:
    """Files that were removed, and the job that takes them out of the index."""

    paths: tuple[str, ...]
    job: Job


@dataclass(frozen=True, slots=True)
class Export:
    """A file for another program: its content, its media type and a name to save it by."""

    text: str
    media_type: str
    file_name: str
