"""The answer of a language model in a real browser: verified sentences, as they come."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from kb.assembly import KnowledgeBase
from kb.server.app import create_app
from kb.settings import Settings
from tests.answering.model.served import Request, Sentences, Server, serving
from tests.conftest import CORPUS
from tests.e2e.conftest import Visitors
from tests.server.wire import serving as serving_app

QUESTION = "公告2025年第18号はどの元素を輸出許可制にしたか。"
LIE = ("関税率は47.3％に引き上げられた。", [1])


@dataclass
class Stage:
    """A server with a model, and who visits it."""

    model: Server
    visitors: Visitors
    page: str = field(default=f"/?q={quote(QUESTION)}")


@pytest.fixture(scope="module")
def stage(corpus_index: Path, browser: Any) -> Iterator[Stage]:
    with serving(Sentences(lambda p: [])) as model:
        settings = Settings(corpus=CORPUS, index=corpus_index, model_url=model.url, model="m")
        with serving_app(create_app(KnowledgeBase(settings))) as wire:
            yield Stage(model, Visitors(browser, f"http://127.0.0.1:{wire.port}"))


def true(passages: list[dict[str, Any]]) -> list[tuple[str, list[int]]]:
    return [(p["text"], [p["number"]]) for p in passages if "[" not in p["text"]][:2]


def test_verified_sentences_are_added_with_their_quotations(stage: Stage) -> None:
    model = Sentences(lambda p: [LIE, *true(p)])
    stage.model.play = model
    with stage.visitors.visit() as visit:
        page = visit.go(stage.page)
        page.wait_for_selector("section.composed[data-state=done]")
        said = page.locator("section.composed li > p").all_text_contents()
        assert said == [text for text, _ in true(model.shown)]
        quotes = page.locator("section.composed blockquote").all_text_contents()
        assert all(any(text in q for q in quotes) for text in said)
        assert "47.3" not in page.content()
        assert page.locator("section.composed .state").text_content() == ""
        page.locator("section.composed footer a").first.click()
        page.wait_for_selector("#cited")
        assert said[0] in (page.locator("mark#cited").text_content() or "")


def test_each_sentence_is_shown_before_the_model_has_ended(stage: Stage) -> None:
    go_on = threading.Event()

    def held(request: Request, body: dict[str, Any]) -> None:
        model = Sentences(true)
        end = request.stop

        def stop(reason: str = "stop") -> None:
            go_on.wait(60)
            end(reason)

        request.stop = stop  # type: ignore[method-assign]
        model(request, body)

    stage.model.play = held
    with stage.visitors.visit() as visit:
        page = visit.go(stage.page)
        page.wait_for_selector("section.composed li")
        assert "照合しています" in page.locator("section.composed .state").text_content()
        go_on.set()
        page.wait_for_selector("section.composed[data-state=done]")


def test_a_model_that_lies_is_not_shown_and_the_page_says_so(stage: Stage) -> None:
    stage.model.play = Sentences(lambda p: [LIE])
    with stage.visitors.visit() as visit:
        page = visit.go(stage.page + "&lang=en")
        page.wait_for_selector("section.composed[data-state=failed]")
        assert page.locator("section.composed li").count() == 0
        assert "did not hold" in page.locator("section.composed .state").text_content()
        assert page.locator("ol.statements li").count() >= 1


def test_without_scripts_and_without_evidence_there_is_the_extracted_answer_only(
    stage: Stage,
) -> None:
    stage.model.play = Sentences(true)
    stage.model.seen.clear()
    with stage.visitors.visit(scripts=False) as visit:
        page = visit.go(stage.page)
        assert page.locator("ol.statements li").count() >= 1
        assert not page.locator("section.composed").is_visible()
    with stage.visitors.visit() as visit:
        page = visit.go(f"/?q={quote('東京の明日の天気は')}")
        assert page.locator("section.composed").count() == 0
    assert stage.model.seen == []


def test_markup_of_a_model_is_text(stage: Stage, corpus_index: Path) -> None:
    stage.model.play = Sentences(lambda p: [("<img src=x onerror=alert(1)>", [1]), *true(p)])
    with stage.visitors.visit() as visit:
        page = visit.go(stage.page)
        page.wait_for_selector("section.composed[data-state=done]")
        assert page.locator("section.composed img").count() == 0
