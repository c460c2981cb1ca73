"""Errors as RFC 9457 problem documents, or as pages for people who came with a browser."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import (
    AlreadyThere,
    IndexDamaged,
    IndexUnavailable,
    InvalidQuestion,
    InvalidUpload,
    KidoError,
    NotFound,
    NotStored,
    UploadTooLarge,
)
from kb.server.rendering import Pages

log = logging.getLogger("kb.server")

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds until a missing or damaged index is worth another try


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its status, its title in English, and what a page says."""

    slug: str
    status: int
    title: str
    heading: str
    advice: str

    @property
    def type(self) -> str:
        """The stable URI that programs may compare."""
        return f"/problems/{self.slug}"


NOT_FOUND = Kind(
    "not-found", 404, "Not found", "見つかりませんでした",
    "アドレスが変わったか、資料が収録から外れた可能性があります。",
)  # fmt: skip
METHOD_NOT_ALLOWED = Kind(
    "method-not-allowed", 405, "Method not allowed", "この操作は受け付けていません",
    "アドレスと操作の組み合わせを確かめてください。",
)  # fmt: skip
TOO_LARGE = Kind(
    "too-large", 413, "Request too large", "送られた内容が大きすぎます",
    "文を短くして、もう一度お試しください。",
)  # fmt: skip
MISDIRECTED = Kind(
    "misdirected", 421, "Misdirected request", "このホスト名では応答しません",
    "起動時に表示されたアドレスで開いてください。",
)  # fmt: skip
FOREIGN_ORIGIN = Kind(
    "foreign-origin", 403, "Foreign origin", "ほかのサイトからは呼び出せません",
    "このサーバーのページ、またはブラウザー以外のプログラムから呼び出してください。",
)  # fmt: skip
INVALID_REQUEST = Kind(
    "invalid-request", 422, "Invalid request", "指定に誤りがあります",
    "条件を見直して、もう一度お試しください。",
)  # fmt: skip
INVALID_QUESTION = Kind(
    "invalid-question", 422, "Invalid question", "この質問は受け付けられません",
    "質問は空にせず、1,000字以内の文で書いてください。",
)  # fmt: skip
BAD_REQUEST = Kind(
    "bad-request", 400, "Bad request", "要求を読み取れませんでした",
    "条件を見直して、もう一度お試しください。",
)  # fmt: skip
INTERNAL = Kind(
    "internal", 500, "Internal error", "内部でエラーが起きました",
    "時間をおいて、もう一度お試しください。詳細はサーバーの記録に残っています。",
)  # fmt: skip
INDEX_UNAVAILABLE = Kind(
    "index-unavailable", 503, "Index unavailable", "索引がまだ使えません",
    "資料の取り込み(kb ingest)が済んでいるかを確かめてください。",
)  # fmt: skip
INDEX_DAMAGED = Kind(
    "index-damaged", 503, "Index damaged", "索引が壊れています",
    "kb check で状態を確かめ、kb ingest で作り直してください。",
)  # fmt: skip
KEY_REQUIRED = Kind(
    "key-required", 401, "Key required", "鍵が必要です",
    "資料の追加や索引の更新には、このサーバーで作った鍵(kb key new)が要ります。",
)  # fmt: skip
READ_ONLY = Kind(
    "read-only", 403, "Read only", "このサーバーは閲覧専用です",
    "資料を追加できるようにするには、サーバーで鍵を作ってください(kb key new)。",
)  # fmt: skip
TOO_SLOW = Kind(
    "too-slow", 408, "Request too slow", "送信が途中で止まりました",
    "接続を確かめて、もう一度お送りください。",
)  # fmt: skip
ALREADY_THERE = Kind(
    "already-there", 409, "Already there", "同じ名前の資料があります",
    "置き換えるときは、その旨を指定してください。",
)  # fmt: skip
INVALID_UPLOAD = Kind(
    "invalid-upload", 422, "Invalid upload", "このファイルは追加できません",
    "ファイルの名前と形式を確かめてください。",
)  # fmt: skip
TOO_MANY = Kind(
    "too-many", 429, "Too many requests", "要求が多すぎます",
    "しばらく待って、もう一度お試しください。",
)  # fmt: skip
BUSY = Kind(
    "busy", 503, "Busy", "混み合っています",
    "しばらく待って、もう一度お試しください。",
)  # fmt: skip
NO_SPACE = Kind(
    "no-space", 507, "Insufficient storage", "保存する場所が足りません",
    "サーバーの空き容量を増やして、もう一度お送りください。",
)  # fmt: skip
KINDS: Mapping[str, Kind] = {
    kind.slug: kind
    for kind in (
        BAD_REQUEST, NOT_FOUND, METHOD_NOT_ALLOWED, TOO_LARGE, MISDIRECTED,
        FOREIGN_ORIGIN, INVALID_REQUEST, INVALID_QUESTION, INTERNAL, INDEX_UNAVAILABLE,
        INDEX_DAMAGED, KEY_REQUIRED, READ_ONLY, TOO_SLOW, ALREADY_THERE, INVALID_UPLOAD,
        TOO_MANY, BUSY, NO_SPACE,
    )
}  # fmt: skip
_BY_STATUS: Mapping[int, Kind] = {
    400: BAD_REQUEST, 404: NOT_FOUND, 405: METHOD_NOT_ALLOWED, 413: TOO_LARGE, 422: INVALID_REQUEST,
}  # fmt: skip

