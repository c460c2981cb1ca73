"""A file that is replaced is the old one or the new one, whatever fails."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kb import failpoints
from kb.durable import replace_file, storing
from kb.errors import NotStored


@pytest.fixture(autouse=True)
def disarmed() -> Iterator[None]:
    yield
    failpoints.arm("")


def test_a_file_is_made_and_replaced_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    for content in (b"one", b"two"):
        replace_file(path, content, point="keys", mode=0o600)
        assert path.read_bytes() == content
        assert path.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["write", "fsync", "rename", "renamed", "synced"])
def test_what_fails_leaves_a_whole_file_and_nothing_else(tmp_path: Path, step: str) -> None:
    path = tmp_path / "keys.json"
    replace_file(path, b"old", point="keys")
    failpoints.arm(f"keys.{step}=EIO")
    with pytest.raises(OSError, match="failpoint"):
        replace_file(path, b"new", point="keys")
    assert path.read_bytes() == (b"old" if step in ("write", "fsync", "rename") else b"new")
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_of_the_disk_says_what_is_the_case_now(tmp_path: Path) -> None:
    failpoints.arm("keys.write=ENOSPC")
    with pytest.raises(NotStored) as caught, storing(tmp_path, "nothing was added"):
        replace_file(tmp_path / "a", b"new", point="keys")
    assert str(caught.value) == (
        f"{tmp_path} cannot be written (No space left on device); nothing was added; "
        "make room and try again"
    )
