"""The page of an answer: its beginning is sent before the answer is worked out."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from kb.assembly import KnowledgeBase, View
from kb.domain import Answer
from kb.errors import IndexDamaged
from kb.server.app import create_app
from tests.server.wire import serving

QUESTION = "中国は2025年10月に公表した規制をいつまで停止したか。"
ASK = f"/?q={quote(QUESTION)}"


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Answers wait until this is set."""
    free, ask = threading.Event(), View.ask

    def waiting(view: View, question: str, **options: object) -> Answer:
        assert free.wait(20)
        return ask(view, question, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(View, "ask", waiting)
    yield free
    free.set()


def failing(error: Exception) -> Callable[..., Answer]:
    def fail(*_: object, **__: object) -> Answer:
        raise error

    return fail


def test_the_field_comes_before_the_answer(knowledge: KnowledgeBase, held: threading.Event) -> None:
    with serving(create_app(knowledge)) as server:
        connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", ASK)
        response = connection.getresponse()
        assert response.status == 200
        assert response.getheader("content-language") == "ja"
        beginning = response.read1(100_000).decode()
        assert 'rel="stylesheet"' in beginning and 'id="q"' in beginning
        assert "statements" not in beginning
        held.set()
        rest = response.read().decode()
        assert '<ol class="statements"' in rest and rest.rstrip().endswith("</html>")
        connection.close()


@pytest.mark.parametrize(
    ("error", "said"), [(IndexDamaged("broken"), "broken"), (ZeroDivisionError("secret"), "")]
)
def test_what_goes_wrong_behind_the_beginning_is_said_on_the_page(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(View, "ask", failing(error))
    page = client.get(ASK).text
    assert 'class="notice"' in page and said in page
    assert "secret" not in page and page.rstrip().endswith("</html>")


def test_what_cannot_be_asked_has_its_own_status(client: TestClient) -> None:
    long = client.get("/", params={"q": "問" * 5000})
    assert long.status_code == 422 and 'class="notice"' in long.text
    assert client.get("/", params={"q": "問い", "from": "x"}).status_code == 422
