"""What changes in a store is written beside its file, which stays as it is."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Thread

import apsw
import pytest

from kb.indexing import connections

PAGES = 2400  # more than SQLite by itself leaves in a log


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "店 100%?#.sqlite"
    db = connections.to_create(path)
    db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    db.executemany("INSERT INTO t (b) VALUES (?)", (("x" * 3000,) for _ in range(PAGES)))
    db.close()
    return path


def change(path: Path, sql: str) -> None:
    db = connections.to_change(path)
    db.execute(f"BEGIN; {sql}; COMMIT")
    db.close()


def rows(path: Path) -> list[tuple[int, str]]:
    db = connections.to_read(path)
    found = [(int(a), str(b)) for a, b in db.execute("SELECT a, substr(b, 1, 3) FROM t")]
    db.close()
    return found


def test_changes_are_read_and_the_file_is_not_written(path: Path) -> None:
    whole = path.read_bytes()
    change(path, "DELETE FROM t WHERE a % 2")
    change(path, "INSERT INTO t (b) VALUES ('new')")
    assert path.read_bytes() == whole
    expected = [(a, "xxx") for a in range(2, PAGES + 1, 2)] + [(PAGES + 1, "new")]
    assert rows(path) == expected
    connections.log_of(path).rename(path.with_suffix(".aside"))
    assert len(rows(path)) == PAGES


def test_reading_writes_nothing_and_leaves_nothing(path: Path) -> None:
    change(path, "DELETE FROM t WHERE a < 9")
    before = {one.name: one.read_bytes() for one in path.parent.iterdir()}
    os.chmod(path.parent, 0o500)
    readers = [Thread(target=rows, args=(path,)) for _ in range(3)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    os.chmod(path.parent, 0o700)
    assert {one.name: one.read_bytes() for one in path.parent.iterdir()} == before
    db = connections.to_read(path)
    with pytest.raises(apsw.ReadOnlyError):
        db.execute("DELETE FROM t")
    db.close()


def test_a_transaction_that_did_not_end_is_not_there(path: Path) -> None:
    change(path, "DELETE FROM t WHERE a < 9")
    db = connections.to_change(path)
    db.execute("BEGIN; DELETE FROM t")
    db.close()
    assert len(rows(path)) == PAGES - 8


def test_a_log_that_is_long_is_brought_in(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "LEAST", 0)
    assert not connections.is_long(path)
    change(path, "DELETE FROM t WHERE a = 1")
    assert not connections.is_long(path)
    change(path, "UPDATE t SET b = replace(b, 'x', 'y') WHERE a % 2")
    assert connections.is_long(path)
    held = rows(path)
    connections.merge(path)
    assert [one.name for one in path.parent.iterdir()] == [path.name]
    assert rows(path) == held
