"""Which files are still, when they are read, and what a run does with those that are not."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.errors import IndexUnavailable
from kb.ingest.scan import _not_listed, scan
from kb.ingest.stillness import Stamp, Stillness, stamps_of
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

STILL = 5.0


def test_a_file_is_read_when_it_is_still_and_once() -> None:
    watched = Stillness(STILL)
    watched.see({"a.md": (1, 1)}, 0)
    assert watched.due(0) is None
    watched.see({"a.md": (2, 2)}, 4)  # it is being written
    watched.see({"a.md": (2, 2)}, 8)
    assert watched.due(8) is None
    watched.see({"a.md": (2, 2)}, 9)
    assert watched.due(9) == frozenset()
    watched.read(frozenset())
    watched.see({"a.md": (2, 2)}, 60)
    assert watched.due(60) is None


def test_one_that_is_written_does_not_keep_the_others() -> None:
    watched = Stillness(STILL)
    for now in range(10):
        watched.see({"a.md": (1, 1), "b.md": (now, now)}, now)
    assert watched.due(9) == frozenset({"b.md"})
    watched.read(frozenset({"b.md"}))
    watched.see({"a.md": (1, 1), "b.md": (9, 9)}, 10)
    assert watched.due(10) is None
    watched.see({"a.md": (1, 1), "b.md": (9, 9)}, 14)
    assert watched.due(14) == frozenset()


def test_what_is_gone_for_a_moment_is_not_removed() -> None:
    watched = Stillness(STILL)
    both: dict[str, Stamp] = {"a.md": (1, 1), "b.md": (1, 1)}
    watched.see(both, 0)
    watched.see(both, 5)
    watched.read(frozenset())
    watched.see({"b.md": (1, 1)}, 6)  # an editor that writes by removing first
    assert watched.due(6) is None
    watched.see(both, 7)
    watched.see(both, 20)
    assert watched.due(20) is None
    watched.see({"b.md": (1, 1)}, 21)
    assert watched.due(21) is None
    watched.see({"b.md": (1, 1)}, 26)
    assert watched.due(26) == frozenset()


def test_an_empty_folder_is_not_read() -> None:
    watched = Stillness(STILL)
    watched.see({"a.md": (1, 1)}, 0)
    watched.see({"a.md": (1, 1)}, 5)
    watched.read(frozenset())
    for now in (6, 60, 600):
        watched.see({}, now)
        assert watched.due(now) is None


def test_titles_that_are_being_written_are_waited_for_but_not_for_ever() -> None:
    watched = Stillness(STILL)
    for now in range(120):
        watched.see({"a.md": (1, 1), "library.json": (now, now)}, now)
        if watched.due(now) is not None:
            break
    assert now == STILL + 10 * STILL
    assert watched.due(now) == frozenset({"library.json"})


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([None, 1, 2, 3])), max_size=25))
def test_nothing_restless_is_read_and_in_the_end_all_is(
    steps: list[tuple[str, int | None]],
) -> None:
    watched, found, read = Stillness(2), dict[str, Stamp](), dict[str, Stamp]()
    changed = {"z": 0.0}
    now = 0.0

    def look() -> None:
        watched.see(dict(found), now)
        held = watched.due(now)
        if held is None:
            return
        taken = [path for path in found if path not in held]
        assert all(now - changed[path] >= 2 for path in taken)
        watched.read(held)
        kept = {path: stamp for path, stamp in read.items() if path in held}
        read.clear()
        read.update({path: found[path] for path in taken} | kept)

    found["z"] = (0, 0)
    for path, size in steps:
        now += 1
        if size is None:
            found.pop(path, None)
        else:
            found[path] = (size, int(now))
        changed[path] = now
        look()
    for _ in range(25):
        now += 1
        look()
    assert read == found


def test_a_held_file_stays_as_it_was(tmp_path: Path) -> None:
    work = Workshop(tmp_path)
    work.write("管理.md", REPORT)
    work.write("写し.md", REPORT)
    work.write("空.md", "")
    work.ingest()
    work.write("管理.md", PANEL[:40])
    work.write("写し.md", "半")
    work.write("空.md", "半")
    work.write("新.md", MAGNETS[:20])
    work.write("磁石.md", MAGNETS)
    work.held = frozenset({"管理.md", "写し.md", "空.md", "新.md"})
    report = work.ingest()
    assert (report.added, report.updated, report.removed) == (("磁石.md",), (), ())
    assert set(report.unchanged) == {"写し.md", "管理.md"}
    assert [(r.path, r.reason) for r in report.rejected] == [("空.md", "empty")]
    assert work.paths() == ["写し.md", "磁石.md"]
    again = work.ingest()
    assert (again.generation, again.added) == (report.generation, ())
    work.held = frozenset()
    work.write("管理.md", PANEL)
    work.write("写し.md", REPORT)
    (work.corpus / "新.md").unlink()
    (work.corpus / "空.md").unlink()
    assert work.ingest().removed == ()
    assert work.paths() == ["写し.md", "磁石.md", "管理.md"]


def test_files_that_are_not_finished_by_their_names_are_left_out(tmp_path: Path) -> None:
    names = [
        "報告.pdf.part", "報告.pdf.crdownload", "a.md~", "a.md.tmp", "A.TMP", ".a.md.swp",
        "~$a.docx", ".報告.pdf.x8Yz1Q", "a.download", "a.filepart",
    ]  # fmt: skip
    for name in [*names, "a.md", "部.md"]:
        (tmp_path / name).write_text("x")
    (tmp_path / "lost.md").symlink_to("nowhere.md")
    assert [file.path for file in scan(tmp_path)] == ["a.md", "lost.md", "部.md"]
    assert set(stamps_of(tmp_path)) == {"a.md", "部.md"}


def test_a_folder_that_cannot_be_listed_removes_nothing(tmp_path: Path) -> None:
    _not_listed(PermissionError(13, "Permission denied", "closed"))
    with pytest.raises(IndexUnavailable, match=r"away.*nothing was changed"):
        _not_listed(OSError(107, os.strerror(107), "away"))
