"""The calls that change the collection: add a file, remove a document, index again, jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from anyio import sleep
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from starlette.responses import Response, StreamingResponse

from kb.errors import IndexDamaged, IndexUnavailable, NoIndex
from kb.ingest.uploads import Upload, checked_name, remove
from kb.jobs import Job, Jobs
from kb.reading.draft import document_id as id_of_path
from kb.server import write_schemas as w
from kb.server.api import DocumentId, knowledge_of, no_parameters
from kb.server.receiving import received
from kb.server.streaming import MEDIA_TYPE as EVENTS
from kb.server.streaming import event
from kb.server.writers import writer, writers_of

_LOOK = 0.2  # seconds between two looks at a job
_QUIET = 15.0  # seconds after which a sign of life is sent
_BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "A form with the file in a part `file`, or the bytes of the file.",
        "content": {
            "multipart/form-data": {
                "schema": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}}
            },
            "application/octet-stream": {"schema": _BINARY},
        },
    }
}
_KEYED: dict[str, Any] = {"security": [{"key": []}]}
JobId = Annotated[str, InPath(description="The id of a job.")]
_NO_PARAMETERS = Depends(no_parameters)

router = APIRouter(prefix="/api/v1", tags=["writing"], dependencies=[Depends(writer)])


def jobs_of(request: Request) -> Jobs:
    """The jobs of the index that an application serves."""
    jobs: Jobs = request.app.state.jobs
    return jobs


@router.post(
    "/documents", status_code=202, summary="Add a document", openapi_extra={**_BODY, **_KEYED}
)
async def upload(
    request: Request, response: Response, parameters: Annotated[w.UploadParameters, Query()]
) -> w.UploadOut:
    """Put a file into the folder of the reports, and index it by a job.

    When this answers, the file is there for good; it is found once the job is finished.
    """
    path, replaced, _, job = await add_file(
        request, name=parameters.name, replace=parameters.replace
    )
    out = job_out(job)
    response.headers["Location"] = out.url
    return w.UploadOut(path=path, document_id=id_of_path(path), replaced=replaced, job=out)


@router.delete(
    "/documents/{document_id}",
    status_code=202, summary="Remove a document", dependencies=[_NO_PARAMETERS],
    openapi_extra=_KEYED,
)  # fmt: skip
def remove_document(request: Request, response: Response, document_id: DocumentId) -> w.RemovedOut:
    """Remove the file of a document and files with the same bytes; a job updates the index.

    Citations of it stay: they say that the document is gone, and what it said.
    """
    with knowledge_of(request).view() as view:
        summary = view.summary(document_id)
        corpus = Path(view.manifest.corpus)
    paths = remove(corpus, frozenset({summary.path, *summary.aliases}))
    out = job_out(jobs_of(request).submit(corpus))
    response.headers["Location"] = out.url
    return w.RemovedOut(paths=list(paths), job=out)


@router.post(
    "/reindex",
    status_code=202, summary="Index again", dependencies=[_NO_PARAMETERS], openapi_extra=_KEYED,
)  # fmt: skip
def reindex(request: Request, response: Response) -> w.JobOut:
    """Bring the index up to the files that are in the folder of the reports, by a job."""
    out = job_out(jobs_of(request).submit(corpus_of(request)))
    response.headers["Location"] = out.url
    return out


@router.get(
    "/jobs/{job_id}", summary="One job", dependencies=[_NO_PARAMETERS], openapi_extra=_KEYED
)
def job(request: Request, job_id: JobId) -> w.JobOut:
    """How far a job is, and what it did with each file when it is finished."""
    return job_out(jobs_of(request).get(job_id))


@router.get(
    "/jobs/{job_id}/events",
    summary="One job as it goes on",
    dependencies=[_NO_PARAMETERS],
    response_class=StreamingResponse,
    openapi_extra=_KEYED,
    responses={
        200: {
            "description": "Server-sent events `job`, each the whole job, until it is over.",
            "content": {EVENTS: {"schema": {"type": "string"}, "example": w.EVENTS_EXAMPLE}},
        }
    },
)
def job_events(request: Request, job_id: JobId) -> StreamingResponse:
    """A job whenever something has become of it, until it is over."""
    jobs = jobs_of(request)
    jobs.get(job_id)  # before the response begins, so that there is a problem if there is none

    async def events() -> AsyncIterator[bytes]:
        last, quiet = None, 0.0
        while last is None or not last.over:
            now = jobs.get(job_id)
            if now != last:
                yield event("job", job_out(now))
                quiet = 0.0
            elif quiet >= _QUIET:
                yield b": still there\n\n"
                quiet = 0.0
            last, quiet = now, quiet + _LOOK
            if not now.over:
                await sleep(_LOOK)

    return StreamingResponse(events(), media_type=EVENTS, headers={"X-Accel-Buffering": "no"})


def job_out(job: Job) -> w.JobOut:
    """A job as it is answered."""
    return w.JobOut.model_validate({**asdict(job), "url": f"/api/v1/jobs/{job.id}"})


def corpus_of(request: Request) -> Path:
    """The folder of the reports: that of the index, or the set one where there is none."""
    knowledge = knowledge_of(request)
    try:
        with knowledge.view() as view:
            return Path(view.manifest.corpus)
    except NoIndex:  # the first file may come before the folder
        with suppress(OSError):
            knowledge.settings.corpus.mkdir(parents=True, exist_ok=True)
        return knowledge.settings.corpus
    except (IndexUnavailable, IndexDamaged):
        return knowledge.settings.corpus


async def add_file(
    request: Request,
    *,
    name: str | None = None,
    replace: bool = False,
    admit: bool = False,
) -> tuple[str, bool, Mapping[str, str], Job]:
    """Take the file of a request into the corpus and index it: path, replaced, fields, job.

    With `admit`, the key is a field of the form, which comes before the file, and so is
    `replace`. Raises Refused, InvalidUpload, AlreadyThere, NotStored.
    """
    limit = knowledge_of(request).settings.max_file_bytes
    if name is not None:
        checked_name(name)  # before a byte is read
    corpus = await run_sync(corpus_of, request)
    with ExitStack() as held:

        def begin(fields: Mapping[str, str]) -> Upload:
            if admit:
                writers_of(request).admit(request, fields.get("key", ""))
            held.enter_context(writers_of(request).receiving())
            return held.enter_context(Upload(corpus, max_bytes=limit))

        file, called, fields = await received(request, begin, name=name, max_bytes=limit)
        over = replace or (admit and "replace" in fields)
        path, replaced = await run_sync(lambda: file.put(called, replace=over))
    return path, replaced, fields, await run_sync(jobs_of(request).submit, corpus)
