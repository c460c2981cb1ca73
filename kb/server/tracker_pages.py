"""The tracker's pages: time axis, matrix, lists, disputes, articles, and comparison."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date as day
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse

from kb.errors import NotFound
from kb.server import timeline
from kb.server.answer_view import Cards
from kb.server.api import knowledge_of
from kb.server.comparison import compared_countries, compared_documents
from kb.server.present import Presenter
from kb.server.rendering import pages_of
from kb.server.tracker_view import CELLS, CONTROLS, KINDS, Link, TrackerWords, by_country
from kb.tracker.cells import first_day, last_day
from kb.tracker.model import Dispute, Measure, Response, Stage
from kb.tracker.selection import Wanted, offered
from kb.tracking import Mark

if TYPE_CHECKING:
    from kb.assembly import View

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)
_METHODS = ["GET", "HEAD"]
LANES = ("measures", "disputes", "responses")
LANE_NAMES = {"measures": "規制", "disputes": "WTOの紛争", "responses": "各国の対応"}
_YEAR = re.compile(r"[1-9][0-9]{3}")
SHOWN_YEARS = 3  # that the time axis shows when no others are asked for


@dataclass(frozen=True, slots=True)
class MarkView:
    """A mark of the time axis in words, with where it opens."""

    placed: timeline.Placed
    when: str
    what: str
    link: Link


def _words(request: Request, view: View) -> TrackerWords:
    return TrackerWords(view, pages_of(request).words(request))


@router.api_route("/timeline", methods=_METHODS)
def timeline_page(request: Request) -> HTMLResponse:
    """Measures, disputes and responses on one time axis, and what is in force on a day."""
    query = request.query_params
    with knowledge_of(request).view() as view:
        said = _words(request, view)
        wanted = _wanted(request)
        marks = _marks(view, wanted)
        years = Counter(y for mark in marks for y in _years(mark.date))
        since, until = _window(query.get("from"), query.get("to"), years)
        rows = {row.id: row for row in _rows(view, wanted)}
        words_of = {mark: _label(said, rows[mark.row], mark) for mark in marks}
        events = {
            timeline.Event(m.date, words_of[m], m.lane): m
            for m in marks if timeline.within(m.date, since, until)
        }  # fmt: skip
        drawn = timeline.axis(list(events), LANES, since, until)
        lanes = [
            (lane, said.words(LANE_NAMES[lane.name]), [
                MarkView(p, said.words.date(p.event.date) or "", p.event.label,
                         said.link(events[p.event].evidence[0]))
                for p in lane.placed
            ])
            for lane in drawn.lanes
        ]  # fmt: skip
        on = _day(query.get("on"))
        held = [said.row(m) for m in view.tracker.measures(wanted, on=on)] if on else []
        return pages_of(request).page(
            request, "timeline.html", page="timeline", generation=view.generation,
            axis=drawn, lanes=lanes, width=timeline.WIDTH, since=since, until=until,
            years=_histogram(years, since, until, _kept(request)), on=on, held=held,
            on_text=query.get("on", ""), shown=len(events), countries=_countries(view, said),
            country=(wanted.countries or [""])[0], all_years=_all_years(years, _kept(request)),
        )  # fmt: skip


@router.api_route("/tracker", methods=_METHODS)
def matrix_page(request: Request) -> HTMLResponse:
    """Country by kind of control and response: counts that lead to the rows."""
    with knowledge_of(request).view() as view:
        said = _words(request, view)
        matrix = view.tracker.matrix()
        kinds = [k for k in KINDS if any(k in cells for cells in matrix.values())]
        controls = [k for k in kinds if k in CONTROLS]
        responses = [k for k in kinds if k not in CONTROLS]
        return pages_of(request).page(
            request, "matrix.html", page="tracker", generation=view.generation,
            tables=[
                ("measures", said.words("規制"), controls, by_country(
                    {c: {k: v for k, v in cells.items() if k in controls}
                     for c, cells in matrix.items() if set(cells) & set(controls)}, controls)),
                ("responses", said.words("各国の対応"), responses, by_country(
                    {c: {k: v for k, v in cells.items() if k in responses}
                     for c, cells in matrix.items() if set(cells) & set(responses)}, responses)),
            ],
            said=said, disputes=[said.row(d) for d in view.tracker.disputes()],
            articles=_articles(view, said),
        )  # fmt: skip


@router.api_route("/tracker/{table}", methods=_METHODS)
def table_page(request: Request, table: str) -> HTMLResponse:
    """The rows of one table, narrowed by country, mineral, kind and time."""
    with knowledge_of(request).view() as view:
        said = _words(request, view)
        wanted = _wanted(request)
        found: Sequence[Measure | Dispute | Response]
        if table == "measures":
            found = view.tracker.measures(wanted)
        elif table == "responses":
            found = view.tracker.responses(wanted)
        elif table == "disputes":
            found = view.tracker.disputes(wanted)
        else:
            raise NotFound(f"there is no table {table!r}: measures, disputes or responses")
        narrowed = [said.concept(c) for c in (*wanted.countries, *wanted.minerals)]
        narrowed += [said.kind(kind) for kind in wanted.types]
        return pages_of(request).page(
            request, "table.html", page="tracker", generation=view.generation, table=table,
            heading=said.words(LANE_NAMES[table]), rows=[said.row(row) for row in found],
            narrowed=narrowed, query=urlencode(_pairs(request)),
            selects=_selects(view, said, table, wanted),
        )  # fmt: skip


@router.api_route("/disputes/{number}", methods=_METHODS)
def dispute_page(request: Request, number: str) -> HTMLResponse:
    """A dispute: its parties, its stages with dates, the finding on each article."""
    with knowledge_of(request).view() as view:
        said = _words(request, view)
        wanted = number.upper()
        dispute = next(
            (d for d in view.tracker.disputes() if wanted in d.numbers or number == d.id), None
        )
        if dispute is None:
            raise NotFound(f"no report speaks of the dispute {number[:20]!r}")
        row = said.row(dispute)
        stages = [(said.words(CELLS[stage.cell]), row.cell(stage.cell)) for stage in Stage]
        passages = view.tracker.passages_on(wanted.lower())
        return pages_of(request).page(
            request, "dispute.html", page="tracker", generation=view.generation, row=row,
            stages=stages, passages=_by_document(request, view, passages), number=wanted,
            article_ids=list(dispute.articles), said=said,
        )  # fmt: skip


@router.api_route("/articles/{instrument}", methods=_METHODS)
def article_page(request: Request, instrument: str) -> HTMLResponse:
    """An article, agreement or law: what each report says of it."""
    with knowledge_of(request).view() as view:
        said = _words(request, view)
        passages = view.tracker.passages_on(instrument)
        if not passages:
            raise NotFound(f"no report names {instrument[:60]!r}")
        return pages_of(request).page(
            request, "article.html", page="tracker", generation=view.generation,
            name=said.concept(instrument), concept=view.concept(instrument),
            passages=_by_document(request, view, passages), count=len(passages),
        )  # fmt: skip


@router.api_route("/compare", methods=_METHODS)
def compare_page(request: Request) -> HTMLResponse:
    """Two countries, or two reports, side by side."""
    query = request.query_params
    with knowledge_of(request).view() as view:
        said = _words(request, view)
        countries = _countries(view, said)
        titles = {s.id: s.title for s in view.summaries()}
        ids = [c for c, _ in countries]
        pair = [value for value in query.getlist("country") if value in ids][:2]
        reports = [value for value in query.getlist("document") if value in titles][:2]
        return pages_of(request).page(
            request, "compare.html", page="tracker", generation=view.generation,
            countries=countries, documents=sorted(titles.items(), key=lambda item: item[1]),
            pair=pair, reports=reports, said=said,
            by_country=compared_countries(view, said, pair) if len(pair) == 2 else None,
            by_report=compared_documents(view, said, reports) if len(reports) == 2 else None,
        )  # fmt: skip


def _rows(view: View, wanted: Wanted) -> list[Measure | Dispute | Response]:
    tracker = view.tracker
    return [*tracker.measures(wanted), *tracker.disputes(wanted), *tracker.responses(wanted)]


def _marks(view: View, wanted: Wanted) -> list[Mark]:
    ids = {row.id for row in _rows(view, wanted)}
    return [mark for mark in view.tracker.marks() if mark.row in ids]


def _label(said: TrackerWords, row: Measure | Dispute | Response, mark: Mark) -> str:
    name = said.short_name(row)
    return name if mark.lane == "responses" else f"{name} {said.words(CELLS[mark.cell])}"


def _pairs(request: Request) -> list[tuple[str, str]]:
    names = ("country", "mineral", "type")
    return [(n, v) for n in names for v in request.query_params.getlist(n) if v]


def _kept(request: Request) -> str:
    return urlencode(_pairs(request))


def _wanted(request: Request) -> Wanted:
    values: dict[str, list[str]] = {"country": [], "mineral": [], "type": []}
    for name, value in _pairs(request):
        values[name].append(value[:100])
    return Wanted(tuple(values["country"]), tuple(values["mineral"]), tuple(values["type"]))


def _years(date: str) -> set[int]:
    return {first_day(date).year, last_day(date).year}


def _window(since: str | None, until: str | None, years: Counter[int]) -> tuple[int, int]:
    """The years that are shown: those asked for, else the last few that hold something."""
    last = max(years, default=day.today().year)
    first = min(years, default=last)
    asked = [int(v) if v and _YEAR.fullmatch(v) else None for v in (since, until)]
    if asked == [None, None]:
        return max(first, last - SHOWN_YEARS + 1), last
    start = asked[0] if asked[0] is not None else first
    end = asked[1] if asked[1] is not None else last
    return min(start, end), min(max(start, end), min(start, end) + 150)


def _histogram(
    years: Counter[int], since: int, until: int, kept: str
) -> list[tuple[int, int, bool, str, float]]:
    """For each year its marks, whether it is shown, its address and its height from 0 to 1."""
    if not years:
        return []
    most = max(years.values())
    return [
        (
            year, years[year], since <= year <= until,
            f"/timeline?{'&'.join(filter(None, (f'from={year}&to={year}', kept)))}",
            years[year] / most,
        )
        for year in range(min(years), max(years) + 1)
    ]  # fmt: skip


def _all_years(years: Counter[int], kept: str) -> str:
    if not years:
        return "/timeline"
    return f"/timeline?{'&'.join(filter(None, (f'from={min(years)}&to={max(years)}', kept)))}"


def _day(text: str | None) -> day | None:
    try:
        return day.fromisoformat(text) if text else None
    except ValueError:
        return None


def _countries(view: View, said: TrackerWords) -> list[tuple[str, str]]:
    ids = view.tracker.matrix()
    return sorted(((c, said.concept(c)) for c in ids), key=lambda item: item[1])


def _selects(
    view: View, said: TrackerWords, table: str, wanted: Wanted
) -> list[tuple[str, list[tuple[str, str, int, bool]]]]:
    """The filters of a table: for each its values by name, the rows that have each, if chosen."""
    tracker = view.tracker
    rows: Sequence[Measure | Dispute | Response] = tracker.disputes()
    if table == "measures":
        rows = tracker.measures()
    elif table == "responses":
        rows = tracker.responses()
    chosen = {"country": wanted.countries, "mineral": wanted.minerals, "type": wanted.types}
    names = {"country": said.concept, "mineral": said.concept, "type": said.kind}
    return [
        (what, sorted(
            ((v, names[what](v), n, v in chosen[what]) for v, n in found.items()),
            key=lambda option: (-option[2], option[1]),
        ))
        for what, found in offered(rows).items()
        if len(found) > 1 or chosen[what]
    ]  # fmt: skip


def _articles(view: View, said: TrackerWords) -> list[tuple[str, str, int]]:
    """The articles and agreements that the reports name, with the passages of each."""
    found = []
    for value, count in view.facet_totals("instrument").items():
        concept = view.concept(value)
        if concept is not None and concept.category in ("article", "agreement"):
            found.append((value, said.concept(value), count))
    return found


def _by_document(request: Request, view: View, passages: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Passages as cards, by the document in which they stand, that which has most of them first."""
    cards = Cards(Presenter(view), pages_of(request).words(request))
    groups: dict[str, list[Any]] = {}
    for passage, text in passages:
        groups.setdefault(passage.document_id, []).append(cards.passage_card(passage, text))
    most = sorted(groups.items(), key=lambda group: -len(group[1]))
    return [(view.summary(document_id), found) for document_id, found in most]
