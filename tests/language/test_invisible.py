"""Signs that nobody sees: which are found, and which a script needs."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.invisible import invisible_spans, names


@pytest.mark.parametrize(
    "text",
    [
        "希土類の輸出", "葛\U000e0100城市と辻\U000e0101堂", "神\ufe00社", "☀\ufe0f晴れ",
        "1\ufe0f\u20e3", "👩\u200d🔬の報告", "👩🏽\u200d🔬", "❤\ufe0f\u200d🔥",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # England
        "می\u200cخواهم", "क्\u200dष", "https://\u200bexample.jp", "輸出\u2060許可",
        "rare\u00adearth", "\u200eabc\u200f", "が\u3099", "", "plain",
    ],
)  # fmt: skip
def test_what_a_script_needs_is_left_alone(text: str) -> None:
    assert invisible_spans(text) == []


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("許可\u202eabc\u202cは", ["\u202e", "\u202c"]),
        ("\u2067a\u2069", ["\u2067", "\u2069"]),
        ("無視\U000e0069\U000e0067せよ", ["\U000e0069\U000e0067"]),
        ("🏴\U000e0067", ["\U000e0067"]),
        ("4\u200b\u200b7", ["\u200b\u200b"]),
        ("輸\u200d出", ["\u200d"]),
        ("ad\u200cmin", ["\u200c"]),
        ("😀\ufe0f\U000e0101\U000e0102", ["\U000e0101\U000e0102"]),
        ("a\U000e0101", ["\U000e0101"]),
        ("葛\U000e0100\U000e0101", ["\U000e0101"]),
        ("税\u3164率\u2063", ["\u3164", "\u2063"]),
        ("\ufe0f", ["\ufe0f"]),
    ],
)
def test_what_hides_or_turns_is_found(text: str, signs: list[str]) -> None:
    assert [text[a:b] for a, b in invisible_spans(text)] == signs


@given(st.text(st.sampled_from("a輸葛😀\u200b\u200d\u202e\ufe0f\U000e0100\U000e0041 ")))
def test_spans_are_in_order_and_hold_nothing_that_is_seen(text: str) -> None:
    last = 0
    for start, end in invisible_spans(text):
        assert last <= start < end
        assert all(unicodedata.category(c) in ("Cf", "Mn") for c in text[start:end])
        last = end
    for turning in (i for i, c in enumerate(text) if c == "\u202e"):
        assert any(start <= turning < end for start, end in invisible_spans(text))


def test_signs_are_named_once() -> None:
    assert names("\u202e\u202e\U000e0041") == "U+202E, U+E0041"
