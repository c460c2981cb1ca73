"""The calls of the HTTP API, each a method that gives a typed value."""

from __future__ import annotations

import datetime
import time
from collections.abc import Mapping, Sequence
from email.message import Message
from types import TracebackType
from typing import Any, BinaryIO
from urllib.parse import quote as percent

import httpx

from kb.client import values as v
from kb.client.errors import Unreachable, of_problem
from kb.client.shaping import value_of

_TIMEOUT = 30.0  # seconds
_LOOK = 0.2  # seconds between two looks at a job


class Client:
    """A client of one server; use it in a `with` block or close it. Safe for several threads.

    Every method raises `ApiError` or one of its kinds, and ValueError for an answer that is
    not of the contract.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        *,
        timeout: float = _TIMEOUT,
        key: str | None = None,
    ) -> None:
        """`key`, made by `kb key new`, is what the calls that write need."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        self._http = httpx.Client(base_url=address, timeout=timeout, headers=headers)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def search(
        self, q: str, *, limit: int = 10, filters: Mapping[str, str | Sequence[str]] | None = None
    ) -> v.SearchResults:
        """The best passages; `filters` are those of the API, such as publisher and from."""
        parameters = {"q": q, "limit": limit, **(filters or {})}
        return value_of(v.SearchResults, self._get("/api/v1/search", parameters))

    def ask(
        self, question: str, *, limit: int = 3, filters: Mapping[str, Any] | None = None
    ) -> v.Answer:
        """The answer to a question; `limit` is the number of related passages."""
        body = {"question": question, "limit": limit, "filters": dict(filters or {})}
        return value_of(v.Answer, self._post("/api/v1/ask", body))

    def documents(self) -> tuple[v.Document, ...]:
        """All documents by path."""
        found = self._get("/api/v1/documents")["documents"]
        return tuple(value_of(v.Document, one) for one in found)

    def document(self, document_id: str) -> v.Document:
        """One document."""
        return value_of(v.Document, self._get(f"/api/v1/documents/{_part(document_id)}"))

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> v.Text:
        """A part of a stored text, in Unicode code points."""
        parameters = {"start": start} | ({} if end is None else {"end": end})
        found = self._get(f"/api/v1/documents/{_part(document_id)}/text", parameters)
        return value_of(v.Text, found)

    def original(self, document_id: str) -> bytes:
        """The file that a document was read from."""
        return self._send("GET", f"/api/v1/documents/{_part(document_id)}/original").content

    def citation(self, citation_id: str) -> v.TracedCitation:
        """A citation by its id, and what became of it."""
        found = self._get(f"/api/v1/citations/{_part(citation_id)}")
        return value_of(v.TracedCitation, found)

    def cite(self, document_id: str, start: int, end: int) -> v.TracedCitation:
        """The citation of a span of a document, such as a passage that `search` found."""
        body = {"document_id": document_id, "start": start, "end": end}
        return value_of(v.TracedCitation, self._post("/api/v1/citations", body))

    def export(
        self,
        ids: Sequence[str],
        format: str,
        *,
        style: str = "sist02",
        accessed: datetime.date | None = None,
    ) -> v.Export:
        """Citations as a file: csl, bibtex, ris, text or annotation."""
        body: dict[str, Any] = {"ids": list(ids), "format": format, "style": style}
        if accessed is not None:
            body["accessed"] = accessed.isoformat()
        response = self._send("POST", "/api/v1/citations/export", json=body)
        header = Message()
        header["Content-Disposition"] = response.headers.get("content-disposition", "")
        return v.Export(
            response.content.decode("utf-8"),
            response.headers["content-type"],
            header.get_filename() or "",
        )

    def verify(self, quote: str, document_id: str | None = None) -> v.Verification:
        """Whether a quotation stands in the collection, or in one document of it."""
        body = {"quote": quote} | ({} if document_id is None else {"document_id": document_id})
        return value_of(v.Verification, self._post("/api/v1/verify", body))

    def verify_manuscript(
        self, text: str, *, style: str = "sist02"
    ) -> tuple[v.CheckedQuotation, ...]:
        """Every quotation of a manuscript, with footnotes for those that stand."""
        found = self._post("/api/v1/verify/manuscript", {"text": text, "style": style})
        return tuple(value_of(v.CheckedQuotation, one) for one in found["quotations"])

    def upload(self, file: BinaryIO | bytes, name: str, *, replace: bool = False) -> v.Uploaded:
        """Add a file under a name; `replace` one that has it. Needs the key.

        The file is kept when this returns; it is found when the job is over (see `wait`).
        """
        parameters = {"name": name, "replace": replace}
        sent = self._send(
            "POST", "/api/v1/documents", params=parameters, content=file,
            headers={"Content-Type": "application/octet-stream"},
        )  # fmt: skip
        return value_of(v.Uploaded, sent.json())

    def remove(self, document_id: str) -> v.Removed:
        """Remove a document and files with the same bytes. Needs the key."""
        sent = self._send("DELETE", f"/api/v1/documents/{_part(document_id)}")
        return value_of(v.Removed, sent.json())

    def reindex(self) -> v.Job:
        """Bring the index up to the folder of the reports, in the background. Needs the key."""
        return value_of(v.Job, self._send("POST", "/api/v1/reindex").json())

    def job(self, job_id: str) -> v.Job:
        """How far a job is. Needs the key."""
        return value_of(v.Job, self._get(f"/api/v1/jobs/{_part(job_id)}"))

    def wait(self, job: v.Job, *, timeout: float = 600.0) -> v.Job:
        """The job when it is over. Raises TimeoutError after `timeout` seconds."""
        until = time.monotonic() + timeout
        while not job.over:
            if time.monotonic() > until:
                raise TimeoutError(f"the job {job.id} is {job.state} after {timeout:.0f} s")
            time.sleep(_LOOK)
            job = self.job(job.id)
        return job

    def _get(self, path: str, parameters: Mapping[str, Any] | None = None) -> Any:
        return self._send("GET", path, params=dict(parameters or {})).json()

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._send("POST", path, json=dict(body)).json()

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        try:
            response = self._http.request(method, path, **options)
        except httpx.TransportError as error:
            raise Unreachable(0, "about:blank", f"{self._http.base_url}: {error}") from error
        if not response.is_success:
            raise of_problem(response.status_code, _json_of(response))
        return response


def _part(value: str) -> str:
    return percent(value, safe="")


def _json_of(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None
