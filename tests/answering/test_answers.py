"""Answers are verbatim, cited, short, and not given where the collection is silent."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.answering import values
from kb.answering.answerer import Answerer
from kb.answering.candidates import fitting
from kb.answering.evidence import leans
from kb.answering.refusal import RefusalWeights
from kb.answering.selection import MAX_STATEMENTS
from kb.answering.weights import answering_weights
from kb.assembly import KnowledgeBase, View
from kb.domain import Answer, Filters, Outcome
from kb.language.asking import Wanted
from kb.language.tokens import analyse
from kb.search import Searcher
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

WORDS = sorted({t.form for s in (REPORT, MAGNETS, PANEL) for t in analyse(s).words if t.content})
ENDINGS = ("", "とは何か", "はいつか", "はなぜか", "は何%か", "はどのようなものか")
questions = st.builds(
    lambda words, ending: "の".join(words) + ending,
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    st.sampled_from(ENDINGS),
)


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    work = Workshop(tmp_path_factory.mktemp("answers"))
    for name, content in (("管理.md", REPORT), ("磁石.md", MAGNETS), ("紛争.md", PANEL)):
        work.write(name, content)
    work.ingest()
    return work.searcher()


@pytest.fixture(scope="module")
def answerer(searcher: Searcher) -> Answerer:
    return Answerer(searcher)


@pytest.fixture
def view(knowledge: KnowledgeBase) -> View:
    """The shipped collection with the bundled encoder."""
    with knowledge.view() as view:
        return view


def check(answer: Answer, answerer: Answerer) -> None:
    """What holds for every answer."""
    assert [c.number for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    assert len(answer.statements) == len(answer.citations) <= MAX_STATEMENTS
    assert (answer.outcome is Outcome.ANSWERED) == bool(answer.statements)
    for statement, citation in zip(answer.statements, answer.citations, strict=True):
        document = answerer.document(citation.document_id)
        assert statement.citations == (citation.number,)
        assert statement.text == citation.quote == document.text[citation.start : citation.end]
        assert citation.quote == citation.quote.strip()
        assert f"{statement.text}[{citation.number}]" in answer.text


@given(question=questions)
def test_every_statement_is_the_text_of_its_citation(answerer: Answerer, question: str) -> None:
    check(answerer.ask(question), answerer)


@example(question="商務の施行")
@given(question=questions)
def test_no_sentence_is_said_twice(answerer: Answerer, question: str) -> None:
    spans = [(c.document_id, c.start, c.end) for c in answerer.ask(question).citations]
    for i, (document, start, end) in enumerate(spans):
        for other, a, b in spans[i + 1 :]:
            assert document != other or b <= start or end <= a


@given(question=questions)
def test_the_same_question_gets_the_same_answer(
    answerer: Answerer, searcher: Searcher, question: str
) -> None:
    assert answerer.ask(question) == Answerer(searcher).ask(question)


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("上級委員会はいつ報告書を配布したか", "上級委員会は2014年8月7日に報告書を配布した。"),
        ("ジスプロシウムはなぜ加えられるか", "磁石の耐熱性を高めるために"),
        ("電気自動車1台に磁石は何キロ要るか", "1台に約2キロを要する。"),
        ("輸出許可の審査には何日かかるか", "審査には45日かかる"),
    ],
)
def test_the_sentence_that_answers_is_the_first(
    answerer: Answerer, question: str, quote: str
) -> None:
    answer = answerer.ask(question)
    assert quote in answer.statements[0].text
    assert answer.generation == "g00000001"


def test_a_leaning_sentence_brings_the_one_before(answerer: Answerer) -> None:
    answer = answerer.ask("即日施行されたのは何か")
    (with_it,) = [s.text for s in answer.statements if "即日施行" in s.text]
    assert with_it == (
        "2025年4月4日、商務部は中重希土類の7元素を輸出許可の対象にした。これは即日施行された。"
    )


@pytest.mark.parametrize(
    "sentence",
    [
        "これは即日施行された。",
        "同年、枠が廃止された。",
        "このうち2元素が外れた。",
        "具体的には次の通り。",
    ],
)
def test_sentences_that_lean(sentence: str) -> None:
    assert leans(sentence)


@pytest.mark.parametrize(
    "sentence", ["商務部は同年の枠を廃止した。", "許可が要る。", "これまで枠はなかった。"]
)
def test_sentences_that_stand_alone(sentence: str) -> None:
    assert not leans(sentence)


@pytest.mark.parametrize(
    ("wanted", "sentence", "expected"),
    [
        (Wanted.WHEN, "2014年8月7日に配布した。", True),
        (Wanted.WHEN, "報告書を配布した。", False),
        (Wanted.QUANTITY, "備蓄は180日分、調達先は3カ国である。", True),
        (Wanted.QUANTITY, "備蓄を増やした。", False),
        (Wanted.WHY, "耐熱性を高めるために加える。", True),
        (Wanted.LIST, "サマリウム、ガドリニウム、テルビウムが対象である。", True),
        (Wanted.WHAT, "許可制である。", False),
    ],
)
def test_a_sentence_holds_the_kind_of_thing_asked_for(
    wanted: Wanted, sentence: str, expected: bool
) -> None:
    assert bool(fitting(wanted, "", sentence)) is expected


def test_a_filter_keeps_answers_to_its_documents(answerer: Answerer, searcher: Searcher) -> None:
    (panel,) = (s.id for s in searcher.summaries.values() if s.path == "紛争.md")
    answer = answerer.ask("上級委員会の報告書", filters=Filters(documents=(panel,)))
    assert {citation.document_id for citation in answer.citations} == {panel}
    none = answerer.ask("上級委員会の報告書", filters=Filters(publishers=("知らない会",)))
    assert (none.outcome, none.related) == (Outcome.NO_EVIDENCE, ())


def test_related_passages_are_limited_and_not_those_cited(answerer: Answerer) -> None:
    answer = answerer.ask("上級委員会の報告書", limit=2)
    cited = {citation.passage_id for citation in answer.citations}
    assert 1 <= len(answer.related) <= 2
    assert not cited & {hit.passage.id for hit in answer.related}


def test_an_empty_index_has_no_evidence(tmp_path_factory: pytest.TempPathFactory) -> None:
    work = Workshop(tmp_path_factory.mktemp("empty"))
    work.ingest()
    answer = Answerer(work.searcher()).ask("希土類の輸出許可は誰が出すか")
    assert (answer.outcome, answer.text, answer.related) == (Outcome.NO_EVIDENCE, "", ())


def test_long_paragraphs_give_short_answers(tmp_path_factory: pytest.TempPathFactory) -> None:
    work = Workshop(tmp_path_factory.mktemp("long"))
    work.write("長.md", "# 長い章\n\n" + "".join(
        f"希土類の輸出許可を受けた企業は{i}月に{i + 3}社であった。" for i in range(1, 60)
    ))  # fmt: skip
    work.ingest()
    answerer = Answerer(work.searcher())
    answer = answerer.ask("希土類の輸出許可を受けた企業は何社か")
    check(answer, answerer)
    assert len(answer.text) < 500


@pytest.mark.parametrize(
    "question",
    [
        "明日の東京の天気はどうなりますか",
        "カレーライスの作り方を教えてください",
        "源氏物語の作者は誰ですか",
        "サッカーのワールドカップで優勝した国はどこですか",
    ],
)
def test_questions_about_other_things_get_no_answer(view: View, question: str) -> None:
    answer = view.ask(question)
    assert (answer.outcome, answer.statements, answer.citations) == (Outcome.NO_EVIDENCE, (), ())


@given(data=st.data())
def test_answers_of_the_shipped_collection_are_verbatim(
    knowledge: KnowledgeBase, data: st.DataObject
) -> None:
    with knowledge.view() as view:
        title = data.draw(st.sampled_from([s.title for s in view.summaries()]))
        asked = title + data.draw(st.sampled_from(ENDINGS))
        answer = view.ask(asked)
        for statement, citation in zip(answer.statements, answer.citations, strict=True):
            text = view.document(citation.document_id).text
            assert statement.text == citation.quote == text[citation.start : citation.end]
            found = view.citation(citation.id)
            assert replace(found, number=citation.number) == replace(
                citation, passage_id=found.passage_id, heading_path=found.heading_path
            )


VALUES = ("はいつか", "はいくらか", "は何%か", "は誰か", "はどこか", "の対象は")


@given(data=st.data())
def test_a_value_is_a_span_of_a_quotation(knowledge: KnowledgeBase, data: st.DataObject) -> None:
    with knowledge.view() as view:
        title = data.draw(st.sampled_from([s.title for s in view.summaries()]))
        answer = view.ask(title + data.draw(st.sampled_from(VALUES)))
        if answer.value is None:
            return
        value = answer.value
        cited = answer.citations[value.citation - 1]
        assert cited.number == value.citation
        assert cited.start <= value.start < value.end <= cited.end
        text = view.document(cited.document_id).text
        assert value.text == text[value.start : value.end]


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("アップルが磁石の調達を発表した日", "2025年7月15日"),
        ("戦略的プロジェクトは域外で何件選ばれたか", "13件"),
        ("附属書6は何品目の輸出税を残せると定めるか", "84品目"),
        ("公告第57号で追加された元素",
         "ホルミウム、エルビウム、ツリウム、ユウロピウム、イッテルビウム"),
        # Of two dates, that of what is asked: …に提案し、…に発効した.
        ("重要原材料法が発効した日", "2024年5月23日"),
        ("許可制とは何か", None),
    ],
)  # fmt: skip
def test_the_value_that_is_asked_for(view: View, question: str, value: str | None) -> None:
    answer = view.ask(question)
    assert (answer.value.text if answer.value else None) == value


def asked_of(text: str, folder: Path, question: str) -> Answer:
    """What is answered, surely, from one short report."""
    work = Workshop(folder)
    work.write("報告.md", text)
    work.ingest()
    sure = replace(answering_weights(), refusal=RefusalWeights(5.0, {}, 0.5))
    return Answerer(work.searcher(), sure).ask(question)


def test_a_value_that_another_sentence_contests_is_not_given_by_itself(tmp_path: Path) -> None:
    first = "# 出資\n\n国防総省は鉱山会社に4億ドルを出資した。\n"
    second = "\n## 補助\n\n国防総省は鉱山会社に3500万ドルを出資した。\n"
    question = "国防総省は鉱山会社にいくら出資したか"
    alone = asked_of(first, tmp_path / "one", question)
    assert alone.value is not None
    assert alone.value.text == "4億ドル"
    both = asked_of(first + second, tmp_path / "two", question)
    assert both.value is None
    assert {"4億ドル", "3500万ドル"} <= set(re.findall(r"\d+[億万]ドル", both.text))


@pytest.mark.parametrize(
    ("value", "other", "has"),
    [
        ("2025年4月4日", "2025年4月", True),
        ("4億ドル", "4億ドル", True),
        ("約4億ドル", "4億ドル", True),
        ("14億ドル", "4億ドル", False),
        ("1.5%", "5%", False),
        ("三千トン", "千トン", False),
        ("14億ドルのうち4億ドル", "4億ドル", True),
        ("2025年10月", "2025年1", False),
        ("", "5%", False),
    ],
)
def test_a_value_has_another_in_it_with_whole_numbers(value: str, other: str, has: bool) -> None:
    assert values._has(value, other) is has


def test_a_greater_amount_contests_one_that_ends_alike(tmp_path: Path) -> None:
    first = "# 出資\n\n国防総省は鉱山会社に4億ドルを出資した。\n"
    second = "\n## 補助\n\n国防総省は鉱山会社に14億ドルを出資した。\n"
    answer = asked_of(first + second, tmp_path, "国防総省は鉱山会社にいくら出資したか")
    assert answer.value is None


def test_of_several_dates_in_a_row_none_is_the_value(tmp_path: Path) -> None:
    text = "# 規制\n\n規制の強化は2023年・2024年および2025年4月に導入された。\n"
    assert asked_of(text, tmp_path, "規制の強化が導入されたのはいつか").value is None


def test_a_source_is_no_statement(tmp_path: Path) -> None:
    text = (
        "# 協力\n\nインドとの協力を進めた[^1]。\n\n"
        "[^1]: 「インドと重要鉱物の協力枠組み」2025年8月19日 新聞. https://example.org/a\n"
    )
    answer = asked_of(text, tmp_path, "インドとの協力の枠組み")
    assert [s.text for s in answer.statements] == ["インドとの協力を進めた[1]。"]
