"""Files that are as they were are not read again, and no change is missed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.errors import RejectedFile
from kb.indexing.notes import write_note
from kb.ingest import seen
from kb.ingest.scan import CorpusFile
from kb.ingest.seen import FILE, Seen
from kb.reading import files

MOST = 1000


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    corpus = tmp_path / "資料"
    corpus.mkdir()
    (tmp_path / "索引").mkdir()
    return corpus


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the files that are read; files count as settled at once."""
    names: list[str] = []

    def read_bytes(path: Path, *, max_bytes: int) -> files.FileBytes:
        names.append(path.name)
        return files.read_bytes(path, max_bytes=max_bytes)

    monkeypatch.setattr(seen, "read_bytes", read_bytes)
    monkeypatch.setattr(seen, "_SETTLED", -1)
    return names


def digest(corpus: Path, name: str, *, most: int = MOST) -> str:
    """The digest of a file in a run of its own."""
    notes = Seen(corpus.parent / "索引", corpus)
    found = notes.digest(CorpusFile(name, corpus / name), max_bytes=most)
    notes.keep()
    return found


def test_a_file_that_is_as_it_was_is_read_once(corpus: Path, read: list[str]) -> None:
    (corpus / "一.md").write_text("備蓄は60日分である。")
    assert len({digest(corpus, "一.md") for _ in range(3)}) == 1
    assert read == ["一.md"]


@pytest.mark.parametrize("how", ["written", "written back in time", "replaced", "linked"])
def test_every_change_is_seen(corpus: Path, read: list[str], how: str) -> None:
    path = corpus / "一.md"
    path.write_text("備蓄は60日分である。")
    before, times = digest(corpus, "一.md"), path.stat()
    if how in ("replaced", "linked"):
        other = corpus.parent / "other"
        other.write_text("備蓄は90日分である。")
        os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
        if how == "replaced":
            other.replace(path)
        else:
            path.unlink()
            path.symlink_to(other)
    else:
        path.write_text("備蓄は90日分である。")
    if how == "written back in time":
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_size == times.st_size
    assert digest(corpus, "一.md") != before
    assert len(read) == 2


def test_a_file_that_was_just_written_is_read_again(
    corpus: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seen, "_SETTLED", 3600 * 10**9)
    (corpus / "一.md").write_text("備蓄は60日分である。")
    digest(corpus, "一.md")
    digest(corpus, "一.md")
    assert len(read) == 2


@pytest.mark.parametrize("shape", [7, [7, 8], ["", {"一.md": 7}], "corpus"])
def test_notes_of_another_shape_count_for_nothing(
    corpus: Path, read: list[str], shape: object
) -> None:
    (corpus / "一.md").write_text("備蓄は60日分である。")
    digest(corpus, "一.md")
    if isinstance(shape, list):
        shape = [str(corpus.resolve()), *shape[1:]]
    write_note(corpus.parent / "索引" / FILE, shape)
    digest(corpus, "一.md")
    assert len(read) == 2


@pytest.mark.parametrize("damage", [b"", b"{}", b"0" * 64 + b"\n[]", None])
def test_without_notes_that_can_be_read_files_are_read(
    corpus: Path, read: list[str], damage: bytes | None
) -> None:
    (corpus / "一.md").write_text("備蓄は60日分である。")
    first = digest(corpus, "一.md")
    notes = corpus.parent / "索引" / FILE
    notes.write_bytes(notes.read_bytes()[:-9] if damage is None else damage)
    assert digest(corpus, "一.md") == first
    assert len(read) == 2


def test_notes_of_another_corpus_do_not_count(corpus: Path, read: list[str]) -> None:
    (corpus / "一.md").write_text("備蓄は60日分である。")
    digest(corpus, "一.md")
    moved = corpus.rename(corpus.with_name("他"))
    digest(moved, "一.md")
    assert len(read) == 2


def test_what_may_be_read_is_looked_at_each_time(corpus: Path, read: list[str]) -> None:
    (corpus / "一.md").write_text("備蓄は60日分である。")
    digest(corpus, "一.md")
    with pytest.raises(RejectedFile, match="at most 0 MiB"):
        digest(corpus, "一.md", most=5)
    with pytest.raises(RejectedFile, match="cannot be opened"):
        digest(corpus, "二.md")
