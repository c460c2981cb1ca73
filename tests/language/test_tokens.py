"""Sudachi tokens and their spans."""

import threading
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.language.analysis import SENTENCE_ENDS
from kb.language.tokens import (
    MAX_PIECE,
    Token,
    _entries,
    analyse,
    analysed,
    analysed_under,
    dictionary_version,
    is_japanese_word,
    sudachi_alone,
)
from tests.reading.documents import NAUGHTY, anything

surrogates = st.text(st.characters(codec=None), max_size=40)


def check(text: str, tokens: tuple[Token, ...]) -> None:
    covered: set[int] = set()
    for token in tokens:
        assert 0 <= token.start <= token.end <= len(text)
        assert token.form.strip()
        covered.update(range(token.start, token.end))
    assert all(a.end <= b.start for a, b in pairwise(tokens))
    left_out = [text[i] for i in range(len(text)) if i not in covered]
    assert all(c.isspace() or not c.isalnum() for c in left_out)


@given(st.one_of(anything, surrogates))
def test_tokens_of_any_text_slice_to_it_and_leave_out_no_letter(text: str) -> None:
    analysis = analyse(text)
    check(text, analysis.words)
    check(text, analysis.compounds)


@pytest.mark.parametrize("text", NAUGHTY)
def test_naughty_strings(text: str) -> None:
    check(text, analyse(text).words)


@pytest.mark.parametrize(
    ("text", "slices"),
    [
        ("中国の輸出規制", ["中国", "の", "輸出", "規制"]),
        ("𠮷田と髙橋", ["𠮷", "田", "と", "髙橋"]),
        ("ｶﾞﾘｳﾑの価格", ["ｶﾞﾘｳﾑ", "の", "価格"]),
        ("export of 2025", ["export", "of", "2025"]),
    ],
)
def test_spans_are_those_of_the_stored_text(text: str, slices: list[str]) -> None:
    assert [text[t.start : t.end] for t in analyse(text).words] == slices


def test_half_and_full_width_have_the_same_form() -> None:
    assert [t.form for t in analyse("ｶﾞﾘｳﾑ").words] == [t.form for t in analyse("ガリウム").words]


def test_latin_words_keep_their_spelling() -> None:
    assert [t.form for t in analyse("Export Restrictions").words] == ["export", "restrictions"]


def test_compounds_are_the_long_units() -> None:
    analysis = analyse("国際通貨基金の見通し")
    assert next(t.form for t in analysis.compounds) == "国際通貨基金"
    assert [t.form for t in analysis.words][:3] == ["国際", "通貨", "基金"]


@pytest.mark.parametrize("form", ["は", "。", "する", "こと"])
def test_particles_and_empty_words_carry_no_meaning(form: str) -> None:
    assert not [t for t in analyse(form).words if t.content]


def test_text_longer_than_sudachi_takes_is_cut_at_line_ends() -> None:
    line = "輸出の許可は四月に始まり、対象は七元素であった。\n"
    text = line * (2 * MAX_PIECE // len(line))
    analysis = analyse(text)
    check(text, analysis.words)
    words = [text[t.start : t.end] for t in analysis.words]
    assert words == [line[t.start : t.end] for t in analyse(line).words] * (len(text) // len(line))


def test_a_line_longer_than_sudachi_takes_is_cut_anywhere() -> None:
    text = "𠮷" * (MAX_PIECE + 10)
    check(text, analyse(text).words)


lines = st.text(
    st.sampled_from("希土類の輸出ABc 1２3,.ガリウムー①㈱がない（）。　漢字"), max_size=30
)


@given(st.one_of(lines, anything, surrogates), st.one_of(lines, anything, surrogates))
@settings(max_examples=200)
def test_words_under_a_context_are_those_of_the_whole(context: str, text: str) -> None:
    whole, parts = analysed(f"{context}\n{text}"), analysed_under(context, text)
    assert (parts.words, parts.compounds) == (whole.words, whole.compounds)
    assert (parts.unknown, parts.forms, parts.long_forms) == (
        whole.unknown, whole.forms, whole.long_forms
    )  # fmt: skip
    assert (parts.starts, parts.ends, parts.stops) == (whole.starts, whole.ends, whole.stops)


def test_words_under_a_context_longer_than_sudachi_takes_are_those_of_the_whole() -> None:
    context, text = "輸出の許可" * MAX_PIECE, "対象は七元素\n" * MAX_PIECE
    assert analysed_under(context[: MAX_PIECE - 5], text).words == (
        analysed(f"{context[: MAX_PIECE - 5]}\n{text}").words
    )
    assert analysed_under(context, "対象").words == analysed(f"{context}\n対象").words


def test_each_thread_has_its_own_tokenizer() -> None:
    texts = [f"第{n}章では輸出規制の歴史を述べる。" for n in range(40)]
    expected = [analyse(text).words for text in texts]
    analyse.cache_clear()
    found: list[object] = [None] * len(texts)

    def work(part: int) -> None:
        for i in range(part, len(texts), 4):
            found[i] = analyse(texts[i]).words

    threads = [threading.Thread(target=work, args=(part,)) for part in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == expected


def test_the_dictionary_version_names_both_parts() -> None:
    assert dictionary_version().startswith("sudachipy ")
    assert ", core 20" in dictionary_version()


@given(
    st.lists(
        st.sampled_from(
            [
                *"希土類の輸出ABc　 \n\t12３,.㈱㍿㏂①ﾞｶーｰー漢（かん）𠮷e\u0301か\u3099",
                "漢字(かんじ)",
                "\ud800",
            ]
        )
    )
)
@settings(max_examples=100)
def test_words_met_before_are_those_that_sudachi_gives(parts: list[str]) -> None:
    """Places and unknown words are reckoned from what is kept; Sudachi's own are the oracle."""
    text = "".join(parts)
    words, compounds, unknown = [], [], []
    for m in sudachi_alone().tokenize(text.encode("utf-8", "replace").decode("utf-8")):
        if m.is_oov() and is_japanese_word(m.surface()):
            unknown.append((m.begin(), m.end()))
        if not m.normalized_form().strip():
            continue
        compounds.append((m.begin(), m.end()))
        short = m.split("A")
        words += [(s.begin(), s.end()) for s in (short if len(short) > 1 else [m])]
    found = analysed(text)
    assert [(t.start, t.end) for t in found.words] == words
    assert [(t.start, t.end) for t in found.compounds] == compounds
    assert found.unknown == unknown
    assert "".join(f"{''.join(t.form.split())} " for t in found.compounds if t.content) == (
        f"{found.long_forms} " if found.long_forms else ""
    )
    _entries.clear()
    again = analysed(text)
    assert (again.words, again.compounds) == (found.words, found.compounds)


@given(st.one_of(lines, anything, surrogates))
def test_what_an_index_asks_for_is_that_of_the_words(text: str) -> None:
    found = analysed(text)
    told = [token for token in found.words if token.content]
    assert found.forms.split(" ") == ["".join(token.form.split()) for token in told] or not told
    assert found.starts == [token.start for token in told]
    assert found.ends == [token.end for token in told]
    assert found.stops == [token.start for token in found.words if token.form in SENTENCE_ENDS]
    assert found.last == max((token.start for token in found.words), default=-1)
    for place in range(len(text)):
        before = [token.end for token in found.words if token.start <= place]
        assert found.covers(place) == bool(before and before[-1] > place)
