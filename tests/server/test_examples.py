"""The questions of the first page are answered by the collection that it stands before."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from kb.assembly import KnowledgeBase, ingestion
from kb.domain import Outcome
from kb.server.examples import SHOWN, Examples
from kb.server.words import read_catalogues
from kb.settings import Settings
from tests.conftest import ROOT
from tests.ingest.corpora import MAGNETS, PANEL


def test_only_what_is_answered_is_offered(knowledge: KnowledgeBase) -> None:
    catalogues = read_catalogues(ROOT / "web" / "locale")
    with knowledge.view() as view:
        for words in catalogues.values():
            offered = Examples().of(view, words)
            assert 3 <= len(offered) <= SHOWN
            assert all(view.ask(q).outcome is Outcome.ANSWERED for q in offered)


def test_another_collection_has_other_examples(tmp_path: Path) -> None:
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    (corpus / "magnets.md").write_text(MAGNETS, encoding="utf-8")
    (corpus / "panel.md").write_text(PANEL, encoding="utf-8")
    settings = replace(Settings(), corpus=corpus, index=tmp_path / "index")
    ingestion(settings).run()
    words = read_catalogues(ROOT / "web" / "locale")["ja"]
    examples = Examples()
    with KnowledgeBase(settings).view() as view:
        offered = examples.of(view, words)
        assert all(view.ask(q).outcome is Outcome.ANSWERED for q in offered)
        assert examples.of(view, words) is offered
