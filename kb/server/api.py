"""The JSON API under /api/v1 and /healthz."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response, StreamingResponse

import kb
from kb.server import present
from kb.server import schemas as s
from kb.server.originals import pieces
from kb.server.problems import InvalidRequest
from kb.server.turns import Turns

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase


def knowledge_of(request: Request) -> KnowledgeBase:
    """The knowledge base that the application serves."""
    knowledge: KnowledgeBase = request.app.state.knowledge
    return knowledge


def no_parameters(parameters: Annotated[s.Nothing, Query()]) -> None:
    """Refuses query parameters where there are none."""


router = APIRouter(prefix="/api/v1", tags=["v1"])
health = APIRouter(tags=["operation"])
_NO_PARAMETERS = [Depends(no_parameters)]
DocumentId = Annotated[str, Path(description="The id of a document.")]


@router.post("/ask", summary="Ask a question", dependencies=_NO_PARAMETERS)
def ask(request: Request, body: s.AskIn) -> s.AskOut:
    """Answer with sentences that stand in the documents, each cited, or say `no_evidence`.

    Where a language model is set up it composes the answer, unless `compose` is false.
    """
    with knowledge_of(request).view() as view:
        filters = present.filters_of(body.filters)
        ask = view.composed if body.compose else view.ask
        answer = ask(body.question, limit=body.limit, filters=filters)
        return present.Presenter(view).answer(answer)


@router.get("/documents", summary="List the collection", dependencies=_NO_PARAMETERS)
def documents(request: Request) -> s.DocumentsOut:
    """All documents by path, and the files that could not be taken in, with the reasons."""
    with knowledge_of(request).view() as view:
        return s.DocumentsOut(
            generation=view.generation,
            documents=[present.item(summary) for summary in view.summaries()],
            rejected=[
                s.RejectionOut(path=r.path, reason=r.reason, message=r.message)
                for r in view.rejected()
            ],
        )


@router.get("/documents/{document_id}", summary="One document", dependencies=_NO_PARAMETERS)
def document(request: Request, document_id: DocumentId) -> s.DocumentOut:
    """Metadata, blocks, sections and pages of a document; offsets point into its stored text."""
    with knowledge_of(request).view() as view:
        return present.document(view, document_id)


@router.get("/documents/{document_id}/text", summary="A part of a stored text")
def text(
    request: Request,
    document_id: DocumentId,
    parameters: Annotated[s.TextParameters, Query()],
) -> s.TextOut:
    """The stored text between two offsets, counted in Unicode code points."""
    with knowledge_of(request).view() as view:
        stored = view.document(document_id).text
        end = len(stored) if parameters.end is None else parameters.end
        for name, value in (("start", parameters.start), ("end", end)):
            if value > len(stored):
                raise InvalidRequest(
                    f"query.{name}", f"the text has {len(stored)} characters; give no more"
                )
        if parameters.start > end:
            raise InvalidRequest("query.start", f"it comes after the end, {end}")
        return s.TextOut(
            generation=view.generation,
            text=stored[parameters.start : end],
            start=parameters.start,
            end=end,
            length=len(stored),
        )


@router.get(
    "/documents/{document_id}/original",
    summary="The file itself",
    dependencies=_NO_PARAMETERS,
    response_class=Response,
    responses={
        200: {
            "description": "The bytes of the file that was read.",
            "content": {
                "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}
            },
        }
    },
)
def original(request: Request, document_id: DocumentId) -> Response:
    """The file that a document was read from, as a download."""
    with knowledge_of(request).view() as view:
        summary = view.summary(document_id)
        file = view.original_file(document_id)
        headers = {
            "Content-Disposition": attachment(PurePosixPath(summary.path).name),
            "Content-Length": str(file.stat().st_size),
            "Kido-Generation": view.generation,
        }
        return StreamingResponse(
            pieces(file, summary.sha256), headers=headers, media_type="application/octet-stream"
        )


@router.get(
    "/documents/{document_id}/pages/{number}.png",
    summary="A page as a picture",
    response_class=Response,
    responses={
        200: {
            "description": "The page as it is printed, with the span marked.",
            "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
)
async def page_image(
    request: Request,
    document_id: DocumentId,
    number: Annotated[int, Path(ge=1, le=100_000, description="The physical page, from 1.")],
    parameters: Annotated[s.PageImageParameters, Query()],
) -> Response:
    """A page of a PDF as PNG; `start` and `end` mark a span of the stored text on it."""
    turns: Turns = request.app.state.pictures
    return await turns.take(lambda: _picture(request, document_id, number, parameters))


def _picture(
    request: Request, document_id: str, number: int, parameters: s.PageImageParameters
) -> Response:
    with knowledge_of(request).view() as view:
        start, end = parameters.start, parameters.end
        if (start is None) != (end is None):
            raise InvalidRequest("query", "give both start and end, or neither")
        span = (start, end) if start is not None and end is not None else None
        if span and not span[0] < span[1] <= len(view.document(document_id).text):
            raise InvalidRequest("query.end", "the span is not in the text of the document")
        summary = view.summary(document_id)
        tag = f'"{summary.sha256[:24]}-{number}-{start}-{end}"'
        headers = {"ETag": tag, "Kido-Generation": view.generation}
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        png = view.page_image(document_id, number, span)
        return Response(png, headers=headers, media_type="image/png")


@health.get("/healthz", summary="Is it well?", dependencies=_NO_PARAMETERS)
def healthz(request: Request) -> s.HealthOut:
    """That a complete generation of the index is open; 503 when there is none."""
    with knowledge_of(request).view() as view:
        return s.HealthOut(
            status="ok",
            version=kb.__version__,
            generation=view.generation,
            documents=len(view.summaries()),
        )


def attachment(name: str) -> str:
    """A Content-Disposition that saves under `name` (RFC 6266 with RFC 5987 coding)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    coded = quote(name.encode("utf-8", "replace"), safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}"
