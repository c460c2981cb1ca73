from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from benchmarks.reading_text import (
    align,
    best_span,
    edit_distance,
    japanese_characters,
    longest_rising,
    score,
    sentences,
    squeezed,
    trigrams,
    without_calls,
)
from kb.domain import Block, BlockKind, Document

WORDS = st.text(alphabet="希土類a", max_size=12)


def plain_distance(a: str, b: str) -> int:
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (x != y))
    return row[-1]


@given(WORDS, WORDS)
def test_distance_is_that_of_the_plain_table(a: str, b: str) -> None:
    assert edit_distance(a, b) == plain_distance(a, b)


@given(WORDS.filter(bool), WORDS)
def test_best_span_is_no_worse_than_any_other(pattern: str, text: str) -> None:
    distance, start, end = best_span(pattern, text)
    assert edit_distance(pattern, text[start:end]) == distance
    assert distance == min(
        edit_distance(pattern, text[i:j])
        for i in range(len(text) + 1)
        for j in range(i, len(text) + 1)
    )


def test_squeezed_drops_width_space_and_bullets() -> None:
    assert squeezed("● ＩＥＡ の\n見通し①\uf06c") == "IEAの見通し1"


def test_japanese_characters_counts_kana_and_kanji_only() -> None:
    assert japanese_characters("希土のREE、2つ。々") == 5


def test_units_in_another_order_cost_nothing_but_are_counted() -> None:
    first, second, third = (
        "ネオジムは磁石に使われる。",
        "輸出は許可制になった。",
        "価格は二倍に上がった。",
    )
    alignment = align([first, second, third], second + third + first)
    assert alignment.error_rate == 0
    assert alignment.out_of_order == 1


def test_lost_and_foreign_text_is_counted() -> None:
    alignment = align(
        ["輸出は許可制になった。", "価格は二倍に上がった。"], "輸出は許可制になった。柱12"
    )
    assert (alignment.missing, alignment.extra) == (11, 3)


def test_a_similar_unit_costs_its_edits() -> None:
    alignment = align(["輸出は許可制になった。"], "輸出は認可制になった。")
    assert (alignment.missing, alignment.extra) == (1, 0)


def test_longest_rising() -> None:
    assert longest_rising([]) == 0
    assert longest_rising([1, 5, 2, 3, 9, 4]) == 4


def test_sentences_do_not_end_inside_brackets() -> None:
    assert sentences("彼は「行く。」と言った。次。") == ["彼は「行く。」と言った。", "次。"]


def test_score_of_bags() -> None:
    found = score(Counter("aab"), Counter("abc"))
    assert (found.precision, found.recall) == (2 / 3, 2 / 3)
    assert score(Counter(), Counter()).f1 == 1.0
    assert trigrams("希 土類")["希土類"] == 1


def test_calls_and_other_kinds_are_left_out() -> None:
    text = "輸出が減った1。\n\n注1 統計による。\n\n"
    blocks = (
        Block(BlockKind.PARAGRAPH, 0, 10),
        Block(BlockKind.NOTE, 10, len(text), marker="1", call=(6, 7)),
    )
    document = Document("d", "p", "0", "text", {}, text, blocks, ())
    assert without_calls(document).strip() == "輸出が減った。"
