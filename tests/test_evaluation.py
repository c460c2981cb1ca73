"""The measures on cases that are counted by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kb.domain import Answer, Citation, Hit, Outcome, Passage, SearchResults, Statement
from kb.errors import KidoError
from kb.evaluation import GoldQuestion, evaluate, first_gold_rank, folded, holds, read_questions

GOOD = {
    "id": 1,
    "question": "許可は誰が出すか。",
    "answerable": True,
    "evidence": [{"document": "管理.md", "quote": "商務部が許可する。"}],
}


def questions_file(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "質問.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_questions_are_read_with_their_defaults(tmp_path: Path) -> None:
    rich = {**GOOD, "id": "二", "kind": "number", "answers": ["七"], "topic": "管理"}
    path = questions_file(tmp_path, json.dumps(GOOD), "", json.dumps(rich, ensure_ascii=False))
    assert read_questions(path) == [
        GoldQuestion(
            "1", "許可は誰が出すか。", "fact", True, (("管理.md", "商務部が許可する。"),), ()
        ),
        GoldQuestion(
            "二", "許可は誰が出すか。", "number", True, (("管理.md", "商務部が許可する。"),),
            ("七",),
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        "5",
        "null",
        json.dumps({"id": 1}),
        json.dumps({**GOOD, "evidence": [{"document": "a"}]}),
        json.dumps({**GOOD, "evidence": None}),
        json.dumps({**GOOD, "evidence": ["管理.md"]}),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = questions_file(tmp_path, json.dumps(GOOD), "", line)
    with pytest.raises(KidoError) as caught:
        read_questions(path)
    assert str(caught.value).startswith(f"{path}, line 3: ")
    assert "wanted are id, question, answerable and evidence" in str(caught.value)


def test_a_questions_file_may_hold_every_sign_inside_a_line(tmp_path: Path) -> None:
    asked = "行\u2028の\x85中\x0bの区切り"
    path = questions_file(tmp_path, json.dumps({**GOOD, "question": asked}, ensure_ascii=False))
    assert [question.question for question in read_questions(path)] == [asked]


@pytest.mark.parametrize("content", [None, b"\xff\xfe{"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "質問.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(KidoError, match=f"{path} cannot be read"):
        read_questions(path)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("２０２５ 年\n４月", "2025年4月"),
        ("許可する[12]。(注3)", "許可する。"),
        ("ﾚｱｱｰｽ", "レアアース"),
    ],
)
def test_folding_for_comparison(text: str, expected: str) -> None:
    assert folded(text) == expected


@pytest.mark.parametrize(
    ("passage", "quote", "expected"),
    [
        ("前置き。商務部が許可する。後書き。", "商務部が許可する。", True),
        ("商務部が輸出の許可を出している。", "冒頭。商務部が輸出の許可を出している。末尾。", True),
        ("商務部が許可する。", "商務部が 許可する [3]。", True),
        ("商務部が許可する。", "豪州の鉱山に出資した。", False),
        ("許可", "商務部が許可する。", False),
        ("", "商務部", False),
        ("商務部", "", False),
        ("あ" * 7 + "商務部が許可する輸出品目", "商務部が許可する輸出品目と数量", True),
    ],
)
def test_a_passage_holds_a_quotation_or_not(passage: str, quote: str, expected: bool) -> None:
    assert holds(passage, quote) is expected


def hit(document: str, text: str) -> Hit:
    return Hit(Passage(f"p{text}", document, 0, len(text), (), None, None), text, 1.0, {})


def results(*hits: Hit) -> SearchResults:
    return SearchResults("g00000001", "", hits, {})


def answer(*quotes: tuple[str, str]) -> Answer:
    citations = tuple(
        Citation(i, f"c{i}", document, 0, len(quote), quote, (), None, None, None, "p")
        for i, (document, quote) in enumerate(quotes, 1)
    )
    statements = tuple(Statement(c.quote, (c.number,)) for c in citations)
    outcome = Outcome.ANSWERED if quotes else Outcome.NO_EVIDENCE
    return Answer("", outcome, "g00000001", statements, citations)


QUOTE = "商務部が中重希土類の輸出を許可する。"
OTHER = "豪州の鉱山に出資した企業は二社である。"


def gold(name: str, *, kind: str = "fact", answers: tuple[str, ...] = ()) -> GoldQuestion:
    return GoldQuestion(name, name, kind, True, (("管理.md", QUOTE),), answers)


def test_the_gold_rank_needs_the_right_document_and_the_right_text() -> None:
    found = results(hit("鉱山.md", QUOTE), hit("管理.md", OTHER), hit("資料/管理.md", QUOTE))
    assert first_gold_rank(gold("一"), found, str) == 3
    assert first_gold_rank(gold("一"), results(), str) is None


def test_the_figures_of_a_case_counted_by_hand() -> None:
    questions = [
        gold("一番目", answers=("許可",)),
        gold("二番目", answers=("三社",)),
        gold("なし", kind="number"),
        GoldQuestion("外", "外", "fact", False, (), ()),
        GoldQuestion("外だが答える", "外だが答える", "fact", False, (), ()),
    ]
    found = {
        "一番目": results(hit("管理.md", QUOTE)),
        "二番目": results(hit("管理.md", OTHER), hit("管理.md", QUOTE)),
        "なし": results(hit("管理.md", OTHER)),
    }
    said = {
        "一番目": answer(("管理.md", QUOTE)),
        "二番目": answer(("管理.md", OTHER), ("管理.md", QUOTE)),
        "なし": answer(),
        "外": answer(),
        "外だが答える": answer(("管理.md", OTHER)),
    }
    rows = evaluate(
        questions, lambda query, limit: found[query], said.__getitem__, path_of=lambda i: i
    )
    assert rows["search/all"] == {
        "n": 3, "R@1": 0.333, "R@5": 0.667, "R@10": 0.667, "MRR@10": 0.5,
    }  # fmt: skip
    assert rows["search/number"] == {"n": 1, "R@1": 0, "R@5": 0, "R@10": 0, "MRR@10": 0}
    assert rows["search/fact"]["MRR@10"] == 0.75
    figures = dict(rows["ask"])
    assert figures.pop("characters") > 0
    assert figures == {
        "cited": 0.667,
        "first": 0.333,
        "kept": 0.667,
        "refused": 0.5,
        "value": 0.5,
        "value_shown": 0.0,
    }
    assert rows["latency/search"].keys() == {"p50_ms", "p95_ms"}
    assert rows["latency/search"]["p50_ms"] <= rows["latency/search"]["p95_ms"]


def test_no_questions_give_no_figures() -> None:
    rows = evaluate([], lambda query, limit: results(), lambda question: answer(), path_of=str)
    assert rows == {"ask": {"characters": 0}}
