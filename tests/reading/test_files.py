"""One file of a corpus: read once, known for what it is, or refused with a reason."""

import hashlib
import os
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import Reason, RejectedFile
from kb.reading.files import SUFFIXES, FileBytes, format_of, read_bytes, read_document
from tests.reading.documents import check_passages, check_structure, read, rejection
from tests.reading.pdfs import lines, pdf

TEXT = "希土の市場\n\n輸出の許可は四月に始まった。\n"
LIMIT = 1 << 20


def refused(path: Path, max_bytes: int = LIMIT) -> RejectedFile:
    with pytest.raises(RejectedFile) as caught:
        read_bytes(path, max_bytes=max_bytes)
    return caught.value


@pytest.mark.parametrize(
    "name", ["a.txt", "報告 第1号（案）.txt", "ﾚｱｱｰｽ.TXT", "-n.txt", "a\n b.txt"]
)
def test_the_bytes_and_their_sha256_are_those_of_the_file(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(TEXT, encoding="utf-8")
    found = read_bytes(tmp_path / name, max_bytes=LIMIT)
    assert found == FileBytes(TEXT.encode(), hashlib.sha256(TEXT.encode()).hexdigest())
    assert read_document(name, found, {}).path == name


@pytest.mark.parametrize("data", [b"", b" \r\n\t", b"\0" * 4096])
def test_a_file_without_content_is_empty(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(data)
    error = refused(tmp_path / "a.txt")
    assert (error.reason, error.message) == (
        Reason.EMPTY,
        "it is empty; put the report in its place",
    )


def test_a_directory_and_a_dangling_link_are_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").mkdir()
    (tmp_path / "b.pdf").symlink_to(tmp_path / "missing.pdf")
    for name in ("a.pdf", "b.pdf", "missing.pdf"):
        error = refused(tmp_path / name)
        assert error.reason is Reason.UNREADABLE
        assert error.message.startswith("it cannot be opened (")
        assert error.message.endswith("); check its permissions")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "a.txt").chmod(0)
    assert refused(tmp_path / "a.txt").reason is Reason.UNREADABLE


@pytest.mark.parametrize(("size", "fits"), [(LIMIT, True), (LIMIT + 1, False)])
def test_a_file_above_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, size: int, fits: bool
) -> None:
    (tmp_path / "a.txt").write_bytes(b"a" * size)
    if fits:
        assert len(read_bytes(tmp_path / "a.txt", max_bytes=LIMIT).data) == LIMIT
    else:
        error = refused(tmp_path / "a.txt")
        assert error.reason is Reason.TOO_LARGE
        assert "at most 1 MiB are read (KIDO_MAX_FILE_BYTES)" in error.message


class _Meddling:
    """A file that another program writes to while it is read."""

    def __init__(self, file: IO[bytes], path: Path, change: str) -> None:
        self._file, self._path, self._change = file, path, change

    def __enter__(self) -> "_Meddling":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def fileno(self) -> int:
        return self._file.fileno()

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        if self._change == "append":
            with open(self._path, "ab") as file:
                file.write(b"more")
        elif self._change == "replace":
            other = self._path.with_suffix(".new")
            with open(other, "wb") as file:
                file.write(data)
            other.replace(self._path)
        elif self._change == "touch":
            os.utime(self._path, ns=(1, 1))
        return data


@pytest.mark.parametrize("change", ["append", "replace", "touch"])
def test_a_file_that_changes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(TEXT, encoding="utf-8")
    opened = Path.open

    def meddle(self: Path, *args: Any, **options: Any) -> Any:
        return _Meddling(opened(self, *args, **options), path, change)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", meddle)
        error = refused(path)
    assert error.reason is Reason.CHANGED_WHILE_READING
    assert error.message == "it changed while it was read; ingest again when it is still"


@pytest.mark.parametrize("path", ["a.xlsx", "a", "a.pdf.bak", ".pdf", "folder.md/a"])
def test_an_unknown_suffix_names_what_is_read(path: str) -> None:
    reason, message = rejection(TEXT, path)
    assert reason is Reason.UNKNOWN_SUFFIX
    assert message.endswith(".docx, .htm, .html, .markdown, .md, .pdf, .txt, .xhtml are read")


@pytest.mark.parametrize(("suffix", "format"), SUFFIXES.items())
def test_a_suffix_counts_in_either_case(suffix: str, format: str) -> None:
    assert format_of(f"報告.{suffix[1:].upper()}") == format_of(f"a{suffix}") == format


@pytest.mark.parametrize(
    ("path", "data", "found"),
    [
        ("a.txt", b"%PDF-1.7\n1 0 obj", "pdf"),
        ("a.md", b"PK\x03\x04" + b"word/document.xml", "docx"),
        ("a.docx", b"PK\x03\x04" + b"xl/workbook.xml", "zip"),
        ("a.pdf", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"),
        ("a.html", b"\x89PNG\r\n\x1a\n", "image"),
        ("a.txt", rb"{\rtf1\ansi", "rtf"),
        ("a.pdf", b"\xef\xbb\xbf<!DOCTYPE html><html>", "html"),
        ("a.docx", b"<?xml version='1.0'?>\n<!-- a --><html>", "html"),
        ("a.txt", b"\x7fELF\x02\x01", "program"),
    ],
)
def test_a_misnamed_file_is_refused_by_its_content(path: str, data: bytes, found: str) -> None:
    assert rejection(data, path) == (
        Reason.MISNAMED,
        f"its suffix says {SUFFIXES[Path(path).suffix]}, but its content is {found}; "
        "give it the suffix of what it is",
    )


def test_text_may_begin_with_a_tag() -> None:
    assert (
        "輸出" in read("<html>という語から始まる、輸出の許可についての文章である。\n", "a.txt").text
    )


@pytest.mark.parametrize("text", ["\n\n---\n", "# 希土の市場\n", "！？…\n\n。\n"])
def test_a_file_without_text_of_its_own_is_refused(text: str) -> None:
    assert rejection(text, "a.md")[0] is Reason.NO_TEXT


@given(st.binary(max_size=300), st.sampled_from(sorted(SUFFIXES)))
def test_any_bytes_are_read_or_refused_with_a_reason(data: bytes, suffix: str) -> None:
    try:
        document = read(data, f"a{suffix}")
    except RejectedFile as rejected:
        assert rejected.message
    else:
        check_structure(document)
        check_passages(document)


def test_the_same_bytes_give_the_same_document() -> None:
    data = pdf([lines(["輸出の許可は四月に始まった。", "対象は七元素であった。"])])
    assert read(data, "a.pdf") == read(data, "a.pdf")
    assert read(data, "b.pdf").id != read(data, "a.pdf").id
