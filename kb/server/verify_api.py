"""Quotations checked against the collection, under /api/v1/verify."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from kb.quotation import CheckedQuotation, QuoteMatch, Verification
from kb.server import verify_schemas as s
from kb.server.api import knowledge_of, no_parameters
from kb.server.citation_schemas import DiffOut
from kb.server.citations_api import today
from kb.server.present import source_reference, span_url
from kb.server.turns import Turns

router = APIRouter(prefix="/api/v1/verify", tags=["v1"], dependencies=[Depends(no_parameters)])


@router.post("", summary="Check a quotation")
def verify(request: Request, body: s.VerifyIn) -> s.VerifyOut:
    """Say whether a quotation stands in the collection, where, and in what it differs."""
    with knowledge_of(request).view() as view:
        return verification(view.verify(body.quote, body.document_id))


@router.post("/manuscript", summary="Check all quotations of a manuscript")
async def manuscript(request: Request, body: s.ManuscriptIn) -> s.ManuscriptOut:
    """Check each quotation between 「」, 『』 or “”, with footnotes for those that stand."""

    def check() -> s.ManuscriptOut:
        day = body.accessed or today()
        with knowledge_of(request).view() as view:
            found = view.verifier.manuscript(body.text, style=body.style, accessed=day)
            return s.ManuscriptOut(
                generation=view.generation, quotations=[checked(x) for x in found]
            )

    turns: Turns = request.app.state.manuscripts
    return await turns.take(check)


def verification(found: Verification) -> s.VerifyOut:
    """What was found of a quotation."""
    return s.VerifyOut(generation=found.generation, **_found(found))


def checked(one: CheckedQuotation) -> s.CheckedOut:
    """What was found of a quotation of a manuscript."""
    matches = one.found.matches
    return s.CheckedOut(
        start=one.start,
        end=one.end,
        depth=one.depth,
        quote=one.quote,
        citation_id=matches[0].quoted.citation.id if matches else None,
        footnote=one.footnote,
        **_found(one.found),
    )


def _found(found: Verification) -> dict[str, Any]:
    closest = None
    if found.closest is not None:
        closest = s.ClosestOut(
            **_match(found.closest),
            similarity=found.closest.similarity,
            diff=[DiffOut(kind=d.kind.value, text=d.text) for d in found.closest.diff],
        )
    return {
        "verdict": found.verdict.value,
        "matches": [s.MatchOut(**_match(match)) for match in found.matches],
        "closest": closest,
        "complete": found.complete,
    }


def _match(match: QuoteMatch) -> dict[str, Any]:
    c = match.quoted.citation
    return {
        "document": source_reference(match.quoted.source),
        "start": c.start,
        "end": c.end,
        "text": c.quote,
        "heading_path": list(c.heading_path),
        "first_page": c.first_page,
        "last_page": c.last_page,
        "page_label": c.page_label,
        "url": span_url(c.document_id, c.start, c.end),
        "citation_id": c.id,
        "differences": [
            s.DifferenceOut(kind=d.kind.value, quote=d.quote, text=d.text)
            for d in match.differences
        ],
    }
