"""Aliases, near-duplicates and versions as rows of the store, and damage to them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given

from kb.indexing.store import Store
from tests.indexing.test_store import add, document, texts


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two linked documents, one with an alias and an earlier version."""
    store = Store.create(tmp_path / "store.sqlite")
    add(store, document(1, "旧い文。"))
    store.keep_versions([document(1).id], generation="g00000001")
    store.remove_documents([document(1).id])
    add(store, document(1), document(2))
    store.set_aliases({"写し.md": document(1).id})
    store.add_near_duplicates([(1, 2, 0.75)])
    return store


def test_links_stand_in_the_summaries(store: Store) -> None:
    first, second = store.summaries()
    assert (first.aliases, second.aliases) == (("写し.md",), ())
    assert (first.near_duplicates, second.near_duplicates) == ((second.id,), (first.id,))
    assert list(store.signatures()) == [(1, b"m"), (2, b"m")]
    assert (store.sentences(1), store.sentences(9)) == (b"s" * 32, b"")
    assert store.integrity_errors() == []


def test_the_most_alike_come_first_and_equals_by_id(store: Store) -> None:
    add(store, document(3), document(4))
    store.add_near_duplicates([(1, 4, 0.75), (1, 3, 0.9)])
    ids = store.summaries()[0].near_duplicates
    assert ids == (document(3).id, document(2).id, document(4).id)


def test_aliases_are_replaced(store: Store) -> None:
    store.set_aliases({"別.md": document(2).id})
    assert [s.aliases for s in store.summaries()] == [(), ("別.md",)]


def test_removing_a_document_takes_its_links(store: Store) -> None:
    store.remove_documents([document(1).id])
    (left,) = store.summaries()
    assert (left.aliases, left.near_duplicates) == ((), ())
    assert [row for row, _ in store.signatures()] == [2]
    assert store.integrity_errors() == []


@given(text=texts)
def test_a_version_comes_back_as_it_was(text: str) -> None:
    store = Store.create(Path(":memory:"))
    old = document(text=text)
    add(store, old)
    store.keep_versions([old.id], generation="g00000007")
    store.remove_documents([old.id])
    store.settle_versions(20)
    assert store.version(old.id, old.sha256) == old
    assert [v.generation for v in store.versions_of(old.id)] == ["g00000007"]
    assert store.integrity_errors() == []
    store.close()


def test_versions_with_the_same_text_share_it(store: Store) -> None:
    add(store, document(3, "旧い文。"))
    store.keep_versions([document(3).id], generation="g00000002")
    store.remove_documents([document(3).id])
    store.settle_versions(20)
    assert len(store.versions_of(document(3).id)) == len(store.versions_of(document(1).id)) == 1
    store.close()
    with sqlite3.connect(store.path) as db:
        assert db.execute("SELECT count(*) FROM version_texts").fetchone() == (1,)
    db.close()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("UPDATE aliases SET document = 9", "1 aliases without their document"),
        (
            "UPDATE aliases SET path = '報告/2 号.md'",
            "1 aliases that are documents or rejected files too",
        ),
        (
            "UPDATE sketches SET document = 9 WHERE document = 1",
            "1 sketches without their document",
        ),
        (
            "UPDATE near_duplicates SET b = 9 WHERE a = 1",
            "1 near-duplicates without their document",
        ),
        (
            "DELETE FROM near_duplicates WHERE a = 1",
            "1 near-duplicates that are not linked both ways",
        ),
        (
            "UPDATE near_duplicates SET similarity = 0.8 WHERE a = 1",
            "2 near-duplicates that are not linked both ways",
        ),
        ("DELETE FROM versions", "1 texts of versions that no version has"),
        ("DELETE FROM version_texts", "version 000000000000 of 報告/1 号.md has no text"),
        ("UPDATE version_texts SET text = x'00'", "1 texts of versions are damaged"),
        (
            "UPDATE versions SET structure = x'00'",
            "version 000000000000 of 報告/1 号.md has a damaged structure",
        ),
    ],
)
def test_integrity_errors_name_planted_damage(store: Store, damage: str, expected: str) -> None:
    assert store.integrity_errors() == []
    store.close()
    with sqlite3.connect(store.path) as db:
        db.executescript(damage)
    db.close()
    assert expected in Store(store.path).integrity_errors()
