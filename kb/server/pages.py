"""The pages that people read; the server renders them whole, scripts only add to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from pydantic import ValidationError
from starlette.datastructures import QueryParams
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse

from kb.domain import Filters
from kb.errors import InvalidQuestion
from kb.server.answer_view import Cards
from kb.server.api import knowledge_of
from kb.server.present import Presenter, filters_of
from kb.server.problems import INVALID_REQUEST, KINDS, Problem, of_error, of_validation
from kb.server.rendering import pages_of
from kb.server.schemas import FiltersIn

EXAMPLES: Mapping[str, Sequence[str]] = {
    "ja": (
        "2025年4月の公告第18号で輸出許可制の対象となった元素は何か。",
        "中国は2025年10月に公表した規制をいつまで停止したか。",
        "WTO上級委員会は中国のレアアース輸出税をどう判断したか。",
        "日本のレアアース輸入に占める中国産の比率はどう変わったか。",
        "EUの重要原材料法は2030年までの目標をどう定めているか。",
        "ミャンマー産の重レアアースはどのように中国へ渡っているか。",
    ),
    "en": (
        "Which elements did China put under export licences in April 2025?",
        "When did the WTO panel circulate its report on rare earths?",
        "What targets does the Critical Raw Materials Act set for 2030?",
        "How did Japan reduce its dependence on Chinese rare earths?",
    ),
}
RELATED = 4  # passages below an answer

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_METHODS = ["GET", "HEAD"]


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of the question form as they were filled in."""

    q: str = ""
    publishers: tuple[str, ...] = ()
    issued_from: str = ""
    issued_to: str = ""

    @property
    def filtered(self) -> bool:
        """Whether any filter is set, so that the form must show it."""
        return bool(self.publishers or self.issued_from or self.issued_to)

    @property
    def query(self) -> str:
        """The form as the query part of an address."""
        pairs = [("q", self.q), *(("publisher", name) for name in self.publishers)]
        pairs += [("from", self.issued_from), ("to", self.issued_to)]
        return urlencode([(name, value) for name, value in pairs if value])


def read_form(parameters: QueryParams) -> Form:
    """The form in the query of an address; fields that were left empty do not count."""
    return Form(
        q=parameters.get("q", "").strip(),
        publishers=tuple(name for name in parameters.getlist("publisher") if name),
        issued_from=parameters.get("from", "").strip(),
        issued_to=parameters.get("to", "").strip(),
    )


def _filters(form: Form) -> Filters:
    """The filters that the form asks for. Raises ValidationError."""
    return filters_of(
        FiltersIn.model_validate(
            {
                "publisher": list(form.publishers),
                "from": form.issued_from or None,
                "to": form.issued_to or None,
            }
        )
    )


def _page(request: Request, template: str, status: int = 200, **values: Any) -> HTMLResponse:
    return pages_of(request).page(request, template, status=status, **values)


def _publishers(view: Any) -> list[str]:
    return sorted({summary.publisher for summary in view.summaries() if summary.publisher})


@router.api_route("/", methods=_METHODS)
def ask_page(request: Request) -> HTMLResponse:
    """Ask: the field, and the answer when there is a question."""
    form = read_form(request.query_params)
    said = pages_of(request).words(request)
    examples = EXAMPLES[said.language]
    values: dict[str, Any] = {"form": form, "examples": examples, "answer": None, "cards": {}}
    problem = None
    with knowledge_of(request).view() as view:
        values |= {"generation": view.generation, "publishers": _publishers(view)}
        if form.q:
            try:
                answer = view.ask(form.q, limit=RELATED, filters=_filters(form))
            except (ValidationError, InvalidQuestion) as error:
                problem = _of(error)
            else:
                cards = Cards(Presenter(view), said)
                values["answer"] = answer
                values["cards"] = {c.number: cards.card(c) for c in answer.citations}
                values["related"] = [
                    cards.hit_card(rank, hit) for rank, hit in enumerate(answer.related, 1)
                ]
        else:
            values["size"] = len(view.summaries())
    status = problem.kind.status if problem else 200
    return _page(request, "ask.html", status, page="ask", problem=problem, **values)


@router.api_route("/search", methods=_METHODS)
def search_page(request: Request) -> HTMLResponse:
    """Search: the passages themselves, best first."""
    form = read_form(request.query_params)
    problem, hits, facets = None, [], {}
    with knowledge_of(request).view() as view:
        if form.q:
            try:
                results = view.search(form.q, limit=20, filters=_filters(form))
            except (ValidationError, InvalidQuestion) as error:
                problem = _of(error)
            else:
                cards = Cards(Presenter(view), pages_of(request).words(request))
                hits = [cards.hit_card(rank, h) for rank, h in enumerate(results.hits, 1)]
                facets = _facet_links(form, results.facets)
        values = {"generation": view.generation, "publishers": _publishers(view)}
    status = problem.kind.status if problem else 200
    return _page(
        request, "search.html", status,
        page="search", form=form, problem=problem, hits=hits, facets=facets, **values,
    )  # fmt: skip


def _facet_links(
    form: Form, facets: Mapping[str, Sequence[tuple[str, int]]]
) -> dict[str, list[tuple[str, int, str]]]:
    """For each year and publisher its count and the search that is narrowed to it."""
    links: dict[str, list[tuple[str, int, str]]] = {}
    for name, values in facets.items():
        if len(values) < 2 or name not in ("publisher", "year"):
            continue
        links[name] = []
        for value, count in values[:8]:
            if name == "year":
                narrowed = replace(form, issued_from=value, issued_to=value)
            else:
                narrowed = replace(form, publishers=(value,))
            links[name].append((value, count, f"/search?{narrowed.query}"))
    return links


@router.api_route("/documents", methods=_METHODS)
def collection_page(request: Request) -> HTMLResponse:
    """The collection and the files that were rejected."""
    with knowledge_of(request).view() as view:
        return _page(
            request, "documents.html",
            page="documents", generation=view.generation,
            documents=view.summaries(), rejected=view.rejected(),
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
