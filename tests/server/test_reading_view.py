"""The reading view: what is shown is the stored text, and what is marked is the span."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from kb.assembly import KnowledgeBase
from kb.domain import Block, BlockKind, Document, Section
from kb.server.answer_view import AROUND, context
from kb.server.reading_view import (
    Marks,
    Part,
    Piece,
    Span,
    cut,
    grouped,
    heading_levels,
    outline,
    parts_of,
    split_title,
    table_excerpt,
    valid_span,
)

LETTERS = st.text("あ語A1-。<&\u3000 \t\n\U0001f363", max_size=30)
KINDS = st.sampled_from(BlockKind)


def made(blocks: list[tuple[BlockKind, str]], pages: list[int] = [], title: str = "") -> Document:  # noqa: B006
    """A document of these blocks, whose pages begin at these offsets."""
    tiles, at = [], 0
    for kind, words in blocks:
        level = 1 if kind is BlockKind.HEADING else 0
        tiles.append(Block(kind, at, at + len(words), level=level))
        at += len(words)
    sections = tuple(
        Section((("".join(words)).strip(),), tile.start, tile.end)
        for tile, (kind, words) in zip(tiles, blocks, strict=True)
        if kind is BlockKind.HEADING
    )
    starts = tuple(sorted({min(page, at) for page in pages}))
    return Document(
        id="d", path="報告.md", sha256="", format="markdown", metadata={"title": title},
        text="".join(words for _, words in blocks), blocks=tuple(tiles), sections=sections,
        page_starts=starts, page_labels=tuple(str(n) for n in range(1, len(starts) + 1)),
    )  # fmt: skip


DOCUMENTS = st.builds(
    made, st.lists(st.tuples(KINDS, LETTERS), max_size=8), st.lists(st.integers(0, 120), max_size=4)
)
OFFSETS = st.integers(0, 200)


def pieces_of(part: Part) -> list[Piece]:
    cells = [piece for row in part.rows for cell in row for piece in cell]
    return [*part.pieces, *cells, *part.tail]


def marked(parts: list[Part]) -> set[int]:
    """The offsets that are marked."""
    pieces = [piece for part in parts for piece in pieces_of(part) if piece.marked]
    return {offset for piece in pieces for offset in range(piece.start, piece.end)}


@given(DOCUMENTS, OFFSETS, OFFSETS)
@example(made([(BlockKind.TABLE, "品目\t量\n磁石\t3\n\n")]), 1, 7)
@example(made([(BlockKind.TABLE, "\t\n\n"), (BlockKind.PARAGRAPH, "あ")]), 0, 4)
def test_pieces_are_the_text_and_marks_are_the_span(
    document: Document, one: int, other: int
) -> None:
    span = valid_span(document, one, other)
    parts = parts_of(document, span)
    assert [part.text for part in parts] == [
        document.text[b.start : b.end] for b in document.blocks
    ]
    shown = set()
    for part in parts:
        for piece in pieces_of(part):
            assert piece.text == document.text[piece.start : piece.end]
            shown |= set(range(piece.start, piece.end))
    between = set(range(len(document.text))) - shown
    assert all(document.text[offset] in "\t\n" for offset in between)
    assert marked(parts) == set(range(*span or (0, 0))) - between
    firsts = [piece for part in parts for piece in pieces_of(part) if piece.first]
    assert len(firsts) == (span is not None)
    for piece in firsts:
        before = [
            p for part in parts for p in pieces_of(part) if p.marked and p.start < piece.start
        ]
        assert not "".join(p.text for p in before).strip()


@given(DOCUMENTS, OFFSETS, OFFSETS)
def test_grouping_and_the_title_lose_nothing(document: Document, one: int, other: int) -> None:
    parts = parts_of(document, valid_span(document, one, other))
    title, others = split_title(parts, document.text[:8])
    assert sorted([*others, *([title] if title else [])], key=lambda part: part.start) == sorted(
        parts, key=lambda part: part.start
    )
    groups = grouped(parts)
    assert [part for group in groups for part in group.parts] == parts
    assert all(part.kind is group.kind for group in groups for part in group.parts)


@given(
    st.text(max_size=40), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=4)
)
def test_cutting_at_several_spans(text: str, spans: list[Span]) -> None:
    pieces = cut(text, 0, len(text), marks=Marks(cited=spans))
    assert "".join(piece.text for piece in pieces) == text
    found = {o for piece in pieces if piece.marked for o in range(piece.start, piece.end)}
    assert found == {o for s, e in spans for o in range(s, min(e, len(text)))}


@given(DOCUMENTS, OFFSETS, OFFSETS)
def test_the_context_of_a_span_holds_it_and_ends_with_its_blocks(
    document: Document, one: int, other: int
) -> None:
    span = valid_span(document, one, other)
    if span is None:
        return
    start, end = context(document, span)
    assert start <= span[0] and span[1] <= end
    first = next(b for b in document.blocks if b.start <= span[0] < b.end)
    last = next(b for b in document.blocks if b.start < span[1] <= b.end)
    assert first.start <= start and end <= max(last.end, span[1])


def test_a_long_context_is_cut_between_sentences() -> None:
    lines = [f"これは第{n:03d}の文である。" for n in range(100)]
    document = made([(BlockKind.PARAGRAPH, "".join(lines))])
    width = len(lines[0])
    start, end = context(document, (50 * width, 51 * width))
    assert start % width == end % width == 0
    assert AROUND - width <= 50 * width - start <= AROUND
    assert AROUND - width <= end - 51 * width <= AROUND


def test_spans_that_are_not_in_the_text_are_none() -> None:
    document = made([(BlockKind.PARAGRAPH, "本文。\n\n")])
    assert valid_span(document, 0, 3) == (0, 3)
    assert valid_span(document, 0, 5) == (0, 5)
    for start, end in ((None, 3), (0, None), (-1, 3), (0, 6), (2, 2), (3, 1), (3, 5)):
        assert valid_span(document, start, end) is None


def test_an_excerpt_of_a_table_has_its_header_and_the_rows_that_are_cited() -> None:
    text = "品目\t量\n磁石\t3\n合金\t5\n鉱石\t7\n\n"
    document = made([(BlockKind.TABLE, text)])
    at = text.index("合金")
    part = table_excerpt(document, document.blocks[0], (at, at + 4))
    rows = [["".join(p.text for p in cell) for cell in row] for row in part.rows]
    assert rows == [["品目", "量"], ["合金", "5"]]
    assert part.columns == 2
    assert part.numeric == (False, True)


def test_pages_begin_where_they_are_noted() -> None:
    document = made(
        [(BlockKind.PARAGRAPH, "一頁の文。二頁の文。"), (BlockKind.NOTE, "注")], pages=[0, 5, 10]
    )
    pieces = [piece for part in parts_of(document, (3, 7)) for piece in part.pieces]
    assert [(piece.text, piece.page, piece.marked) for piece in pieces] == [
        ("一頁の", "1", False), ("文。", None, True), ("二頁", "2", True), ("の文。", None, False),
        ("注", "3", False),
    ]  # fmt: skip


@given(DOCUMENTS, st.lists(st.tuples(OFFSETS, st.integers(1, 20)), max_size=4))
def test_what_is_found_is_marked_whole_and_numbered(
    document: Document, places: list[tuple[int, int]]
) -> None:
    size = len(document.text)
    apart: list[Span] = []
    for start, length in sorted(places):
        if start + length <= size and (not apart or apart[-1][1] <= start):
            apart.append((start, start + length))
    pieces = [piece for part in parts_of(document, None, apart) for piece in pieces_of(part)]
    shown = [piece for piece in pieces if piece.found is not None]
    assert {o for p in shown for o in range(p.start, p.end)} <= {
        o for start, end in apart for o in range(start, end)
    }
    numbered = [(p.found, p.start) for p in shown if p.found]
    assert numbered == sorted(numbered)
    assert all(apart[number - 1][0] == start for number, start in numbered)


def test_notes_and_their_calls_lead_to_each_other() -> None:
    text = "磁石は重要である(注1)。\n\n注1 統計による。"
    at = text.index("(注1)")
    note = Block(BlockKind.NOTE, text.index("注1 "), len(text), marker="注1", call=(at, at + 4))
    body = Block(BlockKind.PARAGRAPH, 0, note.start)
    document = replace(made([(BlockKind.PARAGRAPH, text)]), blocks=(body, note))
    first, second = parts_of(document)
    assert [(p.text, p.note) for p in first.pieces] == [
        ("磁石は重要である", None), ("(注1)", note.start), ("。", None),
    ]  # fmt: skip
    assert second.call == at and first.call is None


@given(st.lists(st.integers(1, 6), max_size=12))
def test_headings_of_the_page_skip_no_level(levels: list[int]) -> None:
    parts = [Part(BlockKind.HEADING, i, level, (), (), ()) for i, level in enumerate(levels)]
    shown = list(heading_levels(parts).values())
    assert len(shown) == len(levels)
    assert all(2 <= level <= 6 for level in shown)
    for before, after in pairwise([1, *shown]):
        assert after <= before + 1
    assert heading_levels([Part(BlockKind.PARAGRAPH, 0, 0, (), (), ())]) == {}


def test_the_title_is_neither_repeated_nor_an_entry_of_the_outline() -> None:
    document = made(
        [
            (BlockKind.PARAGRAPH, "ノート No. 1\n\n"),
            (BlockKind.HEADING, "磁石の\n需要\n\n"),
            (BlockKind.HEADING, "はじめに\n\n"),
        ],
        title="磁石の需要",
    )
    assert [(entry.name, entry.depth) for entry in outline(document)] == [("はじめに", 1)]
    title, others = split_title(parts_of(document), document.title)
    assert title is not None and title.text == "磁石の\n需要\n\n"
    assert [part.text for part in others] == ["ノート No. 1\n\n", "はじめに\n\n"]
    assert split_title(parts_of(document), "別の題")[0] is None
    assert split_title(parts_of(document), "はじめに")[0] is None
    assert len(outline(made([(BlockKind.HEADING, "本文")], title="別の題"))) == 1


def test_every_shipped_document_can_be_read_whole(knowledge: KnowledgeBase) -> None:
    with knowledge.view() as view:
        for summary in view.summaries():
            document = view.document(summary.id)
            title, _ = split_title(parts_of(document), document.title)
            assert title is not None, summary.path
            names = [entry.name for entry in outline(document)]
            assert names and document.title not in names
            assert min(entry.depth for entry in outline(document)) == 1
            assert "".join(part.text for part in parts_of(document)) == document.text
