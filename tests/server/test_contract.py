"""Every route of the HTTP contract: the fields, their types, and what they mean."""

from __future__ import annotations

import hashlib
import json
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

import kb
from kb.assembly import KnowledgeBase
from kb.server.schemas import DEFAULT_RELATED
from tests.server import shapes
from tests.server.shapes import Either, departures
from tests.server.wire import problem

QUESTIONS = (
    "公告2025年第18号はどの元素を輸出許可制にしたか。",
    "停止された2025年10月の措置の期限はいつか。",
    "上級委員会は加盟議定書と20条の関係をどう判断したか。",
    "日本の輸入に占める中国産の割合はどこまで下がったか。",
    "EUはいつまでにどれだけの採掘と精錬をめざすのか。",
    "重希土類の採掘はミャンマーのどこで行われているか。",
    "表の中の生産量はどの国が多いか。",
)


def ok(client: TestClient, shape: Any, path: str, **parameters: Any) -> Any:
    """The JSON of a GET, which must have this shape."""
    response = client.get(path, params=parameters)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert departures(body, shape) == []
    return body


def ask(client: TestClient, question: str, **more: Any) -> Any:
    response = client.post("/api/v1/ask", json={"question": question, **more})
    assert response.status_code == 200, response.text
    body = response.json()
    assert departures(body, shapes.ASK) == []
    return body


def text_of(client: TestClient, document_id: str) -> str:
    text: str = ok(client, shapes.TEXT, f"/api/v1/documents/{document_id}/text")["text"]
    return text


@pytest.fixture(scope="module")
def generation(knowledge: KnowledgeBase) -> str:
    with knowledge.view() as view:
        return view.generation


@pytest.fixture(scope="module")
def listed(client: TestClient) -> dict[str, dict[str, Any]]:
    body = ok(client, shapes.DOCUMENTS, "/api/v1/documents")
    return {document["path"]: document for document in body["documents"]}


def test_a_departure_from_a_shape_is_noticed() -> None:
    shape = {"a": int, "b": [Either((str, type(None)))]}
    assert departures({"a": 1, "b": ["x", None]}, shape) == []
    assert departures({"a": True, "b": []}, shape) == ["$.a is True, not int"]
    assert departures({"a": 1, "b": [2]}, shape) == ["$.b[0] is 2, not str"]
    assert departures({"a": 1}, shape) == ["$ differs in the fields ['b']"]


def test_every_answer_names_the_generation(client: TestClient, generation: str) -> None:
    asked = ask(client, QUESTIONS[0])
    citation = asked["citations"][0]
    document = f"/api/v1/documents/{citation['document']['id']}"
    answers = [
        asked,
        client.get("/api/v1/search", params={"q": "許可"}).json(),
        client.get("/api/v1/documents").json(),
        client.get(document).json(),
        client.get(f"{document}/text").json(),
        client.get(f"/api/v1/citations/{citation['id']}").json(),
        client.post("/api/v1/verify", json={"quote": citation["quote"]}).json(),
        client.get("/healthz").json(),
    ]
    assert [answer["generation"] for answer in answers] == [generation] * len(answers)
    assert client.get(f"{document}/original").headers["kido-generation"] == generation


TABLES = ("measures", "disputes", "responses", "assertions")


def test_search(client: TestClient, listed: dict[str, dict[str, Any]]) -> None:
    body = ok(client, shapes.SEARCH, "/api/v1/search", q=" 輸出 許可 ", limit=5)
    assert body["query"] == "輸出 許可"
    hits = body["hits"]
    assert [hit["rank"] for hit in hits] == [1, 2, 3, 4, 5]
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)
    for hit in hits:
        passage = hit["passage"]
        assert 0 <= hit["score"] <= 1
        assert passage["document_id"] == hit["document"]["id"]
        assert passage["text"] == text_of(client, passage["document_id"])[
            passage["start"] : passage["end"]
        ]  # fmt: skip
        assert all(len(mark) == 2 for mark in hit["highlights"])
        assert all(0 <= a < b <= len(passage["text"]) for a, b in hit["highlights"])
        item = listed[hit["document"]["path"]]
        assert hit["document"] == {name: item[name] for name in shapes.DOCUMENT}
    assert any(hit["highlights"] for hit in hits)
    facets = {"publisher", "year", "topic", "country", "mineral", "instrument"}
    assert set(body["facets"]) <= facets


def test_the_limit_of_a_search_is_kept_and_ten_by_default(client: TestClient) -> None:
    assert len(ok(client, shapes.SEARCH, "/api/v1/search", q="輸出")["hits"]) == 10
    assert len(ok(client, shapes.SEARCH, "/api/v1/search", q="輸出", limit=1)["hits"]) == 1
    assert len(ok(client, shapes.SEARCH, "/api/v1/search", q="輸出", limit=100)["hits"]) > 10


