"""The page that checks a manuscript's quotations, and the links that save citations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args
from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from kb.errors import InvalidQuestion
from kb.quotation import CheckedQuotation, DiffPart, Verdict
from kb.server.api import knowledge_of
from kb.server.citation_schemas import MAX_EXPORT, Format, Style
from kb.server.citations_api import as_file, today
from kb.server.present import span_url
from kb.server.problems import BAD_REQUEST, InvalidRequest, Problem, Refused, of_error
from kb.server.rendering import pages_of
from kb.server.turns import Turns

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_METHODS = ["GET", "HEAD"]
_MOST_FIELDS = 16
STYLES: tuple[str, ...] = get_args(Style)
_SAVED: tuple[str, ...] = tuple(name for name in get_args(Format) if name != "json")


@dataclass(frozen=True, slots=True)
class CheckedView:
    """A quotation of the manuscript as the page shows it."""

    quote: str
    verdict: str
    title: str | None
    url: str | None
    citation_id: str | None
    footnote: str | None
    differences: tuple[str, ...]
    diff: tuple[DiffPart, ...]


@router.api_route("/verify", methods=_METHODS)
def verify_page(request: Request) -> HTMLResponse:
    """The field for a manuscript."""
    with knowledge_of(request).view() as view:
        return _page(request, view.generation)


@router.post("/verify")
async def checked_page(request: Request) -> HTMLResponse:
    """The quotations of the manuscript that was sent, each with what was found of it."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        fields = parse_qs(body, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise Refused(
            Problem(BAD_REQUEST, f"the form has more than {_MOST_FIELDS} fields")
        ) from error
    text = fields.get("text", [""])[0].replace("\r\n", "\n")
    style = fields.get("style", [STYLES[0]])[0]
    turns: Turns = request.app.state.manuscripts
    style = style if style in STYLES else STYLES[0]
    return await turns.take(lambda: _checked(request, text, style))


def _checked(request: Request, text: str, style: str) -> HTMLResponse:
    with knowledge_of(request).view() as view:
        try:
            found = view.verifier.manuscript(text, style=style, accessed=today())
        except InvalidQuestion as error:
            return _page(request, view.generation, text=text, style=style, problem=of_error(error))
        views = [_view(one) for one in found]
        return _page(request, view.generation, text=text, style=style, checked=views)


def _page(
    request: Request,
    generation: str,
    *,
    text: str = "",
    style: str = STYLES[0],
    checked: list[CheckedView] | None = None,
    problem: Problem | None = None,
) -> HTMLResponse:
    values: dict[str, Any] = {"text": text, "style": style, "checked": checked}
    return pages_of(request).page(
        request, "verify.html", status=problem.kind.status if problem else 200,
        page="verify", generation=generation, problem=problem,
        good=sum(one.verdict in (Verdict.EXACT, Verdict.NORMALIZED) for one in checked or ()),
        **values,
    )  # fmt: skip


def _view(one: CheckedQuotation) -> CheckedView:
    match = one.found.matches[0] if one.found.matches else one.found.closest
    place = match.quoted.citation if match else None
    return CheckedView(
        quote=one.quote,
        verdict=one.found.verdict.value,
        title=match.quoted.source.title if match else None,
        url=span_url(place.document_id, place.start, place.end) if place else None,
        citation_id=place.id if place else None,
        footnote=one.footnote,
        differences=tuple(dict.fromkeys(d.kind.value for d in match.differences)) if match else (),
        diff=match.diff if match else (),
    )


@router.get("/citations/export")
def export(request: Request) -> Response:
    """The citations that the address names, as a file."""
    query = request.query_params
    ids, wanted = query.getlist("id"), query.get("format", "")
    style = query.get("style", STYLES[0])
    if wanted not in _SAVED:
        raise InvalidRequest("query.format", f"{wanted!r} is none of {', '.join(_SAVED)}")
    if style not in STYLES:
        raise InvalidRequest("query.style", f"{style!r} is none of {', '.join(STYLES)}")
    if not 1 <= len(ids) <= MAX_EXPORT:
        raise InvalidRequest(
            "query.id", f"{len(ids)} citations are named; give 1 to {MAX_EXPORT} of them"
        )
    with knowledge_of(request).view() as view:
        return as_file(request, view, ids, format=wanted, style=style, accessed=today())
