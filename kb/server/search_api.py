"""`GET /api/v1/search`, which is asked more often than all other calls."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import parse_qsl

from fastapi import APIRouter, Query, Request
from fastapi.routing import APIRoute
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from kb.server import present
from kb.server import schemas as s
from kb.server.api import knowledge_of

_PLAIN = frozenset({"q", "limit"})


class _SearchRoute(APIRoute):
    """A route that reads a plain query by itself: FastAPI takes longer for that than for the rest
    of a request. All others, and those that are not valid, go FastAPI's way.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""
        usual = super().get_route_handler()

        async def handle(request: Request) -> Response:
            parameters = _plain(request.scope["query_string"])
            if parameters is None:
                return await usual(request)
            return await run_in_threadpool(search, request, parameters)

        return handle


router = APIRouter(prefix="/api/v1", tags=["v1"], route_class=_SearchRoute)


@router.get("/search", summary="Search the passages", response_model=s.SearchOut)
def search(request: Request, parameters: Annotated[s.SearchParameters, Query()]) -> Response:
    """Find the passages nearest to a query, best first, with the parts of their scores."""
    with knowledge_of(request).view() as view:
        found = view.search(
            parameters.q, limit=parameters.limit, filters=present.filters_of(parameters)
        )
        shown = present.Presenter(view).search_as_json(found)
    # Written here, in this thread: FastAPI would check it again in another one.
    return Response(shown, media_type="application/json")


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
