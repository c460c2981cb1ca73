"""The pages that people read; the server renders them whole, scripts only add to them."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response

from kb.domain import Filters
from kb.errors import InvalidQuestion
from kb.server.answer_view import Cards
from kb.server.api import knowledge_of
from kb.server.form import choices, facet_links, read_form
from kb.server.present import Presenter
from kb.server.problems import INVALID_REQUEST, KINDS, Problem, of_error, of_validation, unexpected
from kb.server.rendering import pages_of
from kb.server.words import Words

if TYPE_CHECKING:
    from kb.assembly import View

log = logging.getLogger("kb.server")

RELATED = 4  # passages below an answer

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_METHODS = ["GET", "HEAD"]


def _page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    return pages_of(request).page(request, template, status=status, **values)


@router.api_route("/", methods=_METHODS)
def ask_page(request: Request) -> Response:
    """Ask: the field, and the answer when there is a question.

    The field is sent before the answer is worked out, so that the browser makes itself ready
    meanwhile.
    """
    form = read_form(request.query_params)
    said = pages_of(request).words(request)
    with knowledge_of(request).view() as view:
        values: dict[str, Any] = {
            "page": "ask", "form": form, "generation": view.generation,
            "choices": choices(view, form, said), "composes": view.composes,
        }  # fmt: skip
        if form.q:
            try:
                view.check(form.q)
                filters = form.filters()
            except (ValidationError, InvalidQuestion) as error:
                problem = _of(error)
                return _page(request, "ask.html", problem.kind.status, problem=problem, **values)
            rest = partial(_answered, view, form.q, filters, said)
            return pages_of(request).page_in_parts(
                request, "ask.html", rest=rest, problem=None, **values
            )
        values["size"] = len(view.summaries())
        values["examples"] = request.app.state.examples.of(view, said)
    return _page(request, "ask.html", problem=None, **values)


def _answered(view: View, question: str, filters: Filters, said: Words) -> dict[str, Any]:
    """The answer with its cards; or the problem, since the status of the page is sent by then."""
    try:
        answer = view.ask(question, limit=RELATED, filters=filters)
        cards = Cards(Presenter(view), said)
        return {
            "problem": None,
            "answer": answer,
            "cards": {c.number: cards.card(c) for c in answer.citations},
            "related": [cards.hit_card(rank, hit) for rank, hit in enumerate(answer.related, 1)],
        }
    except Exception as error:
        problem = of_error(error)
        if problem is None:
            log.exception("unexpected error while a page was sent")
        return {"problem": problem or unexpected()}


@router.api_route("/search", methods=_METHODS)
def search_page(request: Request) -> HTMLResponse:
    """Search: the passages themselves, best first."""
    form = read_form(request.query_params)
    said = pages_of(request).words(request)
    problem, hits, facets = None, [], {}
    with knowledge_of(request).view() as view:
        if form.q:
            try:
                results = view.search(form.q, limit=20, filters=form.filters())
            except (ValidationError, InvalidQuestion) as error:
                problem = _of(error)
            else:
                cards = Cards(Presenter(view), said)
                hits = [cards.hit_card(rank, h) for rank, h in enumerate(results.hits, 1)]
                facets = facet_links(view, form, results.facets, said)
        values = {"generation": view.generation, "choices": choices(view, form, said)}
    status = problem.kind.status if problem else 200
    return _page(
        request, "search.html", status,
        page="search", form=form, problem=problem, hits=hits, facets=facets, **values,
    )  # fmt: skip


@router.api_route("/problems/{slug}", methods=_METHODS)
def problem_page(request: Request, slug: str) -> HTMLResponse:
    """What a kind of problem means: where its type points to."""
    kind = KINDS.get(slug)
    if kind is None:
        raise HTTPException(404)
    return _page(request, "problem_kind.html", page="problem", kind=kind, generation=None)


def _of(error: Exception) -> Problem:
    if isinstance(error, ValidationError):
        return of_validation(error.errors(include_url=False, include_input=False))
    return of_error(error) or Problem(INVALID_REQUEST, "the request is not valid")
