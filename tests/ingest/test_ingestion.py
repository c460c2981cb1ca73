"""One run after the other over real files: what is reported, and what the index then holds."""

from __future__ import annotations

import os
import re
import shutil
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from kb.domain import Document
from kb.errors import IndexUnavailable, MetadataError, RejectedFile
from kb.indexing import store as store_module
from kb.indexing.generation import current_name, lease, open_current
from kb.reading.ocr import INSTALL, is_available
from kb.reading.options import PLAIN, ReadingOptions
from kb.reading.sandbox import Job, Sandbox
from tests.encoders import PairEncoder
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop
from tests.reading.pdfs import encrypted, lines, pdf


@pytest.fixture
def work(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path)


@pytest.fixture
def indexed(work: Workshop) -> Workshop:
    """A collection of two reports and its index."""
    work.write("輸出管理.md", REPORT)
    work.write("磁石/需要 2025.md", MAGNETS)
    work.ingest()
    return work


def test_new_files_are_added(work: Workshop) -> None:
    work.write("輸出管理.md", REPORT)
    work.write("磁石/需要 2025.md", MAGNETS)
    report = work.ingest()
    assert report.added == ("磁石/需要 2025.md", "輸出管理.md")
    assert (report.updated, report.unchanged, report.removed, report.rejected) == ((), (), (), ())
    assert report.generation == "g00000001" == current_name(work.index)
    assert work.paths() == list(report.added)
    assert report.passages == work.store().counts()[1] == len(work.searcher().store.passages(
        range(1, 100)
    ))  # fmt: skip
    assert report.passages >= 3


def test_a_run_without_changes_makes_no_generation(indexed: Workshop) -> None:
    before = sorted((p, p.stat().st_mtime_ns) for p in indexed.index.rglob("*"))
    report = indexed.ingest()
    assert report.unchanged == ("磁石/需要 2025.md", "輸出管理.md")
    assert (report.added, report.updated, report.removed) == ((), (), ())
    assert report.generation == "g00000001"
    assert report.passages == indexed.store().counts()[1]
    assert sorted((p, p.stat().st_mtime_ns) for p in indexed.index.rglob("*")) == before


def test_a_touched_file_is_unchanged(indexed: Workshop) -> None:
    os.utime(indexed.corpus / "輸出管理.md", (1, 1))
    assert indexed.ingest().unchanged == ("磁石/需要 2025.md", "輸出管理.md")


def test_a_changed_file_is_updated_and_its_old_text_is_gone(indexed: Workshop) -> None:
    indexed.write("輸出管理.md", REPORT.replace("豪州", "カナダ"))
    report = indexed.ingest()
    assert (report.updated, report.unchanged) == (("輸出管理.md",), ("磁石/需要 2025.md",))
    assert report.generation == "g00000002"
    texts = [hit.text for hit in indexed.find("豪州 カナダ 鉱山")]
    assert any("カナダ" in text for text in texts)
    assert not any("豪州" in text for text in texts)
    assert indexed.store().integrity_errors() == []


def test_a_deleted_file_is_removed(indexed: Workshop) -> None:
    (indexed.corpus / "輸出管理.md").unlink()
    report = indexed.ingest()
    assert (report.removed, report.unchanged) == (("輸出管理.md",), ("磁石/需要 2025.md",))
    assert indexed.paths() == ["磁石/需要 2025.md"]
    assert not any("商務部" in hit.text for hit in indexed.find("商務部"))


def test_a_renamed_file_is_removed_and_added(indexed: Workshop) -> None:
    (indexed.corpus / "輸出管理.md").rename(indexed.corpus / "管理.md")
    report = indexed.ingest()
    assert (report.added, report.removed) == (("管理.md",), ("輸出管理.md",))


def test_everything_at_once_stands_in_the_report(indexed: Workshop) -> None:
    indexed.write("新.md", PANEL)
    indexed.write("輸出管理.md", REPORT + "\n追記。輸出許可の件数は公表されていない。\n")
    (indexed.corpus / "磁石" / "需要 2025.md").unlink()
    indexed.write("空.txt", b"")
    report = indexed.ingest()
    assert report.added == ("新.md",)
    assert report.updated == ("輸出管理.md",)
    assert report.removed == ("磁石/需要 2025.md",)
    assert [(r.path, r.reason) for r in report.rejected] == [("空.txt", "empty")]
    assert report.seconds > 0


