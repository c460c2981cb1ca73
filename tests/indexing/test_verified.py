"""Checksums that were compared are relied on only while nothing was done to the files."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from kb.indexing import checksums, verified
from kb.indexing.verified import Verified, doubt


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file in an index; it counts as settled at once, and as worth a note."""
    monkeypatch.setattr(verified, "WORTH", 10)
    monkeypatch.setattr(verified, "_SETTLED", -1)
    path = tmp_path / "store"
    path.write_bytes(b"0123456789")
    return path


def noted(file: Path) -> str:
    """Compare a file in a run of its own, and give its checksum."""
    digest = checksums.digest(file)
    notes = Verified(file.parent)
    assert notes.has(file, digest)
    notes.keep([file])
    return digest


def test_a_checksum_that_was_compared_holds_for_the_next_run(file: Path) -> None:
    digest = noted(file)
    assert Verified(file.parent).holds(file, digest)
    assert not Verified(file.parent).holds(file, digest[::-1])
    assert not Verified(file.parent).holds(file.with_name("none"), digest)


@pytest.mark.parametrize("how", ["written", "written back in time", "replaced", "longer"])
def test_every_change_is_seen(file: Path, how: str) -> None:
    digest, times = noted(file), file.stat()
    if how == "replaced":
        other = file.with_name("other")
        other.write_bytes(b"9876543210")
        os.utime(other, ns=(times.st_atime_ns, times.st_mtime_ns))
        other.replace(file)
    else:
        file.write_bytes(b"9876543210" + b"!" * (how == "longer"))
    if how == "written back in time":
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    notes = Verified(file.parent)
    assert not notes.holds(file, digest)
    assert not notes.has(file, digest)


@pytest.mark.parametrize("age", [-60, verified.TRUSTED])
def test_a_checksum_counts_for_a_day(file: Path, age: int, monkeypatch: pytest.MonkeyPatch) -> None:
    digest, now = noted(file), time.time()
    monkeypatch.setattr(time, "time", lambda: now + age)
    assert not Verified(file.parent).holds(file, digest)


def test_small_files_and_those_just_written_have_no_notes(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verified, "_SETTLED", 3600 * 10**9)
    assert not Verified(file.parent).holds(file, noted(file))
    monkeypatch.setattr(verified, "_SETTLED", -1)
    monkeypatch.setattr(verified, "WORTH", 11)
    assert not Verified(file.parent).holds(file, noted(file))


@pytest.mark.parametrize("body", [b"[1]", b"[[[1], 2, 3]]", b"[[1, 2, 3]]", b'[{"a": 1}]', b"{"])
def test_notes_of_another_shape_count_for_nothing(file: Path, body: bytes) -> None:
    digest = noted(file)
    whole = hashlib.sha256(body).hexdigest().encode() + b"\n" + body
    file.with_name(verified.FILE).write_bytes(whole)
    assert not Verified(file.parent).holds(file, digest)


@pytest.mark.parametrize("damage", [b"", b"[]", b"0" * 64 + b"\n[]", None])
def test_notes_that_are_damaged_count_for_nothing(file: Path, damage: bytes | None) -> None:
    digest = noted(file)
    notes = file.with_name(verified.FILE)
    notes.write_bytes(notes.read_bytes()[:-1] if damage is None else damage)
    assert not Verified(file.parent).holds(file, digest)


def test_where_damage_was_found_nothing_is_relied_on_until_all_was_compared(file: Path) -> None:
    digest = noted(file)
    doubt(file.parent)
    notes = Verified(file.parent)
    assert not notes.holds(file, digest)
    assert notes.has(file, digest)
    notes.keep([file])
    assert not Verified(file.parent).holds(file, digest)
    notes.clear()
    notes.keep([file])
    assert Verified(file.parent).holds(file, digest)


def test_a_run_that_is_cut_off_leaves_no_notes_that_were_in_doubt(file: Path) -> None:
    digest = noted(file)
    doubt(file.parent)
    Verified(file.parent).clear()  # all of the current generation is whole; this may not be of it
    assert not (file.parent / verified.MARK).exists()
    assert not Verified(file.parent).holds(file, digest)


def test_links_to_a_file_that_was_relied_on_do_not_count_as_changes(file: Path) -> None:
    digest = noted(file)
    notes = Verified(file.parent)
    assert notes.holds(file, digest)
    os.link(file, file.with_name("second"))
    file.unlink()
    second = file.with_name("second")
    assert not Verified(file.parent).holds(second, digest)
    notes.keep([second])
    assert Verified(file.parent).holds(second, digest)


def test_what_is_not_known_to_be_as_it_was_does_not_become_so(file: Path) -> None:
    digest, times = noted(file), file.stat()
    file.write_bytes(b"9876543210")
    os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    Verified(file.parent).keep([file])
    assert not Verified(file.parent).holds(file, digest)


def test_files_that_are_gone_are_forgotten(file: Path) -> None:
    digest = noted(file)
    Verified(file.parent).keep([])
    assert not Verified(file.parent).holds(file, digest)
