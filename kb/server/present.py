"""From domain values to the shapes of the API; looks documents up once per request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic_core import to_json

from kb.answering.formats.annotation import selectors
from kb.domain import Answer, AnswerValue, Citation, Document, Filters, Hit, SearchResults
from kb.indexing.rows import DocumentSummary
from kb.quotation import Quoted, Source, Status, Trace
from kb.reading.metadata import authors, issued, publisher
from kb.server import schemas as s
from kb.server.answer_schemas import ValueOut
from kb.server.citation_schemas import CitationResponse, DiffOut, NowOut

if TYPE_CHECKING:
    from kb.assembly import View


def filters_of(given: s.FiltersIn) -> Filters:
    """The filters that a request asks for."""
    return Filters(
        documents=tuple(given.document),
        publishers=tuple(given.publisher),
        issued_from=given.issued_from,
        issued_to=given.issued_to,
        topics=tuple(given.topic),
        countries=tuple(given.country),
        minerals=tuple(given.mineral),
        instruments=tuple(given.instrument),
    )


def span_url(document_id: str, start: int, end: int) -> str:
    """The page of a document with a span marked."""
    return f"/documents/{document_id}?start={start}&end={end}#cited"


def reference(summary: DocumentSummary) -> s.DocumentRef:
    """What is said of a document next to something found in it."""
    return s.DocumentRef(**_reference(summary))


def _reference(summary: DocumentSummary) -> dict[str, Any]:
    return {
        "id": summary.id,
        "path": summary.path,
        "title": summary.title,
        "publisher": summary.publisher,
        "published": summary.issued,
        "format": summary.format,
    }


def source_reference(source: Source) -> s.DocumentRef:
    """The same of a document that was cited, be it there still or not."""
    return s.DocumentRef(
        id=source.id,
        path=source.path,
        title=source.title,
        publisher=publisher(source.metadata),
        published=issued(source.metadata),
        format=source.format,
    )


def item(summary: DocumentSummary) -> s.DocumentItem:
    """A document in the list of all."""
    return s.DocumentItem(
        **reference(summary).model_dump(),
        authors=authors(summary.metadata),
        characters=summary.characters,
        passages=summary.passages,
        pages=summary.pages,
        quality=summary.quality,
        warnings=list(summary.warnings),
        aliases=list(summary.aliases),
        near_duplicates=list(summary.near_duplicates),
    )


def document(view: View, document_id: str) -> s.DocumentOut:
    """A document with its structure. Raises NotFound."""
    found = view.document(document_id)
    return s.DocumentOut(
        **item(view.summary(document_id)).model_dump(),
        generation=view.generation,
        sha256=found.sha256,
        metadata=dict(found.metadata),
        blocks=[
            s.BlockOut(
                kind=b.kind,
                start=b.start,
                end=b.end,
                page=b.page,
                level=b.level,
                marker=b.marker,
                call=b.call,
            )
            for b in found.blocks
        ],
        sections=[
            s.SectionOut(heading_path=list(x.heading_path), start=x.start, end=x.end)
            for x in found.sections
        ],
        page_list=[_page(found, n, start) for n, start in enumerate(found.page_starts, 1)],
    )


def _page(document: Document, number: int, start: int) -> s.PageOut:
    quality = next((page for page in document.pages if page.page == number), None)
    return s.PageOut(
        number=number,
        label=document.page_label(number),
        start=start,
        reader=quality.reader if quality else None,
        odd_share=quality.odd_share if quality else None,
    )


def _citation(citation: Citation, header: str | None) -> dict[str, Any]:
    """What is said of a citation besides its document; `header` is the text of its span."""
    span = citation.header
    return {
        "number": citation.number,
        "id": citation.id,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "heading_path": list(citation.heading_path),
        "first_page": citation.first_page,
        "last_page": citation.last_page,
        "page_label": citation.page_label,
        "ocr": citation.ocr,
        "kind": citation.kind.value,
        "marker": citation.marker,
        "header": None
        if span is None or header is None
        else s.HeaderOut(start=span[0], end=span[1], text=header),
        "dates": [
            s.ResolvedDateOut(start=d.start, end=d.end, text=d.text, iso=d.iso)
            for d in citation.dates
        ],
    }


def _now(now: Quoted) -> NowOut:
    c = now.citation
    return NowOut(
        id=c.id,
        document=source_reference(now.source),
        start=c.start,
        end=c.end,
        quote=c.quote,
        heading_path=list(c.heading_path),
        first_page=c.first_page,
        last_page=c.last_page,
        page_label=c.page_label,
        url=_url_of(now),
    )


def _url_of(quoted: Quoted) -> str:
    return span_url(quoted.source.id, quoted.citation.start, quoted.citation.end)


def _value(value: AnswerValue | None) -> ValueOut | None:
    if value is None:
        return None
    return ValueOut(text=value.text, citation=value.citation, start=value.start, end=value.end)


class Presenter:
    """Turns what a view found into shapes of the API; good for one request."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._summaries: dict[str, DocumentSummary] = {}
        self._documents: dict[str, Document] = {}

    def summary(self, document_id: str) -> DocumentSummary:
        """The summary of a document, looked up once. Raises NotFound."""
        if document_id not in self._summaries:
            self._summaries[document_id] = self.view.summary(document_id)
        return self._summaries[document_id]

    def document(self, document_id: str) -> Document:
        """A document, looked up once. Raises NotFound."""
        if document_id not in self._documents:
            self._documents[document_id] = self.view.document(document_id)
        return self._documents[document_id]

    def hit(self, rank: int, hit: Hit) -> s.HitOut:
        """A hit with its document."""
        return s.HitOut(**self._hit(rank, hit))

    def search(self, results: SearchResults) -> s.SearchOut:
        """The results of a search."""
        return s.SearchOut(**self._search(results))

    def search_as_json(self, results: SearchResults) -> bytes:
        """The same as the JSON of that shape, to which it is not brought on the way."""
        return to_json(self._search(results), inf_nan_mode="null")

    def _search(self, results: SearchResults) -> dict[str, Any]:
        return {
            "generation": results.generation,
            "query": results.query,
            "hits": [self._hit(rank, hit) for rank, hit in enumerate(results.hits, 1)],
            "facets": {
                name: [{"value": value, "count": count} for value, count in values]
                for name, values in results.facets.items()
            },
        }

    def _hit(self, rank: int, hit: Hit) -> dict[str, Any]:
        p = hit.passage
        label = None
        if p.first_page is not None:
            label = self.document(p.document_id).page_label(p.first_page)
        return {
            "rank": rank,
            "score": hit.score,
            "scores": hit.scores,
            "passage": {
                "id": p.id,
                "document_id": p.document_id,
                "start": p.start,
                "end": p.end,
                "text": hit.text,
                "heading_path": p.heading_path,
                "first_page": p.first_page,
                "last_page": p.last_page,
                "page_label": label,
            },
            "document": _reference(self.summary(p.document_id)),
            "highlights": hit.highlights,
            "also_in": hit.also_in,
        }

    def citation(self, citation: Citation) -> s.CitationOut:
        """A citation with its document and its address."""
        header = None
        if citation.header and not citation.superseded:
            header = self.document(citation.document_id).text[slice(*citation.header)]
        return s.CitationOut(
            **_citation(citation, header),
            document=reference(self.summary(citation.document_id)),
            url=span_url(citation.document_id, citation.start, citation.end),
        )

    def trace(self, trace: Trace) -> CitationResponse:
        """A citation that was asked for by its id, and what became of it."""
        was, now = trace.was, trace.now
        return CitationResponse(
            **_citation(was.citation, was.header),
            document=source_reference(was.source),
            url=_url_of(now) if now else f"/api/v1/citations/{was.citation.id}",
            generation=self.view.generation,
            status=trace.status.value,
            superseded=trace.status in (Status.CHANGED, Status.GONE),
            now=None if now is None or trace.status is Status.SAME else _now(now),
            diff=[DiffOut(kind=part.kind.value, text=part.text) for part in trace.diff],
            selector=selectors(was),
        )

    def answer(self, answer: Answer) -> s.AskOut:
        """An answer with its citations."""
        return s.AskOut(
            generation=answer.generation,
            question=answer.question,
            outcome=answer.outcome.value,
            composed_by="model" if answer.composed_by == "model" else "extraction",
            fallback=answer.fallback,
            text=answer.text,
            value=_value(answer.value),
            statements=[
                s.StatementOut(text=x.text, citations=list(x.citations)) for x in answer.statements
            ],
            citations=[self.citation(citation) for citation in answer.citations],
            disagreements=[
                s.DisagreementOut(
                    about=d.about,
                    values=[
                        s.DisagreementValueOut(
                            value=v.value, citations=list(v.citations), note=v.note
                        )
                        for v in d.values
                    ],
                )
                for d in answer.disagreements
            ],
            related=[self.hit(rank, hit) for rank, hit in enumerate(answer.related, 1)],
        )
