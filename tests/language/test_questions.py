"""Questions taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.glossary.matching import load_glossary
from kb.language.questions import Wanted, take_apart, wanted
from tests.reading.documents import anything

surrogates = st.text(st.characters(codec=None), max_size=40)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("許可制はいつ始まったか", Wanted.WHEN),
        ("条例の施行日は？", Wanted.WHEN),
        ("割合は何%か", Wanted.QUANTITY),
        ("生産量はどれくらいか", Wanted.QUANTITY),
        ("誰が決めたのか", Wanted.WHO),
        ("出資したのはどの会社か", Wanted.WHO),
        ("鉱山はどこにあるか", Wanted.WHERE),
        ("なぜ価格は上がったのか", Wanted.WHY),
        ("七元素は何か", Wanted.LIST),
        ("どのような対策があるか", Wanted.LIST),
        ("許可制とは何か", Wanted.WHAT),
        ("When did it begin?", Wanted.WHEN),
        ("How much was exported?", Wanted.QUANTITY),
        ("輸出規制", Wanted.WHAT),
    ],
)
def test_what_kind_of_answer_is_wanted(question: str, kind: Wanted) -> None:
    assert wanted(question) is kind


def test_asking_words_are_not_looked_up() -> None:
    question = take_apart("レアアースの輸出規制はいつ始まりましたか？", load_glossary())
    assert question.words == ("レア", "アース", "輸出", "規制", "始まる")
    assert question.compounds[0] == "レアアース"
    assert "輸出" in question.bigrams
    assert "いつ" not in question.bigrams


def test_a_question_of_asking_words_alone_keeps_them() -> None:
    assert take_apart("何ですか", load_glossary()).words


@given(st.one_of(anything, surrogates))
def test_any_text_can_be_asked(text: str) -> None:
    question = take_apart(text, load_glossary())
    assert len(set(question.words)) == len(question.words)
    assert len(set(question.bigrams)) == len(question.bigrams)
