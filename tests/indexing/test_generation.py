"""Generations: published whole, checked before they are read, removed when nobody reads."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kb.errors import IndexDamaged, IndexUnavailable
from kb.indexing import generation as generations
from kb.indexing.generation import (
    Manifest,
    checksum_errors,
    current_name,
    has_whole_store,
    lease,
    new_directory,
    next_name,
    open_current,
    publish,
    writer_lock,
)

FILES = {
    "store.sqlite": b"rows " * 500,
    "vectors.faiss": b"vectors " * 300,
    "postings/meta.json": b'{"segments": []}',
    "postings/abc.term": b"terms " * 100,
}


def write(directory: Path) -> None:
    for name, content in FILES.items():
        path = directory / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)


def manifest(name: str, *, format: int = generations.INDEX_FORMAT) -> Manifest:
    return Manifest(format, name, "pairs-64", 64, "sudachi", "chunks", "/資料", 1, 2, {})


def published(index: Path, *, format: int = generations.INDEX_FORMAT) -> generations.Generation:
    with writer_lock(index):
        directory = new_directory(index)
        write(directory)
        return publish(index, directory, manifest(next_name(index), format=format))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """A folder with one generation."""
    index = tmp_path / "索引"
    published(index)
    return index


def names(index: Path) -> set[str]:
    return {path.name for path in (index / "generations").iterdir()}


def test_what_was_published_is_opened(tmp_path: Path) -> None:
    index = tmp_path / "deep" / "索引"
    made = published(index)
    opened = open_current(index)
    assert opened == made
    assert opened.name == current_name(index) == "g00000001"
    assert opened.manifest.files.keys() == FILES.keys()
    assert (opened.store.name, opened.postings.name, opened.vectors.name) == (
        "store.sqlite", "postings", "vectors.faiss",
    )  # fmt: skip
    assert {n: (opened.directory / n).read_bytes() for n in FILES} == FILES
    assert checksum_errors(opened) == []


def test_a_new_generation_takes_the_place_of_the_old_one(index: Path) -> None:
    published(index)
    assert open_current(index).name == "g00000002"
    assert names(index) == {"g00000002"}


@pytest.mark.parametrize("name", FILES)
def test_every_flipped_bit_is_found(index: Path, name: str) -> None:
    path = open_current(index).directory / name
    content = path.read_bytes()
    for position in {0, len(content) // 2, len(content) - 1}:
        for bit in range(8):
            damaged = bytearray(content)
            damaged[position] ^= 1 << bit
            path.write_bytes(damaged)
            with pytest.raises(IndexDamaged) as caught:
                open_current(index)
            assert str(caught.value) == (
                f"{path} does not have the checksum in its manifest; run `kb ingest` to build "
                "the index again"
            )
    path.write_bytes(content)
    assert open_current(index).name == "g00000001"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("kept", [0, 1, -1])
def test_a_truncated_file_is_found(index: Path, name: str, kept: int) -> None:
    path = open_current(index).directory / name
    path.write_bytes(path.read_bytes()[:kept])
    with pytest.raises(IndexDamaged, match=f"{path} does not have the checksum"):
        open_current(index)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_a_disk_cannot_read_is_damage(
    index: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    generation = open_current(index)
    path = generation.directory / name

    def pread(file: int, count: int, at: int) -> bytes:
        if os.path.sameopenfile(file, lost):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return own(file, count, at)

    own = os.pread
    monkeypatch.setattr(os, "pread", pread)
    with path.open("rb") as opened:
        lost = opened.fileno()
        assert checksum_errors(generation) == [f"{path} cannot be read"]
        assert has_whole_store(generation) == (path != generation.store)
        with pytest.raises(IndexDamaged, match="cannot be read; run `kb ingest`"):
            open_current(index)


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_found(index: Path, name: str) -> None:
    path = open_current(index).directory / name
    path.unlink()
    with pytest.raises(IndexDamaged, match=f"{path} is missing"):
        open_current(index)


@pytest.mark.parametrize("name", ["extra", "postings/stray.term", "store.sqlite-wal"])
def test_a_file_too_many_is_found(index: Path, name: str) -> None:
    path = open_current(index).directory / name
    path.write_bytes(b"stray")
    with pytest.raises(IndexDamaged, match=f"{path} does not belong to the generation"):
        open_current(index)


def test_a_missing_lease_is_found(index: Path) -> None:
    (open_current(index).directory / "lease").unlink()
    with pytest.raises(IndexDamaged, match="lease is missing"):
        open_current(index)


def test_tantivys_locks_do_not_count_as_files(index: Path) -> None:
    (open_current(index).postings / ".tantivy-meta.lock").touch()
    assert open_current(index).name == "g00000001"


def test_all_that_is_wrong_is_listed_by_name(index: Path) -> None:
    opened = open_current(index)
    (opened.directory / "extra").touch()
    opened.store.unlink()
    opened.vectors.write_bytes(b"")
    assert checksum_errors(opened) == [
        f"{opened.store} is missing",
        f"{opened.vectors} does not have the checksum in its manifest",
        f"{opened.directory / 'extra'} does not belong to the generation",
    ]


@pytest.mark.parametrize("verify", [True, False])
def test_a_changed_manifest_is_found(index: Path, verify: bool) -> None:
    path = open_current(index).directory / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"documents": 1', b'"documents": 9'))
    with pytest.raises(IndexDamaged, match=f"{path} does not have the checksum in CURRENT"):
        open_current(index, verify=verify)


def test_a_missing_manifest_is_found(index: Path) -> None:
    (open_current(index).directory / "manifest.json").unlink()
    with pytest.raises(IndexDamaged, match=r"manifest\.json cannot be read .* run `kb ingest`"):
        open_current(index)


def test_no_index_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable) as caught:
        open_current(tmp_path)
    assert str(caught.value) == (
        f"there is no index in {tmp_path}: run `kb ingest CORPUS --index {tmp_path}` first"
    )
    assert current_name(tmp_path) is None


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"g00000001", b"../../etc 00", b"g1 00", b"a b c", "世代 一".encode()]
)
def test_a_current_that_names_no_generation_is_damage(index: Path, content: bytes) -> None:
    (index / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamaged, match="CURRENT"):
        open_current(index)
    with pytest.raises(IndexDamaged, match="CURRENT"):
        current_name(index)


def test_a_current_that_names_a_missing_generation_is_damage(index: Path) -> None:
    content = (index / "CURRENT").read_text()
    (index / "CURRENT").write_text(content.replace("g00000001", "g00000007"))
    with pytest.raises(IndexDamaged, match=r"g00000007/manifest\.json cannot be read"):
        open_current(index)


def test_a_current_that_is_a_folder_is_damage(index: Path) -> None:
    (index / "CURRENT").unlink()
    (index / "CURRENT").mkdir()
    with pytest.raises(IndexDamaged, match="CURRENT cannot be read"):
        open_current(index)


def test_another_format_is_unavailable_and_says_what_to_do(tmp_path: Path) -> None:
    made = published(tmp_path, format=99)
    with pytest.raises(IndexUnavailable) as caught:
        open_current(tmp_path)
    assert str(caught.value) == (
        f"{made.directory} has index format 99; this version reads {generations.INDEX_FORMAT}: "
        "run `kb ingest` to build the index again"
    )


def test_a_second_process_cannot_write_until_the_first_is_done(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from kb.indexing.generation import writer_lock\n"
        "with writer_lock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.readline()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(IndexUnavailable) as caught, writer_lock(tmp_path):
            pytest.fail("two processes write")
        assert str(caught.value) == (
            f"{tmp_path} is being written by another process; wait until it is done"
        )
        other.kill()
    with writer_lock(tmp_path):  # a killed process leaves no lock behind
        assert (tmp_path / "lock").exists()


def test_a_folder_that_cannot_be_made_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(IndexUnavailable, match=r"cannot be written .* choose another with --index"),
        writer_lock(tmp_path / "file" / "index"),
    ):
        pytest.fail("a lock inside a file")


def test_a_leased_generation_stays_and_goes_at_a_later_run(index: Path) -> None:
    old = open_current(index)
    with lease(old):
        published(index)
        assert open_current(index).name == "g00000002"
        assert checksum_errors(old) == []
    published(index)
    assert names(index) == {"g00000003"}


def test_two_readers_share_a_lease_and_both_must_leave(index: Path) -> None:
    old = open_current(index)
    with lease(old):
        with lease(old):
            published(index)
        published(index)
        assert names(index) == {"g00000001", "g00000003"}
    published(index)
    assert names(index) == {"g00000004"}


def test_a_lease_on_a_generation_that_is_gone_fails(index: Path) -> None:
    old = open_current(index)
    published(index)
    with pytest.raises(IndexDamaged, match="lease"), lease(old):
        pytest.fail("a lease on nothing")


def test_a_lease_that_had_to_wait_for_the_removal_fails(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = open_current(index)
    lock = fcntl.flock

    def removed_in_between(file: int, how: int) -> None:
        shutil.rmtree(old.directory)
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", removed_in_between)
    with pytest.raises(IndexDamaged, match="lease"), lease(old):
        pytest.fail("a lease on a removed generation")


def test_leftovers_of_a_broken_build_are_removed(index: Path) -> None:
    left = index / "generations" / "building" / "postings"
    left.mkdir(parents=True)
    (left / "half").write_bytes(b"half a file")
    with writer_lock(index):
        assert list(new_directory(index).iterdir()) == []


def test_a_build_that_broke_before_the_swap_does_not_serve_and_goes(index: Path) -> None:
    shutil.copytree(open_current(index).directory, index / "generations" / "g00000002")
    assert open_current(index).name == "g00000001"
    assert published(index).name == "g00000003"
    assert names(index) == {"g00000003"}


def test_a_folder_without_a_lease_goes(index: Path) -> None:
    (index / "generations" / "g00000000").mkdir()
    published(index)
    assert names(index) == {"g00000002"}


def test_other_folders_are_left_alone(index: Path) -> None:
    (index / "generations" / "notes").mkdir()
    published(index)
    assert names(index) == {"g00000002", "notes"}


def test_names_never_go_back(index: Path) -> None:
    assert next_name(index) == "g00000002"
    (index / "generations" / "g00000041").mkdir()
    assert next_name(index) == "g00000042"
    shutil.rmtree(index / "generations" / "g00000041")
    shutil.rmtree(index / "generations" / "g00000001")
    assert next_name(index) == "g00000002"
    (index / "CURRENT").write_text("garbage")
    (index / "generations" / "g00000017").mkdir()
    assert next_name(index) == "g00000018"


def test_the_manifest_is_readable_json_that_names_every_file(index: Path) -> None:
    opened = open_current(index)
    values = json.loads((opened.directory / "manifest.json").read_text(encoding="utf-8"))
    assert values["corpus"] == "/資料"
    assert {name: size for name, (_, size) in values["files"].items()} == {
        name: len(content) for name, content in FILES.items()
    }


def test_publishing_syncs_every_file_before_the_swap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    sync = os.fsync

    def noted(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    published(tmp_path)
    swap = synced.index("CURRENT.new")
    assert {Path(name).name for name in FILES} <= set(synced[:swap])
    assert {"manifest.json", "lease", "building", "postings", "generations"} <= set(synced[:swap])
    assert synced[swap + 1 :] == [tmp_path.name]
