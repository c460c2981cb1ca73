"""/mcp as an assistant sees it: the SDK's own client over real HTTP against the real server."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient
from mcp import Client, MCPError
from mcp_types import CallToolResult, TextResourceContents

from kb.assembly import KnowledgeBase
from kb.server.mcp.shapes import MAX_PART
from kb.server.mcp.tools import TOOLS
from kb.settings import Settings
from tests.server.wire import Wire, problem, serving

QUESTION = "公告2025年第18号はどの元素を輸出許可制にしたか。"
MODES = ("legacy", "auto")
INITIALIZE = {
    "jsonrpc": "2.0", "id": 1, "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": {"name": "test", "version": "0"},
    },
}  # fmt: skip


def talk(wire: Wire, work: Callable[[Client], Awaitable[Any]], mode: str = "auto") -> Any:
    """What `work` comes to with a client that is connected to the server."""

    async def run() -> Any:
        async with Client(f"http://127.0.0.1:{wire.port}/mcp", mode=mode) as client:
            return await work(client)

    return anyio.run(run)


def call(wire: Wire, tool: str, **arguments: Any) -> dict[str, Any]:
    """The structured result of a tool, which must be the same as its text."""

    async def work(client: Client) -> CallToolResult:
        return await client.call_tool(tool, arguments)

    result = talk(wire, work)
    assert not result.is_error, result.content
    (content,) = result.content
    assert json.loads(content.text) == result.structured_content
    assert isinstance(result.structured_content, dict)
    return result.structured_content


def refusal(wire: Wire, tool: str, **arguments: Any) -> str:
    """What a tool says to a call that it cannot answer."""

    async def work(client: Client) -> CallToolResult:
        return await client.call_tool(tool, arguments)

    result = talk(wire, work)
    assert result.is_error
    (content,) = result.content
    text: str = content.text
    return text


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_described_and_only_read(wire: Wire, mode: str) -> None:
    async def work(client: Client) -> Any:
        assert "no_evidence" in (client.instructions or "")
        return (await client.list_tools()).tools

    tools = talk(wire, work, mode)
    assert [tool.name for tool in tools] == [tool.name for tool in TOOLS]
    for tool in tools:
        assert tool.annotations.read_only_hint and not tool.annotations.open_world_hint
        assert any(c.isascii() and c.isalpha() for c in tool.description)
        assert any("ぁ" <= c <= "ん" for c in tool.description)
        assert tool.input_schema["additionalProperties"] is False
        assert "generation" in tool.output_schema["properties"]
        for field in tool.input_schema["properties"].values():
            assert field["description"]


def test_search_finds_passages_that_can_be_read_on(wire: Wire, knowledge: KnowledgeBase) -> None:
    found = call(wire, "search", query="輸出許可", limit=3)
    with knowledge.view() as view:
        assert found["generation"] == view.generation
        assert [h["rank"] for h in found["hits"]] == [1, 2, 3]
        for hit in found["hits"]:
            one = call(wire, "get_passage", passage_id=hit["passage_id"], context=50)
            passage, text = one["passage"], view.document(hit["document"]["id"]).text
            start, end = passage["start"], passage["end"]
            assert hit["text"] == passage["text"] == text[start:end]
            assert one["before"] == text[max(0, start - 50) : start]
            assert one["after"] == text[end : end + 50]
            assert one["document"] == hit["document"]
            cited = call(wire, "format_citation", citation_ids=[one["citation_id"]])
            assert hit["document"]["title"] in cited["text"]
    narrowed = call(wire, "search", query="輸出許可", document=[found["hits"][0]["document"]["id"]])
    assert {h["document"]["id"] for h in narrowed["hits"]} == {found["hits"][0]["document"]["id"]}


@pytest.mark.parametrize("mode", MODES)
def test_ask_gives_what_the_api_gives(wire: Wire, client: TestClient, mode: str) -> None:
    async def work(client: Client) -> Any:
        return (await client.call_tool("ask", {"question": QUESTION})).structured_content

    asked = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    assert talk(wire, work, mode) == asked
    assert asked["outcome"] == "answered"
    nothing = call(wire, "ask", question="東京の明日の天気は")
    assert (nothing["outcome"], nothing["statements"]) == ("no_evidence", [])


def test_a_document_is_read_in_parts(wire: Wire, knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        document = view.document(view.summaries()[0].id)
    start: int | None = 0
    parts = []
    while start is not None:
        part = call(wire, "get_document", document_id=document.id, start=start, length=1500)
        parts.append(part["text"])
        assert (part["start"], part["length"]) == (start, len(document.text))
        start = part["next_start"]
    assert len(parts) > 1
    assert "".join(parts) == document.text
    assert part["sections"][0]["heading_path"] == list(document.sections[0].heading_path)


def test_a_quotation_is_verified(wire: Wire) -> None:
    quote = call(wire, "ask", question=QUESTION)["citations"][0]["quote"]
    assert call(wire, "verify_quote", quote=quote)["verdict"] == "exact"
    assert call(wire, "verify_quote", quote="月は青いチーズでできている。")["matches"] == []


def test_citations_are_formatted_as_the_api_does(wire: Wire, client: TestClient) -> None:
    citations = call(wire, "ask", question=QUESTION)["citations"]
    ids = [citation["id"] for citation in citations]
    day = "2026-01-31"
    note = call(wire, "format_citation", citation_ids=ids, accessed=day)
    assert len(note["text"].splitlines()) == len(ids)
    assert citations[0]["document"]["title"] in note["text"]
    for form in ("csl", "bibtex", "ris"):
        body = {"ids": ids, "format": form, "accessed": day}
        exported = client.post("/api/v1/citations/export", json=body)
        found = call(wire, "format_citation", citation_ids=ids, format=form, accessed=day)
        assert found["text"] == exported.text
        assert found["media_type"] == exported.headers["content-type"]
    assert call(wire, "format_citation", citation_ids=ids[:1], style="chicago")["text"]


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("search", {"query": "。"}, "invalid-question: "),
        ("search", {"query": "x" * 2000}, "invalid-question: "),
        ("search", {"query": "許可", "limit": 21}, "invalid-request: limit: "),
        ("search", {"query": "許可", "colour": "red"}, "invalid-request: colour: "),
        ("search", {}, "invalid-request: query: "),
        ("search", {"query": "許可", "from": "2025-13"}, "invalid-request: from: "),
        ("ask", {"question": ""}, "invalid-question: "),
        ("get_passage", {"passage_id": "p"}, "not-found: there is no passage 'p'"),
        ("get_document", {"document_id": "d"}, "not-found: there is no document 'd'"),
        ("verify_quote", {"quote": "x", "document_id": "d"}, "not-found: "),
        ("format_citation", {"citation_ids": ["c"]}, "not-found: "),
        ("format_citation", {"citation_ids": []}, "invalid-request: citation_ids: "),
        ("format_citation", {"citation_ids": ["c"], "format": "doc"}, "invalid-request: format: "),
        ("delete_document", {}, "not-found: there is no tool 'delete_document'; use search, "),
    ],
)  # fmt: skip
def test_errors_are_told_in_our_words(
    wire: Wire, tool: str, arguments: dict[str, Any], message: str
) -> None:
    assert refusal(wire, tool, **arguments).startswith(message)


def test_a_place_after_the_end_is_refused(wire: Wire, knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        one = view.summaries()[0]
    said = refusal(wire, "get_document", document_id=one.id, start=one.characters + 1)
    assert said.startswith(f"invalid-request: start: the text has {one.characters} characters")


def test_results_are_bounded(wire: Wire, knowledge: KnowledgeBase) -> None:
    found = call(wire, "search", query="レアアースの輸出規制", limit=20)
    assert len(json.dumps(found, ensure_ascii=False).encode()) < 64 * 1024
    with knowledge.view() as view:
        longest = max(view.summaries(), key=lambda s: s.characters)
    part = call(wire, "get_document", document_id=longest.id, length=MAX_PART)
    assert len(json.dumps(part, ensure_ascii=False).encode()) < 128 * 1024


def test_documents_are_resources(wire: Wire, knowledge: KnowledgeBase) -> None:
    async def work(client: Client) -> None:
        listed = await client.list_resources()
        (template,) = (await client.list_resource_templates()).resource_templates
        assert template.uri_template == "kido://documents/{document_id}{?start,end}"
        with knowledge.view() as view:
            assert [(r.name, r.title) for r in listed.resources] == [
                (s.path, s.title) for s in view.summaries()
            ]
            text = view.document(view.summaries()[0].id).text
        uri = listed.resources[0].uri
        for query, start, end in (("", 0, len(text)), ("?start=10&end=25", 10, 25)):
            (content,) = (await client.read_resource(uri + query)).contents
            assert isinstance(content, TextResourceContents)
            assert content.text == text[start : min(end, start + MAX_PART)]
            assert content.meta is not None
            assert content.meta["generation"] == view.generation
            assert content.meta["length"] == len(text)
        for bad, message in (
            ("kido://documents/none", "not-found: "),
            ("kido://elsewhere/x", "not-found: there is no resource"),
            ("file:///etc/passwd", "not-found: there is no resource"),
            ("kido://[documents/x", "not-found: 'kido://[documents/x' is no address"),
            ("kido://documents/../x", "not-found: there is no resource"),
            (uri + "?start=9&end=8", "invalid-request: uri: 9 to 8 is no part"),
            (uri + "?start=x", "invalid-request: offset: 'x' is not a whole number"),
            (uri + "?page=1", "invalid-request: uri: ['page'] cannot be given"),
        ):
            with pytest.raises(MCPError, match=message.replace("[", r"\[")):
                await client.read_resource(bad)

    talk(wire, work)


def test_only_post_is_taken(client: TestClient) -> None:
    for method in ("GET", "DELETE", "PUT", "OPTIONS"):
        response = client.request(method, "/mcp")
        body = problem(response, 405, "method-not-allowed")
        assert body["detail"].startswith(f"/mcp takes POST, not {method}")
        assert response.headers["allow"] == "POST"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://elsewhere.example", 403), ("null", 403),
        ("http://127.0.0.1.elsewhere.example", 403),
        ("ftp://127.0.0.1", 403), ("http://127.0.0.1:8000", 200), ("http://localhost:3000", 200),
    ],
)  # fmt: skip
def test_pages_of_other_sites_are_refused(client: TestClient, origin: str, status: int) -> None:
    headers = {"Origin": origin, "Accept": "application/json, text/event-stream"}
    response = client.post("/mcp", json=INITIALIZE, headers=headers)
    assert response.status_code == status
    if status == 403:
        assert origin in problem(response, 403, "foreign-origin")["detail"]
    else:
        assert response.json()["result"]["serverInfo"]["name"] == "kido"


def test_other_hosts_are_misdirected(client: TestClient) -> None:
    response = client.post("/mcp", json=INITIALIZE, headers={"Host": "elsewhere.example"})
    problem(response, 421, "misdirected")


def test_no_session_is_kept(client: TestClient) -> None:
    headers = {"Accept": "application/json, text/event-stream"}
    response = client.post("/mcp", json=INITIALIZE, headers=headers)
    assert response.headers["content-type"] == "application/json"
    assert "mcp-session-id" not in response.headers
    listed = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    assert client.post("/mcp", json=listed, headers=headers).json()["result"]["tools"]


def test_without_an_index_the_tools_say_so(tmp_path: Path) -> None:
    from kb.server.app import create_app

    with serving(create_app(KnowledgeBase(Settings(index=tmp_path / "none")))) as server:
        assert refusal(server, "search", query="許可").startswith("index-unavailable: ")


def test_an_error_of_ours_stays_on_the_server(
    knowledge: KnowledgeBase, caplog: pytest.LogCaptureFixture
) -> None:
    from kb.server.app import create_app

    class Broken(KnowledgeBase):
        def __init__(self) -> None:
            self.settings = Settings()

    with serving(create_app(Broken())) as server:
        said = refusal(server, "search", query="許可")
    assert said == "internal: something went wrong inside Kido; the server's log says what"
    assert "unexpected error in search of /mcp" in caplog.text


def test_the_protocol_is_not_loaded_before_it_is_spoken() -> None:
    code = "import sys, kb.server.app; print(any(m.split('.')[0] == 'mcp' for m in sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
