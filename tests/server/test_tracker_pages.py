"""The tracker's pages: every value leads to the words that say it, in both languages."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from fastapi.testclient import TestClient
from lxml.html import HtmlElement

from kb.assembly import KnowledgeBase
from kb.server.tracker_view import CELLS, CODES, KINDS
from kb.tracker.model import MeasureType, ResponseType
from tests.server.test_words import JAPANESE, catalogue

PATHS = (
    "/timeline", "/timeline?from=2010&to=2026&country=china", "/timeline?on=2025-06-01", "/tracker",
    "/tracker/measures", "/tracker/measures?country=china&type=licence", "/tracker/responses",
    "/tracker/measures?mineral=gallium", "/tracker/disputes", "/disputes/DS431",
    "/articles/gatt-article-20", "/compare",
    "/compare?country=japan&country=united-states",
)  # fmt: skip


def page(client: TestClient, path: str) -> HtmlElement:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return lxml.html.document_fromstring(response.text)


def sources(shown: HtmlElement) -> list[tuple[str, str, int, int]]:
    """The links to spans: what the title says, the document, start and end."""
    found = []
    for link in shown.xpath("//main//a[contains(@href, '#cited')]"):
        parts = urlsplit(link.get("href"))
        query = parse_qs(parts.query)
        title = link.get("title") or "".join(link.xpath("./*[local-name()='title']/text()"))
        document = parts.path.rsplit("/", 1)[1]
        found.append((title, document, int(query["start"][0]), int(query["end"][0])))
    return found


@pytest.mark.parametrize("path", PATHS)
def test_each_value_leads_to_the_words_that_say_it(
    client: TestClient, knowledge: KnowledgeBase, path: str
) -> None:
    shown = page(client, path)
    assert len(shown.xpath("//h1")) == 1
    with knowledge.view() as view:
        for title, document_id, start, end in sources(shown):
            text = view.document(document_id).text
            assert 0 <= start < end <= len(text)
            if " — " in title:
                quote = title.split(" — ", 1)[1].removesuffix("...")
                plain = "".join(text[start:end].split())
                assert "".join(quote.split(": ")[-1].split())[:40] in plain


def test_the_shipped_briefs_fill_the_tracker(client: TestClient) -> None:
    assert len(sources(page(client, "/tracker/measures"))) >= 20
    assert len(sources(page(client, "/timeline?from=2010&to=2026"))) >= 20
    matrix = page(client, "/tracker")
    counts = matrix.xpath("//table[contains(@class,'matrix')]//td/a")
    assert counts
    for link in counts[:6]:
        rows = page(client, link.get("href")).xpath("//article[@class='fact']")
        assert len(rows) == int(link.text_content())


def test_each_filter_of_a_table_says_how_many_rows_it_leaves(client: TestClient) -> None:
    for table in ("measures", "responses"):
        options = page(client, f"/tracker/{table}").xpath("//form//select/option[@value!='']")
        assert options
        for option in (options[0], options[-1]):
            name = option.getparent().get("name")
            rows = page(client, f"/tracker/{table}?{name}={option.get('value')}")
            count = int(option.text_content().rpartition("(")[2].rstrip(")"))
            if option.get("value") != "rare-earths":  # which take in every element
                assert len(rows.xpath("//article[@class='fact']")) == count
            assert rows.xpath("//option[@selected]/@value")[0] == option.get("value")


def test_each_dispute_of_the_list_has_a_page(client: TestClient) -> None:
    for path, query in (("/tracker/disputes", "//article//h2/a"), ("/tracker", "//ul/li/a")):
        links = page(client, path).xpath(f"{query}[starts-with(@href, '/disputes/')]/@href")
        assert len(links) >= 2
        for link in links:
            page(client, link)


def test_a_dispute_has_its_stages_and_findings(client: TestClient) -> None:
    shown = page(client, "/disputes/ds431")
    stages = shown.xpath("//ol[@class='stages']/li[not(@class='unsaid')]")
    assert len(stages) >= 4
    assert shown.xpath("//ul[@class='findings']/li")


def test_what_no_report_speaks_of_is_not_found(client: TestClient) -> None:
    for path in ("/disputes/DS1", "/articles/none", "/tracker/none"):
        assert client.get(path).status_code == 404


def test_odd_dates_and_years_are_taken_as_none(client: TestClient) -> None:
    for query in (
        "on=2025-13-45",
        "from=abc&to=",
        "from=0000",
        "to=0000",
        "from=9999&to=0001",
        "country=%00",
        "on=",
    ):
        assert client.get(f"/timeline?{query}").status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_the_pages_speak_english(client: TestClient, path: str) -> None:
    shown = page(client, f"{path}{'&' if '?' in path else '?'}lang=en")
    client.cookies.clear()
    for element in shown.xpath(
        "//main//h2[not(ancestor::article)] | //main//dt | //main//label | //main//button"
    ):
        own = (element.text or "").strip()
        assert not JAPANESE.search(own), own


def test_each_code_has_words_in_both_languages() -> None:
    assert {kind.value for kind in (*MeasureType, *ResponseType)} <= set(KINDS)
    english = catalogue()
    said = {*KINDS.values(), *CELLS.values(), *CODES.values()}
    assert [s for s in said if s not in english] == []
