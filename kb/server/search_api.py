"""`GET /api/v1/search`, which is asked more often than all other calls."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from pydantic import ValidationError
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from kb.errors import KidoError
from kb.server import present
from kb.server import schemas as s
from kb.server.api import knowledge_of
from kb.server.workers import Workers

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase

_PATH = "/api/v1/search"
_ROUTE = SimpleNamespace(path=_PATH)  # as far as requests are counted by it
_PLAIN = frozenset({"q", "limit"})

router = APIRouter(prefix="/api/v1", tags=["v1"])


@router.get("/search", summary="Search the passages", response_model=s.SearchOut)
def search(request: Request, parameters: Annotated[s.SearchParameters, Query()]) -> Response:
    """Find the passages nearest to a query, best first, with the parts of their scores."""
    # Written here, in this thread: FastAPI would check it again in another one.
    return Response(_found(knowledge_of(request), parameters), media_type="application/json")


def _found(knowledge: KnowledgeBase, parameters: s.SearchParameters) -> bytes:
    with knowledge.view() as view:
        found = view.search(
            parameters.q, limit=parameters.limit, filters=present.filters_of(parameters)
        )
        return present.Presenter(view).search_as_json(found)


class Shortcut:
    """Middleware: answers a plain search by itself, since what FastAPI does before and after takes
    as long as a good part of a search. All others, and those that are not valid or find no index,
    go FastAPI's way.
    """

    def __init__(self, app: ASGIApp, knowledge: KnowledgeBase) -> None:
        self.app = app
        self._knowledge = knowledge
        self._workers = Workers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass it on."""
        parameters = None
        if scope["type"] == "http" and scope["path"] == _PATH and scope["method"] == "GET":
            parameters = _plain(scope["query_string"])
        if parameters is not None:
            scope["route"] = _ROUTE  # before anything can fail, as the router has it
            try:
                shown = await self._workers.do(partial(_found, self._knowledge, parameters))
            except KidoError:
                pass  # FastAPI's way meets it again, and says what is wrong
            else:
                length = str(len(shown)).encode()
                headers = [(b"content-length", length), (b"content-type", b"application/json")]
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await send({"type": "http.response.body", "body": shown})
                return
        await self.app(scope, receive, send)


def _plain(query: bytes) -> s.SearchParameters | None:
    """The parameters of a query that has no filters; None of others, and of what is not valid."""
    given = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    values = dict(given)
    if len(values) < len(given) or not values.keys() <= _PLAIN:
        return None
    try:
        return s.SearchParameters.model_validate(values)
    except ValidationError:
        return None
