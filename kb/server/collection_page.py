"""The collection as a page: documents, rejected files, what changed, and adding for who may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from kb.changes import recent
from kb.errors import NoIndex
from kb.reading.files import SUFFIXES
from kb.server.api import knowledge_of
from kb.server.changes_view import lines, summary
from kb.server.rendering import pages_of
from kb.server.writers import writers_of
from kb.server.writing import add_file, corpus_of, jobs_of

if TYPE_CHECKING:
    from kb.assembly import View

SHOWN = 5  # changes

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_METHODS = ["GET", "HEAD"]


@router.api_route("/documents", methods=_METHODS)
def collection_page(request: Request) -> HTMLResponse:
    """The collection: its documents, the files that were rejected, what changed."""
    knowledge = knowledge_of(request)
    said = pages_of(request).words(request)
    found = recent(knowledge.settings.index)[:SHOWN]
    values: dict[str, Any] = {
        "generation": None, "documents": [], "rejected": [], "versions": {}, "missing": False,
    }  # fmt: skip
    try:
        with knowledge.view() as view:
            values |= {
                "generation": view.generation, "documents": view.summaries(),
                "rejected": view.rejected(), "versions": _versions(view),
            }  # fmt: skip
    except NoIndex:
        values["missing"] = True
    writers = writers_of(request)
    return pages_of(request).page(
        request, "documents.html", page="documents", **values,
        titles={d.id: d.title for d in values["documents"]},
        changes=[(c, summary(c, said), lines(c, said)) for c in found],
        writable=writers.any, follows=writers.follows,
        suffixes=",".join(sorted(SUFFIXES)),
    )  # fmt: skip


@router.post("/documents/add")
async def add(request: Request) -> RedirectResponse:
    """Add the file of the form; its key comes before the file."""
    *_, job = await add_file(request, admit=True)
    return _to_job(job.id)


@router.post("/documents/reindex")
async def reindex(request: Request) -> RedirectResponse:
    """Index again, with the key of the form."""
    async with request.form() as fields:
        writers_of(request).admit(request, str(fields.get("key", "")))
    return _to_job(jobs_of(request).submit(corpus_of(request)).id)


@router.api_route("/jobs/{job_id}", methods=_METHODS)
def job_page(request: Request, job_id: str) -> HTMLResponse:
    """How far a job is, for whom its address was given; it loads itself until it is over."""
    job = jobs_of(request).get(job_id)
    return pages_of(request).page(request, "job.html", page="documents", generation=None, job=job)


def _to_job(job_id: str) -> RedirectResponse:
    return RedirectResponse(f"/jobs/{job_id}", status_code=303)


def _versions(view: View) -> Mapping[str, Sequence[str]]:
    """The generations that served earlier versions of each document, the newest first."""
    found = {d.id: [v.generation for v in view.versions_of(d.id)] for d in view.summaries()}
    return {document_id: generations for document_id, generations in found.items() if generations}