def test_filters_of_a_search(client: TestClient, listed: dict[str, dict[str, Any]]) -> None:
    one = listed["eu-crma.pdf"]
    found = ok(client, shapes.SEARCH, "/api/v1/search", q="磁石", document=one["id"])["hits"]
    assert {hit["document"]["path"] for hit in found} == {"eu-crma.pdf"}
    two = [one["id"], listed["japan-response.pdf"]["id"]]
    found = ok(client, shapes.SEARCH, "/api/v1/search", q="磁石", document=two)["hits"]
    assert {hit["document"]["id"] for hit in found} == set(two)
    found = ok(client, shapes.SEARCH, "/api/v1/search", q="磁石", publisher=one["publisher"])
    assert {hit["document"]["publisher"] for hit in found["hits"]} == {one["publisher"]}
    assert ok(client, shapes.SEARCH, "/api/v1/search", q="磁石", publisher="無い所")["hits"] == []
    faceted = ok(client, shapes.SEARCH, "/api/v1/search", q="磁石", topic="market", country="japan")
    assert faceted["hits"]
    assert {"value": "japan", "count": faceted["facets"]["topic"][0]["count"]} in faceted["facets"][
        "country"
    ]
    dated = {"from": "2026-04", "to": "2026-05-31"}
    found = ok(client, shapes.SEARCH, "/api/v1/search", q="磁石", limit=50, **dated)["hits"]
    issued = {hit["document"]["published"] for hit in found}
    assert issued and all("2026-04-01" <= day <= "2026-05-31" for day in issued)


def test_ask(client: TestClient) -> None:
    for question in QUESTIONS:
        body = ask(client, question)
        assert body["question"] == question
        assert body["outcome"] == "answered", question
        numbers = [citation["number"] for citation in body["citations"]]
        assert numbers == list(range(1, len(numbers) + 1))
        cited = [number for s in body["statements"] for number in s["citations"]]
        assert all(statement["citations"] for statement in body["statements"])
        cited += [n for d in body["disagreements"] for v in d["values"] for n in v["citations"]]
        assert set(cited) == set(numbers)
        assert body["text"] == "".join(
            s["text"] + "".join(f"[{number}]" for number in s["citations"])
            for s in body["statements"]
        )


def test_filters_of_a_question(client: TestClient, listed: dict[str, dict[str, Any]]) -> None:
    only = listed["eu-crma.pdf"]["id"]
    body = ask(client, QUESTIONS[4], filters={"document": [only]}, limit=20)
    assert body["outcome"] == "answered"
    places = [c["document"]["id"] for c in body["citations"]]
    places += [hit["document"]["id"] for hit in body["related"]]
    assert set(places) == {only}
    assert ask(client, QUESTIONS[4], filters={"to": "1999"})["outcome"] == "no_evidence"


def test_related_passages_are_few_and_not_those_of_the_answer(client: TestClient) -> None:
    for question in QUESTIONS:
        few = ask(client, question)
        many = ask(client, question, limit=30)
        assert len(few["related"]) <= DEFAULT_RELATED == 3
        assert DEFAULT_RELATED < len(many["related"]) <= 30
        assert {**few, "related": []} == {**many, "related": []}
        assert len(ask(client, question, limit=1)["related"]) <= 1


def test_no_evidence_has_no_words_of_its_own(client: TestClient) -> None:
    body = ask(client, "東京の明日の天気は")
    assert body["outcome"] == "no_evidence"
    assert (body["text"], body["statements"], body["citations"]) == ("", [], [])
    assert body["disagreements"] == []


def test_each_citation_is_the_text_at_its_place_byte_for_byte(client: TestClient) -> None:
    seen = 0
    for question in QUESTIONS:
        answer = ask(client, question)
        by_number = {citation["number"]: citation for citation in answer["citations"]}
        for citation in by_number.values():
            path = f"/api/v1/documents/{citation['document']['id']}"
            span = {"start": citation["start"], "end": citation["end"]}
            part = ok(client, shapes.TEXT, f"{path}/text", **span)
            assert part["text"].encode() == citation["quote"].encode()
            assert (part["start"], part["end"]) == (citation["start"], citation["end"])
            assert part["length"] == len(text_of(client, citation["document"]["id"]))

            again = ok(client, shapes.ONE_CITATION, f"/api/v1/citations/{citation['id']}")
            del again["generation"]
            assert again.pop("superseded") is False
            assert (again.pop("status"), again.pop("now"), again.pop("diff")) == ("same", None, [])
            assert [one["type"] for one in again.pop("selector")] == [
                "TextQuoteSelector", "TextPositionSelector",
            ]  # fmt: skip
            assert {**again, "number": 0} == {**citation, "number": 0}

            checked = client.post(
                "/api/v1/verify",
                json={"quote": citation["quote"], "document_id": citation["document"]["id"]},
            ).json()
            assert departures(checked, shapes.VERIFY) == []
            assert checked["verdict"] == "exact"
            assert citation["start"] in [match["start"] for match in checked["matches"]]
            seen += 1
        for statement in answer["statements"]:
            for number in statement["citations"]:
                assert by_number[number]["quote"].startswith(statement["text"])
    assert seen >= len(QUESTIONS)


