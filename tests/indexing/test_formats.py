"""Indexes of earlier formats open, or say which command builds them again; their citations stay."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from kb.assembly import KnowledgeBase
from kb.errors import EncoderError, IndexUnavailable
from kb.index_errors import index_errors
from kb.indexing.generation import INDEX_FORMAT
from kb.indexing.ledger import LEDGER_FORMAT, Ledger
from kb.indexing.schema import STORE_FORMAT
from kb.ingesting import ingestion
from kb.settings import Settings
from tests.indexing.formats.make import HERE, QUESTION, TEXT

ARCHIVES = sorted(HERE.glob("*.tar.xz"), key=lambda path: path.name)
PRESENT = f"index-{INDEX_FORMAT}-store-{STORE_FORMAT}-ledger-{LEDGER_FORMAT}.tar.xz"


def unpacked(archive: Path, folder: Path) -> Settings:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    settings = replace(Settings(), corpus=folder / "corpus", index=folder / "index")
    settings.corpus.mkdir()
    (settings.corpus / "reserve.md").write_text(TEXT, encoding="utf-8")
    return settings


def test_the_present_format_is_among_those_that_are_kept() -> None:
    assert PRESENT in {path.name for path in ARCHIVES}, "run python -m tests.indexing.formats.make"


@pytest.mark.parametrize("archive", ARCHIVES, ids=lambda path: path.name)
def test_an_index_of_each_format_opens_or_says_what_to_run(archive: Path, tmp_path: Path) -> None:
    settings = unpacked(archive, tmp_path)
    given = len(Ledger(settings.index, limit=0))
    try:
        with KnowledgeBase(settings).view() as view:
            assert view.ask(QUESTION).citations
    except (IndexUnavailable, EncoderError) as error:
        assert "run `kb ingest`" in str(error)
    ingestion(settings).run()
    assert index_errors(settings) == []
    with KnowledgeBase(settings).view() as view:
        assert "60日分" in view.ask(QUESTION).text
    assert len(Ledger(settings.index, limit=0)) >= given
