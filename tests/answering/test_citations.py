"""Citation ids: they lead back to the quotation, and say when it is no longer there."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.citations import citation_id, cite, page_range, parse_citation_id, resolve
from kb.domain import Block, BlockKind, Document, Passage, Section
from kb.errors import NotFound

TEXT = "𠮷野の鉱山は閉じた。\n\n希土類の輸出には許可が要る。\n\n注 許可は商務部が出す。"
DOCUMENT = Document(
    id="d" + b32encode(b"0123456789").decode().lower(),
    path="報告.md",
    sha256="00",
    format="markdown",
    metadata={},
    text=TEXT,
    blocks=(Block(BlockKind.PARAGRAPH, 0, 28), Block(BlockKind.NOTE, 28, len(TEXT))),
    sections=(Section((), 0, len(TEXT)),),
    page_starts=(0, 12),
    page_labels=("ii", "1"),
)
PASSAGE = Passage("p1", DOCUMENT.id, 0, len(TEXT), ("章",), 1, 2)


def made_id(document_id: str, start: int, length: int, digest: bytes) -> str:
    packed = b"0123456789" + start.to_bytes(4, "big") + length.to_bytes(3, "big") + digest
    return "c" + b32encode(packed).decode().rstrip("=").lower()


@given(
    document=st.binary(min_size=10, max_size=10), start=st.integers(0, 2**32 - 1),
    length=st.integers(0, 2**24 - 1), quote=st.text(),
)  # fmt: skip
def test_an_id_can_be_taken_apart_again(
    document: bytes, start: int, length: int, quote: str
) -> None:
    document_id = "d" + b32encode(document).decode().lower()
    made = citation_id(document_id, start, start + length, quote)
    assert len(made) == 38
    assert made.isalnum()
    assert made.islower()
    digest = hashlib.sha256(quote.encode()).digest()[:6]
    assert parse_citation_id(made) == (document_id, start, start + length, digest)


@given(data=st.data())
def test_every_span_of_a_document_is_found_again_by_its_id(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 1))
    end = data.draw(st.integers(start + 1, len(TEXT)))
    made = cite(DOCUMENT, start, end, number=1, passage=PASSAGE)
    assert made.quote == TEXT[start:end]
    assert resolve(made.id, DOCUMENT, PASSAGE) == made
    assert (made.first_page, made.last_page) == (1 if start < 12 else 2, 1 if end <= 12 else 2)


@given(value=st.text(max_size=50) | st.from_regex(r"c[a-z2-7]{0,60}", fullmatch=True))
def test_what_is_no_id_is_not_found(value: str) -> None:
    try:
        document_id, start, end, digest = parse_citation_id(value)
    except NotFound as error:
        assert str(error) == f"{value[:60]!r} is not a citation id"
    else:
        assert len(value) == 38
        assert document_id.startswith("d")
        assert 0 <= start <= end
        assert len(digest) == 6


@pytest.mark.parametrize(
    "value",
    ["", "c", "d" * 38, "c" * 37, "c" * 39, "c" + "1" * 37, "c" + "あ" * 37, "c" + "=" * 37, "../"],
)
def test_garbage_is_not_a_citation_id(value: str) -> None:
    with pytest.raises(NotFound, match="is not a citation id"):
        parse_citation_id(value)


@pytest.mark.parametrize(
    "text",
    ["前置き。" + TEXT, TEXT.replace("許可が", "認可が"), TEXT[:20], "別の報告である。", ""],
)
def test_a_changed_text_is_said(text: str) -> None:
    start = TEXT.index("希土類")
    made = cite(DOCUMENT, start, start + 15, number=1, passage=PASSAGE)
    changed = replace(DOCUMENT, text=text)
    with pytest.raises(NotFound, match=f"{made.id} quotes is no longer at its place in 報告"):
        resolve(made.id, changed, PASSAGE)


@pytest.mark.parametrize("start", [0, 5, len(TEXT)])
def test_an_id_of_nothing_is_not_found(start: int) -> None:
    empty = made_id(DOCUMENT.id, start, 0, hashlib.sha256(b"").digest()[:6])
    with pytest.raises(NotFound):
        resolve(empty, DOCUMENT, PASSAGE)


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, len(TEXT) + 1)])
def test_a_span_outside_of_the_text_cannot_be_cited(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="is outside the text of"):
        cite(DOCUMENT, start, end, number=1, passage=PASSAGE)


def test_a_citation_says_what_kind_of_text_it_quotes() -> None:
    assert cite(DOCUMENT, 0, 5, number=1, passage=PASSAGE).kind is BlockKind.PARAGRAPH
    assert cite(DOCUMENT, 30, 35, number=1, passage=PASSAGE).kind is BlockKind.NOTE


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [(1, 1, "ii"), (1, 2, "ii–1"), (2, 2, "1"), (None, None, None), (9, 9, None)],
)
def test_printed_pages(first: int | None, last: int | None, expected: str | None) -> None:
    assert page_range(DOCUMENT, first, last) == expected


def test_dates_that_lean_on_the_text_before_are_given_beside_the_quote() -> None:
    text = "条例は2024年6月に公布された。同年10月1日に施行された。"
    of = replace(
        DOCUMENT,
        text=text,
        blocks=(Block(BlockKind.PARAGRAPH, 0, len(text)),),
        sections=(Section((), 0, len(text)),),
    )
    start = text.index("同年")
    made = cite(of, start, len(text), number=1, passage=None)
    assert made.quote == "同年10月1日に施行された。"
    assert [(d.text, d.iso) for d in made.dates] == [("同年10月1日", "2024-10-01")]
    assert all(text[d.start : d.end] == d.text for d in made.dates)
    assert cite(of, 0, start, number=1, passage=None).dates == ()
