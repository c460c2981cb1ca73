"""Citations by their ids, and their export to other programs, under /api/v1/citations."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from kb.server import citation_schemas as s
from kb.server.api import attachment, knowledge_of, no_parameters
from kb.server.present import Presenter
from kb.server.problems import InvalidRequest

if TYPE_CHECKING:
    from kb.assembly import View

router = APIRouter(prefix="/api/v1/citations", tags=["v1"])
CitationId = Annotated[str, Path(description="The id of a citation.")]
_TEXT = {"schema": {"type": "string"}}
_FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The citation as JSON, or a file in the format that was asked for.",
        "content": {
            "application/vnd.citationstyles.csl+json": _TEXT,
            "application/x-bibtex": _TEXT,
            "application/x-research-info-systems": _TEXT,
            "text/plain": _TEXT,
            "application/ld+json": _TEXT,
        },
    }
}


@router.get(
    "/{citation_id}",
    summary="One citation",
    response_model=s.CitationResponse,
    responses=_FILES,
)
def citation(
    request: Request,
    citation_id: CitationId,
    parameters: Annotated[s.CitationParameters, Query()],
) -> Any:
    """The citation that was given out under this id and what became of it, or a file of it."""
    with knowledge_of(request).view() as view:
        if parameters.format != "json":
            return as_file(
                request,
                view,
                [citation_id],
                format=parameters.format,
                style=parameters.style,
                accessed=parameters.accessed,
            )
        return Presenter(view).trace(view.quotations.trace(citation_id))


@router.post("", summary="Cite a span", dependencies=[Depends(no_parameters)])
def cite(request: Request, body: s.SpanIn) -> s.CitationResponse:
    """The citation of a span of a document, such as a passage that `search` found.

    The same span has the same id each time, and the id is answered for from then on.
    """
    with knowledge_of(request).view() as view:
        length = view.summary(body.document_id).characters
        if body.end > length:
            raise InvalidRequest("body.end", f"the text has {length} characters; give no more")
        if not 0 < body.end - body.start <= s.MAX_SPAN:
            found = body.end - body.start
            raise InvalidRequest(
                "body.end", f"the span has {found} characters; 1 to {s.MAX_SPAN} are cited at once"
            )
        cited = view.quotations.cite(body.document_id, body.start, body.end)
        return Presenter(view).trace(view.quotations.trace(cited.id))


@router.post(
    "/export",
    summary="Export citations",
    response_model=s.ExportOut,
    responses=_FILES,
    dependencies=[Depends(no_parameters)],
)
def export(request: Request, body: s.ExportIn) -> Any:
    """Several citations in one file, such as all those of an answer."""
    with knowledge_of(request).view() as view:
        if body.format != "json":
            return as_file(
                request,
                view,
                body.ids,
                format=body.format,
                style=body.style,
                accessed=body.accessed,
            )
        presenter = Presenter(view)
        found = [presenter.trace(view.quotations.trace(one)) for one in dict.fromkeys(body.ids)]
        return s.ExportOut(generation=view.generation, citations=found)


def today() -> datetime.date:
    """The day on which sources are looked at."""
    return datetime.datetime.now().astimezone().date()


def as_file(
    request: Request,
    view: View,
    ids: list[str],
    *,
    format: str,
    style: str,
    accessed: datetime.date | None,
) -> Response:
    """Citations as a download in a format of other programs. Raises NotFound."""
    exported = view.quotations.export(
        ids,
        format,
        style=style,
        accessed=accessed or today(),
        base_url=str(request.base_url).rstrip("/"),
    )
    headers = {
        "Content-Disposition": attachment(exported.file_name),
        "Kido-Generation": view.generation,
    }
    data = exported.text.encode("utf-8", "replace")
    return Response(data, headers={**headers, "Content-Type": exported.media_type})
