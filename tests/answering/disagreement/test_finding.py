"""Disagreements in an answer: cited on each side, checked, and only where there is an answer."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.disagreement.finding import find_conflicts, with_conflicts
from kb.answering.disagreement.said import Said
from kb.answering.disagreement.sides import Claim, Conflict, Side, conflict
from kb.assembly import KnowledgeBase, View, ingestion
from kb.domain import Answer, Block, BlockKind, Citation, Document, Outcome, Passage, Section
from kb.language.glossary.matching import load_glossary
from kb.language.questions import take_apart
from kb.server.app import create_app
from kb.settings import Settings
from tests.reading.documents import japanese
from tests.server.test_pages import page, select, texts
from tests.server.wire import ADDRESS

FIRST = """# 黒鉛の輸出管理

黒鉛の輸出は2023年12月に許可制となった。電池の負極に使われる黒鉛は、精製の大半が一国に偏る。
"""
SECOND = """# 電池材料の動向

電池の負極には黒鉛が欠かせない。2024年2月に黒鉛の輸出が許可制に移り、各社は在庫を積み増した。
"""
THIRD = """# 別の鉱物

アンチモンの輸出は2024年9月に許可制となった。難燃剤に使われる。
"""
GLOSSARY = load_glossary()
QUESTION = "黒鉛の輸出はいつ許可制になったか"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> KnowledgeBase:
    home = tmp_path_factory.mktemp("sides")
    corpus = home / "corpus"
    corpus.mkdir()
    for name, text in (("a.md", FIRST), ("b.md", SECOND), ("c.md", THIRD)):
        (corpus / name).write_text(text, encoding="utf-8")
    settings = replace(Settings(), corpus=corpus, index=home / "index")
    ingestion(settings).run()
    return KnowledgeBase(settings)


def test_an_answer_tells_both_sides_and_cites_each(opened: KnowledgeBase) -> None:
    with opened.view() as view:
        answer = view.ask(QUESTION)
        (told,) = answer.disagreements
        assert [v.value for v in told.values] == ["2023年12月", "2024年2月"]
        numbers = {c.number: c for c in answer.citations}
        assert sorted(numbers) == list(range(1, len(numbers) + 1))
        paths = {s.id: s.path for s in view.summaries()}
        for value, path in zip(told.values, ("a.md", "b.md"), strict=True):
            (number,) = value.citations
            citation = numbers[number]
            document = view.document(citation.document_id)
            assert document.text[citation.start : citation.end] == citation.quote
            assert value.value in citation.quote
            assert paths[citation.document_id] == path


def test_where_one_thing_is_told_there_is_no_alarm(opened: KnowledgeBase) -> None:
    with opened.view() as view:
        assert view.ask("アンチモンの輸出はいつ許可制になったか").disagreements == ()


def test_the_page_shows_both_sides_with_their_citations(opened: KnowledgeBase) -> None:
    client = TestClient(create_app(opened), base_url=ADDRESS)
    shown = page(client, f"/?q={QUESTION}")
    (section,) = select(shown, "//section[@class='disagreements']")
    assert texts(section, ".//span[@class='verbatim']") == ["2023年12月", "2024年2月"]
    for link in select(section, ".//a"):
        number = (link.get("href") or "").removeprefix("#")
        assert select(shown, f"//li[@id='{number}']//mark")


PLACES = {
    "2024年のオーストラリアのレアアース埋蔵量は": [
        [{"003:39705:39801:9f2eeda0"}, {"003:39705:39801:9f2eeda0"}, {"003:7417:7510:7562be19"}]
    ],
    "鉱物安全保障パートナーシップ(MSP)はいつ設立されたか": [
        [{"001:5692:5750:d8093bd7"}, {"003:33078:33170:33ecc054"}],
        [{"003:33078:33170:33ecc054"}, {"001:5692:5750:d8093bd7"}],
    ],
    "MSPの正式名称は何か": [[{"001:5692:5750:d8093bd7"}, {"003:33078:33170:33ecc054"}]],
    "JOGMECの正式名称は何か": [
        [{"001:5904:5938:64e3e4a9"}, {"003:36284:36418:5b48712b", "004:2301:2359:027fccd3"}]
    ],
    "ガリウムとゲルマニウムはいつ輸出許可制になったか": [
        [{"001:2505:2552:937d86e0"}, {"003:17345:17493:f76af718"}]
    ],
    "2010年に中国はレアアースの輸出枠をどれだけ削減したか": [
        [{"001:2170:2250:06cf66c7"}, {"000:3733:3789:12f6b810"}]
    ],
    "2025年11月の停止の対象となる措置は何か": [
        [{"000:8317:8651:bbaa6560"}, {"000:8705:8811:48aa0e04", "004:1682:1810:3f5e7cbe"}]
    ],
}
"""Where the real reports disagree: document, span and digest of each place, no words of theirs."""


def test_the_real_reports_disagree_where_they_do(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    index = tmp_path_factory.mktemp("reports")
    ingestion(replace(Settings(), corpus=shared / "reports", index=index)).run()
    with KnowledgeBase(replace(Settings(), index=index)).view() as view:
        paths = {s.id: s.path for s in view.summaries()}
        for question, expected in PLACES.items():
            answer = view.ask(question)
            known = {p for conflict in expected for value in conflict for p in value}
            places = {
                c.number: next(
                    (p for p in known if _holds(c, paths[c.document_id], p, view)), c.quote
                )
                for c in answer.citations
            }
            told = [
                [{places[n] for n in v.citations} for v in d.values] for d in answer.disagreements
            ]
            assert told == expected, question


def _holds(citation: Citation, path: str, place: str, view: View) -> bool:
    """Whether a citation quotes a place: with a sentence before it, or without."""
    name, start, end, digest = place.split(":")
    text = view.document(citation.document_id).text[int(start) : int(end)]
    same = hashlib.sha256(text.encode()).hexdigest()[:8] == digest
    inside = citation.start <= int(start) and int(end) <= citation.end
    around = int(start) <= citation.start and citation.end <= int(end)
    return path.startswith(name) and same and (inside or around)


@given(
    texts=st.lists(st.one_of(japanese, st.sampled_from([FIRST, SECOND, THIRD])), max_size=4),
    question=st.sampled_from(
        [
            QUESTION,
            "2010年の輸出枠の削減率は",
            "停止の対象は何か",
            "MSPの正式名称は何か",
            "黒鉛の生産量は",
        ]
    ),
)
def test_whatever_is_told_stands_in_the_text(texts: list[str], question: str) -> None:
    documents = {one.document.id: one.document for one in map(said, texts, range(4)) if texts}
    found = find_conflicts(
        take_apart(question, GLOSSARY),
        [Passage("p", d.id, 0, len(d.text), (), None, None) for d in documents.values()],
        document_of=documents.__getitem__,
        mentions=GLOSSARY.mentions,
        categories={c.id: c.category for c in GLOSSARY.concepts.values()},
    )
    answer = with_conflicts(Answer(question, Outcome.ANSWERED, "g"), found)
    quotes = {c.number: c.quote for c in answer.citations}
    for citation in answer.citations:
        text = documents[citation.document_id].text
        assert text[citation.start : citation.end] == citation.quote
    for told in answer.disagreements:
        assert len(told.values) >= 2
        for value in told.values:
            assert value.citations
            assert all(n in quotes for n in value.citations)
            assert any(value.value in quotes[n] for n in value.citations)


def said(text: str, number: int = 0) -> Said:
    of = Document(
        id="d" + "a" * 15 + "abcdefgh"[number], path=f"{number}.md", sha256="", format="markdown",
        metadata={}, text=text, blocks=(Block(BlockKind.PARAGRAPH, 0, len(text)),),
        sections=(Section((), 0, len(text)),),
    )  # fmt: skip
    passage = Passage("p", of.id, 0, len(text), (), None, None)
    return Said(of, passage, 0, len(text), 0, "", lambda _: [])


def claim(value: int, number: int = 0, breadth: float = 0, note: str = "") -> Claim:
    text = f"値は{value}である。"
    return Claim(said(text, number), 2, 2 + len(str(value)), "k", value, breadth, note)


def same(one: Claim, other: Claim) -> bool:
    """Values are ranges from themselves up to their breadth."""
    return bool(one.value <= other.value + other.breadth and other.value <= one.value + one.breadth)


def test_values_that_can_be_one_are_no_conflict() -> None:
    assert conflict([claim(1), claim(1, 1)], same, "x") is None
    assert conflict([claim(1), claim(0, 1, breadth=5)], same, "x") is None


def test_a_vague_value_takes_no_side() -> None:
    found = conflict([claim(1), claim(3, 1), claim(0, 2, breadth=9)], same, "x")
    assert found is not None
    assert [[c.value for c in side.claims] for side in found.sides] == [[1], [3]]


def test_what_an_author_says_in_one_breath_is_no_conflict() -> None:
    text = "値は1である。値は2である。"
    one = said(text)
    first = replace(one, end=7)
    second = replace(one, start=7)
    claims = [Claim(first, 2, 3, "k", 1, 0), Claim(second, 2, 3, "k", 2, 0)]
    assert conflict(claims, same, "x") is None
    assert conflict([*claims, claim(2, 1)], same, "x") is None
    assert conflict([*claims, claim(3, 1)], same, "x") is not None


def test_no_answer_no_disagreement() -> None:
    found = Conflict("x", (Side((claim(1),)), Side((claim(2, 1),))))
    nothing = Answer("q", Outcome.NO_EVIDENCE, "g")
    assert with_conflicts(nothing, [found]) == nothing


def test_values_are_told_apart_by_their_notes() -> None:
    side = Side((claim(1, note="発表"), claim(2, 1, note="実施"), claim(1, 2, note="発表")))
    found = Conflict("x", (side, Side((claim(5, 3),))))
    told = with_conflicts(Answer("q", Outcome.ANSWERED, "g"), [found])
    assert [(v.value, v.citations, v.note) for v in told.disagreements[0].values] == [
        ("1", (1, 2), "発表"), ("2", (3,), "実施"), ("5", (4,), ""),
    ]  # fmt: skip
    assert [c.quote for c in told.citations] == [
        "値は1である。", "値は1である。", "値は2である。", "値は5である。",
    ]  # fmt: skip
