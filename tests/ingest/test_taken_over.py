"""What a run does not change is taken over, and the two generations that are kept share nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kb.indexing import connections, copies, parts
from kb.indexing.generation import (
    LOG,
    STORE,
    Generation,
    checksum_errors,
    open_current,
    open_previous,
)
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

REPORTS = {f"{i:02d}.md": REPORT.replace("45日", f"{i + 10}日") for i in range(12)}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A collection with postings in several parts, whose files are all worth a second copy."""
    monkeypatch.setattr(copies, "WORTH", 0)
    monkeypatch.setattr(parts, "FULL", 5)
    work = Workshop(tmp_path)
    for name, text in REPORTS.items():
        work.write(name, text)
    work.ingest()
    return work


def inodes(generation: Generation) -> dict[str, int]:
    files = generation.manifest.files
    return {name: (generation.directory / name).stat().st_ino for name in files}


def kept(work: Workshop) -> tuple[Generation, Generation]:
    current, previous = open_current(work.index), open_previous(work.index)
    assert previous is not None
    return current, previous


def test_generations_have_second_copies_by_turns_and_share_none(work: Workshop) -> None:
    seen: dict[int, int] = {}
    for number in range(5):
        work.write(f"new{number}.md", MAGNETS.replace("2キロ", f"{number}キロ"))
        work.ingest()
        current, previous = kept(work)
        assert not set(inodes(current).values()) & set(inodes(previous).values())
        seen[number] = inodes(current)[STORE]
        assert LOG in current.manifest.files
    assert seen[0] == seen[2] == seen[4]
    assert seen[1] == seen[3] != seen[0]
    assert not list(work.index.glob(f"spare/*-{STORE}"))


def test_without_a_generation_that_is_kept_files_go_on_to_the_next(work: Workshop) -> None:
    work.keep_previous = False
    before = inodes(open_current(work.index))
    work.write("new.md", MAGNETS)
    work.ingest()
    after = inodes(open_current(work.index))
    assert after[STORE] == before[STORE]
    assert open_previous(work.index) is None
    assert not (work.index / "spare").exists()
    assert checksum_errors(open_current(work.index)) == []


@pytest.mark.parametrize("where", ["spare", "previous"])
def test_a_second_copy_that_was_written_to_is_not_taken(work: Workshop, where: str) -> None:
    if where == "previous":
        work.write("new.md", MAGNETS)
        work.ingest()
        file = kept(work)[1].store
    else:
        (file,) = work.index.glob(f"spare/*-{STORE}")
    with file.open("r+b") as opened:
        opened.seek(5000)
        opened.write(b"damage")
    work.write("newer.md", PANEL)
    work.ingest()
    current = open_current(work.index)
    assert checksum_errors(current) == []
    assert work.store().integrity_errors() == []
    assert len(work.find("小委員会の判断")) > 0


def test_where_links_cannot_be_made_files_are_copied(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    for number in range(2):
        work.write(f"new{number}.md", MAGNETS.replace("2キロ", f"{number}キロ"))
        work.ingest()
        assert checksum_errors(open_current(work.index)) == []
        assert work.store().integrity_errors() == []


def test_a_store_whose_log_grew_is_written_as_one_file(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LEAST", 0)
    monkeypatch.setattr(connections, "_SHARE", 10**9)
    work.write("new.md", MAGNETS)
    (work.corpus / "03.md").unlink()
    work.ingest()
    current = open_current(work.index)
    assert LOG not in current.manifest.files
    assert checksum_errors(current) == []
    assert work.store().integrity_errors() == []
    assert work.paths() == sorted([*REPORTS.keys() - {"03.md"}, "new.md"])


def test_damage_is_not_lost_when_a_store_is_written_as_one_file(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LEAST", 0)
    monkeypatch.setattr(connections, "_SHARE", 10**9)
    (file,) = work.index.glob(f"spare/*-{STORE}")
    stated = file.stat()
    with file.open("r+b") as opened:  # as a disk that loses a bit does, the time stays
        opened.seek(stated.st_size - 10)
        byte = opened.read(1)
        opened.seek(stated.st_size - 10)
        opened.write(bytes([byte[0] ^ 1]))
    os.utime(file, ns=(stated.st_atime_ns, stated.st_mtime_ns))
    work.write("new.md", MAGNETS)
    work.ingest()
    current, previous = kept_unchecked(work)
    assert checksum_errors(current) == [
        f"{current.store} does not have the checksum in its manifest"
    ]
    assert checksum_errors(previous) == []
    work.ingest()
    assert checksum_errors(open_current(work.index)) == []
    assert "new.md" in work.paths()


def kept_unchecked(work: Workshop) -> tuple[Generation, Generation]:
    current = open_current(work.index, verify=False)
    previous = open_previous(work.index, verify=False)
    assert previous is not None
    return current, previous
