"""Request ids, the log and /metrics."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from kb.assembly import KnowledgeBase
from kb.server import search_api
from kb.server.app import create_app
from kb.server.observing import JsonLines
from tests.server.wire import ADDRESS


def numbers(client: TestClient) -> dict[tuple[str, ...], float]:
    """Every number by its name and the values of its labels."""
    response = client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


@pytest.fixture
def fresh(knowledge: KnowledgeBase) -> TestClient:
    return TestClient(create_app(knowledge), base_url=ADDRESS)


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What the requests' logger writes as JSON."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines())
    log = logging.getLogger("kb.requests")
    before = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    yield stream
    log.removeHandler(handler)
    log.setLevel(before)


def test_requests_are_counted_by_route_and_not_by_address(
    fresh: TestClient, knowledge: KnowledgeBase
) -> None:
    with knowledge.view() as view:
        ids = [summary.id for summary in view.summaries()]
        manifest = view.manifest
    for one in (*ids[:3], "none"):
        fresh.get(f"/api/v1/documents/{one}")
    for path in ("/static/kido.css", "/nowhere/1", "/nowhere/2"):
        fresh.get(path)
    fresh.request("PROPFIND", "/healthz")
    fresh.get("/healthz", headers={"Host": "elsewhere.example"})
    found = numbers(fresh)
    route = "/api/v1/documents/{document_id}"
    assert found["kido_requests_total", "GET", route, "200"] == 3
    assert found["kido_requests_total", "GET", route, "404"] == 1
    assert found["kido_request_seconds_count", route] == 4
    assert found["kido_requests_total", "GET", "/static", "200"] == 1
    assert found["kido_requests_total", "GET", "other", "404"] == 2
    assert found["kido_requests_total", "GET", "other", "421"] == 1
    assert any(key[:2] == ("kido_requests_total", "other") for key in found)
    assert found["kido_index_up",] == 1
    assert found["kido_generation",] == int(manifest.generation[1:])
    assert found["kido_documents",] == manifest.documents
    assert found["kido_passages",] == manifest.passages
    assert found["kido_jobs", "running"] == 0


def test_a_search_that_fails_is_counted_as_one(
    fresh: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise LookupError("of no kind that is expected")

    monkeypatch.setattr(search_api, "_found", fails)
    assert fresh.get("/api/v1/search?q=a").status_code == 500
    assert numbers(fresh)["kido_requests_total", "GET", "/api/v1/search", "500"] == 1


def test_each_answer_has_an_id_which_is_in_the_log(fresh: TestClient, lines: io.StringIO) -> None:
    made = fresh.get("/api/v1/search", params={"q": "秘密の問い"}).headers["x-request-id"]
    assert re.fullmatch(r"[0-9a-f]{16}", made)
    kept = {"X-Request-Id": "proxy-0123.4"}
    assert fresh.get("/healthz", headers=kept).headers["x-request-id"] == "proxy-0123.4"
    for bad in ("short", "x" * 65, 'a" b{}12345'):
        assert fresh.get("/healthz", headers={"X-Request-Id": bad}).headers["x-request-id"] != bad
    said = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert len(said) == 5
    assert (said[0]["request"], said[1]["request"]) == (made, "proxy-0123.4")
    assert (said[0]["route"], said[0]["status"]) == ("/api/v1/search", 200)
    assert said[0]["milliseconds"] > 0
    assert "秘密" not in lines.getvalue() and "%E7" not in lines.getvalue()


def test_an_error_is_one_line_with_its_trace(lines: io.StringIO) -> None:
    try:
        raise ValueError("行\nと行")
    except ValueError:
        logging.getLogger("kb.requests").exception("unexpected")
    (line,) = lines.getvalue().splitlines()
    said = json.loads(line)
    assert (said["level"], said["message"]) == ("error", "unexpected")
    assert "ValueError: 行\nと行" in said["error"]
