"""An answer as its page shows it: statements, and cards with each quotation in its context."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kb.answering.citations import quoted
from kb.answering.formats.export import footnote
from kb.domain import BlockKind, Citation, Document, Hit, Passage
from kb.server.citations_api import today
from kb.server.present import Presenter, span_url
from kb.server.reading_view import Marks, Part, Piece, cut, table_excerpt
from kb.server.words import Words, heading

AROUND = 140  # characters of context on each side of a quotation
_SENTENCE_ENDS = "。!?！？\n"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a passage stands, in the words of the page."""

    document_id: str
    title: str
    publisher: str | None
    date: str | None
    page: str | None
    heading: str
    url: str
    ocr: bool


@dataclass(frozen=True, slots=True)
class Card:
    """A citation with the text around it; `excerpt` instead of `pieces` for a table.

    `dates` are those that a reader has to infer, as they are written and what they come to.
    """

    number: int
    id: str
    source: Source
    pieces: tuple[Piece, ...]
    excerpt: Part | None
    cut_before: bool
    cut_after: bool
    copy_text: str
    footnote: str
    dates: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class HitCard:
    """A passage that was found, with what matched marked."""

    rank: int
    score: float
    scores: tuple[tuple[str, float], ...]
    source: Source
    pieces: tuple[Piece, ...]
    rows: tuple[tuple[str, ...], ...]


class Cards:
    """Makes the cards of one answer or search, in the language of its reader."""

    def __init__(self, presenter: Presenter, words: Words) -> None:
        self._presenter = presenter
        self._words = words

    def card(self, citation: Citation) -> Card:
        """The card of a citation."""
        document = self._presenter.document(citation.document_id)
        span = citation.start, citation.end
        source = self._source(
            citation.document_id, span, citation.heading_path,
            self._words.page(citation.page_label, citation.first_page, citation.last_page),
        )  # fmt: skip
        block = document.block_at(citation.start)
        excerpt = None
        start, end = span
        if block is not None and block.kind is BlockKind.TABLE and citation.end <= block.end:
            excerpt = table_excerpt(document, block, span)
        else:
            start, end = context(document, span)
        pieces = cut(document.text, start, end, marks=Marks(cited=[span]))
        return Card(
            number=citation.number,
            id=citation.id,
            source=source,
            pieces=pieces,
            excerpt=excerpt,
            cut_before=block is not None and start > block.start,
            cut_after=bool(block) and bool(document.text[end : _end_of(document, end)].strip()),
            copy_text=_copy_text(citation.quote, source),
            footnote=footnote(quoted(document, citation), accessed=today()),
            dates=tuple((d.text, self._words.reckoned(d.iso)) for d in citation.dates),
        )

    def hit_card(self, rank: int, hit: Hit) -> HitCard:
        """The card of a hit."""
        scores = tuple(sorted(hit.scores.items(), key=lambda part: -part[1]))
        card = self.passage_card(hit.passage, hit.text, hit.highlights)
        return replace(card, rank=rank, score=hit.score, scores=scores)

    def passage_card(
        self, passage: Passage, text: str, highlights: Sequence[tuple[int, int]] = ()
    ) -> HitCard:
        """The card of a passage that was not ranked."""
        document = self._presenter.document(passage.document_id)
        label = document.page_label(passage.first_page)
        if passage.first_page != passage.last_page:
            label = None
        source = self._source(
            passage.document_id, (passage.start, passage.end), passage.heading_path,
            self._words.page(label, passage.first_page, passage.last_page),
        )  # fmt: skip
        rows: tuple[tuple[str, ...], ...] = ()
        if passage.kind is BlockKind.TABLE:
            rows = tuple(tuple(line.split("\t")) for line in text.split("\n") if line.strip())
        pieces = cut(text, 0, len(text), marks=Marks(cited=highlights))
        return HitCard(0, 0.0, (), source, pieces, rows)

    def _source(
        self,
        document_id: str,
        span: tuple[int, int],
        heading_path: tuple[str, ...],
        page: str | None,
    ) -> Source:
        summary = self._presenter.summary(document_id)
        return Source(
            document_id=document_id,
            title=summary.title,
            publisher=summary.publisher,
            date=self._words.date(summary.issued),
            page=page,
            heading=heading(heading_path, summary.title),
            url=span_url(document_id, *span),
            ocr=self._presenter.document(document_id).read_by_ocr(*span),
        )


def context(document: Document, span: tuple[int, int]) -> tuple[int, int]:
    """The span with whole sentences of its own blocks around it, about `AROUND` each side."""
    text = document.text
    first = document.block_at(span[0])
    last = document.block_at(max(span[0], span[1] - 1))
    if first is None or last is None:
        return span
    start = first.start
    if span[0] - start > AROUND:
        ends = [text.find(c, span[0] - AROUND, span[0]) for c in _SENTENCE_ENDS]
        start = min((found + 1 for found in ends if found >= 0), default=span[0])
    end = last.start + len(text[last.start : last.end].rstrip())
    if end - span[1] > AROUND:
        end = max(text.rfind(c, span[1], span[1] + AROUND) + 1 for c in _SENTENCE_ENDS)
        end = max(end, span[1])
    return min(start, span[0]), max(end, span[1])


def _end_of(document: Document, offset: int) -> int:
    block = document.block_at(max(0, offset - 1))
    return block.end if block is not None else offset


def _copy_text(quote: str, source: Source) -> str:
    """The citation as it goes into a manuscript; its address is added by the script."""
    facts = "、".join(fact for fact in (source.publisher, source.date, source.page) if fact)
    words = "、".join(quote.replace("\t", " ").split("\n"))
    return f"「{words}」『{source.title}』" + (f"({facts})" if facts else "")