def test_the_list_of_documents_is_the_folder(
    client: TestClient, corpus: Path, listed: dict[str, dict[str, Any]]
) -> None:
    files = {path.name for path in corpus.iterdir() if path.name != "library.json"}
    assert set(listed) == files
    assert list(listed) == sorted(listed)
    assert ok(client, shapes.HEALTH, "/healthz") == {
        "status": "ok", "version": kb.__version__, "documents": len(files),
        "generation": ok(client, shapes.DOCUMENTS, "/api/v1/documents")["generation"],
    }  # fmt: skip


def test_one_document(client: TestClient, listed: dict[str, dict[str, Any]], corpus: Path) -> None:
    for path, item in listed.items():
        body = ok(client, shapes.ONE_DOCUMENT, f"/api/v1/documents/{item['id']}")
        assert {name: body[name] for name in item} == item
        assert body["sha256"] == hashlib.sha256((corpus / path).read_bytes()).hexdigest()
        edges = [block["start"] for block in body["blocks"]] + [body["characters"]]
        assert edges[0] == 0
        assert [block["end"] for block in body["blocks"]] == edges[1:]
        assert [page["number"] for page in body["page_list"]] == list(range(1, body["pages"] + 1))
        assert body["metadata"]["title"] == body["title"]


def test_parts_of_a_text_count_code_points(
    client: TestClient, listed: dict[str, dict[str, Any]]
) -> None:
    item = listed["april-2025-licensing.md"]
    path = f"/api/v1/documents/{item['id']}/text"
    whole = ok(client, shapes.TEXT, path)
    length = item["characters"]
    assert (whole["start"], whole["end"], whole["length"]) == (0, length, length)
    assert len(whole["text"]) == length
    for start, end in ((0, 0), (0, 1), (7, 40), (length, length), (length - 1, length)):
        part = ok(client, shapes.TEXT, path, start=start, end=end)
        assert part["text"] == whole["text"][start:end]
    assert ok(client, shapes.TEXT, path, start=9)["text"] == whole["text"][9:]


def test_the_original_is_saved_under_its_name(
    client: TestClient, listed: dict[str, dict[str, Any]], corpus: Path
) -> None:
    for path, item in listed.items():
        response = client.get(f"/api/v1/documents/{item['id']}/original")
        assert response.status_code == 200
        assert response.content == (corpus / path).read_bytes()
        assert response.headers["content-type"] == "application/octet-stream"
        header = Message()
        header["Content-Disposition"] = response.headers["content-disposition"]
        assert header.get_content_disposition() == "attachment"
        assert header.get_filename() == path


def test_verify_tells_exact_from_near_from_absent(
    client: TestClient, listed: dict[str, dict[str, Any]]
) -> None:
    item = listed["myanmar-third-country-routes.pdf"]
    text = text_of(client, item["id"])
    wide = text.index("２０２３年")
    line = text[wide : text.index("。", wide) + 1]

    def verify(quote: str, **more: str) -> Any:
        response = client.post("/api/v1/verify", json={"quote": quote, **more})
        assert response.status_code == 200, response.text
        assert departures(response.json(), shapes.VERIFY) == []
        return response.json()

    exact = verify(f" {line}\n")
    assert exact["verdict"] == "exact"
    assert [m["text"] for m in exact["matches"]] == [line] * len(exact["matches"])
    near = verify(line.replace("２０２３", "2023"), document_id=item["id"])
    assert near["verdict"] == "normalized"
    assert [m["text"] for m in near["matches"]] == [line]
    assert near["matches"][0]["url"] == (
        f"/documents/{item['id']}?start={wide}&end={wide + len(line)}#cited"
    )
    assert verify("この一文はどの資料にもない。") == {
        "generation": exact["generation"], "verdict": "not_found", "matches": [],
        "closest": None, "complete": True,
    }  # fmt: skip


