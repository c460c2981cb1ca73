"""What changed, as a page: the newest run, or the one that is asked for, and the earlier ones."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from kb.changes import Change, recent
from kb.errors import IndexDamaged, IndexUnavailable, NotFound
from kb.reading.draft import document_id
from kb.server.api import knowledge_of
from kb.server.changes_view import citations, effects, facts, older, summary
from kb.server.rendering import pages_of
from kb.server.tracker_view import TrackerWords

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_METHODS = ["GET", "HEAD"]


@router.api_route("/changes", methods=_METHODS)
def changes_page(request: Request) -> HTMLResponse:
    """What the newest run changed, and which others there were."""
    return _page(request, recent(knowledge_of(request).settings.index), 0)


@router.api_route("/changes/{generation}", methods=_METHODS)
def change_page(request: Request, generation: str) -> HTMLResponse:
    """What one run changed."""
    found = recent(knowledge_of(request).settings.index)
    for at, change in enumerate(found):
        if change.generation == generation:
            return _page(request, found, at)
    raise NotFound(f"no run is noted that made {generation[:60]!r}")


def _page(request: Request, found: tuple[Change, ...], at: int) -> HTMLResponse:
    said = pages_of(request).words(request)
    values: dict[str, Any] = {
        "change": None, "facts": [], "generation": None, "documents": {},
        "runs": older(found, said), "at": at,
    }  # fmt: skip
    if found:
        change = found[at]
        values |= {
            "change": change, "summary": summary(change, said), "effects": effects(change, said),
            "citations": citations(change, said, ()),
        }  # fmt: skip
        with suppress(IndexUnavailable, IndexDamaged), knowledge_of(request).view() as view:
            documents = {s.id: s for s in view.summaries()}
            tables = view.tracker.tables
            rows = (
                row.id for t in (tables.measures, tables.disputes, tables.responses) for row in t
            )
            values |= {
                "generation": view.generation,
                "citations": citations(change, said, documents),
                "facts": facts(change, TrackerWords(view, said), rows=rows, documents=documents),
                "documents": {
                    path: documents[one]
                    for path in (*change.added, *change.updated)
                    if (one := document_id(path)) in documents
                },
            }
    return pages_of(request).page(request, "changes.html", page="changes", **values)
