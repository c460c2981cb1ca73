"""Backups: made while others read and write, checked, and served or restored."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb import failpoints
from kb.assembly import KnowledgeBase
from kb.backup import back_up, restore
from kb.cli import main
from kb.errors import IndexDamaged, IndexUnavailable, KidoError, NotStored
from kb.index_errors import index_errors
from kb.indexing.generation import open_current, writer_lock
from kb.ingesting import ingestion
from kb.keys import Keys
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, REPORT

QUESTION = "許可の審査は何日か。"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An index of one report, with a key and a citation that was given out."""
    made = replace(Settings(), corpus=tmp_path / "資料", index=tmp_path / "索引")
    made.corpus.mkdir()
    (made.corpus / "輸出管理.md").write_text(REPORT, encoding="utf-8")
    ingestion(made).run()
    Keys(made.index).new("desk")
    return made


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def cited(settings: Settings) -> list[str]:
    """The citations of an answer."""
    with KnowledgeBase(settings).view() as view:
        return [citation.id for citation in view.ask(QUESTION).citations]


def test_a_backup_is_an_index_that_answers_for_the_citations(
    settings: Settings, tmp_path: Path
) -> None:
    given = cited(settings)
    copy = tmp_path / "写し"
    with writer_lock(settings.index):  # a run of ingestion does not have to be waited for
        made = back_up(settings, copy)
    assert (made.generation, made.documents) == ("g00000001", 1)
    assert made.citations == len(given) > 0
    there = replace(settings, index=copy)
    assert index_errors(there) == []
    assert [key.name for key in Keys(copy).all()] == ["desk"]
    assert (copy / "keys.json").stat().st_mode & 0o077 == 0
    assert cited(there) == given
    with pytest.raises(KidoError, match="is there already"):
        back_up(settings, copy)


def test_a_backup_of_a_damaged_index_is_refused_and_leaves_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    store = open_current(settings.index).store
    store.write_bytes(store.read_bytes()[:-1])
    with pytest.raises(IndexDamaged, match=r"store\.sqlite does not have the checksum"):
        back_up(settings, tmp_path / "写し")
    assert {path.name for path in tmp_path.iterdir()} == {"資料", "索引"}
    with pytest.raises(IndexUnavailable, match="there is no index"):
        back_up(replace(settings, index=tmp_path / "無"), tmp_path / "写し")


def test_a_backup_that_finds_no_room_says_so(settings: Settings, tmp_path: Path) -> None:
    failpoints.arm("current.write=ENOSPC")
    with pytest.raises(NotStored, match="there is no backup; make room"):
        back_up(settings, tmp_path / "写し")
    assert {path.name for path in tmp_path.iterdir()} == {"資料", "索引"}


def test_a_restored_index_goes_forward_and_keeps_all_citations(
    settings: Settings, tmp_path: Path
) -> None:
    first = cited(settings)
    copy = tmp_path / "写し"
    back_up(settings, copy)
    knowledge = KnowledgeBase(settings)
    knowledge.warm()
    (settings.corpus / "輸出管理.md").write_text(MAGNETS, encoding="utf-8")
    ingestion(settings).run()
    with knowledge.view() as view:
        later = [c.id for c in view.ask("ネオジム磁石は1台に何キロを要するか。").citations]
    made = restore(settings, copy)
    assert made.generation == "g00000003"
    assert made.citations == len({*first, *later}) > len(first) > 0
    with knowledge.view() as view:  # the server takes it up
        assert view.generation == "g00000003"
        assert all(view.citation(given).quote for given in [*first, *later])
    assert index_errors(settings) == []


def test_a_backup_is_restored_where_there_is_nothing(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = cited(settings)
    (settings.corpus / "紛争.md").write_text(PANEL, encoding="utf-8")
    ingestion(settings).run()
    copy, new = tmp_path / "写し", tmp_path / "新"
    for line in (["backup", str(copy), "--index", str(settings.index), "--json"],
                 ["restore", str(copy), "--index", str(new), "--json"]):  # fmt: skip
        with pytest.MonkeyPatch.context() as patch, pytest.raises(SystemExit) as ended:
            patch.setattr("sys.argv", ["kb", *line])
            main()
        assert not ended.value.code
        assert json.loads(capsys.readouterr().out)["generation"] == "g00000002"
    with KnowledgeBase(replace(settings, index=new)).view() as view:
        assert all(view.citation(citation).quote for citation in given)


def test_a_backup_that_is_damaged_while_it_is_copied_is_not_restored(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def copied(source: Path, target: Path) -> None:
        data = bytearray(source.read_bytes())
        data[-1] ^= target.name == "vectors.faiss"
        target.write_bytes(data)

    copy = tmp_path / "写し"
    back_up(settings, copy)
    monkeypatch.setattr(shutil, "copyfile", copied)
    with pytest.raises(IndexDamaged, match=r"vectors\.faiss is another once it is copied"):
        restore(settings, copy)
    assert open_current(settings.index).name == "g00000001"


def test_a_damaged_backup_is_not_restored(settings: Settings, tmp_path: Path) -> None:
    copy = tmp_path / "写し"
    back_up(settings, copy)
    open_current(copy).vectors.write_bytes(b"damage")
    with pytest.raises(IndexDamaged, match=r"no whole index: .*vectors\.faiss"):
        restore(settings, copy)
    assert open_current(settings.index).name == "g00000001"
