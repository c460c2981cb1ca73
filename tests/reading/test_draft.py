"""The stored text, its blocks, sections and pages, whatever a reader gives."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import BlockKind, page_at
from kb.reading.draft import Draft, Piece, Reading, document_id, draft, to_document, undamaged_share
from tests.reading.documents import anything, check_passages, check_structure, laid_out, text_of

KINDS = st.sampled_from(list(BlockKind))


@st.composite
def paged_drafts(draw: st.DrawFn) -> tuple[Draft, ...]:
    """Drafts whose pieces stand on pages that never go back."""
    drafts: list[Draft] = []
    page = 1
    for kind in draw(st.lists(KINDS, max_size=12)):
        pieces: list[Piece] = []
        for text in draw(st.lists(anything, min_size=1, max_size=3)):
            page += draw(st.integers(0, 2))
            pieces.append(Piece(text, page))
        level = draw(st.integers(1, 6)) if kind is BlockKind.HEADING else 0
        drafts.append(Draft(kind, tuple(pieces), level))
    return tuple(drafts)


@given(st.lists(st.tuples(KINDS, anything), max_size=15))
def test_blocks_and_sections_cover_any_text(given_blocks: list[tuple[BlockKind, str]]) -> None:
    drafts = [draft(k, t, level=int(k is BlockKind.HEADING)) for k, t in given_blocks]
    document = laid_out(Reading(tuple(drafts)))
    check_structure(document)
    check_passages(document)
    kept = [t.strip() for _, t in given_blocks if t.strip()]
    assert [text_of(document, b) for b in document.blocks] == kept


@given(paged_drafts())
def test_pages_come_from_page_starts_and_never_go_back(drafts: tuple[Draft, ...]) -> None:
    count = max((p.page or 0 for d in drafts for p in d.pieces), default=0) + 1
    labels = tuple(str(n) for n in range(1, count + 1))
    document = laid_out(Reading(drafts, page_labels=labels))
    assert len(document.page_starts) == count
    pages = [document.page_at(offset) or 0 for offset in range(len(document.text))]
    assert pages == sorted(pages)
    assert all(page == page_at(document.page_starts, i) for i, page in enumerate(pages))


@given(paged_drafts())
def test_each_character_keeps_the_page_of_its_piece(drafts: tuple[Draft, ...]) -> None:
    document = laid_out(Reading(drafts, page_labels=("1",)))
    shown = [d for d in drafts if d.text.strip()]
    for d, block in zip(shown, document.blocks, strict=True):
        offset = block.start
        for piece in d.pieces:
            assert document.text.startswith(piece.text, offset)
            pages = {document.page_at(i) for i in range(offset, offset + len(piece.text))}
            assert pages <= {piece.page}
            offset += len(piece.text)


def test_pages_without_text_at_the_end_have_their_start_there() -> None:
    drafts = (draft(BlockKind.PARAGRAPH, "本文である。", page=2),)
    document = laid_out(Reading(drafts, page_labels=("i", "1", "2")))
    assert document.page_starts == (0, 0, len(document.text))
    assert document.page_at(0) == 2
    assert document.page_label(2) == "1"
    assert document.page_label(4) is None


def test_sections_nest_by_level_and_close_at_the_same_level() -> None:
    headings = [("序", 1), ("背景", 2), ("細目", 4), ("方法", 2), ("結論", 1)]
    drafts = tuple(draft(BlockKind.HEADING, t, level=n) for t, n in headings)
    paths = [s.heading_path for s in laid_out(Reading(drafts)).sections]
    assert paths == [("序",), ("序", "背景"), ("序", "背景", "細目"), ("序", "方法"), ("結論",)]


def test_text_before_the_first_heading_is_a_section_without_a_path() -> None:
    drafts = (draft(BlockKind.PARAGRAPH, "前書き。"), draft(BlockKind.HEADING, "序", level=1))
    assert [s.heading_path for s in laid_out(Reading(drafts)).sections] == [(), ("序",)]


def test_list_items_follow_on_the_next_line_and_paragraphs_after_a_blank_one() -> None:
    item, body = BlockKind.LIST_ITEM, BlockKind.PARAGRAPH
    drafts = (draft(body, "前"), draft(item, "一"), draft(item, "二"), draft(body, "後"))
    assert laid_out(Reading(drafts)).text == "前\n\n一\n二\n\n後\n"


@pytest.mark.parametrize(
    ("own", "collection", "title"),
    [
        ({}, {}, "見出し"),
        ({"title": "自称"}, {}, "自称"),
        ({"title": "自称"}, {"title": "目録"}, "目録"),
    ],
)
def test_the_title_is_the_collection_s_then_the_file_s_then_the_first_heading(
    own: dict[str, str], collection: dict[str, str], title: str
) -> None:
    reading = Reading((draft(BlockKind.HEADING, "見出し", level=1),), metadata=own)
    document = to_document(reading, path="a", sha256="0", format="text", metadata=collection)
    assert document.title == title


def test_a_document_without_any_title_is_called_by_its_path() -> None:
    assert laid_out(Reading((draft(BlockKind.PARAGRAPH, "本文。"),))).title == "a.txt"


def test_the_id_depends_on_the_path_and_not_on_how_its_kana_are_composed() -> None:
    composed, decomposed = (unicodedata.normalize(form, "ガリウム.pdf") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert document_id(composed) == document_id(decomposed) != document_id("ガリウム2.pdf")


@pytest.mark.parametrize(
    ("text", "share"),
    [("輸出 規制", 1.0), ("輸\ufffd", 0.5), ("輸出規\ue000", 0.75), ("\0\0", 0.0), (" \n", 0.0)],
)
def test_quality_is_the_share_of_characters_that_mean_something(text: str, share: float) -> None:
    assert undamaged_share(text) == share