def test_openapi_describes_each_route_and_its_problems(client: TestClient) -> None:
    schema = client.get("/openapi.json").json()
    assert {(method, path) for path, entry in schema["paths"].items() for method in entry} == {
        ("get", "/api/v1/search"),
        ("post", "/api/v1/ask"),
        ("post", "/api/v1/ask/stream"),
        ("get", "/api/v1/documents"),
        ("get", "/api/v1/documents/{document_id}"),
        ("get", "/api/v1/documents/{document_id}/text"),
        ("get", "/api/v1/documents/{document_id}/original"),
        ("get", "/api/v1/documents/{document_id}/pages/{number}.png"),
        ("get", "/api/v1/citations/{citation_id}"),
        *(("post", f"/api/v1/citations{tail}") for tail in ("", "/export")),
        ("post", "/api/v1/verify"),
        ("post", "/api/v1/verify/manuscript"),
        ("get", "/healthz"),
        *(("get", f"/api/v1/tracker/{name}") for name in TABLES),
        *(("post", f"/api/v1/{name}") for name in ("documents", "reindex")),
        ("delete", "/api/v1/documents/{document_id}"),
        ("get", "/api/v1/changes"),
        *(("get", f"/api/v1/jobs/{{job_id}}{tail}") for tail in ("", "/events")),
    }
    for path, entry in schema["paths"].items():
        for operation in entry.values():
            done = {"200", "202"} & set(operation["responses"])
            assert len(done) == 1
            statuses = {"422", "503"} | ({"404"} if "{" in path else set())
            assert statuses <= set(operation["responses"])
            for status in statuses:
                assert list(operation["responses"][status]["content"]) == [
                    "application/problem+json"
                ]
    names = {p["name"] for p in schema["paths"]["/api/v1/search"]["get"]["parameters"]}
    of_passages = {"topic", "country", "mineral", "instrument"}
    assert names == {"q", "limit", "publisher", "document", "from", "to"} | of_passages
    asked = schema["components"]["schemas"]
    assert asked["AskIn"]["properties"]["limit"]["default"] == 3
    assert "related" not in asked["AskOut"]["required"]
    assert "HTTPValidationError" not in json.dumps(schema)


def test_the_examples_of_the_description_have_the_shapes_of_the_answers(
    client: TestClient,
) -> None:
    expected = {
        "search": shapes.SEARCH, "ask": shapes.ASK, "documents": shapes.DOCUMENTS,
        "document": shapes.ONE_DOCUMENT, "text": shapes.TEXT, "citation": shapes.ONE_CITATION,
        "export": shapes.EXPORT, "verify": shapes.VERIFY,
        "manuscript": shapes.MANUSCRIPT, "healthz": shapes.HEALTH,
        "measures": shapes.MEASURES,
        "disputes": shapes.DISPUTES, "responses": shapes.RESPONSES,
        "assertions": shapes.ASSERTIONS,
        "upload": shapes.UPLOAD, "remove_document": shapes.REMOVED, "reindex": shapes.JOB,
        "job": shapes.JOB, "changes": shapes.CHANGES,
    }  # fmt: skip
    found = {}
    for entry in client.get("/openapi.json").json()["paths"].values():
        for operation in entry.values():
            responses = operation["responses"]
            done = responses.get("200") or responses["202"]
            content = done["content"].get("application/json", {})
            if "example" in content:
                found[operation["operationId"]] = content["example"]
    assert set(found) == set(expected)
    assert {name: departures(found[name], shape) for name, shape in expected.items()} == {
        name: [] for name in expected
    }


@pytest.mark.parametrize(
    "path",
    [
        "/docs", "/redoc", "/api", "/api/v1", "/api/v1/jobs",
    ],
)  # fmt: skip
def test_what_is_not_offered_yet_is_not_there(client: TestClient, path: str) -> None:
    assert path in problem(client.get(path), 404, "not-found")["detail"]


@pytest.mark.parametrize(
    "parameters",
    ["q=x&topic=wto", "q=x&country=CN"],
)
def test_filters_that_are_not_offered_yet_are_refused(client: TestClient, parameters: str) -> None:
    problem(client.get(f"/api/v1/search?{parameters}"), 422, "invalid-request")


def test_the_server_is_read_only(client: TestClient, listed: dict[str, dict[str, Any]]) -> None:
    one = f"/api/v1/documents/{next(iter(listed.values()))['id']}"
    problem(client.post("/api/v1/documents", content=b"x"), 403, "read-only")
    problem(client.delete(one), 403, "read-only")
    problem(client.put(one, json={}), 405, "method-not-allowed")
    problem(client.post("/api/v1/reindex"), 403, "read-only")
    problem(client.get("/api/v1/jobs/1"), 403, "read-only")
