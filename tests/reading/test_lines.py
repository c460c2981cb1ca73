"""Two lines of one sentence, and the width of a column."""

import pytest

from kb.reading.lines import Line, joined, wrap_width
from tests.reading.test_layout import WRAPPED


@pytest.mark.parametrize(
    ("before", "after", "whole"),
    [
        ("輸出を制", "限する", "輸出を制限する"),
        ("輸出は2025", "年に減った", "輸出は2025年に減った"),
        ("rare earth", "exports", "rare earth exports"),
        ("the govern-", "ment said", "the government said"),
        ("the US-", "China talks", "the US-China talks"),
        ("レアアース-", "フリー", "レアアース-フリー"),
        ("the \u00admar\u00ad", "ket", "the \u00admarket"),
        ("WTO", "協定", "WTO協定"),
        ("", "協定", "協定"),
    ],
)
def test_joined_lines_have_a_space_between_latin_words_only(
    before: str, after: str, whole: str
) -> None:
    assert joined(before, after) == whole


def test_the_width_of_wrapped_text_is_that_of_its_full_lines() -> None:
    width = wrap_width([Line(line) for line in WRAPPED.splitlines()])
    assert width is not None
    assert 20 <= width <= 23


def test_text_whose_lines_are_paragraphs_has_no_width() -> None:
    lines = [
        "一つ目の段落はここで終わる。",
        "二つ目はずっと長いので、終わりの位置が違う。",
        "三つ目。",
    ]
    assert wrap_width([Line(line) for line in lines * 3]) is None
