"""What a sentence is to a question, where the answer stands beside the words that it asks in."""

from __future__ import annotations

import pytest

from kb.answering.answerer import Answerer
from kb.answering.evidence import Features
from tests.ingest.corpora import Workshop

RULES = """# 輸出の規則

商務部は磁石の輸出を許可制にした。公告の日付は2025年4月4日である。
審査は予定より遅れた。審査官が足りなかったためである。

## 工場

{filler}守衛は犬を伴って見回った。{more}
"""
LONG = "".join(f"第{n}の工場は前の年とほぼ同じ量の金属を作り続けた。" for n in range(1, 40))


@pytest.fixture(scope="module")
def answerer(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    work = Workshop(tmp_path_factory.mktemp("evidence"))
    work.write("規則.md", RULES.format(filler=LONG, more=LONG))
    work.ingest()
    return Answerer(work.searcher())


def features(answerer: Answerer, question: str, beginning: str) -> Features:
    """Those of the one sentence that begins so."""
    (found,) = [
        s.features for s in answerer.gather(question).sentences if s.text.startswith(beginning)
    ]
    return found


@pytest.mark.parametrize(
    ("question", "said", "answer", "valued"),
    [
        ("磁石の輸出はいつ許可制になったか", "商務部", "公告の日付", 1.0),
        ("審査はなぜ遅れたか", "審査は", "審査官", 0.0),
    ],
)
def test_an_answer_may_follow_the_sentence_that_has_the_words(
    answerer: Answerer, question: str, said: str, answer: str, valued: float
) -> None:
    before = features(answerer, question, said)
    found = features(answerer, question, answer)
    assert found.follows == before.coverage > 0.5
    assert (found.valued, found.fits) == (valued, 1.0)
    assert before.follows == before.valued == before.fits == 0.0


def test_a_question_that_wants_no_value_has_none(answerer: Answerer) -> None:
    found = features(answerer, "磁石の輸出の許可制とは", "公告の日付")
    assert found.valued == found.follows == 0.0


def test_other_words_count_by_how_near_they_are(answerer: Answerer) -> None:
    found = features(answerer, "猫を連れていたのは誰か", "守衛は犬")
    other = features(answerer, "猫を連れていたのは誰か", "商務部")
    assert found.alike > other.alike + 0.05


def test_passages_that_follow_each_other_are_read_as_one_text(answerer: Answerer) -> None:
    sentences = answerer.gather("同じ量の金属を作り続けた工場").sentences
    first = [s for s in sentences if s.unit.position == 0 and "の工場は" in s.text]
    ends = {s.unit.found.passage.end for s in sentences}
    inside = [s for s in first if s.unit.found.passage.start in ends]
    assert inside, "no two passages of the hits follow each other"
    assert all(s.features.before > 0.5 for s in inside)
    # Nothing stands before the first passage under a heading but another heading's text.
    opening = min(
        (s for s in sentences if s.text.startswith("第1の工場")), key=lambda s: s.unit.start
    )
    assert opening.unit.position == opening.features.before == 0
