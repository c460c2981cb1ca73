"""Folding for matching, and the way back to the stored text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language import folding
from kb.language.folding import Kept, bigrams, fold, folded_text
from tests.reading.documents import NAUGHTY, anything

surrogates = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ＷＴＯ　２０２５", "wto2025"),
        ("ｶﾞﾘｳﾑ", "ガリウム"),
        ("か\u3099", "が"),
        ("ハ\u309a", "パ"),
        ("①㈱㌧", "1(株)トン"),
        ("レア・ アース", "レア·アース"),
        ("10〜20%", "10~20%"),
        ("2016―2020", "2016-2020"),
        ("“quote”", '"quote"'),
        ("レア\u200bアース\u00ad", "レアアース"),
        ("\u1100\u1161\u11a8", "각"),
        ("e\u0301", "é"),
        ("𠮷野家", "𠮷野家"),
        (" \n\t\u3000\0", ""),
    ],
)
def test_what_differs_in_width_case_or_spacing_becomes_equal(text: str, folded: str) -> None:
    assert fold(text).text == folded


@given(st.one_of(anything, surrogates), st.data())
def test_a_folded_span_leads_back_to_text_that_folds_to_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    assert folded_text(text) == folded.text
    assert len(folded.starts) == len(folded.ends) == len(folded.text)
    assert list(folded.starts) == sorted(folded.starts)
    if not folded.text:
        return
    start = data.draw(st.integers(0, len(folded.text) - 1))
    end = data.draw(st.integers(start + 1, len(folded.text)))
    begin, stop = folded.span(start, end)
    assert 0 <= begin < stop <= len(text)
    piece = folded.text[start:end]
    assert piece in fold(text[begin:stop]).text
    whole_start = start == 0 or folded.starts[start - 1] != begin
    whole_end = end == len(folded.text) or folded.starts[end] != folded.starts[end - 1]
    if whole_start and whole_end:
        assert fold(text[begin:stop]).text == piece


@pytest.mark.parametrize(
    ("text", "part", "found"),
    [
        ("これはか\u3099ん石である", "がん石", "か\u3099ん石"),
        ("ﾚｱｱｰｽとｶﾞﾘｳﾑ の価格", "ガリウムの", "ｶﾞﾘｳﾑ の"),
        ("㍿希土の市場", "会社希土", "㍿希土"),
    ],
)
def test_a_span_takes_whole_characters_with_their_marks(text: str, part: str, found: str) -> None:
    folded = fold(text)
    at = folded.text.index(part)
    begin, end = folded.span(at, at + len(part))
    assert text[begin:end] == found


@given(anything)
def test_bigrams_of_texts_equal_under_nfkc_are_equal(text: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        other = unicodedata.normalize(form, text)
        assert bigrams(other) == bigrams(text)


@given(st.one_of(anything, surrogates))
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text).text
    assert fold(unicodedata.normalize("NFKC", once)).text == fold(once).text


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("希土類", ["希土", "土類"]),
        ("希", ["希"]),
        ("希土・類", ["希土", "類"]),
        ("レアアース（REE）", ["レア", "アア", "アー", "ース", "re", "ee"]),
        ("ー", ["ー"]),
        ("、。！", []),
        ("", []),
    ],
)
def test_bigrams_are_pairs_inside_runs_of_letters(text: str, pairs: list[str]) -> None:
    assert bigrams(text) == pairs


@pytest.mark.parametrize("text", NAUGHTY)
def test_bigrams_of_naughty_strings_are_one_or_two_letters(text: str) -> None:
    assert {len(gram) for gram in bigrams(text)} <= {1, 2}


def test_signs_that_are_folded_at_once_stand_alone_and_become_one_each() -> None:
    for code in range(1, 0x10000):
        c = chr(code)
        if folding._ALONE.fullmatch(c):
            decomposed = unicodedata.normalize("NFKD", c)[0]
            assert not unicodedata.category(decomposed).startswith("M"), hex(code)
            assert not "\u1160" <= decomposed <= "\u11ff", hex(code)
        if folding._PLAIN.fullmatch(c):
            assert folding._ALONE.fullmatch(c), hex(code)
            assert len(fold(c).text) == (c not in " \n\u3000"), hex(code)
            assert folding._CHANGED.fullmatch(c) or fold(c).text == c, hex(code)
            assert not folding._CHANGED.search(fold(c).text), hex(code)


@given(st.text(" 　\n・aＡア希", max_size=40), st.sampled_from([" 　\n", "・", "希 "]))
def test_what_was_kept_knows_where_it_stood(text: str, left_out: str) -> None:
    places = [i for i, c in enumerate(text) if c not in left_out]
    gaps = [i for i, c in enumerate(text) if c in left_out]
    kept, ends = Kept(len(places), gaps), Kept(len(places), gaps, behind=1)
    assert (list(kept), list(ends)) == (places, [i + 1 for i in places])
    assert kept[1:] == places[1:]
    assert [kept[-i] for i in range(1, len(places) + 1)] == places[::-1]


@given(st.text(st.sampled_from("ヿ㍻レアｱ 　\n①A〜ﾞ\u3099"), max_size=30))
def test_text_is_folded_as_its_signs_are_one_by_one(text: str) -> None:
    whole = fold(text)
    joined = [fold(text[a:b]) for a, b in dict.fromkeys(zip(whole.starts, whole.ends, strict=True))]
    assert whole.text == "".join(part.text for part in joined)


def test_only_what_is_short_is_kept_folded() -> None:
    short, long = "①レア" * 100, "①レア" * 10_000
    assert fold(short) is fold(short)
    assert fold(long) is not fold(long)
