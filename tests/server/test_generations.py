"""The index while it is served: missing, damaged, replaced, and asked from many sides at once."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase, ingestion
from kb.indexing.generation import open_current
from kb.server.app import create_app
from kb.settings import Settings
from tests.ingest.corpora import Workshop
from tests.server.wire import ADDRESS, Wire, problem, serving

QUESTION = "審査日数の上限は何日か。"


def report(edition: int) -> str:
    return (
        f"# 審査の手引\n\n第{edition}版の手引によると、審査日数の上限は{edition}日である。\n\n"
        f"## 備考\n\n第{edition}版では、申請の窓口は商務部に置かれる。\n"
    )


class Library(Workshop):
    """A corpus whose report is replaced edition by edition."""

    @property
    def settings(self) -> Settings:
        return replace(Settings(), corpus=self.corpus, index=self.index)

    def publish(self, edition: int) -> str:
        """Index an edition and give the name of the generation."""
        self.write("手引.md", report(edition))
        return ingestion(self.settings).run().generation

    def client(self) -> TestClient:
        return TestClient(create_app(KnowledgeBase(self.settings)), base_url=ADDRESS)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def ask(client: TestClient) -> Any:
    response = client.post("/api/v1/ask", json={"question": QUESTION})
    assert response.status_code == 200, response.text
    return response.json()


def test_without_an_index_every_call_says_what_to_do(library: Library) -> None:
    client = library.client()
    for response in (
        client.get("/healthz"),
        client.get("/api/v1/documents"),
        client.get("/api/v1/search", params={"q": "許可"}),
        client.post("/api/v1/ask", json={"question": "許可"}),
        client.post("/api/v1/verify", json={"quote": "許可"}),
        client.get("/api/v1/documents/x/original"),
    ):
        body = problem(response, 503, "index-unavailable")
        assert "kb ingest" in body["detail"]
        assert response.headers["retry-after"] == "5"
    problem(client.post("/api/v1/ask", json={}), 422, "invalid-request")


def test_without_an_index_the_pages_say_what_to_do(library: Library) -> None:
    client = library.client()
    collection = client.get("/documents")
    assert collection.status_code == 200 and "索引はまだありません" in collection.text
    for path in ("/", "/?q=許可", "/search", "/documents/x"):
        response = client.get(path, headers={"Accept": "text/html"})
        assert response.status_code == 503
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert response.headers["retry-after"] == "5"
        assert "索引がまだ使えません" in response.text and "kb ingest" in response.text
    assert client.get("/static/kido.css").status_code == 200
    assert client.get("/openapi.json").status_code == 200


def test_an_index_that_appears_is_served_without_a_restart(library: Library) -> None:
    client = library.client()
    assert client.get("/healthz").status_code == 503
    name = library.publish(45)
    assert client.get("/healthz").json()["generation"] == name
    assert "45日" in ask(client)["text"]


def test_a_damaged_index_is_not_served(library: Library) -> None:
    library.publish(45)
    store = open_current(library.index).store
    data = bytearray(store.read_bytes())
    data[len(data) // 2] ^= 1
    store.write_bytes(data)
    client = library.client()
    response = client.get("/api/v1/documents")
    assert "kb ingest" in problem(response, 503, "index-damaged")["detail"]
    assert response.headers["retry-after"] == "5"
    page = client.get("/", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "索引が壊れています" in page.text


def test_the_next_answer_comes_from_the_new_generation(library: Library) -> None:
    old = library.publish(45)
    client = library.client()
    first = ask(client)
    assert (first["generation"], first["citations"][0]["quote"]) == (
        old, "第45版の手引によると、審査日数の上限は45日である。",
    )  # fmt: skip
    new = library.publish(60)
    assert new != old
    second = ask(client)
    assert (second["generation"], second["citations"][0]["quote"]) == (
        new, "第60版の手引によると、審査日数の上限は60日である。",
    )  # fmt: skip
    assert client.get("/healthz").json()["generation"] == new
    # What was cited is no longer there; the earlier version still shows it, and that is said.
    cited = first["citations"][0]
    kept = client.get(f"/api/v1/citations/{cited['id']}").json()
    assert (kept["quote"], kept["superseded"]) == (cited["quote"], True)


def test_a_damaged_new_generation_does_not_end_the_service(library: Library) -> None:
    old = library.publish(45)
    client = library.client()
    assert ask(client)["generation"] == old
    library.publish(60)
    store = open_current(library.index).store
    store.write_bytes(b"\0" * 100)
    assert ask(client)["generation"] == old
    assert "45日" in ask(client)["text"]


def editions_in(body: str) -> set[int]:
    return {int(found) for found in re.findall(r"第([0-9]+)版", body)}


def test_each_answer_is_of_one_generation_while_the_index_changes(library: Library) -> None:
    """Eight threads ask while six editions replace each other."""
    editions = {library.publish(11): 11}
    calls: list[Callable[[Wire], Any]] = [
        lambda wire: wire.post("/api/v1/ask", {"question": QUESTION}),
        lambda wire: wire.get(b"/api/v1/search?q=%E5%AF%A9%E6%9F%BB"),
        lambda wire: wire.post("/api/v1/ask", {"question": "窓口はどこに置かれるか。"}),
        lambda wire: wire.get(f"/api/v1/documents/{document}/text".encode()),
    ]
    done = threading.Event()

    def keep_asking(wire: Wire, number: int) -> list[tuple[str, set[int]]]:
        seen: list[tuple[str, set[int]]] = []
        while not done.is_set() or len(seen) < 4:
            response = calls[(number + len(seen)) % len(calls)](wire)
            assert response.status_code == 200, response.content
            body = response.content.decode()
            seen.append((json.loads(body)["generation"], editions_in(body)))
        return seen

    knowledge = KnowledgeBase(library.settings)
    with knowledge.view() as view:
        document = view.summaries()[0].id
    with serving(create_app(knowledge)) as wire, ThreadPoolExecutor(8) as pool:
        running = [pool.submit(keep_asking, wire, number) for number in range(8)]
        try:
            for edition in range(12, 17):
                editions[library.publish(edition)] = edition
        finally:
            done.set()
        seen = [one for future in running for one in future.result(timeout=60)]
        last = json.loads(wire.get(b"/healthz").content)["generation"]
    assert len(editions) == 6
    assert editions[last] == 16
    assert all(found == {editions[generation]} for generation, found in seen)
    assert len({generation for generation, _ in seen}) > 1