@pytest.mark.parametrize(
    ("name", "content", "reason", "message"),
    [
        ("空.md", b"", "empty", "it is empty"),
        ("表.xlsx", b"PK", "unknown_suffix", r"its suffix is \.xlsx"),
        ("報告", "希土類".encode(), "unknown_suffix", "its suffix is missing"),
        ("大.txt", "あ".encode() * 400_000, "too_large", "at most 0 MiB"),
        ("偽.pdf", b"<!doctype html><p>x", "misnamed", "its content is html"),
        ("壊.pdf", b"%PDF-1.7\nbroken", "damaged", ""),
        ("壊.docx", b"PK\x03\x04word/ broken", "damaged", ""),
        ("題.md", "# 題だけ".encode(), "no_text", "it holds no text of its own"),
    ],
)
def test_files_that_cannot_be_indexed_are_rejected_with_a_reason(
    indexed: Workshop, name: str, content: bytes, reason: str, message: str
) -> None:
    indexed.write(name, content)
    report = indexed.ingest()
    (rejection,) = report.rejected
    assert (rejection.path, rejection.reason) == (name, reason)
    assert rejection.message
    assert name not in indexed.paths()
    assert indexed.store().rejected() == [rejection]
    assert len(report.unchanged) == 2
    assert re.search(message, rejection.message)


def test_a_rejection_that_stays_makes_no_generation(indexed: Workshop) -> None:
    indexed.write("空.md", b"")
    indexed.write("題.md", "# 題だけ")
    first = indexed.ingest()
    second = indexed.ingest()
    assert [r.path for r in second.rejected] == ["空.md", "題.md"]
    assert second.rejected == first.rejected
    assert second.generation == first.generation


@pytest.mark.parametrize("bad", [b"", "# 題だけ".encode(), b"\x89PNG not markdown"])
def test_a_rejected_file_that_becomes_good_is_added(indexed: Workshop, bad: bytes) -> None:
    indexed.write("新.md", bad)
    assert [r.path for r in indexed.ingest().rejected] == ["新.md"]
    indexed.write("新.md", PANEL)
    report = indexed.ingest()
    assert (report.added, report.rejected) == (("新.md",), ())
    assert indexed.store().rejected() == []
    assert any("小委員会" in hit.text for hit in indexed.find("小委員会の判断"))


@pytest.mark.parametrize("bad", [b"", "# 題だけ".encode(), b"\x89PNG not markdown"])
def test_a_good_file_that_breaks_leaves_and_is_listed_as_rejected(
    indexed: Workshop, bad: bytes
) -> None:
    indexed.write("輸出管理.md", bad)
    report = indexed.ingest()
    assert [r.path for r in report.rejected] == ["輸出管理.md"]
    assert (report.updated, report.removed) == ((), ())
    assert indexed.paths() == ["磁石/需要 2025.md"]
    assert indexed.store().integrity_errors() == []


def test_a_rejected_file_that_is_deleted_is_no_longer_listed(indexed: Workshop) -> None:
    bad = indexed.write("空.md", b"")
    indexed.ingest()
    bad.unlink()
    assert indexed.ingest().rejected == ()
    assert indexed.store().rejected() == []


def test_metadata_of_the_library_is_kept_and_its_change_updates(indexed: Workshop) -> None:
    item = {"title": "輸出管理の概要", "publisher": "希土研究所",
            "issued": {"date-parts": [[2025, 4]]}}  # fmt: skip
    indexed.describe({"輸出管理.md": item})
    report = indexed.ingest()
    assert (report.updated, report.unchanged) == (("輸出管理.md",), ("磁石/需要 2025.md",))
    summary = indexed.store().summaries()[1]
    assert (summary.title, summary.publisher, summary.issued) == (
        "輸出管理の概要", "希土研究所", "2025-04",
    )  # fmt: skip
    indexed.describe({"輸出管理.md": {**item, "publisher": "別の研究所"}})
    assert indexed.ingest().updated == ("輸出管理.md",)
    (indexed.corpus / "library.json").unlink()
    assert indexed.ingest().updated == ("輸出管理.md",)
    assert indexed.store().summaries()[1].title == "希土類の輸出管理"


