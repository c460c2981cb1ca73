"""The calls of the HTTP API, each a method that gives a typed value."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from email.message import Message
from types import TracebackType
from typing import Any
from urllib.parse import quote as percent

import httpx

from kb.client import values as v
from kb.client.errors import Unreachable, of_problem

_TIMEOUT = 30.0  # seconds


class Client:
    """A client of one server; use it in a `with` block or close it. Safe for several threads.

    Every method raises `ApiError` or one of its kinds, and ValueError for an answer that is
    not of the contract.
    """

    def __init__(
        self, address: str = "http://127.0.0.1:8000", *, timeout: float = _TIMEOUT
    ) -> None:
        self._http = httpx.Client(base_url=address, timeout=timeout)

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
        return v.value_of(v.SearchResults, self._get("/api/v1/search", parameters))

    def ask(
        self, question: str, *, limit: int = 3, filters: Mapping[str, Any] | None = None
    ) -> v.Answer:
        """The answer to a question; `limit` is the number of related passages."""
        body = {"question": question, "limit": limit, "filters": dict(filters or {})}
        return v.value_of(v.Answer, self._post("/api/v1/ask", body))

    def documents(self) -> tuple[v.Document, ...]:
        """All documents by path."""
        found = self._get("/api/v1/documents")["documents"]
        return tuple(v.value_of(v.Document, one) for one in found)

    def document(self, document_id: str) -> v.Document:
        """One document."""
        return v.value_of(v.Document, self._get(f"/api/v1/documents/{_part(document_id)}"))

    def text(self, document_id: str, start: int = 0, end: int | None = None) -> v.Text:
        """A part of a stored text, in Unicode code points."""
        parameters = {"start": start} | ({} if end is None else {"end": end})
        found = self._get(f"/api/v1/documents/{_part(document_id)}/text", parameters)
        return v.value_of(v.Text, found)

    def original(self, document_id: str) -> bytes:
        """The file that a document was read from."""
        return self._send("GET", f"/api/v1/documents/{_part(document_id)}/original").content

    def citation(self, citation_id: str) -> v.TracedCitation:
        """A citation by its id, and what became of it."""
        found = self._get(f"/api/v1/citations/{_part(citation_id)}")
        return v.value_of(v.TracedCitation, found)

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
        return v.value_of(v.Verification, self._post("/api/v1/verify", body))

    def verify_manuscript(
        self, text: str, *, style: str = "sist02"
    ) -> tuple[v.CheckedQuotation, ...]:
        """Every quotation of a manuscript, with footnotes for those that stand."""
        found = self._post("/api/v1/verify/manuscript", {"text": text, "style": style})
        return tuple(v.value_of(v.CheckedQuotation, one) for one in found["quotations"])

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
