"""Citations over HTTP: by their ids, in every format, one and several."""

from __future__ import annotations

import json
from email.message import Message
from typing import Any

import pytest
import rispy
from fastapi.testclient import TestClient
from pybtex.database import parse_string

from tests.server import shapes
from tests.server.shapes import departures
from tests.server.wire import problem

EXPORT = "/api/v1/citations/export"
QUESTION = "ミャンマーの重希土類はどのように中国へ運ばれるか。"
ANYWHERE = {"formats": ["csl", "bibtex", "ris", "text", "annotation"]}


@pytest.fixture(scope="module")
def citations(client: TestClient) -> list[dict[str, Any]]:
    answer = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    found: list[dict[str, Any]] = answer["citations"]
    assert found
    return found


def name_of(response: Any) -> str | None:
    header = Message()
    header["Content-Disposition"] = response.headers["content-disposition"]
    assert header.get_content_disposition() == "attachment"
    return header.get_filename()


@pytest.mark.parametrize(
    ("name", "media_type", "suffix"),
    [
        ("csl", "application/vnd.citationstyles.csl+json", ".json"),
        ("bibtex", "application/x-bibtex; charset=utf-8", ".bib"),
        ("ris", "application/x-research-info-systems; charset=utf-8", ".ris"),
        ("text", "text/plain; charset=utf-8", ".txt"),
        ("annotation", 'application/ld+json; profile="http://www.w3.org/ns/anno.jsonld"',
         ".jsonld"),
    ],
)  # fmt: skip
def test_each_format_is_a_file_of_its_own_kind(
    client: TestClient, citations: list[dict[str, Any]], name: str, media_type: str, suffix: str
) -> None:
    one = citations[0]
    response = client.get(
        f"/api/v1/citations/{one['id']}", params={"format": name, "accessed": "2026-11-25"}
    )
    assert response.status_code == 200
    assert response.headers["content-type"] == media_type
    assert name_of(response) == f"kido-{one['id']}{suffix}"
    title = one["document"]["title"]
    if name == "csl":
        assert response.json()[0]["title"] == title
    elif name == "bibtex":
        (entry,) = parse_string(response.text, "bibtex").entries.values()
        assert entry.fields["urldate"] == "2026-11-25"
    elif name == "ris":
        (entry,) = rispy.loads(response.text)
        assert (entry["title"], entry["access_date"]) == (title, "2026/11/25/")
    elif name == "text":
        assert response.text.count("\n") == 1 and title in response.text
    else:
        selector = response.json()["target"]["selector"]
        again = client.get(f"/api/v1/citations/{one['id']}").json()["selector"]
        assert selector[:2] == again
        assert again[0]["exact"] == one["quote"]
        assert (again[1]["start"], again[1]["end"]) == (one["start"], one["end"])


def test_several_citations_in_one_file(client: TestClient, citations: list[dict[str, Any]]) -> None:
    ids = [citation["id"] for citation in citations]
    found = client.post(EXPORT, json={"ids": [*ids, ids[0]]}).json()
    assert departures(found, shapes.EXPORT) == []
    assert [citation["id"] for citation in found["citations"]] == ids
    notes = client.post(EXPORT, json={"ids": ids, "format": "text", "style": "chicago"})
    assert notes.text.count("\n") == len(ids)
    ris = client.post(EXPORT, json={"ids": ids, "format": "ris"})
    assert name_of(ris) in ("kido-citations.ris", f"kido-{ids[0]}.ris")
    assert sum(len(entry["notes"]) for entry in rispy.loads(ris.text)) == len(ids)


