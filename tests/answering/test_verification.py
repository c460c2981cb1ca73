"""Whether a quotation stands in a text: exactly, apart from width and spacing, or not."""

from __future__ import annotations

from base64 import b32encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.manuscript import quotations_in
from kb.answering.verification import (
    MAX_MATCHES,
    closest_place,
    differences,
    exact_spans,
    find_quote,
    normalized_spans,
)
from kb.domain import Block, BlockKind, Document, Section
from kb.language.variants import fold_variants, folded_text
from kb.quotation import Difference, DiffKind, QuoteMatch, Verdict

TEXT = (
    "𠮷野鉱山の報告。２０２５年４月４日、商務部は ７元素を\u3000輸出許可の対象にした。"
    "ｲﾝﾄﾞとﾌﾞﾗｼﾞﾙ―いずれも産出国―は対象外である。REE Exports は減った。"
)


def id_of(name: str) -> str:
    return "d" + b32encode(name.encode().ljust(10)).decode().lower()


def span_of(match: QuoteMatch) -> tuple[int, int]:
    return match.quoted.citation.start, match.quoted.citation.end


def document(text: str, name: str = "甲") -> Document:
    return Document(
        id_of(name), f"{name}.md", "00", "markdown", {}, text,
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
        ("吉野鉱山", Verdict.NORMALIZED, "𠮷野鉱山"),
    ],
)
def test_a_quotation_is_found_where_it_stands(
    quote: str, verdict: Verdict, found: str | None
) -> None:
    said, matches = find_quote([document(TEXT)], quote)
    assert said is verdict
    assert [match.quoted.citation.quote for match in matches] == ([] if found is None else [found])
    for match in matches:
        assert match.quoted.citation.quote == TEXT[slice(*span_of(match))]
        assert match.quoted.citation.heading_path == ("章",)
        assert match.quoted.citation.first_page == (1 if span_of(match)[0] < 9 else 2)


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
    assert (verdict, [match.quoted.citation.document_id for match in matches]) == (
        Verdict.EXACT,
        [id_of("乙")],
    )


def test_all_documents_that_hold_a_quotation_are_named() -> None:
    documents = [document("許可が要る。", name) for name in "甲乙丙"]
    _, matches = find_quote(documents, "許可")
    assert [match.quoted.citation.document_id for match in matches] == list(map(id_of, "甲乙丙"))


@pytest.mark.parametrize("quote", ["希", "ﾚ"])
def test_places_are_limited(quote: str) -> None:
    _, matches = find_quote([document("希レ" * 50, name) for name in "甲乙"], quote)
    assert len(matches) == MAX_MATCHES


def test_a_quotation_of_spaces_alone_folds_to_nothing() -> None:
    assert normalized_spans("一 二", " \u3000\n") == []


def test_nothing_stands_in_no_documents() -> None:
    assert find_quote([], "許可") == (Verdict.NOT_FOUND, [])


@pytest.mark.parametrize(
    ("quote", "text", "kind"),
    [
        ("2025年", "２０２５年", Difference.WIDTH),
        ("ree", "REE", Difference.CASE),
        ("輸出許可", "輸出 許可", Difference.SPACES),
        ("中国ー日本".replace("ー", "-"), "中国―日本", Difference.DASHES),
        ("許可……が", "許可・・・が", Difference.ELLIPSES),
        ("許可、申請", "許可，申請", Difference.PUNCTUATION),
        ("「許可」", "『許可』", Difference.QUOTATION_MARKS),
        ("国会議事録", "國會議事錄", Difference.OLD_FORMS),
        ("高崎と吉野", "髙﨑と𠮷野", Difference.OLD_FORMS),
        ("人人の", "人々の", Difference.ITERATION_MARKS),
        ("こころ", "こゝろ", Difference.ITERATION_MARKS),
        ("いすゞ", "いすず", Difference.ITERATION_MARKS),
    ],
)
def test_in_what_a_quotation_differs_is_said(quote: str, text: str, kind: Difference) -> None:
    verdict, (match,) = find_quote([document(f"前文。{text}後文。")], f"{quote}後文")
    assert verdict is Verdict.NORMALIZED
    assert {d.kind for d in match.differences} == {kind}
    assert differences(text, text) == ()


@given(st.text(max_size=40) | st.text("々ゝゞ国國…‥・.-――「」 ａAｱｶﾞが。、", max_size=30))
def test_the_quick_folding_is_the_same_as_the_one_that_leads_back(text: str) -> None:
    folded = fold_variants(text)
    assert len(folded.text) == len(folded.starts) == len(folded.ends)
    if text.isprintable() and not any("\u1100" <= c <= "\u11ff" for c in text):
        assert sorted(folded_text(text)) == sorted(folded.text) or folded_text(text) in folded.text


@given(data=st.data())
def test_every_piece_is_found_in_its_folded_text(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(TEXT) - 2))
    end = data.draw(st.integers(start + 1, len(TEXT)))
    if TEXT[start : start + 1] != "ﾞ" and TEXT[end : end + 1] != "ﾞ":
        assert folded_text(TEXT[start:end]) in folded_text(TEXT)


def test_the_closest_place_of_a_misquotation_is_shown_with_what_differs() -> None:
    one = document(TEXT)
    found = closest_place("商務部は七元素を輸入許可の対象にした", [(one, 0, len(TEXT))])
    assert found is not None
    assert 0.65 < found.similarity < 1
    quoted = found.quoted.citation
    assert TEXT[quoted.start : quoted.end] == quoted.quote
    assert "商務部" in quoted.quote
    made = "".join(p.text for p in found.diff if p.kind is not DiffKind.DELETE)
    assert made == quoted.quote
    assert closest_place("まったく別の話である", [(one, 0, len(TEXT))]) is None
    assert closest_place("許可", []) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("「許可」と述べた。", [("許可", 1)]),
        ("「許可は『即日』出る」", [("許可は『即日』出る", 1), ("即日", 2)]),
        ("彼は“licence”と『許可』", [("licence", 1), ("許可", 1)]),
        ("「閉じない", []),
        ("」「許可」『", [("許可", 1)]),
        ("「開いた『まま」の", [("開いた『まま", 1)]),
        ("「」「。」『 』", []),
        ("「二\n行」", [("二\n行", 1)]),
    ],
)
def test_the_quotations_of_a_manuscript(text: str, expected: list[tuple[str, int]]) -> None:
    assert [(text[q.start : q.end], q.depth) for q in quotations_in(text)] == expected


@given(st.text("「」『』“”許可。x", max_size=40))
def test_any_manuscript_can_be_taken_apart(text: str) -> None:
    found = quotations_in(text)
    assert [q.start for q in found] == sorted(q.start for q in found)
    for q in found:
        assert text[q.start - 1] + text[q.end] in ("「」", "『』", "“”")
        assert q.depth >= 1


def test_quotations_may_be_as_deep_as_a_manuscript_is_long() -> None:
    deep = 60_000
    found = quotations_in("「" * deep + "あ" + "」" * deep)
    assert [(one.start, one.depth) for one in found] == [(n, n) for n in range(1, deep + 1)]
    assert quotations_in("「" * deep + "』" * deep) == []
