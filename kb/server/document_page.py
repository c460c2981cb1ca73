"""The page on which one document is read: its text, its outline, and the pages as printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from kb.answering.verification import normalized_spans
from kb.domain import Document, Filters
from kb.errors import InvalidQuestion
from kb.reading.metadata import authors
from kb.server.answer_view import Cards, HitCard
from kb.server.api import knowledge_of
from kb.server.present import Presenter
from kb.server.reading_view import (
    Span,
    grouped,
    heading_levels,
    outline,
    parts_of,
    split_title,
    valid_span,
)
from kb.server.rendering import pages_of

if TYPE_CHECKING:
    from kb.assembly import View

MAX_OUTLINE = 400  # headings; a longer outline is no help
MAX_FOUND = 200  # places at which words are found in a document
_NEAR = 5  # passages that are offered where the words themselves do not stand

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


@router.api_route("/documents/{document_id}", methods=["GET", "HEAD"])
def document_page(request: Request, document_id: str) -> HTMLResponse:
    """One document for reading: a span marked if one is given, words found in it, a page shown."""
    query = request.query_params
    with knowledge_of(request).view() as view:
        document = view.document(document_id)
        given = [query.get(name) for name in ("start", "end")]
        span = valid_span(document, *(_number(value) for value in given))
        words = " ".join(query.get("find", "").split())
        found = normalized_spans(document.text, words)[:MAX_FOUND] if words else []
        title, parts = split_title(parts_of(document, span, found), document.title)
        link = document.metadata.get("URL")
        return pages_of(request).page(
            request, "document.html",
            page="document", generation=view.generation, document=document,
            summary=view.summary(document_id), title=title, groups=grouped(parts),
            levels=heading_levels(parts),
            outline=outline(document)[:MAX_OUTLINE], span=span,
            lost=span is None and any(value is not None for value in given),
            authors=authors(document.metadata),
            link=link if str(link).startswith(("https://", "http://")) else None,
            find=words, found=found, near=_near(request, view, document, words, found),
            facsimile=_facsimile(document, span, _number(query.get("page"))),
        )  # fmt: skip


def _near(
    request: Request, view: View, document: Document, words: str, found: Sequence[Span]
) -> list[HitCard]:
    """The passages of the document nearest to words that do not stand in it."""
    if not words or found:
        return []
    try:
        hits = view.search(words, limit=_NEAR, filters=Filters(documents=(document.id,))).hits
    except InvalidQuestion:
        return []
    cards = Cards(Presenter(view), pages_of(request).words(request))
    return [cards.hit_card(rank, hit) for rank, hit in enumerate(hits, 1)]


def _facsimile(document: Document, span: Span | None, wanted: int | None) -> dict[str, Any] | None:
    """The printed page that is shown beside the text: the one asked for, else the cited one."""
    count = len(document.page_starts)
    if document.format != "pdf" or not count:
        return None
    number = wanted or (document.page_at(span[0]) if span else None) or 1
    number = min(max(1, number), count)
    marked = {"start": span[0], "end": span[1]} if span else {}
    return {
        "number": number,
        "count": count,
        "label": document.page_label(number),
        "picture": f"/api/v1/documents/{document.id}/pages/",
        "query": urlencode(marked),
        "before": f"?{urlencode({**marked, 'page': number - 1})}" if number > 1 else None,
        "after": f"?{urlencode({**marked, 'page': number + 1})}" if number < count else None,
    }


def _number(value: str | None) -> int | None:
    """A number of an address; None when it is not one."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 12 else None