@pytest.mark.parametrize("content", ["{", '{"title": 1}', '["報告"]', b"\xff\xfe\x00"])
def test_a_broken_library_stops_the_run_and_the_old_generation_serves(
    indexed: Workshop, content: str | bytes
) -> None:
    indexed.write("library.json", content)
    indexed.write("新.md", PANEL)
    with pytest.raises(MetadataError, match=r"library\.json"):
        indexed.ingest()
    assert open_current(indexed.index).name == "g00000001"
    assert len(indexed.find("希土類")) >= 1


def test_names_in_decomposed_form_are_the_same_document(work: Workshop) -> None:
    decomposed = unicodedata.normalize("NFD", "ガリウム 報告.md")
    work.write(decomposed, REPORT)
    work.describe({"ガリウム 報告.md": {"title": "ガリウムの報告"}})
    assert work.ingest().added == ("ガリウム 報告.md",)
    ids = [summary.id for summary in work.store().summaries()]
    (work.corpus / decomposed).rename(work.corpus / "ガリウム 報告.md")
    report = work.ingest()
    assert report.unchanged == ("ガリウム 報告.md",)
    assert [(s.id, s.title) for s in work.store().summaries()] == [(ids[0], "ガリウムの報告")]


def test_two_names_that_look_the_same_give_one_document_and_one_rejection(work: Workshop) -> None:
    work.write("ガリウム.md", REPORT)
    work.write(unicodedata.normalize("NFD", "ガリウム.md"), MAGNETS)
    report = work.ingest()
    assert report.added == ("ガリウム.md",)
    (rejection,) = report.rejected
    assert rejection.reason == "misnamed"
    assert rejection.path == unicodedata.normalize("NFD", "ガリウム.md")
    assert "rename one of them" in rejection.message
    assert any("商務部" in hit.text for hit in work.find("商務部"))
    assert work.ingest().generation == report.generation


def test_a_name_that_is_not_utf8_is_indexed_under_a_readable_one(work: Workshop) -> None:
    location = os.fsencode(work.corpus) + "/報告.md".encode("cp932")
    with open(location, "wb") as file:
        file.write(REPORT.encode())
    assert work.ingest().added == (r"\x95\xf1\x8d\x90.md",)
    assert work.ingest().unchanged == tuple(work.paths())


def test_hidden_and_system_files_are_ignored(indexed: Workshop) -> None:
    for name in (".隠し.md", ".git/概要.md", "~$報告.docx", "磁石/.DS_Store", "Thumbs.db"):
        indexed.write(name, REPORT)
    report = indexed.ingest()
    assert (report.added, report.rejected, report.generation) == ((), (), "g00000001")


def test_a_library_in_a_lower_folder_is_a_file_like_others(indexed: Workshop) -> None:
    indexed.write("磁石/library.json", "[]")
    assert [r.reason for r in indexed.ingest().rejected] == ["unknown_suffix"]


def test_pipes_are_left_out_and_dead_links_are_rejected(indexed: Workshop) -> None:
    os.mkfifo(indexed.corpus / "管.md")
    (indexed.corpus / "切れた.md").symlink_to("ない.md")
    (indexed.corpus / "輪").symlink_to(indexed.corpus)
    report = indexed.ingest()
    assert [(r.path, r.reason) for r in report.rejected] == [("切れた.md", "unreadable")]
    assert report.added == ()


def test_an_empty_folder_gives_an_index_that_finds_nothing(work: Workshop) -> None:
    report = work.ingest()
    assert (report.generation, report.passages, report.added) == ("g00000001", 0, ())
    results = work.searcher().search("希土類の輸出")
    assert (results.hits, any(results.facets.values())) == ((), False)
    assert work.store().integrity_errors() == []
    assert work.ingest().generation == "g00000001"


def test_the_last_report_can_go_and_others_come(indexed: Workshop) -> None:
    shutil.rmtree(indexed.corpus)
    indexed.corpus.mkdir()
    assert len(indexed.ingest().removed) == 2
    assert indexed.find("希土類") == []
    indexed.write("新.md", PANEL)
    indexed.ingest()
    assert next(hit.text for hit in indexed.find("小委員会")).startswith("世界貿易機関")


