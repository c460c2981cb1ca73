"""Sentence spans."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.sentences import sentence_spans
from tests.reading.documents import anything, japanese


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("止めた。減った。", ["止めた。", "減った。"]),
        ("「止めた。減った。」と述べた。続く。", ["「止めた。減った。」と述べた。", "続く。"]),
        ("本当か？　本当だ！", ["本当か？", "本当だ！"]),
        ("止めた[12]。減った。[3]続く。", ["止めた[12]。", "減った。[3]", "続く。"]),
        ("止めた。（注3）減った。", ["止めた。（注3）", "減った。"]),
        ("止めた。（一部を除く）減った。", ["止めた。", "（一部を除く）減った。"]),
        ("増加率は3.5%、U.S.の統計である。次。", ["増加率は3.5%、U.S.の統計である。", "次。"]),
        ("It fell! Did it rise? 3!=4", ["It fell!", "Did it rise?", "3!=4"]),
        ("止めた．減った．", ["止めた．減った．"]),
        ("止めた．\n減った．", ["止めた．", "減った．"]),
        ("一行目\n二行目\n\n三行目", ["一行目", "二行目", "三行目"]),
        ("　前後の空白　。 ", ["前後の空白　。"]),
        ("まさか！？　はい。」", ["まさか！？", "はい。」"]),
        ("開いた（ままの括弧。\n次の行。", ["開いた（ままの括弧。", "次の行。"]),
        ("", []),
        (" \n\u3000", []),
    ],
)
def test_a_sentence_ends_at_a_stop_outside_brackets_or_at_a_line_end(
    text: str, parts: list[str]
) -> None:
    assert sentences(text) == parts


def test_an_unclosed_bracket_does_not_swallow_the_rest() -> None:
    text = "開いた（まま" + "長い文が続く。" * 200
    assert max(map(len, sentences(text))) < 500


@given(st.one_of(anything, japanese), st.data())
def test_spans_are_in_order_and_leave_out_only_white_space(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    spans = sentence_spans(text, start, end)
    assert all(start <= a < b <= end for a, b in spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    covered = {i for a, b in spans for i in range(a, b)}
    assert all(text[i].isspace() for i in range(start, end) if i not in covered)
    assert all(text[a:b] == text[a:b].strip() for a, b in spans)


@given(
    st.lists(
        st.sampled_from(("輸出を止めた。", "減った！", "本当か？", "「よい。」と言う。")),
        max_size=10,
    )
)
def test_whole_sentences_come_back_as_they_were(given_sentences: list[str]) -> None:
    assert sentences("".join(given_sentences)) == given_sentences


def test_the_spans_that_were_given_before_are_no_ones_to_change() -> None:
    text = "申請は電子で行う。許可は商務部が行う。"
    given = sentence_spans(text)
    given.clear()
    assert [text[a:b] for a, b in sentence_spans(text)] == [
        "申請は電子で行う。",
        "許可は商務部が行う。",
    ]
    assert sentence_spans(text, 9) == [(9, len(text))]