_MEANINGS: tuple[tuple[type[KidoError], Kind], ...] = (
    (NotFound, NOT_FOUND),
    (InvalidQuestion, INVALID_QUESTION),
    (UploadTooLarge, TOO_LARGE),
    (InvalidUpload, INVALID_UPLOAD),
    (AlreadyThere, ALREADY_THERE),
    (NotStored, NO_SPACE),
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem: its kind, what is wrong in this case, and where."""

    kind: Kind
    detail: str
    errors: tuple[Mapping[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        body: dict[str, Any] = {
            "type": self.kind.type,
            "title": self.kind.title,
            "status": self.kind.status,
            "detail": printable(self.detail),
        }
        if self.errors:
            body["errors"] = [{k: printable(v) for k, v in e.items()} for e in self.errors]
        return body


class Refused(Exception):
    """A request that is not carried out, with the problem that it gets."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class InvalidRequest(Exception):
    """A parameter that is well formed but does not fit what it is asked of."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where = where
        self.message = message


def printable(value: str) -> str:
    """`value` without lone surrogates, which no UTF-8 response can carry."""
    return value.encode("utf-8", "replace").decode("utf-8")


def of_error(error: Exception) -> Problem | None:
    """The problem that an error means; None when it is one that nobody expected."""
    if isinstance(error, Refused):
        return error.problem
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return Problem(meaning, str(error))
    if isinstance(error, InvalidRequest):
        where = {"where": error.where, "message": error.message}
        return Problem(INVALID_REQUEST, f"{error.where}: {error.message}", (where,))
    if isinstance(error, IndexDamaged):
        return Problem(INDEX_DAMAGED, str(error), headers={"Retry-After": RETRY_AFTER})
    if isinstance(error, IndexUnavailable):
        return Problem(INDEX_UNAVAILABLE, str(error), headers={"Retry-After": RETRY_AFTER})
    return None


def of_validation(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """The problem of a request that does not have the shape that is accepted."""
    found = tuple(
        {
            "where": ".".join(str(part) for part in error.get("loc", ())),
            "message": str(error.get("msg", "is not valid")),
        }
        for error in errors
    )
    detail = "; ".join(f"{e['where']}: {e['message']}" for e in found[:3])
    return Problem(INVALID_REQUEST, detail or "the request is not valid", found)


def of_status(error: HTTPException, path: str) -> Problem:
    """The problem of an error that the router found."""
    kind = _BY_STATUS.get(error.status_code) or Kind(
        f"http-{error.status_code}", error.status_code, str(error.detail),
        INTERNAL.heading if error.status_code >= 500 else BAD_REQUEST.heading, BAD_REQUEST.advice,
    )  # fmt: skip
    details = {404: f"there is nothing at {path!r}", 405: f"{path!r} does not take this method"}
    detail = details.get(error.status_code, str(error.detail))
    return Problem(kind, detail, headers=dict(error.headers or {}))


def unexpected() -> Problem:
    """The problem of an error in Kido itself: what it was is in the log only."""
    return Problem(INTERNAL, "something went wrong inside Kido; the server's log says what")


def wants_html(path: str, accept: str) -> bool:
    """Whether a page serves better than JSON: outside /api, for who prefers text/html."""
    if path == "/api" or path.startswith("/api/"):
        return False
    weights = {"text/html": 0.0, "application/json": 0.0, MEDIA_TYPE: 0.0}
    for part in accept.split(","):
        name, *parameters = (piece.strip() for piece in part.split(";"))
        if (name := name.lower()) in weights:
            weights[name] = _weight(parameters)
    html = weights.pop("text/html")
    return html > 0 and html >= max(weights.values())


def _weight(parameters: Iterable[str]) -> float:
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return float(parameter[2:])
            except ValueError:
                return 0.0
    return 1.0


def response(problem: Problem, scope: Scope) -> Response:
    """`problem` as a page or as problem+json, whichever the client prefers."""
    accept = ", ".join(
        value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"accept"
    )
    headers = dict(problem.headers)
    if wants_html(scope.get("path", ""), accept):
        pages: Pages = scope["app"].state.pages
        return pages.page(
            Request(scope), "problem.html", status=problem.kind.status, headers=headers,
            problem=problem, detail=printable(problem.detail), generation=None, page="problem",
        )  # fmt: skip
    body = json.dumps(problem.body(), ensure_ascii=False).encode()
    return Response(body, problem.kind.status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""

    async def on_error(request: Request, error: Exception) -> Response:
        if isinstance(error, RequestValidationError):
            problem = of_validation(error.errors())
        elif isinstance(error, HTTPException):
            problem = of_status(error, request.url.path)
        else:
            found = of_error(error)
            if found is None:
                log.error("unexpected error at %s", request.url.path, exc_info=error)
            problem = found or unexpected()
        return response(problem, request.scope)

    for kind in (RequestValidationError, HTTPException, InvalidRequest, Refused, KidoError):
        app.add_exception_handler(kind, on_error)


class CatchUnexpected:
    """Middleware: an error that nobody expected is logged and answered with a bare 500."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception:
            log.exception("unexpected error at %s", scope["path"])
            if started:
                raise
            await response(unexpected(), scope)(scope, receive, send)
