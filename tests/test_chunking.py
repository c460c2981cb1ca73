"""Passages: whole sentences of one section, tables with their captions."""

from itertools import pairwise
from pathlib import Path
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.chunking import LIMIT, TARGET, passages_of
from kb.domain import Block, BlockKind, Document
from kb.language.sentences import sentence_spans
from kb.reading.draft import Reading, draft
from kb.reading.files import read_bytes, read_document
from tests.reading.documents import check_passages, indexed, laid_out, read

SENTENCE = "輸出の許可は四月に始まり、対象は七元素であって、証明書には需要家の事業内容が書かれる。"

_SENTENCES = st.lists(
    st.integers(5, 200).map(lambda length: "希" * (length - 1) + "。"), min_size=1, max_size=30
)
_KINDS = st.sampled_from([k for k in BlockKind if k is not BlockKind.HEADING])


@st.composite
def reports(draw: st.DrawFn) -> Document:
    drafts = []
    for n in range(draw(st.integers(1, 4))):
        drafts.append(draft(BlockKind.HEADING, f"第{n + 1}節", level=draw(st.integers(1, 3))))
        for _ in range(draw(st.integers(0, 5))):
            drafts.append(draft(draw(_KINDS), "".join(draw(_SENTENCES))))
    return laid_out(Reading(tuple(drafts)))


@given(reports())
def test_passages_are_whole_sentences_of_one_section(document: Document) -> None:
    check_passages(document)
    spans = [s for b in document.blocks for s in sentence_spans(document.text, b.start, b.end)]
    starts, ends = {s for s, _ in spans}, {e for _, e in spans}
    for passage in passages_of(document):
        assert passage.start in starts
        assert passage.end in ends


@given(reports())
def test_no_passage_is_longer_than_the_limit_unless_one_sentence_is(document: Document) -> None:
    for passage in passages_of(document):
        length = passage.end - passage.start
        parts = sentence_spans(document.text, passage.start, passage.end)
        assert length <= LIMIT + 80 or len(parts) == 1


def test_passages_of_running_text_are_about_as_long_as_wanted() -> None:
    lengths = [len(text) for text in indexed(read("題\n\n" + SENTENCE * 100))]
    assert min(lengths[:-1]) >= 250
    assert max(lengths) <= LIMIT


def test_most_body_passages_of_the_shipped_reports_are_of_the_wanted_length(corpus: Path) -> None:
    lengths = []
    for path in sorted(corpus.iterdir()):
        if path.suffix != ".json":
            document = read_document(path.name, read_bytes(path, max_bytes=1 << 26), {})
            passages = passages_of(document)
            lengths += [
                p.end - p.start
                for p, following in pairwise(passages)
                if p.kind is following.kind is BlockKind.PARAGRAPH
                and p.heading_path == following.heading_path
            ]
    assert len(lengths) > 25
    assert sum(250 <= n <= LIMIT for n in lengths) >= 0.9 * len(lengths)
    assert TARGET - 30 <= median(lengths) <= LIMIT


def test_a_short_rest_joins_the_passage_before_it() -> None:
    texts = indexed(read("題\n\n" + SENTENCE * 8 + "短い。"))
    assert len(texts) == 1
    assert texts[0].endswith("短い。")


def test_a_sentence_longer_than_the_limit_is_not_cut() -> None:
    long = "希" * (LIMIT * 2) + "。"
    assert long in indexed(read("題\n\n前の文である。" + long + SENTENCE * 3))


def test_a_table_stands_with_its_caption_and_source_and_apart_from_the_body() -> None:
    document = read(
        f"題\n\n{SENTENCE}\n\n表1 国別の割合\n国\t割合\n甲国\t60\n乙国\t40\n"
        f"（資料）統計より作成\n\n{SENTENCE}\n"
    )
    passages = passages_of(document)
    assert [p.kind for p in passages] == [
        BlockKind.PARAGRAPH,
        BlockKind.TABLE,
        BlockKind.PARAGRAPH,
    ]
    assert (
        indexed(document)[1]
        == "表1 国別の割合\n\n国\t割合\n甲国\t60\n乙国\t40\n\n（資料）統計より作成"
    )


def test_a_long_table_is_cut_between_rows() -> None:
    rows = [f"国{n:03}\t{n}千トン\t前年より増えた" for n in range(100)]
    table = draft(BlockKind.TABLE, "\n".join(rows))
    parts = indexed(laid_out(Reading((table,))))
    assert len(parts) > 3
    assert [row for part in parts for row in part.split("\n")] == rows
    assert max(map(len, parts)) <= LIMIT + 80


def test_list_items_stand_together_with_the_sentence_before_them() -> None:
    items = "\n".join(f"・{name}の分離と精製" for name in ("甲", "乙", "丙"))
    assert indexed(read(f"題\n\n次の三つを規制の対象とする。\n\n{items}\n")) == [
        f"次の三つを規制の対象とする。\n\n{items}"
    ]


@pytest.mark.parametrize("kind", [BlockKind.HEADING, BlockKind.REFERENCE, BlockKind.BOILERPLATE])
def test_headings_references_and_boilerplate_part_passages_and_are_in_none(kind: BlockKind) -> None:
    middle = draft(kind, "間に立つ行", level=int(kind is BlockKind.HEADING))
    body = draft(BlockKind.PARAGRAPH, SENTENCE)
    assert indexed(laid_out(Reading((body, middle, body)))) == [SENTENCE, SENTENCE]


def test_notes_are_apart_from_the_body() -> None:
    notes = [draft(BlockKind.NOTE, f"[{n}] 統計年鑑による概数。", marker=str(n)) for n in (1, 2)]
    body = draft(BlockKind.PARAGRAPH, SENTENCE)
    texts = indexed(laid_out(Reading((body, *notes, body))))
    assert texts == [SENTENCE, "[1] 統計年鑑による概数。\n\n[2] 統計年鑑による概数。", SENTENCE]


def test_notes_that_only_name_sources_are_references() -> None:
    notes = [
        draft(BlockKind.NOTE, f"[{n}] 統計年鑑、2024年。https://example.org/{n}") for n in (1, 2)
    ]
    assert [p.kind for p in passages_of(laid_out(Reading(tuple(notes))))] == [BlockKind.REFERENCE]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("希土編集室　2026年3月11日", False),
        ("要点", False),
        ("短いが文である。", True),
        ("希" * 30, True),
    ],
)
def test_a_lone_label_is_no_passage(text: str, kept: bool) -> None:
    assert indexed(laid_out(Reading((draft(BlockKind.PARAGRAPH, text),)))) == [text] * kept


def test_ids_depend_on_the_document_its_bytes_and_the_span_alone() -> None:
    first, again = (passages_of(read("題\n\n" + SENTENCE * 30)) for _ in range(2))
    assert first == again
    other = passages_of(read("題\n\n" + SENTENCE * 30, "other.txt"))
    assert not {p.id for p in first} & {p.id for p in other}


def test_a_document_without_blocks_has_no_passages() -> None:
    assert passages_of(laid_out(Reading(()))) == []


def test_a_block_of_white_space_makes_no_passage() -> None:
    document = laid_out(Reading((draft(BlockKind.PARAGRAPH, SENTENCE),)))
    assert document.blocks == (Block(BlockKind.PARAGRAPH, 0, len(SENTENCE) + 1),)
    assert indexed(document) == [SENTENCE]
