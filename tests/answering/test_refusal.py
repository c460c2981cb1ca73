"""Whether there is evidence: signs and what they count for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.answerer import Answerer
from kb.answering.refusal import AGAINST, FOR, NAMES, RefusalWeights, Signs
from kb.answering.weights import answering_weights
from kb.assembly import KnowledgeBase
from kb.domain import Outcome

WEIGHTS = answering_weights().refusal
shares = st.floats(0, 1)


def test_what_speaks_for_an_answer_never_counts_against_it_nor_the_other_way_round() -> None:
    assert set(WEIGHTS.signs) == set(NAMES)
    assert all(WEIGHTS.signs[name] >= 0 for name in FOR)
    assert all(WEIGHTS.signs[name] <= 0 for name in AGAINST)
    assert 0 < WEIGHTS.threshold < 1


@given(values=st.lists(shares, min_size=len(NAMES), max_size=len(NAMES)), other=shares)
def test_more_signs_for_an_answer_make_it_no_less_likely(values: list[float], other: float) -> None:
    signs = Signs(*values)
    assert 0.0 <= WEIGHTS.probability(signs) <= 1.0
    for name in FOR:
        more = replace(signs, **{name: max(getattr(signs, name), other)})
        assert WEIGHTS.probability(more) >= WEIGHTS.probability(signs)
    for name in AGAINST:
        less = replace(signs, **{name: min(getattr(signs, name), other)})
        assert WEIGHTS.probability(less) >= WEIGHTS.probability(signs)


@pytest.mark.parametrize(("bias", "shown"), [(1.0, False), (2.0, True)])
def test_a_value_is_shown_by_itself_only_where_the_evidence_is_sure(
    knowledge: KnowledgeBase, bias: float, shown: bool
) -> None:
    with knowledge.view() as view:
        refusal = RefusalWeights(bias, {}, 0.5)  # a probability of .73 and .88 for all
        answerer = view.answerer(replace(answering_weights(), refusal=refusal))
        answer = answerer.ask("戦略的プロジェクトは域外で何件選ばれたか")
    assert answer.outcome is Outcome.ANSWERED
    assert (answer.value is not None) is shown


def test_a_question_lacks_what_it_asks_for_though_its_other_words_stand_there(
    knowledge: KnowledgeBase,
) -> None:
    with knowledge.view() as view:
        answerer = view.answerer(answering_weights())
        lacks = {}
        for question in ("戦略的プロジェクトの従業員数は", "戦略的プロジェクトは何件か"):
            evidence = answerer.gather(question)
            signs = answerer.judge(evidence).signs(evidence.sentences[0])
            lacks[question] = signs.asked_lacks, signs.lacks_other
    (employees, verbs), (projects, _) = lacks.values()
    assert employees > projects
    assert verbs == 0.0  # 員 is an affix: no verb is lacked, which would speak for an answer


def test_what_has_next_to_nothing_in_common_with_a_question_is_no_answer(
    knowledge: KnowledgeBase,
) -> None:
    with knowledge.view() as view:
        refusal = RefusalWeights(5.0, {}, 0.5)
        answerer = view.answerer(replace(answering_weights(), refusal=refusal))
        answer = answerer.ask("りゅうこつ座で一番明るい星は")
    assert answer.outcome is Outcome.NO_EVIDENCE


@pytest.mark.parametrize(
    ("threshold", "outcome"), [(0.0, Outcome.ANSWERED), (1.0, Outcome.NO_EVIDENCE)]
)
def test_the_threshold_decides(
    knowledge: KnowledgeBase, threshold: float, outcome: Outcome
) -> None:
    with knowledge.view() as view:
        refusal = RefusalWeights(0.0, {}, threshold)
        answerer: Answerer = view.answerer(replace(answering_weights(), refusal=refusal))
        answer = answerer.ask("輸出割当はいつ廃止されたか")
        assert answer.outcome is outcome
        assert answer.related
