"""The Python client against a real server process: every call, and errors by their kinds."""

from __future__ import annotations

import datetime
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import rispy

from kb.client import Client, InvalidRequest, NotFound, TooLarge, Unreachable
from kb.client.shaping import value_of
from kb.client.values import Answer, DocumentRef
from tests.e2e.conftest import PROXY
from tests.server.wire import Wire

QUESTION = "中国は2025年10月に公表した規制をいつまで停止したか。"


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address) as client:
        yield client


@pytest.fixture(scope="module")
def answer(client: Client) -> Answer:
    answer = client.ask(QUESTION)
    assert answer.outcome == "answered" and answer.citations
    return answer


def test_a_question_leads_to_its_sources_letter_for_letter(client: Client, answer: Answer) -> None:
    for citation in answer.citations:
        text = client.text(citation.document.id, citation.start, citation.end)
        assert text.text == citation.quote
        traced = client.citation(citation.id)
        assert (traced.status, traced.quote, traced.now) == ("same", citation.quote, None)
        assert traced.selector[0]["exact"] == citation.quote


def test_the_value_of_an_answer_is_a_span_of_what_it_cites(client: Client, answer: Answer) -> None:
    assert answer.value is not None and answer.value.text == "2026年11月10日"
    cited = next(c for c in answer.citations if c.number == answer.value.citation)
    assert cited.start <= answer.value.start < answer.value.end <= cited.end
    stated = client.text(cited.document.id, answer.value.start, answer.value.end)
    assert stated.text == answer.value.text
    assert (answer.composed_by, answer.fallback) == ("extraction", None)


def test_dates_that_a_reader_infers_stand_beside_a_quotation(client: Client) -> None:
    found = client.ask("ガリウムとゲルマニウムの許可はいつ施行されたか").citations[0]
    assert [(date.text, date.iso) for date in found.dates] == [("8月1日", "2023-08-01")]
    for date in found.dates:
        assert client.text(found.document.id, date.start, date.end).text == date.text


def test_a_question_without_evidence(client: Client) -> None:
    nothing = client.ask("東京の明日の天気は")
    assert (nothing.outcome, nothing.citations) == ("no_evidence", ())


def test_searching(client: Client) -> None:
    found = client.search("輸出許可", limit=4)
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4]
    hit = found.hits[0]
    assert client.text(hit.document.id, hit.passage.start, hit.passage.end).text == hit.passage.text
    only = client.search("輸出許可", filters={"document": [hit.document.id]})
    assert {one.document.id for one in only.hits} == {hit.document.id}


def test_documents(client: Client, corpus: Path) -> None:
    documents = client.documents()
    assert {d.path for d in documents} == {p.name for p in corpus.iterdir()} - {"library.json"}
    one = documents[0]
    assert client.document(one.id) == one
    assert client.text(one.id).length == one.characters
    assert client.original(one.id) == (corpus / one.path).read_bytes()


def test_citing_a_passage_that_was_found(client: Client) -> None:
    passage = client.search("輸出許可").hits[0].passage
    cited = client.cite(passage.document_id, passage.start, passage.end)
    assert (cited.quote, client.citation(cited.id)) == (passage.text, cited)


def test_exporting_the_citations_of_an_answer(client: Client, answer: Answer) -> None:
    ids = [citation.id for citation in answer.citations]
    day = datetime.date(2026, 11, 25)
    made = client.export(ids, "ris", accessed=day)
    assert made.media_type.startswith("application/x-research-info-systems")
    assert made.file_name.endswith(".ris")
    entries = rispy.loads(made.text)
    assert {e["title"] for e in entries} == {c.document.title for c in answer.citations}
    footnotes = client.export(ids, "text", style="chicago", accessed=day).text.splitlines()
    assert len(footnotes) == len(ids)


def test_checking_quotations(client: Client, answer: Answer) -> None:
    quote = answer.citations[0].quote
    exact = client.verify(quote)
    assert exact.verdict == "exact" and exact.complete
    assert answer.citations[0].id in [match.citation_id for match in exact.matches]
    assert client.verify("この一文はどの資料にもない。").verdict == "not_found"
    good, bad = client.verify_manuscript(f"「{quote}」と『どこにもない文である』")
    assert (good.verdict, bad.verdict) == ("exact", "not_found")
    assert good.footnote and bad.footnote is None


def test_errors_have_kinds(client: Client) -> None:
    with pytest.raises(NotFound) as missing:
        client.citation("c" * 38)
    assert (missing.value.status, missing.value.type) == (404, "/problems/not-found")
    with pytest.raises(NotFound):
        client.document("../x")
    with pytest.raises(InvalidRequest) as invalid:
        client.search("許可", limit=1000)
    assert [error["where"] for error in invalid.value.errors] == ["query.limit"]
    with pytest.raises(InvalidRequest, match="empty"):
        client.ask(" ")
    with pytest.raises(TooLarge):
        client.verify("許" * 100_000)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with Client(address, timeout=2) as nobody, pytest.raises(Unreachable) as unreachable:
            nobody.documents()
    assert unreachable.value.status == 0


def test_an_answer_of_another_shape_is_refused() -> None:
    whole = {"id": "d", "path": "a", "title": "t", "publisher": None, "published": None,
             "format": "pdf", "new": 1}  # fmt: skip
    assert value_of(DocumentRef, whole).format == "pdf"
    with pytest.raises(ValueError, match="DocumentRef has no format"):
        value_of(DocumentRef, {k: w for k, w in whole.items() if k != "format"})
    with pytest.raises(ValueError, match=r"DocumentRef\.id is 3, not a str"):
        value_of(DocumentRef, {**whole, "id": 3})
    with pytest.raises(ValueError, match="not an object"):
        value_of(DocumentRef, [])


def test_only_names_that_were_allowed_are_answered_for(address: str) -> None:
    wire = Wire(int(address.rpartition(":")[2]))
    assert wire.get(b"/healthz", f"Host: {PROXY}").status_code == 200
    assert wire.get(b"/healthz", f"Host: {PROXY}:8443").status_code == 200
    assert wire.get(b"/healthz", f"Host: a.{PROXY}").status_code == 421
    sent = f"Host: {PROXY}", f"Origin: https://{PROXY}", "Sec-Fetch-Site: same-origin"
    assert wire.get(b"/api/v1/reindex", *sent, method="POST").status_code == 403  # without a key
    other = f"Host: {PROXY}", "Origin: https://elsewhere.example"
    refused = wire.get(b"/api/v1/verify", *other, method="POST")
    assert (refused.status_code, b"foreign-origin" in refused.content) == (403, True)
