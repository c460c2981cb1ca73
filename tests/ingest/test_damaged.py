"""Damaged indexes are made whole from what is left; runs that cannot write leave what there was."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from kb import failpoints
from kb.errors import NotStored
from kb.indexing.generation import checksum_errors, open_current
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop


@pytest.fixture
def indexed(tmp_path: Path) -> Workshop:
    """A collection of two reports and its index."""
    work = Workshop(tmp_path)
    work.write("輸出管理.md", REPORT)
    work.write("磁石.md", MAGNETS)
    work.ingest()
    return work


@pytest.mark.parametrize("name", ["store.sqlite", "vectors.faiss", "postings/meta.json"])
def test_a_damaged_index_is_built_again(indexed: Workshop, name: str) -> None:
    before = [(hit.text, hit.score) for hit in indexed.find("希土類")]
    (open_current(indexed.index).directory / name).write_bytes(b"damage")
    report = indexed.ingest()
    # Where the store is whole, nothing has to be read again.
    again = report.added if name == "store.sqlite" else report.unchanged
    assert len(again) == 2
    assert report.generation == "g00000002"
    assert [(hit.text, hit.score) for hit in indexed.find("希土類")] == before


def test_a_damaged_store_is_built_again_from_the_generation_before(indexed: Workshop) -> None:
    indexed.write("新.md", PANEL)
    indexed.ingest()
    open_current(indexed.index).store.write_bytes(b"damage")
    report = indexed.ingest()
    assert (report.added, len(report.unchanged)) == (("新.md",), 2)
    assert report.generation == "g00000003"
    assert checksum_errors(open_current(indexed.index)) == []
    # What was damaged is gone, and what is whole is kept.
    names = {p.name for p in (indexed.index / "generations").iterdir()}
    assert names == {"g00000001", "g00000003"}


def test_no_second_generation_is_kept_where_none_is_wanted(indexed: Workshop) -> None:
    indexed.keep_previous = False
    indexed.write("新.md", PANEL)
    indexed.ingest()
    assert [p.name for p in (indexed.index / "generations").iterdir()] == ["g00000002"]
    assert not (indexed.index / "PREVIOUS").exists()


@pytest.mark.parametrize(
    "point", ["store.commit", "postings.commit", "vectors.write", "files.fsync", "current.rename"]
)
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_run_that_cannot_write_says_so_and_leaves_the_index_as_it_was(
    indexed: Workshop, point: str, error: str
) -> None:
    indexed.write("新.md", PANEL)
    failpoints.arm(f"{point}={error}")
    try:
        with pytest.raises(NotStored) as caught:
            indexed.ingest()
    finally:
        failpoints.arm("")
    what = os.strerror(getattr(errno, error))
    advice = "make room" if error == "ENOSPC" else "check the disk"
    assert str(caught.value) == (
        f"{indexed.index} cannot be written ({what}); the index is as before; "
        f"{advice} and try again"
    )
    assert checksum_errors(open_current(indexed.index)) == []
    assert open_current(indexed.index).name == "g00000001"
    assert not (indexed.index / "generations" / "building").exists()
    assert indexed.ingest().added == ("新.md",)
