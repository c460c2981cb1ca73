"""What cannot be answered: always a problem document that says why, never a 5xx."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import example, given
from hypothesis import strategies as st

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from kb.server.problems import KINDS, wants_html
from kb.server.schemas import MAX_VALUES
from tests.server.wire import ADDRESS, Wire, problem

ASK = "/api/v1/ask"
SEARCH = "/api/v1/search"
VERIFY = "/api/v1/verify"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def document(knowledge: KnowledgeBase) -> str:
    with knowledge.view() as view:
        return view.summaries()[0].id


def places(body: dict[str, Any]) -> list[str]:
    return [error["where"] for error in body["errors"]]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("", "empty"),
        (" \n\t\u3000", "empty"),
        ("。、?!", "empty"),
        ("許" * 1001, "1,001 characters; at most 1,000"),
        ("許可" * 2500, "5,000 characters; at most 1,000"),
    ],
)
def test_questions_that_cannot_be_asked(client: TestClient, question: str, said: str) -> None:
    for response in (
        client.post(ASK, json={"question": question}),
        client.get(SEARCH, params={"q": question}),
        client.post(VERIFY, json={"quote": question}),
    ):
        assert said in problem(response, 422, "invalid-question")["detail"]


def test_a_question_of_exactly_the_longest_length_is_answered(client: TestClient) -> None:
    response = client.post(ASK, json={"question": " " + "許可" * 500 + "\n"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.question"),
        ({"question": None}, "body.question"),
        ({"question": 5}, "body.question"),
        ({"question": ["許可"]}, "body.question"),
        ({"question": "許可", "limit": 0}, "body.limit"),
        ({"question": "許可", "limit": 101}, "body.limit"),
        ({"question": "許可", "limit": "3"}, "body.limit"),
        ({"question": "許可", "limit": True}, "body.limit"),
        ({"question": "許可", "limit": 2.5}, "body.limit"),
        ({"question": "許可", "limit": None}, "body.limit"),
        ({"question": "許可", "limits": 3}, "body.limits"),
        ({"question": "許可", "filters": []}, "body.filters"),
        ({"question": "許可", "filters": {"topic": ["wto"]}}, "body.filters.topic.0"),
        ({"question": "許可", "filters": {"issued_from": "2025"}}, "body.filters.issued_from"),
        ({"question": "許可", "filters": {"publisher": "経産省"}}, "body.filters.publisher"),
        ({"question": "許可", "filters": {"publisher": ["a"] * 51}}, "body.filters.publisher"),
        ({"question": "許可", "filters": {"from": "2025-02-30"}}, "body.filters.from"),
        ({"question": "許可", "filters": {"from": "昨日"}}, "body.filters.from"),
        ({"question": "許可", "filters": {"to": "0000"}}, "body.filters.to"),
        ({"question": "許可", "filters": {"to": "2025\n"}}, "body.filters.to"),
        ([], "body"),
        ("許可", "body"),
        (None, "body"),
    ],
)
def test_bodies_of_the_wrong_shape(client: TestClient, body: Any, where: str) -> None:
    found = problem(client.post(ASK, json=body), 422, "invalid-request")
    assert places(found) == [where]
    assert found["detail"].startswith(f"{where}: ")


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("", "query.q"),
        ("q=x&limit=0", "query.limit"),
        ("q=x&limit=101", "query.limit"),
        ("q=x&limit=-1", "query.limit"),
        ("q=x&limit=", "query.limit"),
        ("q=x&limit=ten", "query.limit"),
        ("q=x&limit=" + "9" * 5000, "query.limit"),
        ("q=x&page=2", "query.page"),
        ("q=x&issued_from=2025", "query.issued_from"),
        ("q=x&from=2025-13", "query.from"),
        ("q=x&to=20250404", "query.to"),
        ("q=x" + "&document=d" * (MAX_VALUES + 1), "query.document"),
    ],
)
def test_parameters_that_are_refused(client: TestClient, query: str, where: str) -> None:
    assert places(problem(client.get(f"{SEARCH}?{query}"), 422, "invalid-request")) == [where]


def test_unknown_parameters_are_refused_everywhere(client: TestClient, document: str) -> None:
    one = f"/api/v1/documents/{document}"
    for path in ("/api/v1/documents", one, f"{one}/text", f"{one}/original", "/healthz"):
        found = problem(client.get(path, params={"verbose": "1"}), 422, "invalid-request")
        assert places(found) == ["query.verbose"]
    for path, body in ((ASK, {"question": "許可"}), (VERIFY, {"quote": "許可"})):
        found = problem(client.post(f"{path}?limit=3", json=body), 422, "invalid-request")
        assert places(found) == ["query.limit"]


@pytest.mark.parametrize("unknown", ["d" + "a" * 16, "d", "x", "%00", "%F0%9F%8D%A3", "d" * 3000])
def test_unknown_ids(client: TestClient, unknown: str) -> None:
    for path in (
        f"/api/v1/documents/{unknown}",
        f"/api/v1/documents/{unknown}/text",
        f"/api/v1/documents/{unknown}/original",
        f"/api/v1/citations/{unknown}",
        f"/documents/{unknown}",
    ):
        problem(client.get(path), 404, "not-found")
    problem(client.post(VERIFY, json={"quote": "許可", "document_id": "x"}), 404, "not-found")


@given(st.text(max_size=60))
@example("c" + "a" * 37)
@example("c" + "7" * 37)
@example("c" + "=" * 37)
def test_no_made_up_citation_is_found(client: TestClient, made_up: str) -> None:
    response = client.get(f"/api/v1/citations/{quote('c' + made_up, safe='')}")
    problem(response, 404, "not-found")


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("start=-1", "query.start"),
        ("end=-1", "query.end"),
        ("start=x", "query.start"),
        ("start=5&end=4", "query.start"),
        ("end=100000000", "query.end"),
        ("start=99999999999999999999999999", "query.start"),
        ("start=1.5", "query.start"),
    ],
)
def test_spans_outside_a_text(client: TestClient, document: str, query: str, where: str) -> None:
    response = client.get(f"/api/v1/documents/{document}/text?{query}")
    assert places(problem(response, 422, "invalid-request")) == [where]


@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b"", 422, "invalid-request"),
        (b"{", 422, "invalid-request"),
        (b'{"question": "x"} x', 422, "invalid-request"),
        (b"\xff\xfe\xfd", 400, "bad-request"),
        (b'{"question": "\xe8\xa8"}', 400, "bad-request"),
        (b"[" * 30_000, 400, "bad-request"),
        (b'{"question": ' + b"9" * 5000 + b"}", 400, "bad-request"),
        (b'{"question": "x", "limit": NaN}', 422, "invalid-request"),
        (b'{"question": "x", "limit": 1e999}', 422, "invalid-request"),
        (rb'{"question": "\ud800"}', 422, "invalid-request"),
        (rb'{"question": "a\udfff\ud83d"}', 422, "invalid-request"),
        (rb'{"question": "a\u0000b"}', 422, "invalid-request"),
        (rb'{"question": "a\u001bb"}', 422, "invalid-request"),
        (rb'{"question": "a", "\ud800": 1}', 422, "invalid-request"),
        (rb'{"question": "a", "filters": {"publisher": ["\ud800"]}}', 422, "invalid-request"),
    ],
)
def test_bodies_that_are_not_json_or_not_text(
    client: TestClient, body: bytes, status: int, slug: str
) -> None:
    problem(client.post(ASK, content=body, headers=JSON), status, slug)


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded", "x", ""])
def test_a_body_that_does_not_say_that_it_is_json_is_refused(
    client: TestClient, media: str
) -> None:
    body = json.dumps({"question": "許可"}).encode()
    response = client.post(ASK, content=body, headers={"Content-Type": media})
    assert places(problem(response, 422, "invalid-request")) == ["body"]
    response = client.post(ASK, content=body, headers={"Content-Type": "application/json; a=b"})
    assert response.status_code == 200


def test_wrong_methods_and_paths(client: TestClient) -> None:
    for path in (ASK, VERIFY):
        response = client.get(path)
        problem(response, 405, "method-not-allowed")
        assert response.headers["allow"] == "POST"
    for path in (SEARCH, "/healthz", "/", "/documents", "/static/kido.css"):
        for method in ("POST", "DELETE", "PATCH", "PROPFIND"):
            problem(client.request(method, path), 405, "method-not-allowed")
    for path in ("/x", "/api/v2/search", "/static/none.css", "/static/", "/problems/none"):
        problem(client.get(path), 404, "not-found")


@pytest.mark.parametrize(
    "path",
    ["/static/../pages.py", "/static/..%2f..%2fREADME.md", "/static/%2e%2e/templates/ask.html"],
)
def test_static_files_come_from_their_folder_only(wire: Wire, path: str) -> None:
    problem(wire.get(path.encode()), 404, "not-found")


@pytest.mark.parametrize(
    "query", [b"%", b"%zz", b"%E3%81", b"%ff%fe", b"%u3042", b"a+b%2", b"%00x", b"%ED%A0%80x"]
)
def test_bad_percent_encoding_in_a_query_is_read_as_far_as_it_goes(
    wire: Wire, query: bytes
) -> None:
    for path in (b"/api/v1/search?q=", b"/?q=", b"/search?q="):
        response = wire.get(path + query)
        assert response.status_code in (200, 422), response.content
        response.content.decode("utf-8")
    assert wire.get(b"/documents/" + query).status_code == 404


@pytest.mark.parametrize("query", [b"q=\xe8\xa8\xb1\xe5\x8f\xaf", b"q=\xff", b"q=\x80\x81"])
def test_bytes_that_are_not_ascii_in_an_address_are_the_clients_error(
    wire: Wire, query: bytes
) -> None:
    assert wire.get(b"/api/v1/search?" + query).status_code in (200, 400, 422)


SIGNS = "輸出許可をAaéｱ①\u3099\u200d\u3000 []()<>&*?:\"'\\^~-+/."
TEXTS = st.text(st.characters(), max_size=80) | st.text(SIGNS, max_size=30)


@given(TEXTS)
@example("\ud800")
@example("\0")
@example("()")
@example('"OR" AND NOT (')
@example("🇯🇵" * 20)
def test_any_question_is_answered_or_refused(client: TestClient, text: str) -> None:
    body = json.dumps({"question": text}).encode()
    response = client.post(ASK, content=body, headers=JSON)
    if response.status_code == 200:
        assert response.json()["outcome"] in ("answered", "no_evidence")
    else:
        slug = response.json()["type"].rpartition("/")[2]
        assert slug in ("invalid-question", "invalid-request")
        problem(response, 422, slug)


@given(TEXTS)
@example("\0")
@example("\u200d")
def test_any_search_is_answered_or_refused(client: TestClient, text: str) -> None:
    query = quote(text, safe="", errors="surrogatepass")
    for path in (SEARCH, "/", "/search"):
        response = client.get(f"{path}?q={query}")
        assert response.status_code in (200, 422), response.text
        response.content.decode("utf-8")


@given(st.binary(max_size=200))
def test_any_body_is_answered_or_refused(client: TestClient, body: bytes) -> None:
    for path in (ASK, VERIFY):
        response = client.post(path, content=body, headers=JSON)
        assert response.status_code in (400, 422)
        problem(response, response.status_code, response.json()["type"].rpartition("/")[2])


def test_a_problem_is_a_page_for_people(client: TestClient) -> None:
    html = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    response = client.get("/documents/none", headers=html)
    assert response.status_code == 404
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "見つかりませんでした" in response.text
    problem(client.get("/api/v1/documents/none", headers=html), 404, "not-found")
    response = client.get("/", params={"q": "許" * 1001}, headers=html)
    assert response.status_code == 422
    assert "この質問は受け付けられません" in response.text


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("", False), ("*/*", False), ("text/html", True), ("TEXT/HTML", True),
        ("application/json, text/html;q=0.5", False), ("text/html, application/json", True),
        ("text/html;q=0", False), ("text/html;q=nan", False), ("text/html;q=x", False),
        (",;,;q=", False),
    ],
)  # fmt: skip
def test_who_gets_a_page(accept: str, page: bool) -> None:
    assert wants_html("/documents/x", accept) is page
    assert wants_html("/api/v1/search", accept) is False
    assert wants_html("/api", accept) is False


def test_the_type_of_each_problem_leads_to_a_page(client: TestClient) -> None:
    for kind in KINDS.values():
        response = client.get(kind.type)
        assert response.status_code == 200
        assert kind.heading in response.text and kind.title in response.text


def test_an_error_that_nobody_expected_is_a_bare_500(
    knowledge: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    app: FastAPI = create_app(knowledge)
    app.state.knowledge = None
    broken = TestClient(app, base_url=ADDRESS)
    body = problem(broken.get("/api/v1/documents"), 500, "internal")
    assert "NoneType" not in json.dumps(body)
    assert "NoneType" in caplog.text
    page = broken.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 500
    assert "内部でエラーが起きました" in page.text and "NoneType" not in page.text
