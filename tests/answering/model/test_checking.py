"""What a model may say of the passages that it cites, and what it may not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.model.checking import Source, fault, source_of, tidied
from kb.answering.model.claims import Claim
from kb.domain import Citation
from kb.language.amounts import amounts_in
from kb.language.dates import dates_in
from kb.language.glossary.matching import load_glossary
from kb.language.numerals import NUMBER, number_of

MENTIONS = load_glossary().mentions


def source(number: int, quote: str, before: str = "") -> Source:
    """A source whose dates lean on the text before it."""
    dates = [d for d in dates_in(before + quote) if d.start >= len(before)]
    citation = Citation(
        number, f"c{number}", "d", 0, len(quote), quote, (), None, None, None, "p"
    )  # fmt: skip
    return source_of(citation, dates, MENTIONS)


SOURCES: Mapping[int, Source] = {
    s.citation.number: s
    for s in (
        source(1, "令和6年10月1日、中国はレアアース管理条例を施行し、第20条で輸出を許可制とした。"),
        source(2, "同年の輸出量は約5万トンで、前年から15%減った。", "2014年3月26日。"),
        source(3, "WTO上級委員会は、輸出税が加盟議定書に違反すると認めなかった。"),
        source(4, "日本政府は備蓄を増やす可能性があると述べた。"),
        source(5, "サマリウム、ガドリニウムなど七元素が対象となり、措置は「相手国を問わない」。"),
        source(
            6,
            "鉱山会社 Mountain Pass Ltd. は文書 WT/DS431 に言及し、三菱商事とも一方的に協議した。",
        ),
        source(7, "EUは2030年までに域内需要の10％以上を採掘する。"),
    )
}


def wrong(text: str, *citations: int) -> str | None:
    return fault(Claim(text, citations), SOURCES, MENTIONS)


@pytest.mark.parametrize(
    ("text", "citation"),
    [
        ("中国は2024年10月1日にレアアース管理条例を施行した。", 1),
        ("中国は2024年10月に管理条例を施行し、第二十条で輸出を許可制とした[1]。", 1),
        ("2014年の輸出量は約50,000トンで、15％減った。", 2),
        ("輸出量は前年から一割五分減った。", 2),
        ("世界貿易機関の上級委員会は輸出税が加盟議定書に違反すると認めなかった。", 3),
        ("日本政府は備蓄を増やす可能性がある。", 4),
        ("対象は7元素で、相手国を問わない。", 5),
        ("措置は「相手国を問わない」とされた。", 5),
        ("Sm、Gdなど七元素が対象となった。", 5),
        ("Mountain Pass Ltd.は三菱商事と協議した。", 6),
        ("マウンテンパスは三菱商事と協議した。", 6),
        ("EUは2030年までに10%以上を採掘する。", 7),
        ("欧州連合は2030年までに需要の10％以上を採掘する。", 7),
    ],
)
def test_what_the_passage_says_may_be_said_in_other_words(text: str, citation: int) -> None:
    assert wrong(text, citation) is None


@pytest.mark.parametrize(
    ("text", "citation", "said"),
    [
        # dates
        ("中国は2024年10月2日にレアアース管理条例を施行した。", 1, "2024年10月2日"),
        ("中国は2023年にレアアース管理条例を施行した。", 1, "2023年"),
        ("中国は令和7年10月にレアアース管理条例を施行した。", 1, "令和7年10月"),
        ("2012年の輸出量は約5万トンだった。", 2, "2012年"),
        ("EUは2030年度までに10%以上を採掘する。", 7, "2030年度"),
        # amounts with their units and bounds
        ("輸出量は5万トンで、15％減った。", 2, "5万トン"),
        ("輸出量は約5万キロで、15％減った。", 2, "5万キロ"),
        ("輸出量は約5万トンで、15％以上減った。", 2, "15%"),
        ("EUは2030年までに10%を採掘する。", 7, "10%"),
        ("対象は八元素である。", 5, "八元素"),
        # other numbers
        ("中国は第21条で輸出を許可制とした。", 1, "21"),
        ("中国は第20項で輸出を許可制とした。", 1, "20"),
        ("措置は③七元素が対象となる。", 5, "3"),
        ("七元素が対象となり、措置は٣である。", 5, "٣"),
        ("文書 WT/DS432 に言及した。", 6, "432"),
        # names
        ("米国はレアアース管理条例を施行した。", 1, "米国"),
        ("テルビウムなど七元素が対象となった。", 5, "テルビウム"),
        ("Mountain Lion Ltd.は三菱商事と協議した。", 6, "Lion"),
        ("Mount Pass Ltd.は三菱商事と協議した。", 6, "Mount"),
        ("マウント社は三菱商事と協議した。", 6, "マウント"),
        ("三井物産と協議した。", 6, "物産"),
        # words
        ("中国はレアアース管理条例を廃止した。", 1, "廃止"),
        ("輸出量は約5万トンで、15％増えた。", 2, "増え"),
        ("中国は初めてレアアース管理条例を施行した。", 1, "初めて"),
        ("要するに笑い、歌い、踊り、走って泳いだ。", 5, "in what it cites"),
        # negation and reservation
        ("WTO上級委員会は輸出税が加盟議定書に違反すると認めた。", 3, "negated"),
        ("中国はレアアース管理条例を施行しなかった。", 1, "negated"),
        ("措置は相手国を問う。", 5, "negated"),
        ("日本政府は備蓄を増やすと述べた。", 4, "reservation"),
        # quotations
        ("措置は「相手国を問う」とされた。", 5, "相手国を問う"),
        ("措置は「相手国を問わない。", 5, "相手国"),
        ("措置は相手国を問わない」とされた。", 5, "」"),
        ('措置は"相手国は問わない"とされた。', 5, "相手国は問わない"),
        # form
        ("詳しくは http://evil.example/ を見よ。", 5, "address"),
        ("措置は<b>相手国</b>を問わない。", 5, "markup"),
        ("措置は[相手国](x)を問わない。", 5, "markup"),
        ("措置は\n相手国を問わない。", 5, "signs"),
        ("措置は\u202e相手国を問わない。", 5, "signs"),
        ("措置。", 5, "3 characters"),
        ("措置は相手国を問わない。" * 30, 5, "characters"),
        ("措置は相手国を問わない[7]。", 5, "mark"),
    ],
)
def test_what_the_passage_does_not_say_is_noticed(text: str, citation: int, said: str) -> None:
    assert said in (wrong(text, citation) or "")


def test_another_word_for_what_is_negated_is_noticed() -> None:
    denied = {1: source(1, "日本政府は、これを輸出禁止ではないと説明した。")}
    for text in ("日本政府はこれを輸出禁止と説明した。", "日本政府はこれを禁輸と説明した。"):
        assert "negated" in (fault(Claim(text, (1,)), denied, MENTIONS) or ""), text


def test_citations_must_have_been_shown() -> None:
    text = "措置は相手国を問わない。"
    assert wrong(text, 5) is None
    assert wrong(text) == "it cites nothing"
    assert wrong(text, 5, 9) == "it cites [9], which was not shown"
    assert wrong(text, -1) == "it cites [-1], which was not shown"
    assert wrong(text, 1, 2, 3, 4, 5, 6) == "it cites too much"
    assert "is not" in (wrong(text, 4) or "")


def test_marks_of_its_citations_and_calls_of_notes_are_taken_off() -> None:
    noted = {5: SOURCES[5], 8: source(8, "措置は相手国を問わない[2]。")}
    said = "措置は相手国を問わない。"
    assert tidied(Claim("措置は相手国を問わない [5]。", (5,)), noted) == said
    assert tidied(Claim("措置は相手国を問わない[2]。", (8,)), noted) == said
    assert tidied(Claim("措置は相手国を問わない[2]。", (5,)), noted) != said


# What models might write: numbers and dates in all forms, words and signs of the passages.
_PIECES = st.sampled_from(
    "輸出量は 約 万トン ％ 減った 。 、 年 月 日 第 条 項 元素 七 十 百 千 万 億 兆 〇 二十 一方 "
    "三菱 以上 以下 未満 同年 翌年 令和 平成 元年 上級委員会は 認め なかった た 「 」 対象 措置 "
    "中国は EU WTO DS431 ① ½ Ⅳ ２ ٣ 割 分の 半分 倍 ~ から まで . , - 0 00 年代 年度 カ国".split()
)
_TEXTS = st.lists(st.one_of(_PIECES, st.integers(0, 5000).map(str)), max_size=14).map("".join)


def values(text: str) -> set[Decimal]:
    """Every number of a text in digits, alone and with 万 and 億, and those of its dates and
    amounts: found in another way than the check does.
    """
    plain = unicodedata.normalize("NFKC", text)
    found = {Decimal(m.replace(",", "")) for m in re.findall(r"[0-9][0-9,]*(?:\.[0-9]+)?", plain)}
    found |= {v for m in re.findall(NUMBER, plain) if (v := number_of(m)) is not None}
    for amount in amounts_in(plain):
        found |= {amount.value, *(() if amount.until is None else (amount.until,))}
    return found


def known_values(sources: Sequence[Source]) -> set[Decimal]:
    found: set[Decimal] = set()
    for one in sources:
        found |= values(one.text)
        for date in one.dates:
            found |= {Decimal(n) for n in (date.year, date.month, date.day) if n is not None}
    return found


@given(_TEXTS | st.text(), st.lists(st.integers(-2, 9), max_size=4))
def test_no_number_passes_that_is_not_in_the_cited_passages(
    text: str, citations: list[int]
) -> None:
    claim = Claim(text, tuple(dict.fromkeys(citations)))
    if fault(claim, SOURCES, MENTIONS) is not None:
        return
    assert claim.citations
    cited = [SOURCES[n] for n in claim.citations]
    digits = re.findall(
        r"[0-9]+(?:,[0-9]{3})*(?:\.[0-9]+)?", unicodedata.normalize("NFKC", tidied(claim, SOURCES))
    )
    # An era's year (令和6年) stands for one of the calendar, and 1割 for ten per cent.
    allowed = known_values(cited)
    plain = unicodedata.normalize("NFKC", tidied(claim, SOURCES))
    for date in dates_in(plain):
        parts = [(date.year, "year"), (date.month, "month"), (date.day, "day")]
        assert any(
            all(value is None or value == getattr(known, name) for value, name in parts)
            for one in cited
            for known in one.dates
        )
    covered = [(d.start, d.end) for d in dates_in(plain)]
    covered += [(a.start, a.end) for a in amounts_in(plain)]
    for amount in amounts_in(plain):
        assert amount.value in allowed
    for number in digits:
        at = plain.find(number)
        if not any(start <= at < end for start, end in covered):
            assert Decimal(number.replace(",", "")) in allowed


@given(st.integers(1, 4000), st.sampled_from(["万トン", "%", "条", "年", "月", "元素", "カ国", ""]))
def test_a_sentence_passes_with_its_own_number_only(number: int, unit: str) -> None:
    text = "輸出量は約5万トンで、前年から15%減り、第20条により七元素が2014年10月に対象となった。"
    one = {1: source(1, text)}
    for old in ("5万トン", "15%", "20条", "七元素", "2014年", "10月"):
        new = text.replace(old, f"{number}{unit}")
        same = values(f"{number}{unit}") == values(old) and old.endswith(unit) and unit != ""
        if new != text and not same and number not in (2014, 10, 15, 20, 7):
            assert fault(Claim(new, (1,)), one, MENTIONS) is not None, new
    assert fault(Claim(text, (1,)), one, MENTIONS) is None
