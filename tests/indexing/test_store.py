"""The store: what goes in comes out, filters, and what it finds wrong with itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.domain import Block, BlockKind, Document, Passage, Rejection, Section
from kb.errors import IndexUnavailable, NotFound
from kb.indexing.finished import Finished
from kb.indexing.rows import PassageRow, PassageTerms
from kb.indexing.schema import STORE_FORMAT
from kb.indexing.store import Store

TEXT = "𠮷野の報告。\u3000希土類の輸出は許可制である。\n"
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=60
) | st.sampled_from([TEXT, "𠮷" * 9, "か\u3099行", "\x01\x1b[0m\u200b\u2028", "'; DROP TABLE --"])


def document(number: int = 1, text: str = TEXT) -> Document:
    return Document(
        id=f"d{number:016d}",
        path=f"報告/{number} 号.md",
        sha256=f"{number:064x}",
        format="markdown",
        metadata={"title": f"報告 {number}", "author": [{"literal": "希土 太郎"}]},
        text=text,
        blocks=(Block(BlockKind.NOTE, 0, len(text), page=1, level=0, marker="注1"),),
        sections=(Section(("章", "節"), 0, len(text)),),
        page_starts=(0, len(text)),
        page_labels=("i", "1"),
        quality=0.75,
        warnings=("頁 2 は図だけである",),
    )


def row(owner: Document, start: int, end: int, *, key: bytes = b"k" * 16) -> PassageRow:
    passage = Passage(
        f"p{owner.id[-3:]}x{start}x{end}", owner.id, start, end, ("章", "節"), 1, 2,
        BlockKind.TABLE,
    )  # fmt: skip
    terms = PassageTerms(
        "希土 輸出",
        "希土類",
        "希土 土類",
        "rare-earths",
        "0;2;rare-earths@0",
        "mineral:rare-earths",
    )
    return PassageRow(passage, terms, key)


def put(
    store: Store,
    one: Document,
    *rows: PassageRow,
    issued: str | None = None,
    publisher: str | None = None,
    vectors: NDArray[np.float32] | None = None,
    state: str = "",
) -> int:
    """A document with some passages, and their vectors where there are some; its row number."""
    finished = Finished.of(
        one,
        rows,
        issued=issued,
        publisher=publisher,
        vectors=b"" if vectors is None else vectors.astype("<f2").tobytes(),
        sentences=b"s" * 32,
        signature=b"m",
    )
    return store.add_finished(finished, state=state)


def add(store: Store, *documents: Document, publisher: str | None = None) -> None:
    """Each document with one passage over all of its text, in one transaction."""
    store.begin()
    for one in documents:
        put(
            store, one, row(one, 0, len(one.text)), issued="2025-04", publisher=publisher,
            vectors=np.ones((1, 4), np.float32), state="s",
        )  # fmt: skip
    store.commit()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store.create(tmp_path / "store.sqlite")
    yield store
    store.close()


@given(text=texts)
def test_documents_come_back_as_they_were(tmp_path: Path, text: str) -> None:
    store = Store.create(Path(mkdtemp(dir=tmp_path)) / "store.sqlite")
    kept = document(text=text)
    add(store, kept)
    reader = Store(store.path)
    assert reader.document(kept.id) == kept
    (summary,) = reader.summaries()
    assert (summary.characters, summary.passages, summary.pages) == (len(text), 1, 2)
    assert (summary.title, summary.issued, summary.quality) == ("報告 1", "2025-04", 0.75)
    assert summary.warnings == kept.warnings
    assert reader.integrity_errors() == []
    store.close()
    reader.close()


@given(data=st.data(), text=texts)
def test_passages_come_back_with_the_text_of_their_span(
    tmp_path: Path, data: st.DataObject, text: str
) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    store = Store.create(Path(mkdtemp(dir=tmp_path)) / "store.sqlite")
    kept = document(text=text)
    entry = row(kept, start, end)
    store.begin()
    put(store, kept, entry)
    store.commit()
    reader = Store(store.path)
    assert reader.passages([1]) == {1: (entry.passage, text[start:end])}
    assert reader.passages_of(kept.id) == [entry.passage]
    assert reader.first_rows() == [(1, kept.id)]
    assert list(reader.postings()) == [
        (1, 1, "希土 輸出", "希土類", "希土 土類", "rare-earths", "mineral:rare-earths")
    ]
    assert list(reader.facets()) == [(1, "mineral:rare-earths")]
    assert reader.tokens([1, 2]) == {1: ("希土 輸出", "0;2;rare-earths@0", "table")}
    store.close()
    reader.close()


def test_an_unknown_document_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match="there is no document 'd1' in the index"):
        store.document("d1")


def test_rows_that_are_not_there_are_left_out(store: Store) -> None:
    add(store, document())
    assert store.passages([1, 99]).keys() == {1}
    assert store.tokens([]) == {}


def test_more_rows_than_one_statement_takes(store: Store) -> None:
    kept = document(text="希" * 1200)
    store.begin()
    owner = put(store, kept, *(row(kept, i, i + 1) for i in range(1200)))
    store.commit()
    assert store.passages(range(1, 1201)).keys() == set(range(1, 1201))
    assert sorted(store.rows_of_documents([owner] * 3 + list(range(2, 1300)))) == list(
        range(1, 1201)
    )
    assert store.last_passage_row() == 1200
    assert [row for row, *_ in store.postings(after_row=1198)] == [1199, 1200]


def test_removing_a_document_takes_its_passages_and_in_the_end_its_vectors(store: Store) -> None:
    first, second = document(1), document(2)
    put(store, first, row(first, 0, len(TEXT), key=b"z" * 16), vectors=np.ones((1, 4), np.float32))
    add(store, second)
    removed = store.remove_documents([first.id])
    assert removed == [(1, b"z" * 16, (2, 1, 2, 1, 1))]
    store.drop_unused_vectors([key for _, key, _ in removed])
    assert store.counts() == (1, 1)
    assert store.known_vectors([b"k" * 16, b"z" * 16]).keys() == {b"k" * 16}
    assert store.integrity_errors() == []


def test_vectors_are_rounded_to_half_precision_and_come_in_the_order_of_rows(store: Store) -> None:
    kept = document()
    given_vectors = np.array([[0.1, -0.2, 1 / 3, 0.7], [0.5, 0.25, 0, 1e-9]], np.float32)
    keys = [b"a" * 16, b"b" * 16]
    store.begin()
    entries = row(kept, 0, 3, key=keys[1]), row(kept, 3, 5, key=keys[0])
    put(store, kept, *entries, vectors=given_vectors[::-1])
    store.commit()
    rows, vectors = store.vectors(4)
    assert rows.tolist() == [1, 2]
    assert vectors.dtype == np.float32
    assert np.array_equal(vectors, given_vectors[::-1].astype(np.float16).astype(np.float32))


def test_the_first_vector_of_a_key_stays(store: Store) -> None:
    add(store, document())
    other = document(2)
    put(store, other, row(other, 0, 3), vectors=np.zeros((1, 4), np.float32))
    assert store.vectors(4)[1].tolist() == [[1.0] * 4] * 2


def test_no_passages_give_an_empty_matrix(store: Store) -> None:
    rows, vectors = store.vectors(4)
    assert (rows.shape, vectors.shape) == ((0,), (0, 4))
    assert store.last_passage_row() == 0


def test_rejections_come_back_by_path_and_are_replaced(store: Store) -> None:
    old = [(Rejection("古.md", "empty", "空である"), "")]
    new = [(Rejection(f"{n}.md", "damaged", "壊れている"), f"state {n}") for n in "二一"]
    store.set_rejected(old)
    store.set_rejected(new)
    assert store.rejected_with_state() == sorted(new, key=lambda entry: entry[0].path)
    assert store.rejected() == sorted((r for r, _ in new), key=lambda r: r.path)


ISSUED = (None, "2024", "2025", "2025-03", "2025-04-01", "2025-04-30", "2025-12", "2026-01-01")


@pytest.mark.parametrize(
    ("issued_from", "issued_to", "expected"),
    [
        ("2025", None, ISSUED[2:]),
        (None, "2025", ISSUED[1:7]),
        ("2025", "2025", ISSUED[2:7]),
        ("2025-04", None, (ISSUED[2], *ISSUED[4:])),
        (None, "2025-04", ISSUED[1:6]),
        ("2025-04", "2025-04", (ISSUED[2], *ISSUED[4:6])),
        ("2025-04-02", "2025-04-30", (ISSUED[2], ISSUED[5])),
        ("2025-04-01", "2025-04-01", (ISSUED[2], ISSUED[4])),
        ("2027", None, ()),
        (None, "2023-12-31", ()),
        (None, None, ISSUED),
    ],
)
def test_dates_are_compared_as_far_as_both_are_known(
    store: Store, issued_from: str | None, issued_to: str | None, expected: tuple[str | None, ...]
) -> None:
    rows = {put(store, document(i), issued=issued): issued for i, issued in enumerate(ISSUED)}
    found = store.document_rows(issued_from=issued_from, issued_to=issued_to)
    assert [rows[row] for row in found] == list(expected)


def test_filters_for_ids_and_publishers_hold_together(store: Store) -> None:
    publishers = ["経済産業省", "商務部", "経済産業省", None]
    for i, publisher in enumerate(publishers):
        put(store, document(i), issued="2025", publisher=publisher)
    ids = [document(i).id for i in range(4)]
    assert store.document_rows() == [1, 2, 3, 4]
    assert store.document_rows(publishers=["経済産業省"]) == [1, 3]
    assert store.document_rows(publishers=["商務部", "経済産業省"]) == [1, 2, 3]
    assert store.document_rows(ids=ids[2:]) == [3, 4]
    assert store.document_rows(ids=ids[1:], publishers=["経済産業省"]) == [3]
    assert store.document_rows(ids=ids, publishers=["経済産業省"], issued_from="2026") == []
    assert store.document_rows(ids=["d-unknown"]) == []


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        ("DELETE FROM documents WHERE row = 2", "1 passages without their document"),
        ("DELETE FROM vectors", "2 passages without their vector"),
        (
            "UPDATE passages SET end = 4000 WHERE row = 1",
            "1 passages that reach past their document's text",
        ),
        (
            "UPDATE passages SET start = end WHERE row = 2",
            "1 passages that reach past their document's text",
        ),
        (
            "PRAGMA writable_schema=ON; DELETE FROM sqlite_schema WHERE name='passages_of_vector'",
            "Page",
        ),
    ],
)
def test_integrity_errors_name_planted_damage(store: Store, damage: str, expected: str) -> None:
    add(store, document(1), document(2))
    assert store.integrity_errors() == []
    store.close()
    with sqlite3.connect(store.path) as db:
        db.executescript(damage)
    db.close()
    errors = Store(store.path).integrity_errors()
    assert errors
    assert expected in errors[0]


def test_a_store_of_another_format_says_so_and_what_to_do(store: Store) -> None:
    store.close()
    with sqlite3.connect(store.path) as db:
        db.execute("PRAGMA user_version=99")
    db.close()
    with pytest.raises(IndexUnavailable) as caught:
        Store(store.path)
    assert str(caught.value) == (
        f"{store.path} has format 99; this version reads {STORE_FORMAT}: run `kb ingest` to build "
        "the index again"
    )


@pytest.mark.parametrize("content", [None, b"", b"no database at all" * 300])
def test_a_file_that_is_no_store_cannot_be_opened(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "店 100%?#.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IndexUnavailable, match=r"is not a readable store|has format 0"):
        Store(path)


def test_a_path_with_signs_of_addresses_can_be_read(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "店 100%?mode=rw#.sqlite")
    add(store, document())
    store.close()
    assert Store(store.path).document(document().id) == document()


def test_a_reader_cannot_write(store: Store) -> None:
    add(store, document())
    store.close()
    reader = Store(store.path)
    with pytest.raises(Exception, match="readonly"):
        reader.remove_documents([document().id])


def test_a_path_or_id_is_kept_once(store: Store) -> None:
    add(store, document())
    with pytest.raises(Exception, match="UNIQUE"):
        put(store, replace(document(2), path=document().path))
