"""Dates of a span, reckoned with the text before it."""

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import Block, BlockKind, Document, Section
from kb.language.dating import dates_of, issue_day, resolved_dates
from tests.reading.documents import japanese

P, NOTE, HEADING = BlockKind.PARAGRAPH, BlockKind.NOTE, BlockKind.HEADING


def document(
    *blocks: tuple[BlockKind, str], sections: list[int] | None = None, issued: Any = None
) -> Document:
    """A document of some blocks; `sections` are the numbers of blocks that begin one."""
    text, made, starts = "", [], []
    for kind, words in blocks:
        starts.append(len(text))
        text += words + "\n\n"
        made.append(Block(kind, starts[-1], len(text)))
    begins = [starts[n] for n in sections or [0]] + [len(text)]
    spans = pairwise(begins)
    return Document(
        id="d", path="a.md", sha256="", format="markdown",
        metadata={"issued": {"date-parts": [issued]}} if issued else {}, text=text,
        blocks=tuple(made), sections=tuple(Section((), a, b) for a, b in spans),
    )  # fmt: skip


def resolved(of: Document, quote: str) -> dict[str, str]:
    """What the dates of a quotation come to that a reader has to infer."""
    start = of.text.index(quote)
    found = resolved_dates(of, start, start + len(quote))
    assert all(d.text == of.text[d.start : d.end] for d in found)
    return {d.text: d.iso for d in found}


def test_a_date_leans_on_the_sentence_before() -> None:
    of = document((P, "2010年7月に枠を減らした。同年9月に船が衝突した。11月に戻った。"))
    assert resolved(of, "同年9月に船が衝突した。") == {"同年9月": "2010-09"}
    assert resolved(of, "11月に戻った。") == {"11月": "2010-11"}
    assert resolved(of, "2010年7月に枠を減らした。") == {}


def test_a_date_leans_on_the_paragraph_before() -> None:
    of = document((P, "2012年3月に要請した。"), (P, "同年7月に設置された。"))
    assert resolved(of, "同年7月に設置された。") == {"同年7月": "2012-07"}


def test_a_chain_of_dates_is_followed() -> None:
    of = document(
        (P, "2023年12月に改めた。"), (P, "翌年6月に公布した。"), (P, "同年10月に施行した。")
    )
    assert resolved(of, "同年10月に施行した。") == {"同年10月": "2024-10"}


def test_the_heading_gives_the_year() -> None:
    of = document((HEADING, "2025年4月の許可制"), (P, "同年6月に緩めた。"))
    assert resolved(of, "同年6月に緩めた。") == {"同年6月": "2025-06"}


def test_another_section_gives_no_dates() -> None:
    of = document(
        (P, "2012年3月に要請した。"), (HEADING, "価格"), (P, "同年に上がった。"), sections=[0, 1]
    )
    assert resolved(of, "同年に上がった。") == {}


def test_a_note_gives_no_dates_to_the_text_and_takes_none() -> None:
    of = document((P, "2012年3月に要請した。"), (NOTE, "注1 1998年の法。"), (P, "同年に続いた。"))
    assert resolved(of, "同年に続いた。") == {"同年": "2012"}
    of = document((P, "2012年3月に要請した。"), (NOTE, "注1 同年の法。"))
    assert resolved(of, "同年の法。") == {}


def test_a_month_alone_is_left_where_two_years_are_named() -> None:
    of = document((P, "2010年の枠は2009年より少ない。9月に船が衝突した。"))
    assert resolved(of, "9月に船が衝突した。") == {}


def test_an_era_needs_no_text_before() -> None:
    of = document((P, "令和6年度に始めた。"))
    assert resolved(of, "令和6年度に始めた。") == {"令和6年度": "2024"}


def test_last_year_is_reckoned_from_the_issue() -> None:
    of = document((P, "昨年10月に始めた。"), issued=[2025, 11, 13])
    assert resolved(of, "昨年10月に始めた。") == {"昨年10月": "2024-10"}
    of = document((P, "昨年10月に始めた。"), issued=[2026, 1])
    assert resolved(of, "昨年10月に始めた。") == {}


@pytest.mark.parametrize(
    ("parts", "day"),
    [
        ([2025, 11, 13], date(2025, 11, 13)),
        (["2025", "11"], date(2025, 11, 1)),
        ([2025, 2, 1], None),
        ([2025], None),
        ([2025, 13, 1], None),
        (["spring"], None),
    ],
)
def test_the_day_of_issue_is_used_where_it_is_safe(parts: list[object], day: date | None) -> None:
    assert issue_day({"issued": {"date-parts": [parts]}}) == day
    assert issue_day({"issued": {"raw": "?"}}) is None
    assert issue_day({}) is None


@given(
    texts=st.lists(
        st.one_of(japanese, st.sampled_from(["2010年7月。", "同年9月。", "翌年、", "10月に"])),
        min_size=1, max_size=6,
    ),
    data=st.data(),
)  # fmt: skip
def test_the_dates_of_a_span_lie_in_it(texts: list[str], data: st.DataObject) -> None:
    kinds = data.draw(st.lists(st.sampled_from([P, NOTE, HEADING]), min_size=6, max_size=6))
    of = document(*zip(kinds, texts, strict=False))
    start = data.draw(st.integers(0, len(of.text)))
    end = data.draw(st.integers(start, len(of.text)))
    for mention in dates_of(of, start, end):
        assert start <= mention.start < mention.end <= end
