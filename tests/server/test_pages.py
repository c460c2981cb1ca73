"""The pages as the server sends them: quotations, escaping, lists and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
from fastapi.testclient import TestClient
from lxml.html import HtmlElement

from kb.assembly import KnowledgeBase, ingestion
from kb.server.app import create_app
from kb.server.examples import WRITTEN
from kb.server.pages import RELATED
from kb.settings import Settings
from tests.ingest.corpora import Workshop
from tests.server.wire import ADDRESS

TITLE = "\"><script>alert('題')</script> A&amp;B <b>"
PUBLISHER = 'O\'Neil & "Sons" </option><i>'
HOSTILE = """<img src=x onerror=alert(1)>

希土類の<script>alert("本文")</script>輸出は5 < 6 && 7 > 3 を満たす'場合'に"許可"された。
&lt;これは文字のまま&gt;。

</article></main><h1 onclick="alert(2)">第二の見出し</h1>

磁石の需要は&nbsp;{{ 7 * 7 }}万トンに達した。
"""


def page(client: TestClient, address: str, status: int = 200) -> HtmlElement:
    """The page at an address."""
    response = client.get(address)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    return lxml.html.document_fromstring(response.content.decode())


def words(element: HtmlElement) -> str:
    """The text of an element without white space."""
    return "".join(element.text_content().split())


def select(element: HtmlElement, path: str) -> list[HtmlElement]:
    found = element.xpath(path)
    assert isinstance(found, list)
    return [one for one in found if isinstance(one, HtmlElement)]


def texts(element: HtmlElement, path: str) -> list[str]:
    return [words(found) for found in select(element, path)]


def marks(element: HtmlElement) -> str:
    return "".join(texts(element, ".//mark"))


@pytest.mark.parametrize("question", [*WRITTEN["ja"], *WRITTEN["en"]])
def test_an_answer_shows_its_quotations_and_leads_to_them(
    client: TestClient, knowledge: KnowledgeBase, question: str
) -> None:
    with knowledge.view() as view:
        answer = view.ask(question)
    assert answer.citations
    shown = page(client, str(client.base_url.copy_with(path="/", params={"q": question})))
    links = select(shown, "//ol[@class='statements']//a")
    assert [link.get("href") for link in links] == [
        f"#citation-{number}" for s in answer.statements for number in s.citations
    ]
    for citation in answer.citations:
        (card,) = select(shown, f"//li[@id='citation-{citation.number}']")
        assert marks(card) == "".join(citation.quote.split())
        assert texts(card, ".//dl[@class='dates']//dt") == [d.text for d in citation.dates]
        (address,) = {a.get("href") for a in select(card, "./p[@class='actions']/a")}
        assert address == (
            f"/documents/{citation.document_id}?start={citation.start}&end={citation.end}#cited"
        )
        opened = page(client, address)
        assert marks(opened) == "".join(citation.quote.split())
        (anchor,) = select(opened, "//*[@id='cited']")
        assert anchor.tag == "mark"
    assert len(select(shown, "//article[@class='hit']")) <= RELATED


@pytest.mark.parametrize(
    ("language", "meant"),
    [
        ("ja", ["2010年下半期", "2009年下半期"]),
        ("en", ["secondhalfof2010", "secondhalfof2009"]),
    ],
)
def test_dates_that_lean_on_the_text_are_shown_beside_the_quotation(
    client: TestClient, language: str, meant: list[str]
) -> None:
    shown = page(client, f"/?q=2010年の輸出割当はどれだけ減ったか&lang={language}")
    assert meant in [
        texts(dates, ".//dd") for dates in select(shown, "//li[@class='card']//dl[@class='dates']")
    ]
    client.cookies.clear()


def test_no_answer_says_so_and_offers_the_search(client: TestClient) -> None:
    shown = page(client, "/?q=東京の明日の天気は&from=2020")
    assert texts(shown, "//p[@class='no-evidence']") == ["収録資料に根拠が見つかりませんでした"]
    assert not select(shown, "//li[@class='card']")
    assert 0 < len(select(shown, "//article[@class='hit']")) <= RELATED
    (link,) = select(shown, "//a[text()='同じ言葉で資料を検索する']")
    address = urlsplit(link.get("href") or "")
    assert address.path == "/search"
    assert parse_qs(address.query) == {"q": ["東京の明日の天気は"], "from": ["2020"]}


def test_a_document_is_shown_whole_with_its_title_once(
    client: TestClient, knowledge: KnowledgeBase
) -> None:
    with knowledge.view() as view:
        documents = [view.document(summary.id) for summary in view.summaries()]
    for document in documents:
        shown = page(client, f"/documents/{document.id}")
        title = "".join(document.title.split())
        assert texts(shown, "//h1") == [title]
        assert title not in texts(shown, "//article//*[self::h2 or self::h3]")
        assert title not in texts(shown, "//nav[@aria-label='目次']//a")
        for summary in select(shown, "//article//summary"):
            summary.drop_tree()
        (body,) = select(shown, "//article[@class='body']")
        heading = next(b for b in document.blocks if b.kind == "heading")
        rest = document.text[: heading.start] + document.text[heading.end :]
        assert words(body) == "".join(rest.split())
        ids = [e.get("id") for e in select(shown, "//*[@id]")]
        assert len(ids) == len(set(ids))
        anchors = {f"#{name}" for name in ids}
        assert {a.get("href") for a in select(shown, "//nav[@aria-label='目次']//a")} <= anchors


def test_a_span_that_is_not_there_is_said_to_be_lost(
    client: TestClient, knowledge: KnowledgeBase
) -> None:
    with knowledge.view() as view:
        one = view.summaries()[0]
    for query in ("start=5&end=2", "start=0&end=99999999", "start=x&end=3", "start=3", "end=-1"):
        shown = page(client, f"/documents/{one.id}?{query}")
        assert len(select(shown, "//p[@role='alert']")) == 1
        assert not select(shown, "//mark")
    whole = page(client, f"/documents/{one.id}?start=0&end={one.characters}")
    assert not select(whole, "//p[@role='alert']")
    assert len(select(whole, "//*[@id='cited']")) == 1


def test_facets_narrow_the_search_they_stand_beside(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    publishers = {"資源調査室": 2024, "通商 & 産業": 2025, "磁石協会": 2025}
    lines = ("磁石の需要は増えた。", "磁石の再生には費用がかかる。", "合金は磁石の材料である。")
    for number, line in enumerate(lines):
        workshop.write(f"{number}.md", f"# 報告{number}\n\n{line}\n")
    workshop.describe(
        {
            f"{number}.md": {
                "id": str(number), "type": "report", "title": f"報告{number}",
                "publisher": publisher, "issued": {"date-parts": [[year, 4]]},
            }
            for number, (publisher, year) in enumerate(publishers.items())
        }
    )  # fmt: skip
    settings = replace(Settings(), corpus=workshop.corpus, index=workshop.index)
    ingestion(settings).run()
    client = TestClient(create_app(KnowledgeBase(settings)), base_url=ADDRESS)
    shown = page(client, "/search?q=磁石")
    assert len(select(shown, "//article[@class='hit']")) == 3
    links = {a.text_content(): a for a in select(shown, "//aside[@class='facets']//a")}
    assert set(links) == {*publishers, "2024", "2025"}
    for name, link in links.items():
        address = link.get("href") or ""
        assert parse_qs(urlsplit(address).query)["q"] == ["磁石"]
        found = len(select(page(client, address), "//article[@class='hit']"))
        assert found == (2 if name == "2025" else 1)
        count = link.getnext()
        assert count is not None and count.text_content() == str(found)


def test_an_empty_field_is_the_first_page_and_a_bad_one_is_explained(client: TestClient) -> None:
    assert texts(page(client, "/?q="), "//h1") == ["レアアース政策の資料に質問する"]
    assert texts(page(client, "/?q=%20&from="), "//h1") == ["レアアース政策の資料に質問する"]
    for address in ("/?q=。", "/search?q=。", "/?q=許可&from=昨日", "/search?q=許可&to=2025-13"):
        shown = page(client, address, 422)
        assert len(select(shown, "//div[@role='alert']")) == 1
        assert select(shown, "//textarea[@id='q']")[0].text_content() in ("。", "許可")


@dataclass(frozen=True)
class Hostile:
    """A collection whose names and words try to break out of a page."""

    client: TestClient
    file: str
    text: str


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    workshop = Workshop(tmp_path_factory.mktemp("hostile"))
    name = '<svg onload=alert(3)> & "it\'s".txt'
    workshop.write(name, HOSTILE)
    workshop.write("<u>空</u>.md", "")
    workshop.describe(
        {
            name: {
                "id": "h", "type": "report", "title": TITLE, "publisher": PUBLISHER,
                "issued": {"date-parts": [[2025, 4]]}, "URL": "javascript:alert(4)",
                "author": [{"literal": "</span><script>alert(5)</script>"}],
            }
        }
    )  # fmt: skip
    settings = replace(Settings(), corpus=workshop.corpus, index=workshop.index)
    ingestion(settings).run()
    knowledge = KnowledgeBase(settings)
    with knowledge.view() as view:
        stored = view.document(view.summaries()[0].id).text
    yield Hostile(TestClient(create_app(knowledge), base_url=ADDRESS), name, stored)


def harmless(shown: HtmlElement) -> None:
    """Nothing of the collection became markup."""
    for script in select(shown, "//script"):
        assert (script.get("src") or "").startswith("/static/")
        assert not words(script)
    for element in shown.iter():
        if not isinstance(element, HtmlElement) or not isinstance(element.tag, str):
            continue
        assert element.tag not in ("svg", "i", "b", "u"), element.tag
        assert not [name for name in element.attrib if str(name).startswith("on")]
        assert not (element.get("href") or "").startswith("javascript:")
    assert len(select(shown, "//main")) == len(select(shown, "//h1")) == 1


def test_words_of_a_document_stay_words(hostile: Hostile) -> None:
    client = hostile.client
    question = "希土類の輸出が\"許可\"された'場合'は<b>何</b>か&"
    addresses = {
        "ask": str(client.base_url.copy_with(path="/", params={"q": question})),
        "search": str(client.base_url.copy_with(path="/search", params={"q": question})),
        "documents": "/documents",
    }
    for name, address in addresses.items():
        shown = page(client, address)
        harmless(shown)
        assert "".join(TITLE.split()) in words(shown), name
        if name != "documents":
            assert select(shown, "//textarea[@id='q']")[0].text_content() == question
            options = [e.get("value") for e in select(shown, "//select[@name='publisher']/option")]
            assert options == ["", PUBLISHER]
    answered = page(client, addresses["ask"])
    assert 'alert("本文")' in marks(answered)
    copied = select(answered, "//button[@data-copy]")[0].get("data-copy") or ""
    assert TITLE in copied and PUBLISHER in copied


def test_a_hostile_document_is_read_as_it_is(hostile: Hostile) -> None:
    (listed,) = hostile.client.get("/api/v1/documents").json()["documents"]
    assert listed["path"] == hostile.file
    shown = page(hostile.client, f"/documents/{listed['id']}?start=0&end={len(hostile.text)}")
    harmless(shown)
    (body,) = select(shown, "//article[@class='body']")
    assert words(body) == "".join(hostile.text.split())
    assert "{{7*7}}" in words(body)
    assert "&lt;これは文字のまま&gt;" in words(body)
    collection = page(hostile.client, "/documents")
    harmless(collection)
    assert texts(collection, "//section[@class='rejected']//code") == ["<u>空</u>.md"]


def test_a_hostile_address_is_shown_as_it_is(hostile: Hostile) -> None:
    for path in ("/<script>alert(1)</script>", "/documents/<script>alert(1)</script>"):
        response = hostile.client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 404
        harmless(lxml.html.document_fromstring(response.text))
    host = hostile.client.get(
        "/", headers={"Accept": "text/html", "Host": "<script>alert(1)</script>"}
    )
    assert host.status_code == 421
    harmless(lxml.html.document_fromstring(host.text))


def test_the_original_keeps_a_hostile_name(hostile: Hostile) -> None:
    (listed,) = hostile.client.get("/api/v1/documents").json()["documents"]
    response = hostile.client.get(f"/api/v1/documents/{listed['id']}/original")
    assert response.content == HOSTILE.encode()
    assert response.headers["content-disposition"] == (
        'attachment; filename="<svg onload=alert(3)> & _it\'s_.txt"; '
        "filename*=UTF-8''%3Csvg%20onload%3Dalert%283%29%3E%20%26%20%22it%27s%22.txt"
    )


def test_an_original_that_changed_or_went_away_is_not_sent(tmp_path: Path) -> None:
    workshop = Workshop(tmp_path)
    file = workshop.write("輸出管理.md", "# 輸出管理\n\n許可の申請は商務部が受け付ける。\n")
    settings = replace(Settings(), corpus=workshop.corpus, index=workshop.index)
    ingestion(settings).run()
    client = TestClient(create_app(KnowledgeBase(settings)), base_url=ADDRESS)
    (listed,) = client.get("/api/v1/documents").json()["documents"]
    address = f"/api/v1/documents/{listed['id']}/original"
    assert client.get(address).content == file.read_bytes()
    file.write_text("別の内容", encoding="utf-8")
    assert "has changed" in client.get(address).json()["detail"]
    file.unlink()
    gone = client.get(address)
    assert (gone.status_code, gone.json()["type"]) == (404, "/problems/not-found")