def test_a_folder_that_is_not_there_is_said(work: Workshop) -> None:
    work.corpus.rmdir()
    with pytest.raises(IndexUnavailable, match="is not a folder: give the folder of the reports"):
        work.ingest()
    assert not work.index.exists()


@pytest.mark.parametrize("changed", ["encoder", "versions", "tokenizer"])
def test_another_making_reads_everything_again(indexed: Workshop, changed: str) -> None:
    if changed == "encoder":
        indexed.encoder = PairEncoder("other-64")
    else:
        setattr(indexed, changed, "another")
    report = indexed.ingest()
    assert len(report.added) == 2
    assert report.generation == "g00000002"
    assert indexed.store().integrity_errors() == []


def test_a_damaged_pointer_is_written_again(indexed: Workshop) -> None:
    (indexed.index / "CURRENT").write_text("garbage")
    assert indexed.ingest().generation == "g00000002"


def test_a_store_of_another_format_is_built_again(
    indexed: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "STORE_FORMAT", 99)
    assert len(indexed.ingest().added) == 2
    assert len(indexed.paths()) == 2


def test_a_corpus_that_moved_is_noted_without_reading_it_again(indexed: Workshop) -> None:
    moved = indexed.corpus.rename(indexed.home / "移した資料")
    indexed.corpus = moved
    report = indexed.ingest()
    assert len(report.unchanged) == 2
    assert open_current(indexed.index).manifest.corpus == str(moved)
    assert indexed.ingest().generation == report.generation


def test_a_run_without_changes_clears_what_no_reader_holds_any_more(indexed: Workshop) -> None:
    with lease(open_current(indexed.index)):
        for name in ("新.md", "続.md"):
            indexed.write(name, PANEL + name)
            indexed.ingest()
        assert len(list((indexed.index / "generations").iterdir())) == 3
    indexed.ingest()
    names = {p.name for p in (indexed.index / "generations").iterdir()}
    assert names == {"g00000002", "g00000003"}


def test_files_are_not_read_again_when_others_change(indexed: Workshop) -> None:
    read: list[str] = []

    class Noting(Sandbox):
        def read_all(
            self, jobs: Iterable[Job], options: ReadingOptions = PLAIN
        ) -> Iterator[Document | RejectedFile]:
            jobs = list(jobs)
            read.extend(job.path for job in jobs)
            return super().read_all(jobs, options)

    indexed.sandbox = Noting()
    indexed.write("新.md", PANEL)
    indexed.ingest()
    assert read == ["新.md"]


def test_text_with_control_characters_makes_a_consistent_index(work: Workshop) -> None:
    work.write("制御.txt", "希土類の\0輸出は\x01許可制である。𠮷野鉱山の記録。\n" * 3)
    report = work.ingest()
    assert report.rejected == ()
    assert work.store().integrity_errors() == []


def test_a_protected_file_is_read_once_its_password_is_given(work: Workshop) -> None:
    page = lines(["許可制は四月に始まり、対象は七元素であった。"] * 3)
    work.write("秘.pdf", encrypted(pdf([page]), user="secret"))
    assert [r.reason for r in work.ingest().rejected] == ["encrypted"]
    work.options = ReadingOptions(passwords=("secret",))
    assert work.ingest().added == ("秘.pdf",)
    assert b"secret" not in open_current(work.index).store.read_bytes()
    work.options = ReadingOptions()
    assert work.ingest().unchanged == ("秘.pdf",)


@pytest.mark.skipif(not is_available(), reason=INSTALL)
def test_pages_without_text_of_a_known_file_are_read_once_ocr_is_asked_for(work: Workshop) -> None:
    text = pdf([lines(["許可制は四月に始まり、対象は七元素であった。"] * 5), []])
    work.write("混.pdf", text)
    assert work.ingest().warnings == {"混.pdf": ("pages without text: 2",)}
    work.options = ReadingOptions(ocr=True)
    assert work.ingest().warnings == {"混.pdf": ("pages on which OCR finds no text: 2",)}
    assert work.ingest().unchanged == ("混.pdf",)
