"""The words in which two texts differ, and that no letter is lost on the way."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kb.answering.word_diff import word_diff
from kb.quotation import DiffKind
from tests.reading.documents import japanese


@given(japanese | st.text(max_size=40), japanese | st.text(max_size=40))
def test_both_texts_come_out_of_the_parts(before: str, after: str) -> None:
    parts = word_diff(before, after)
    assert "".join(p.text for p in parts if p.kind is not DiffKind.INSERT) == before
    assert "".join(p.text for p in parts if p.kind is not DiffKind.DELETE) == after
    assert all(part.text for part in parts)


def test_words_are_not_torn_apart() -> None:
    parts = word_diff("審査には45日かかる。", "審査には60日かかる。")
    assert [(p.kind.value, p.text) for p in parts] == [
        ("equal", "審査には"), ("delete", "45"), ("insert", "60"), ("equal", "日かかる。"),
    ]  # fmt: skip


def test_equal_texts_have_one_part() -> None:
    assert [p.kind for p in word_diff("許可", "許可")] == [DiffKind.EQUAL]
    assert word_diff("", "") == ()
