"""Plain text files."""

import pytest
from hypothesis import given

from kb.domain import BlockKind
from kb.reading.text import split_lines
from tests.reading.documents import (
    anything,
    check_passages,
    check_structure,
    laid_out,
    read,
    texts,
)


@given(anything)
def test_any_text_keeps_the_invariants(text: str) -> None:
    from kb.reading.text import read_text

    document = laid_out(read_text(text.encode("utf-8", "replace")))
    check_structure(document)
    check_passages(document)


def test_blank_lines_are_kept_as_gaps() -> None:
    lines = split_lines("一\n\n \u3000\n二\n三\f四\n")
    assert [(line.text, line.gap) for line in lines] == [
        ("一", False),
        ("二", True),
        ("三", False),
        ("四", False),
    ]


@pytest.mark.parametrize("sign", ["\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad"])
def test_invisible_signs_do_not_split_words(sign: str) -> None:
    assert texts(read(f"題\n\nレア{sign}アースの輸出。"), BlockKind.PARAGRAPH) == [
        "レアアースの輸出。"
    ]


def test_the_first_line_is_the_title_and_a_date_is_not() -> None:
    document = read("2025年11月13日\n\n希土の市場\n\n価格は春に上がり、秋に下がった。\n")
    assert [s.heading_path for s in document.sections][:1] != [("2025年11月13日",)]
    assert read("希土の市場\n\n価格は上がった。\n").title == "希土の市場"
