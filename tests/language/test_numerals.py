"""Numbers."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.numerals import NUMBER, finest, number_of


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("１，２００", "1200"),
        ("1.5億", "150000000"),
        ("2万3,500", "23500"),
        ("１万３，７５６", "13756"),
        ("9,000 万", "90000000"),
        ("1億2千万", "120000000"),
        ("5百万", "5000000"),
        ("五千万", "50000000"),
        ("1.2兆", "1200000000000"),
        ("三十五", "35"),
        ("百二十", "120"),
        ("二〇一四", "2014"),
        ("3千500", "3500"),
        ("十", "10"),
        ("千", "1000"),
        ("〇", "0"),
        ("0.5", "0.5"),
    ],
)
def test_a_number_is_read_whole(text: str, value: str) -> None:
    match = re.fullmatch(NUMBER, text)
    assert match is not None
    assert number_of(text) == Decimal(value)


def test_what_is_no_number_has_no_value() -> None:
    assert number_of("トン") is None


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("1.5億", "10000000"),
        ("4,500", "100"),
        ("三十五", "1"),
        ("40", "10"),
        ("1.50", "0.01"),
        ("1.0", "0.1"),
        ("9,000 万", "10000000"),
        ("〇", "1"),
    ],
)
def test_the_last_figure_says_how_finely_it_was_measured(text: str, step: str) -> None:
    assert finest(text) == Decimal(step)


@given(st.integers(0, 10**15))
def test_digits_round_trip_in_any_width_and_with_commas(value: int) -> None:
    wide = str.maketrans("0123456789,", "０１２３４５６７８９，")
    for text in (str(value), f"{value:,}", f"{value:,}".translate(wide)):
        assert re.fullmatch(NUMBER, text)
        assert number_of(text) == value


_KANJI = "〇一二三四五六七八九"


def kanji(value: int) -> str:
    """The number as it is said, below ten thousand; an oracle that only writes."""
    out = ""
    for power, sign in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // power % 10
        if digit:
            out += ("" if digit == 1 and sign else _KANJI[digit]) + sign
    return out


@given(st.integers(1, 9999), st.integers(0, 9999), st.integers(0, 9999))
def test_kanji_with_multipliers_round_trip(ones: int, myriads: int, hundred_millions: int) -> None:
    text = kanji(hundred_millions) + "億" if hundred_millions else ""
    text += kanji(myriads) + "万" if myriads else ""
    text += kanji(ones)
    assert re.fullmatch(NUMBER, text)
    assert number_of(text) == hundred_millions * 10**8 + myriads * 10**4 + ones


@given(st.text(alphabet="0123456789０１.,，．万億兆千百十〇一二三 \u3000年", max_size=20))
def test_whatever_matches_has_a_value(text: str) -> None:
    for match in re.finditer(NUMBER, text):
        value = number_of(match[0])
        assert value is not None
        assert value >= 0
        assert finest(match[0]) > 0
