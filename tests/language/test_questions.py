"""Questions taken apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.language.asking import Wanted, asked_for, sides, wanted, wants_person
from kb.language.glossary.matching import load_glossary
from kb.language.questions import take_apart, values
from kb.language.tokens import analyse
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
        ("その一つに初めてできた工場", Wanted.WHAT),
        ("11項目の内容", Wanted.LIST),
        ("どのような対策があるか", Wanted.LIST),
        ("許可制とは何か", Wanted.DEFINITION),
        ("When did it begin?", Wanted.WHEN),
        ("枠組みに署名した日", Wanted.WHEN),
        ("出荷までに何年かかるか", Wanted.QUANTITY),
        ("備蓄は何日分か", Wanted.QUANTITY),
        ("対象は何元素か", Wanted.QUANTITY),
        ("船長の名前", Wanted.WHO),
        ("計画を持つ企業", Wanted.WHO),
        ("組み立てラインが止まった訳", Wanted.WHY),
        ("20条(b)と20条(g)の違い", Wanted.COMPARISON),
        ("食い違いから分かる規模", Wanted.QUANTITY),
        ("設計図を送るのも輸出か", Wanted.YES_NO),
        ("何を禁じているか", Wanted.WHAT),
        ("申請はどのように審査されるか", Wanted.HOW),
        ("Which elements were added?", Wanted.LIST),
        ("Which committee deals with it?", Wanted.WHO),
        ("Where did they meet?", Wanted.WHERE),
        ("Does Article XI cover export duties?", Wanted.YES_NO),
        ("How do the two lists differ?", Wanted.COMPARISON),
        ("What is a licence?", Wanted.DEFINITION),
        ("What is the price floor?", Wanted.QUANTITY),
        ("Why did prices rise?", Wanted.WHY),
        ("How are licences granted?", Wanted.HOW),
        ("How much was exported?", Wanted.QUANTITY),
        ("輸出規制", Wanted.WHAT),
    ],
)
def test_what_kind_of_answer_is_wanted(question: str, kind: Wanted) -> None:
    assert wanted(question) is kind


@pytest.mark.parametrize(
    ("question", "nouns"),
    [
        ("フォードの工場の従業員数は", "従業員数"),
        ("2024年の純利益はいくらか", "純利益"),
        ("輸出税の税率を教えて", "税率"),
        ("いつ始まったか", None),
        ("How many employees does Lynas have?", "employees"),
        ("What is the fine for violating the law?", "fine"),
        ("When did it begin?", None),
        ("泥を引き揚げる船の名前は", "船"),
        ("磁石を載せた車種の名称を教えて", "車種"),
        ("名前は何か", "名前"),
    ],
)
def test_the_nouns_that_say_what_is_asked_for(question: str, nouns: str | None) -> None:
    span = asked_for(question)
    assert (None if span is None else question[slice(*span)]) == nouns


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("20条(b)と20条(g)の違い", ("20条(b)の違い", "20条(g)の違い")),
        ("米国と中国の説明はどう違うか", ("米国の説明はどう違うか", "中国の説明はどう違うか")),
        (
            "What is the difference between quotas and licences?",
            ("What is the difference between quotas?", "What is the difference between licences?"),
        ),
        ("許可制とは何か", ()),
        ("割当はなぜ廃止されたか", ()),
    ],
)
def test_each_side_of_a_comparison_is_asked(question: str, expected: tuple[str, ...]) -> None:
    assert sides(question) == expected


def test_a_person_is_asked_for() -> None:
    assert wants_person("逮捕された船長の名前")
    assert wants_person("Who is the president of the company?")
    assert wants_person("パネルで議長を務めたのは誰か")
    assert wants_person("署長に任命された人は誰か")
    assert not wants_person("社長を訴えたのは誰か")
    assert not wants_person("備蓄は誰が担うか")
    assert not wants_person("いつ始まったか")


@given(st.one_of(anything, surrogates))
def test_any_text_has_a_kind_and_none_or_two_sides(text: str) -> None:
    assert wanted(text) in Wanted
    assert len(sides(text)) in (0, 2)


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


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("いつ廃止されたか", "2015年1月に廃止した", ["2015", "1"]),
        ("いつ採択されたか", "要した期間は2年5か月である", []),
        ("いつ始まったか", "昭和26年に始まった", ["26"]),
        ("何品目か", "2012年に212品目が対象となった", ["212"]),
        ("量はどれくらいか", "2012年に3トンを輸出した", ["3"]),
        ("なぜ廃止したか", "2015年1月に廃止した", []),
    ],
)
def test_values_are_what_the_question_asks_for(
    question: str, text: str, expected: list[str]
) -> None:
    tokens = [t.form for t in analyse(text).words if t.content]
    found = values(take_apart(question, load_glossary()), tokens)
    assert [tokens[at] for at in found] == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What share of Japan's imports came from China?", "share japan imports came china"),
        ("What is South Korea’s stockpile?", "south korea stockpile"),
        ("How much did exports fall in May?", "exports fall may"),
        ("How do I bake bread?", "bake bread"),
    ],
)
def test_an_english_question_is_asked_by_its_words_of_meaning(text: str, words: str) -> None:
    question = take_apart(text, load_glossary())
    assert question.words == tuple(words.split())
    assert [part.forms[0][0] for part in question.parts] == words.split()


@pytest.mark.parametrize(
    ("question", "asked", "others"),
    [
        ("日本の自動車メーカーはどこか。", {"toyota", "suzuki"}, {"ford", "volkswagen"}),
        ("自動車メーカーはどこか。", {"toyota", "ford", "volkswagen"}, {"sojitz"}),
        ("Which Japanese carmakers stopped?", {"toyota", "suzuki"}, {"ford", "volkswagen"}),
        ("豪州の鉱山はどこか。", {"mount-weld"}, {"mountain-pass"}),
        ("中国の国有企業はどこか。", {"minmetals"}, {"irel"}),
        ("米大統領は何と述べたか。", {"trump", "biden"}, {"xi-jinping"}),
    ],
)
def test_a_broader_term_asks_for_its_concepts_and_the_longest_one_alone(
    question: str, asked: set[str], others: set[str]
) -> None:
    parts = take_apart(question, load_glossary()).parts
    found = {concept for part in parts for concept, _ in part.concepts}
    assert asked <= found
    assert not others & found


def test_politeness_is_no_word_of_a_question() -> None:
    glossary = load_glossary()
    polite, plain = (
        take_apart(text, glossary) for text in ("税率を教えてください", "税率を教えて")
    )
    assert (polite.words, polite.concepts) == (plain.words, plain.concepts)


@given(st.text("希土ア・A1々", min_size=1, max_size=60), st.sampled_from(["は", "とは何か", ""]))
def test_nouns_that_are_asked_for_are_taken_whole(run: str, behind: str) -> None:
    assert asked_for(f"あの{run}{behind}") == (2, 2 + len(run))


def test_one_of_several_says_no_number() -> None:
    found = take_apart("三国の一つに初めてできた工場", load_glossary())
    assert "1" not in found.words
    assert "つ" not in found.words
    assert "工場" in found.words
    assert "1" in take_apart("一つの工場", load_glossary()).words
