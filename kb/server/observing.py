"""What is noted of every request: its id, a line in the log, and the numbers at /metrics."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kb.errors import IndexDamaged, IndexUnavailable

if TYPE_CHECKING:
    from kb.assembly import KnowledgeBase
    from kb.jobs import Jobs

log = logging.getLogger("kb.requests")

_OWN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = frozenset({"GET", "HEAD", "POST", "DELETE", "OPTIONS"})


class Measures:
    """The numbers of one application, in the text format of Prometheus."""

    def __init__(self, knowledge: KnowledgeBase, jobs: Jobs) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "kido_requests", "Requests that were answered.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "kido_request_seconds", "From the request to the end of its answer, in seconds.",
            ("route",), buckets=_SECONDS, registry=self._registry,
        )  # fmt: skip
        self._registry.register(_State(knowledge, jobs))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Note one request."""
        named = method if method in _METHODS else "other"
        self._requests.labels(named, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All numbers as they are now."""
        return generate_latest(self._registry)


class _State(Collector):
    """What is served and worked on, looked up when it is asked for."""

    def __init__(self, knowledge: KnowledgeBase, jobs: Jobs) -> None:
        self._knowledge = knowledge
        self._jobs = jobs

    def collect(self) -> Iterable[Metric]:
        """The gauges."""
        up = GaugeMetricFamily("kido_index_up", "1 where a complete generation is open.")
        try:
            with self._knowledge.view() as view:
                manifest = view.manifest
                rejected = len(view.rejected())
        except (IndexUnavailable, IndexDamaged):
            up.add_metric((), 0)
            yield up
        else:
            up.add_metric((), 1)
            yield up
            for name, what, value in (
                ("generation", "Number of the generation that is served.",
                 int(manifest.generation[1:])),
                ("documents", "Documents in the collection.", manifest.documents),
                ("passages", "Passages in the collection.", manifest.passages),
                ("rejected_files", "Files that could not be indexed.", rejected),
            ):  # fmt: skip
                yield GaugeMetricFamily(f"kido_{name}", what, value=value)
        jobs = GaugeMetricFamily("kido_jobs", "Jobs since the start, by state.", labels=["state"])
        for state, count in self._jobs.counts().items():
            jobs.add_metric((state,), count)
        yield jobs


class Observe:
    """Middleware: gives each request an id (X-Request-Id), counts it and logs it.

    An id that a proxy sent is kept. Neither the query nor the body is logged: what people ask
    is theirs.
    """

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self.app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent = Headers(scope=scope).get("x-request-id", "")
        request_id = sent if _OWN_ID.fullmatch(sent) else secrets.token_hex(8)
        began, status = time.perf_counter(), 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
            await send(message)

        try:
            await self.app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - began
            route = _route(scope)
            self._measures.count(scope["method"], route, status, seconds)
            log.info(
                "%s %s %d", scope["method"], route, status,
                extra={
                    "request": request_id, "method": scope["method"], "path": scope["path"],
                    "route": route, "status": status, "milliseconds": round(seconds * 1000, 1),
                },
            )  # fmt: skip


def metrics(request: Request) -> Response:
    """The numbers of this server, for Prometheus."""
    measures: Measures = request.app.state.measures
    return Response(measures.text(), media_type=CONTENT_TYPE_LATEST)


def _route(scope: Scope) -> str:
    """The route that a request took, not its address, of which there is no end."""
    path = getattr(scope.get("route"), "path", None)
    if path is not None:
        return str(path)
    if scope["path"] in ("/mcp", "/metrics"):
        return str(scope["path"])
    return "/static" if scope["path"].startswith("/static/") else "other"


class JsonLines(logging.Formatter):
    """A log record as one line of JSON: time (UTC), level, logger, message, and what it is of."""

    FIELDS = ("request", "method", "path", "route", "status", "milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = {
            "time": f"{when}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: getattr(record, name) for name in self.FIELDS if hasattr(record, name)}
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=True)


def log_as_json() -> None:
    """Write all logs of the server to stderr as lines of JSON, requests included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    logging.getLogger("kb").setLevel(logging.INFO)
