"""Whether a quotation stands in a text: exactly, apart from width and spacing, or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.verification import MAX_MATCHES, exact_spans, find_quote, normalized_spans
from kb.domain import Block, BlockKind, Document, Section, Verdict

TEXT = (
    "𠮷野鉱山の報告。２０２５年４月４日、商務部は ７元素を\u3000輸出許可の対象にした。"
    "ｲﾝﾄﾞとﾌﾞﾗｼﾞﾙ―いずれも産出国―は対象外である。REE Exports は減った。"
)


def document(text: str, name: str = "甲") -> Document:
    return Document(
        f"d{name}", f"{name}.md", "00", "markdown", {}, text,
        (Block(BlockKind.PARAGRAPH, 0, len(text)),), (Section(("章",), 0, len(text)),),
        (0, 9), ("1", "2"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("quote", "verdict", "found"),
    [
        ("商務部は", Verdict.EXACT, "商務部は"),
        ("  商務部は\n", Verdict.EXACT, "商務部は"),
        ("𠮷野鉱山", Verdict.EXACT, "𠮷野鉱山"),
        ("2025年4月4日", Verdict.NORMALIZED, "２０２５年４月４日"),
        ("７元素を輸出許可の", Verdict.NORMALIZED, "７元素を\u3000輸出許可の"),
        ("商務部は\n7元素", Verdict.NORMALIZED, "商務部は ７元素"),
        ("インド", Verdict.NORMALIZED, "ｲﾝﾄﾞ"),
        ("ブラジル", Verdict.NORMALIZED, "ﾌﾞﾗｼﾞﾙ"),
        ("ree exports", Verdict.NORMALIZED, "REE Exports"),
        ("ブラジル—いずれも産出国—は", Verdict.NORMALIZED, "ﾌﾞﾗｼﾞﾙ―いずれも産出国―は"),
        ("商務省は", Verdict.NOT_FOUND, None),
        ("7元素を輸入許可", Verdict.NOT_FOUND, None),
        ("吉野鉱山", Verdict.NOT_FOUND, None),
    ],
)
def test_a_quotation_is_found_where_it_stands(
    quote: str, verdict: Verdict, found: str | None
) -> None:
    said, matches = find_quote([document(TEXT)], quote)
    assert said is verdict
    assert [match.text for match in matches] == ([] if found is None else [found])
    for match in matches:
        assert match.text == TEXT[match.start : match.end]
        assert match.heading_path == ("章",)
        assert match.first_page == (1 if match.start < 9 else 2)


@given(data=st.data())
def test_every_piece_of_a_text_is_found_exactly(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 1))
    end = data.draw(st.integers(start + 1, len(TEXT)))
    quote = TEXT[start:end].strip()
    spans = exact_spans(TEXT, quote)
    assert not quote or any(TEXT[a:b] == quote and start <= a and b <= end for a, b in spans)


@given(data=st.data())
def test_every_piece_is_found_with_spaces_in_between(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 2))
    end = data.draw(st.integers(start + 2, len(TEXT)))
    spaced = " ".join(TEXT[start:end].replace("ﾞ", ""))
    if "ﾞ" in TEXT[start : end + 1] or not spaced.strip():
        return  # a voiced sound mark belongs to the letter before it
    first = next(i for i in range(start, end) if not TEXT[i].isspace())
    last = next(i for i in range(end - 1, -1, -1) if not TEXT[i].isspace())
    assert (first, last + 1) in normalized_spans(TEXT, spaced)


def test_exact_places_go_before_folded_ones_of_other_documents() -> None:
    documents = [document("２０２５年の報告", "甲"), document("2025年の報告", "乙")]
    verdict, matches = find_quote(documents, "2025年")
    assert (verdict, [match.document_id for match in matches]) == (Verdict.EXACT, ["d乙"])


def test_all_documents_that_hold_a_quotation_are_named() -> None:
    documents = [document("許可が要る。", name) for name in "甲乙丙"]
    _, matches = find_quote(documents, "許可")
    assert [match.document_id for match in matches] == ["d甲", "d乙", "d丙"]


@pytest.mark.parametrize("quote", ["希", "ﾚ"])
def test_places_are_limited(quote: str) -> None:
    _, matches = find_quote([document("希レ" * 50, name) for name in "甲乙"], quote)
    assert len(matches) == MAX_MATCHES


def test_a_quotation_of_spaces_alone_folds_to_nothing() -> None:
    assert normalized_spans("一 二", " \u3000\n") == []


def test_nothing_stands_in_no_documents() -> None:
    assert find_quote([], "許可") == (Verdict.NOT_FOUND, [])
