"""The questions that answering is learned from: what they quote stands, none is of the floor."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.floor import QUESTIONS as FLOOR
from kb.assembly import KnowledgeBase
from kb.evaluation import GoldQuestion, folded, read_questions

LEARNED = Path(__file__).parents[2] / "training" / "questions.jsonl"


@pytest.fixture(scope="module")
def learned() -> list[GoldQuestion]:
    """The questions for learning."""
    return read_questions(LEARNED)


def asked(question: GoldQuestion) -> str:
    """A question by its letters and digits alone, in one case."""
    return "".join(filter(str.isalnum, folded(question.question))).lower()


def test_every_gold_quotation_stands_in_its_brief(
    learned: list[GoldQuestion], knowledge: KnowledgeBase
) -> None:
    with knowledge.view() as view:
        texts = {s.path: view.document(s.id).text for s in view.summaries()}
    gone = [
        (question.id, document, quote)
        for question in learned
        for document, quote in question.evidence
        if quote not in texts.get(document, "")
    ]
    assert gone == []
    assert {d for question in learned for d, _ in question.evidence} == set(texts)


def test_only_answerable_questions_have_evidence_and_values(learned: list[GoldQuestion]) -> None:
    assert all(question.answerable == bool(question.evidence) for question in learned)
    assert all(question.answerable == (question.kind != "unanswerable") for question in learned)
    assert all(question.answerable for question in learned if question.answers)


def test_a_gold_value_is_part_of_a_gold_quotation(learned: list[GoldQuestion]) -> None:
    strange = [
        (question.id, question.answers)
        for question in learned
        if question.answers
        and not any(
            folded(value) in folded(quote)
            for value in question.answers
            for _, quote in question.evidence
        )
    ]
    assert strange == []


def test_no_question_is_asked_twice_nor_by_the_floor(learned: list[GoldQuestion]) -> None:
    ids = [question.id for question in learned]
    assert len(set(ids)) == len(ids)
    texts = [asked(question) for question in learned]
    assert len(set(texts)) == len(texts)
    floor = {asked(question) for question in read_questions(FLOOR)}
    assert floor.isdisjoint(texts)
    assert {question.id for question in read_questions(FLOOR)}.isdisjoint(ids)
