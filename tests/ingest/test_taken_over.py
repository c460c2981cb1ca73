"""What a run does not change is taken over, and the two generations that are kept share nothing."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from kb.errors import IndexDamaged
from kb.indexing import checksums, connections, copies, parts, verified
from kb.indexing.generation import (
    LOG,
    STORE,
    VECTORS,
    Generation,
    checksum_errors,
    open_current,
    open_previous,
)
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

REPORTS = {f"{i:02d}.md": REPORT.replace("45日", f"{i + 10}日") for i in range(12)}


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    """A collection with postings in several parts, whose files are all worth a second copy and
    a note.
    """
    monkeypatch.setattr(copies, "WORTH", 0)
    monkeypatch.setattr(verified, "WORTH", 0)
    monkeypatch.setattr(verified, "_SETTLED", -1)
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


@pytest.mark.parametrize("where", ["spare", "previous"])
def test_a_second_copy_that_cannot_be_read_is_not_taken(
    work: Workshop, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if where == "previous":
        work.write("new.md", MAGNETS)
        work.ingest()
    unread: set[Path] = set()

    def digest(path: Path) -> str:
        if path.is_relative_to(previous):
            unread.add(path)
            raise OSError(errno.EIO, "Input/output error", str(path))
        return checksums.digests([path])[0]

    previous = kept(work)[1].directory if where == "previous" else work.index / "spare"
    monkeypatch.setattr(checksums, "digest", digest)
    monkeypatch.setattr(verified, "TRUSTED", 0)
    work.write("newer.md", PANEL)
    work.ingest()
    assert unread
    assert checksum_errors(open_current(work.index)) == []
    assert "newer.md" in work.paths()


def test_second_copies_are_on_the_disk_before_they_have_their_names(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()

    def fsync(descriptor: int) -> None:
        synced.add(os.fstat(descriptor).st_ino)
        own(descriptor)

    own = os.fsync
    monkeypatch.setattr(os, "fsync", fsync)
    work.write("new.md", MAGNETS)
    work.ingest()
    (work.corpus / "03.md").unlink()
    work.ingest()
    made = {path.stat().st_ino for path in work.index.glob("spare/*")}
    assert made
    assert made <= synced


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


def test_damage_is_found_before_a_store_is_written_as_one_file(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LEAST", 0)
    monkeypatch.setattr(connections, "_SHARE", 10**9)
    (file,) = work.index.glob(f"spare/*-{STORE}")
    lose_a_bit(work.index, file)
    work.write("new.md", MAGNETS)
    work.ingest()
    assert checksum_errors(open_current(work.index)) == []
    assert LOG not in open_current(work.index).manifest.files
    assert work.store().integrity_errors() == []
    assert "new.md" in work.paths()


@pytest.mark.parametrize("name", [VECTORS, LOG])
def test_what_a_run_makes_new_files_of_is_compared_each_time(work: Workshop, name: str) -> None:
    work.write("new.md", MAGNETS)
    work.ingest()
    lose_a_bit(work.index, open_current(work.index).directory / name)
    work.write("newer.md", PANEL)
    assert "newer.md" in work.ingest().added
    assert checksum_errors(open_current(work.index)) == []
    assert work.store().integrity_errors() == []
    assert len(work.find("小委員会の判断")) > 0


@pytest.mark.parametrize("kind", [".sqlite", ".idx"])
def test_what_a_disk_lost_is_found_by_readers_and_then_mended(work: Workshop, kind: str) -> None:
    work.write("new.md", MAGNETS)
    work.ingest()
    current = open_current(work.index)
    damaged = next(name for name in current.manifest.files if name.endswith(kind))
    lose_a_bit(work.index, current.directory / damaged)
    assert work.ingest().generation == current.name  # nobody has seen it yet
    with pytest.raises(IndexDamaged, match=Path(damaged).name):
        open_current(work.index)
    work.ingest()
    assert open_current(work.index).name > current.name
    work.ingest()
    assert not (work.index / verified.MARK).exists()


def test_checksums_that_were_taken_lately_are_not_taken_again(
    work: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def digests(paths: Sequence[Path]) -> list[str]:
        taken.extend(path.name for path in paths)
        return own(paths)

    own = checksums.digests
    work.write("new.md", MAGNETS)
    work.ingest()
    monkeypatch.setattr(checksums, "digests", digests)
    work.ingest()
    assert taken == []
    work.write("newer.md", PANEL)
    work.ingest()
    assert STORE not in taken
    monkeypatch.setattr(verified, "TRUSTED", 0)  # a day later
    taken.clear()
    work.ingest()
    assert STORE in taken


def lose_a_bit(index: Path, path: Path) -> None:
    """Turn a bit of a file as a disk does that loses it: the file's times say nothing."""
    stated = path.stat()
    with path.open("r+b") as opened:
        opened.seek(stated.st_size - 10)
        byte = opened.read(1)
        opened.seek(stated.st_size - 10)
        opened.write(bytes([byte[0] ^ 1]))
    os.utime(path, ns=(stated.st_atime_ns, stated.st_mtime_ns))
    notes = index / verified.FILE
    changed = path.stat().st_ctime_ns
    body = notes.read_bytes().partition(b"\n")[2]
    body = body.replace(str(stated.st_ctime_ns).encode(), str(changed).encode())
    notes.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
