"""What in a sentence may be the value that a question asks for."""

from __future__ import annotations

import pytest
from hypothesis import given

from kb.answering.candidates import amounts, dates, enumerations, fitting
from kb.language.asking import Wanted
from tests.reading.documents import anything


def said(text: str, spans: object) -> list[str]:
    return [text[start:end] for start, end in spans]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("いつ配布したか", "2014年8月7日に配布した。", ["2014年8月7日"]),
        ("協議はいつ開かれたか", "6月9日から10日に開かれた。", ["6月9日から10日"]),
        ("2014年のいつか", "2014年に、いや2015年に始まった。", ["2015年"]),
        ("いつか", "始まった。", []),
        ("いつ出荷できるか", "出荷までに8～12年かかるという。", ["8～12年"]),
        ("いつ完成するか", "着工の2年後、早ければ2027年に完成する。", ["2027年"]),
        (
            "いつ完成するか",
            "5か月以内に、審査は3年を要し、10年前に比べ7年間続いた。",
            ["5か月以内", "3年"],
        ),
        ("完成した日は", "出荷までに8～12年かかるという。", []),
    ],
)
def test_dates(question: str, text: str, expected: list[str]) -> None:
    assert said(text, dates(question, text)) == expected


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("何%か", "4億ドルで15%を得た。", ["15%"]),
        ("いくらか", "4億ドルで15%を得た。", ["4億ドル"]),
        ("何業務日か", "受理から45業務日以内である。", ["45業務日"]),
        ("何歳か", "1992年に2社が視察した。", []),
        ("費用はいくらか", "1キロ11～15ドルである。", ["11～15ドル"]),
    ],
)
def test_amounts(question: str, text: str, expected: list[str]) -> None:
    assert said(text, amounts(question, text)) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("対象はネオジム、セリウム、ランタンの3元素である。", ["ネオジム、セリウム、ランタン"]),
        ("3元素(鉄、ルテチウム、イットリウム)の許可。", ["鉄、ルテチウム、イットリウム"]),
        ("8割を占めるネオジム、セリウム、ランタンである。", ["ネオジム、セリウム、ランタン"]),
        ("公告を出し、第55号を止めた。", []),
        ("許可制である。", []),
    ],
)  # fmt: skip
def test_enumerations(text: str, expected: list[str]) -> None:
    assert said(text, enumerations(text)) == expected


@given(text=anything)
def test_candidates_are_spans_of_the_text(text: str) -> None:
    for wanted in Wanted:
        for start, end in fitting(wanted, "何%か", text):
            assert 0 <= start < end <= len(text)
    for start, end in enumerations(text):
        assert 0 <= start < end <= len(text)


def test_until_when_is_answered_by_what_something_lasts_until() -> None:
    text = "2025年11月7日の公告は、六本の実施を同日から2026年11月10日まで停止した。"
    (span,) = fitting(Wanted.WHEN, "中国は規制をいつまで停止したか。", text)
    assert text[slice(*span)] == "2026年11月10日"
    both = fitting(Wanted.WHEN, "中国はいつ規制を停止したか。", text)
    assert [text[a:b] for a, b in both] == ["2025年11月7日", "同日から2026年11月10日"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("重い税を課されるからだ。", True),
        ("高いから買わない。", True),
        ("審査官が足りなかったためである。", True),
        ("1,300万トンから180万トンへ減った。", False),
        ("管理の対象から外された。", False),
    ],
)
def test_a_reason_is_told_from_a_beginning(text: str, reason: bool) -> None:
    assert bool(fitting(Wanted.WHY, "なぜか", text)) is reason
