"""What is made ready right after the start: the examples, and nothing that counts as cited."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kb.assembly import KnowledgeBase
from kb.indexing.ledger import FILE
from kb.server.app import create_app
from kb.server.readying import readied
from kb.settings import Settings


def test_the_examples_are_found_without_a_citation(knowledge: KnowledgeBase) -> None:
    ledger = knowledge.settings.index / FILE
    before = ledger.read_bytes() if ledger.exists() else None
    app = create_app(knowledge)
    readied(app, later=0).join()
    assert (ledger.read_bytes() if ledger.exists() else None) == before
    with knowledge.view() as view:
        catalogues = app.state.pages.catalogues
        found = app.state.examples.of(view, catalogues["ja"])
        assert found and app.state.examples.of(view, catalogues["en"])
        assert all(view.answers(question) for question in found)
        assert not view.answers("東京の明日の天気は")


def test_a_server_without_an_index_only_loads_its_templates(tmp_path: Path) -> None:
    app = create_app(KnowledgeBase(replace(Settings(), index=tmp_path)))
    readied(app).join()
