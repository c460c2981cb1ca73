"""Amounts."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.amounts import Amount, Bound, agree, amounts_in, asked_units
from tests.reading.documents import anything, japanese


def one(text: str) -> Amount:
    """The only amount of a text."""
    (found,) = amounts_in(text)
    return found


@pytest.mark.parametrize(
    ("text", "span", "value", "unit"),
    [
        ("税率は１５％である", "１５％", "15", "%"),
        ("15パーセントの税", "15パーセント", "15", "%"),
        ("約4割が中国", "4割", "40", "%"),
        ("一割五分を占め", "一割五分", "15", "%"),
        ("3割半にあたる", "3割半", "35", "%"),
        ("2万3,500トンを採掘", "2万3,500トン", "23500", "t"),
        ("９，０００ 万トン以上", "９，０００ 万トン", "90000000", "t"),
        ("1,950億円の予算", "1,950億円", "195000000000", "JPY"),
        ("10億豪ドル", "10億豪ドル", "1000000000", "AUD"),
        ("8億元", "8億元", "800000000", "CNY"),
        ("17種類の元素", "17種類", "17", "kinds"),
        ("七元素を指定", "七元素", "7", "elements"),
        ("20か国が加わる", "20か国", "20", "countries"),
        ("45業務日以内", "45業務日", "45", "days"),
        ("3年以内に", "3年", "3", "years"),
        ("前年同月比-11.4%", "-11.4%", "-11.4", "%"),
        ("▲3.2%となり", "▲3.2%", "-3.2", "%"),
        ("5%ポイント上昇", "5%ポイント", "5", "point"),
        ("4分の3を占める", "4分の3", "75", "%"),
        ("過半数の国", "過半数", "50", "%"),
    ],
)
def test_an_amount_is_a_number_and_its_unit(text: str, span: str, value: str, unit: str) -> None:
    amount = one(text)
    assert (text[amount.start : amount.end], amount.value, amount.unit) == (
        span, Decimal(value), unit,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "value", "until"),
    [
        ("15〜25%", "15", "25"),
        ("15%〜25%", "15", "25"),
        ("800~1,200ドル", "800", "1200"),
        ("3～5万トン", "30000", "50000"),
        ("3万～5万トン", "30000", "50000"),
        ("1-2割", "10", "20"),
    ],
)
def test_a_range_has_two_ends(text: str, value: str, until: str) -> None:
    assert (one(text).value, one(text).until) == (Decimal(value), Decimal(until))


@pytest.mark.parametrize(
    "text",
    [
        "作業部会報告83・84段落", "第11条3項", "二国間協議", "三元系電池", "一元管理", "一つの例",
        "一度に", "3 tables", "数千トン", "十数カ国", "1キログラム当たり", "100キロワット",
        "2025年4月4日",
        "2024年間", "3割～5トン",
    ],
)  # fmt: skip
def test_what_only_looks_like_an_amount_is_none(text: str) -> None:
    assert amounts_in(text) == []


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("40%である", Bound.EXACT),
        ("約40%", Bound.ABOUT),
        ("およそ40%", Bound.ABOUT),
        ("40%程度", Bound.ABOUT),
        ("4割強", Bound.ABOUT),
        ("40%以上", Bound.AT_LEAST),
        ("少なくとも40%", Bound.AT_LEAST),
        ("40%超", Bound.MORE),
        ("40%を超える", Bound.MORE),
        ("40%以下", Bound.AT_MOST),
        ("最大40%", Bound.AT_MOST),
        ("40%未満", Bound.LESS),
        ("40%を下回る", Bound.LESS),
    ],
)
def test_the_words_around_an_amount_say_how_it_is_meant(text: str, bound: Bound) -> None:
    assert one(text).bound is bound


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("4,400万トン", "4,400万トン", True),
        ("4,400万トン", "44,000,000トン", True),
        ("4,400万トン", "4,430万トン", True),
        ("4,400万トン", "5,500万トン", False),
        ("44万トン", "4,400万トン", False),
        ("1,500キログラム", "1.5トン", True),
        ("約7割", "69.2%", True),
        ("約7割", "87%", False),
        ("60%以上", "69%", True),
        ("60%未満", "69%", False),
        ("15〜25%", "20%", True),
        ("15〜25%", "37%", False),
        ("17元素", "16元素", False),
        ("20か国", "21か国", False),
        ("1年間", "12か月", True),
        ("2週間", "15日間", False),
        ("3分の1", "33%", True),
    ],
)
def test_amounts_agree_where_they_can_be_one(left: str, right: str, *, same: bool) -> None:
    assert one(left).measure == one(right).measure
    assert agree(one(left), one(right)) is same
    assert agree(one(right), one(left)) is same


def test_other_measures_cannot_be_compared() -> None:
    assert (
        len({one(text).measure for text in ("3トン", "3%", "3ドル", "3円", "3か月", "3日間")}) == 6
    )


@pytest.mark.parametrize(
    ("question", "units"),
    [
        ("世界シェアは何%か", {"%"}),
        ("何カ国が参加したか", {"countries"}),
        ("埋蔵量はどれだけか", {"t", "kg"}),
        ("How many tons?", {"t", "kg"}),
        ("なぜ止めたか", set()),
    ],
)
def test_a_question_says_in_what_it_wants_its_amount(question: str, units: set[str]) -> None:
    assert asked_units(question) == units


amountish = st.text(
    alphabet="0123456789０１.,，万億%％割分のトンt年間半約以上未満〜-▲第数一二元国 ", max_size=30
)


@given(st.one_of(anything, japanese, amountish))
def test_spans_are_in_order_and_lie_in_the_text(text: str) -> None:
    at = 0
    for amount in amounts_in(text):
        assert at <= amount.start < amount.end <= len(text)
        assert text[amount.start : amount.end].strip() == text[amount.start : amount.end]
        assert amount.step > 0
        low, high = amount.interval
        assert low <= high
        at = amount.end


@given(st.one_of(japanese, amountish))
def test_every_amount_agrees_with_itself(text: str) -> None:
    assert all(agree(a, a) for a in amounts_in(text))


@given(st.decimals(0, 10**9, places=1), st.sampled_from(["%", "倍", "億円", "万ドル"]))
def test_a_written_amount_is_read_back(value: Decimal, unit: str) -> None:
    factor = {"億円": 10**8, "万ドル": 10**4}.get(unit, 1)
    amount = one(f"これは{value:,}{unit}である")
    assert amount.value == value * factor
    assert amount.interval[0] <= amount.value <= amount.interval[1]
