"""Names of files that come from outside, and files that are there whole or not at all."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.errors import AlreadyThere, InvalidUpload, NotFound, UploadTooLarge
from kb.ingest.scan import scan
from kb.ingest.uploads import Upload, checked_name, remove

NAMES = st.text(max_size=80) | st.text("./\\~$ a:コン\u3099\u202e\0NULCON1", max_size=12).map(
    lambda stem: stem + ".md"
)


@given(NAMES)
@example("..\\x.md")
@example("か\u3099.md")
@example("aux.tar.md")
@example("\ud800.md")
def test_a_name_that_is_accepted_is_one_file_at_the_top_of_the_corpus(name: str) -> None:
    try:
        checked = checked_name(name)
    except InvalidUpload:
        return
    folder = Path("/corpus")
    assert (folder / checked).parent == folder
    assert (folder / checked).name == checked == unicodedata.normalize("NFC", name)
    assert checked_name(checked) == checked
    assert not checked.startswith((".", "~$"))
    assert len(checked.encode()) <= 200


@given(name=st.text("あ亜Ａa1-_ （）", min_size=1, max_size=20))
def test_plain_names_are_accepted(name: str) -> None:
    assert checked_name(f"報{name}.pdf") == f"報{name}.pdf"


def test_a_file_is_seen_only_when_it_is_whole(tmp_path: Path) -> None:
    with Upload(tmp_path, max_bytes=10) as upload:
        upload.write(b"0123")
        assert scan(tmp_path) == []
        assert upload.put("か\u3099.md", replace=False) == ("が.md", False)
    (file,) = scan(tmp_path)
    assert file.location.read_bytes() == b"0123"
    assert [path.name for path in tmp_path.iterdir()] == ["が.md"]


def test_what_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(UploadTooLarge), Upload(tmp_path, max_bytes=3) as upload:
        upload.write(b"0123")
    with pytest.raises(InvalidUpload), Upload(tmp_path, max_bytes=3) as upload:
        upload.put("a.md", replace=False)
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_server_left_goes_after_an_hour(tmp_path: Path) -> None:
    old, new, other = (tmp_path / f".{name}.part" for name in ("0" * 16, "1" * 16, "mine"))
    for path in (old, new, other):
        path.write_text("x", "utf-8")
    for path in (old, other):
        os.utime(path, (0, 0))
    with Upload(tmp_path, max_bytes=3):
        pass
    assert sorted(tmp_path.iterdir()) == sorted([new, other])


@pytest.mark.parametrize("there", ["が.md", "か\u3099.md"])
def test_a_file_of_the_same_name_in_any_form_is_replaced_only_when_that_is_asked(
    tmp_path: Path, there: str
) -> None:
    (tmp_path / there).write_text("old", "utf-8")
    for replace in (False, True):
        with Upload(tmp_path, max_bytes=10) as upload:
            upload.write(b"new")
            if not replace:
                with pytest.raises(AlreadyThere, match=r"が\.md"):
                    upload.put("が.MD", replace=False)
            else:
                assert upload.put("が.MD", replace=True) == ("が.md", True)
    assert [(p.name, p.read_text("utf-8")) for p in tmp_path.iterdir()] == [(there, "new")]


def test_only_what_is_named_is_removed(tmp_path: Path) -> None:
    for name in ("a.md", "b.md", "c.md"):
        (tmp_path / name).write_text(name, "utf-8")
    assert remove(tmp_path, frozenset({"a.md", "c.md", "../x.md"})) == ("a.md", "c.md")
    assert [path.name for path in tmp_path.iterdir()] == ["b.md"]
    with pytest.raises(NotFound, match="index again"):
        remove(tmp_path, frozenset({"a.md"}))
