"""The page that checks a manuscript, and the links that save citations."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlencode

import pytest
import rispy
from fastapi.testclient import TestClient

from tests.server.wire import problem

QUESTION = "停止された2025年10月の措置の期限はいつか。"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}


@pytest.fixture(scope="module")
def citations(client: TestClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.post("/api/v1/ask", json={"question": QUESTION}).json()[
        "citations"
    ]
    return found


def check(client: TestClient, text: str, **more: str) -> Any:
    return client.post("/verify", content=urlencode({"text": text, **more}), headers=FORM)


def test_the_page_has_a_field_and_works_without_scripts(client: TestClient) -> None:
    page = client.get("/verify")
    assert page.status_code == 200
    assert '<form class="manuscript" action="/verify" method="post"' in page.text
    assert 'name="text"' in page.text


def test_a_manuscript_is_checked(client: TestClient, citations: list[dict[str, Any]]) -> None:
    quote = citations[0]["quote"]
    page = check(client, f"報告は「{quote}」と書く。「<b>どこにもない文</b>」", style="chicago")
    assert page.status_code == 200
    assert "2件の引用のうち1件が収録資料にあります" in page.text
    assert '<li class="exact">' in page.text and '<li class="not_found">' in page.text
    assert "&lt;b&gt;どこにもない文&lt;/b&gt;" in page.text and "<b>どこ" not in page.text
    (note,) = re.findall(r'<p class="footnote">(.*?)</p>', page.text)
    exported = client.get(
        f"/api/v1/citations/{citations[0]['id']}", params={"format": "text", "style": "chicago"}
    )
    assert html.unescape(note) in exported.text


@pytest.mark.parametrize(("text", "said"), [("許" * 200_001, "200,001 characters")])
def test_what_is_too_long_is_said_on_the_page(client: TestClient, text: str, said: str) -> None:
    page = check(client, text)
    assert page.status_code == 422
    assert said in page.text


def test_an_empty_or_odd_form_is_no_error(client: TestClient) -> None:
    for body in ("", "text=", "style=x&text=%FF%E3", "text=a&text=b"):
        assert client.post("/verify", content=body, headers=FORM).status_code == 200


def test_a_form_of_many_fields_is_refused(client: TestClient) -> None:
    response = client.post("/verify", content="&".join(["a=1"] * 17), headers=FORM)
    assert response.status_code == 400
    assert "more than 16 fields" in response.text


def test_an_answer_offers_its_citations_for_saving(
    client: TestClient, citations: list[dict[str, Any]]
) -> None:
    page = client.get("/", params={"q": QUESTION}).text
    links = [html.unescape(link) for link in re.findall(r'href="(/citations/export[^"]*)"', page)]
    assert len(links) >= 5 * len(citations)
    for link in links:
        response = client.get(link)
        assert response.status_code == 200
        assert response.headers["content-disposition"].startswith("attachment;")
    whole = [link for link in links if link.count("id=") == len(citations) and "=ris" in link]
    entries = rispy.loads(client.get(whole[-1]).text)
    assert {e["title"] for e in entries} == {c["document"]["title"] for c in citations}


@pytest.mark.parametrize(("query", "said"), [
    ("", "none of csl, bibtex"), ("format=ris", "0 citations are named"),
    ("format=json&id=c", "'json' is none of"), ("format=doc&id=c", "'doc' is none of"),
    ("format=ris&id=" + "&id=".join("c" * 201), "201 citations are named; give 1 to 200"),
    ("format=text&style=x&id=c", "'x' is none of sist02"),
])  # fmt: skip
def test_what_is_asked_for_amiss_is_said(client: TestClient, query: str, said: str) -> None:
    assert (
        said in problem(client.get(f"/citations/export?{query}"), 422, "invalid-request")["detail"]
    )


def test_a_citation_that_was_never_given_out_is_not_found(client: TestClient) -> None:
    problem(client.get("/citations/export?format=ris&id=c"), 404, "not-found")
