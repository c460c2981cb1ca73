"""Answers as they come about: events, their order and shapes, and nothing that is not verified."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from kb.server.streaming import ahead
from kb.settings import Settings
from tests.answering.model.served import Sentences, Server, serving
from tests.conftest import CORPUS
from tests.server import shapes
from tests.server.shapes import departures
from tests.server.wire import ADDRESS, LONGEST, problem

QUESTION = "公告2025年第18号はどの元素を輸出許可制にしたか。"
SAID = {"text": str, "citations": [int], "sources": [shapes.CITATION]}
STREAM = "/api/v1/ask/stream"


@pytest.fixture(scope="module")
def model() -> Iterator[Server]:
    with serving(Sentences(lambda p: [])) as server:
        yield server


@pytest.fixture(scope="module")
def composing(corpus_index: Path, model: Server) -> TestClient:
    """A server with a model."""
    settings = Settings(corpus=CORPUS, index=corpus_index, model_url=model.url, model="m")
    return TestClient(create_app(KnowledgeBase(settings)), base_url=ADDRESS)


def events(client: TestClient, **body: Any) -> list[tuple[str, Any]]:
    """The events of an answer, each of which must have its shape."""
    response = client.post(STREAM, json={"question": QUESTION, **body})
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert response.headers["cache-control"] == "no-cache"
    found = []
    for block in response.text.removesuffix("\n\n").split("\n\n"):
        name, data = block.split("\n")
        value = json.loads(data.removeprefix("data: "))
        shape = SAID if name == "event: statement" else shapes.ASK
        assert departures(value, shape) == []
        found.append((name.removeprefix("event: "), value))
    return found


def test_without_a_model_the_extracted_answer_comes_and_ends(client: TestClient) -> None:
    asked = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    assert asked["composed_by"] == "extraction"
    assert events(client) == [("answer", asked), ("end", asked)]


def test_verified_statements_come_between(composing: TestClient, model: Server) -> None:
    lie = ("関税率は47.3％に引き上げられた。", [1])

    def half_true(passages: list[dict[str, Any]]) -> list[tuple[str, list[int]]]:
        true = [(p["text"], [p["number"]]) for p in passages if "[" not in p["text"]]
        return [lie, true[0], true[3]]

    model.play = Sentences(half_true)
    (first, extracted), *between, (last, answer) = events(composing)
    assert (first, last) == ("answer", "end")
    assert [name for name, _ in between] == ["statement", "statement"]
    assert extracted["composed_by"] == "extraction"
    assert answer["composed_by"] == "model"
    assert [{"text": s["text"], "citations": s["citations"]} for _, s in between] == (
        answer["statements"]
    )
    by_number = {c["number"]: c for c in answer["citations"]}
    for _, said in between:
        assert said["sources"] == [by_number[n] for n in said["citations"]]
        assert said["text"] in [source["quote"] for source in said["sources"]]
    assert "47.3" not in json.dumps([extracted, between, answer])
    assert composing.post("/api/v1/ask", json={"question": QUESTION}).json() == answer


def test_a_model_that_lies_leaves_the_extracted_answer(
    composing: TestClient, model: Server
) -> None:
    model.play = Sentences(lambda p: [("関税率は47.3％に引き上げられた。", [1])])
    (_, extracted), (last, answer) = events(composing)
    assert last == "end"
    assert answer == {**extracted, "fallback": "unverified"}
    assert composing.post("/api/v1/ask", json={"question": QUESTION}).json() == answer


def test_the_model_is_left_out_where_it_is_not_wanted(composing: TestClient, model: Server) -> None:
    model.seen.clear()
    body = {"question": QUESTION, "compose": False}
    asked = composing.post("/api/v1/ask", json=body).json()
    assert events(composing, compose=False) == [("answer", asked), ("end", asked)]
    assert (asked["composed_by"], asked["fallback"]) == ("extraction", None)
    nothing = composing.post("/api/v1/ask", json={"question": "東京の明日の天気は"}).json()
    assert (nothing["outcome"], nothing["fallback"]) == ("no_evidence", None)
    assert model.seen == []


def test_what_is_no_question_has_its_problem(client: TestClient) -> None:
    problem(client.post(STREAM, json={"question": "。"}), 422, "invalid-question")
    problem(client.post(STREAM, json={}), 422, "invalid-request")
    problem(client.get(STREAM), 405, "method-not-allowed")
    problem(client.post(STREAM + "?x=1", json={"question": QUESTION}), 422, "invalid-request")


def test_the_stream_is_described_with_an_example(client: TestClient) -> None:
    operation = client.get("/openapi.json").json()["paths"][STREAM]["post"]
    content = operation["responses"]["200"]["content"]
    assert list(content) == ["text/event-stream"]
    assert content["text/event-stream"]["example"].startswith("event: answer\n")


def test_a_place_with_the_model_is_free_however_slowly_an_answer_is_read() -> None:
    free = threading.Event()

    def steps() -> Iterator[int]:
        try:
            yield from range(100)
        finally:
            free.set()

    reader = ahead(steps())
    assert next(reader) == 0
    assert free.wait(LONGEST)  # nothing more was read
    assert list(reader) == list(range(1, 100))


def test_a_reader_that_leaves_ends_what_it_asked_for() -> None:
    free, go_on = threading.Event(), threading.Event()

    def steps() -> Iterator[int]:
        try:
            yield 0
            go_on.wait(LONGEST)
            yield 1
            raise AssertionError("nobody wants this")
        finally:
            free.set()

    reader = ahead(steps())
    assert next(reader) == 0
    reader.close()  # type: ignore[attr-defined]
    go_on.set()
    assert free.wait(LONGEST)


def test_an_error_on_the_way_reaches_the_reader() -> None:
    def steps() -> Iterator[int]:
        yield 0
        raise ValueError("lost")

    reader = ahead(steps())
    assert next(reader) == 0
    with pytest.raises(ValueError, match="lost"):
        next(reader)