def test_a_passage_that_was_found_can_be_cited(client: TestClient) -> None:
    hit = client.get("/api/v1/search", params={"q": QUESTION}).json()["hits"][0]
    document, start, end = (hit["passage"][name] for name in ("document_id", "start", "end"))
    span = {"document_id": document, "start": start, "end": end}
    found = client.post("/api/v1/citations", json=span).json()
    assert departures(found, shapes.ONE_CITATION) == []
    assert (found["quote"], found["status"]) == (hit["passage"]["text"], "same")
    assert found["heading_path"] == hit["passage"]["heading_path"]
    assert client.post("/api/v1/citations", json=span).json() == found
    assert client.get(f"/api/v1/citations/{found['id']}").json() == found
    footnote = client.post(EXPORT, json={"ids": [found["id"]], "format": "text"})
    assert hit["document"]["title"] in footnote.text


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (0, 10**9, "characters; give no more"),
        (5, 5, "the span has 0 characters; 1 to 2000 are cited at once"),
        (5, 4, "the span has -1 characters"),
        (0, 2001, "the span has 2001 characters"),
    ],
)
def test_what_is_no_span_is_not_cited(client: TestClient, start: int, end: int, said: str) -> None:
    documents = client.get("/api/v1/documents").json()["documents"]
    longest = max(documents, key=lambda one: int(one["characters"]))["id"]
    span = {"document_id": longest, "start": start, "end": end}
    (error,) = problem(client.post("/api/v1/citations", json=span), 422, "invalid-request")[
        "errors"
    ]
    assert said in error["message"]
    span["document_id"] = "d" * 17
    problem(client.post("/api/v1/citations", json=span | {"start": 0, "end": 1}), 404, "not-found")


def test_the_address_of_an_annotation_is_that_of_the_server(
    client: TestClient, citations: list[dict[str, Any]]
) -> None:
    one = client.get(f"/api/v1/citations/{citations[0]['id']}", params={"format": "annotation"})
    source = json.loads(one.text)["target"]["source"]
    assert source == f"http://127.0.0.1/api/v1/documents/{citations[0]['document']['id']}/text"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({}, "body.ids"),
        ({"ids": []}, "body.ids"),
        ({"ids": ["c"] * 201}, "body.ids"),
        ({"ids": ["c"], "format": "doc"}, "body.format"),
        ({"ids": ["c"], "style": "apa"}, "body.style"),
        ({"ids": ["c"], "accessed": "gestern"}, "body.accessed"),
    ],
)
def test_what_cannot_be_exported(client: TestClient, body: Any, where: str) -> None:
    found = problem(client.post(EXPORT, json=body), 422, "invalid-request")
    assert [error["where"] for error in found["errors"]] == [where]


@pytest.mark.parametrize("name", [*ANYWHERE["formats"], "json"])
def test_an_unknown_id_is_not_exported(client: TestClient, name: str) -> None:
    problem(client.post(EXPORT, json={"ids": ["c" * 38], "format": name}), 404, "not-found")
    problem(client.get(f"/api/v1/citations/{'c' * 38}", params={"format": name}), 404, "not-found")


def test_a_manuscript_is_checked_over_http(
    client: TestClient, citations: list[dict[str, Any]]
) -> None:
    quote = citations[0]["quote"]
    text = f"報告は「{quote}」と書く。「どこにもない文である」は誤りである。"
    response = client.post("/api/v1/verify/manuscript", json={"text": text, "style": "chicago"})
    body = response.json()
    assert departures(body, shapes.MANUSCRIPT) == []
    good, bad = body["quotations"]
    assert text[good["start"] : good["end"]] == good["quote"] == quote
    assert (good["verdict"], bad["verdict"]) == ("exact", "not_found")
    found = client.get(f"/api/v1/citations/{good['citation_id']}").json()
    assert (found["status"], found["quote"]) == ("same", quote)
    long = client.post("/api/v1/verify/manuscript", json={"text": "許" * 200_001})
    assert "200,001 characters" in problem(long, 422, "invalid-question")["detail"]
    huge = client.post("/api/v1/verify/manuscript", json={"text": "許" * 800_000})
    problem(huge, 413, "too-large")
