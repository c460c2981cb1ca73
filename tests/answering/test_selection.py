"""How much is said: one statement where it stands out, several where they are close."""

from __future__ import annotations

from dataclasses import replace
from math import log
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.answering.answerer import Answerer
from kb.answering.evidence import Sentence
from kb.answering.selection import MAX_CHARACTERS, MAX_STATEMENTS, choose
from kb.language.asking import Wanted
from tests.ingest.corpora import Workshop

# Each under its own heading, so that none is another's neighbour.
TEXTS = [
    "商務部は輸出の申請を受け付けて審査に45日をかける。",
    "日本の備蓄は重希土類の180日分に増えた。",
    "精製の工場は南部の省に集まっている。",
    "磁石は電気自動車の駆動用の電動機に使われる。",
    "小委員会は輸出税が協定に反すると判断した。",
    "鉱山の多くは北部の自治区にある。",
    "豪州の企業はマレーシアで分離を続けている。",
]


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> list[Sentence]:
    """A sentence of each of several sections."""
    work = Workshop(tmp_path_factory.mktemp("selection"))
    sections = (f"## 第{n}節\n\n{text}\n" for n, text in enumerate(TEXTS, 1))
    work.write("節.md", "# 希土類\n\n" + "\n".join(sections))
    work.ingest()
    found = Answerer(work.searcher()).gather("輸出の審査と希土類の備蓄と磁石と鉱山").sentences
    assert len(found) == len(TEXTS)
    return list(found)


def believed(sentences: list[Sentence], shares: list[float]) -> list[Sentence]:
    """The sentences, each believed to answer to such a share."""
    return [replace(s, score=log(share)) for s, share in zip(sentences, shares, strict=True)]


def test_a_statement_that_stands_out_stands_alone(sentences: list[Sentence]) -> None:
    (only,) = choose(Wanted.WHAT, believed(sentences, [0.71, *[0.29 / 6] * 6]))
    assert only.sentences[0].text == sentences[0].text


def test_statements_that_are_believed_alike_are_given_beside_each_other(
    sentences: list[Sentence],
) -> None:
    chosen = choose(Wanted.WHAT, believed(sentences, [0.3, 0.25, 0.2, *[0.0625] * 4]))
    assert len(chosen) == 4  # three quarters are not enough, four fifths are
    assert chosen[0].sentences[0].text == sentences[0].text


@given(weights=st.lists(st.floats(0.001, 1), min_size=7, max_size=7))
def test_what_is_said_has_its_bounds(sentences: list[Sentence], weights: list[float]) -> None:
    chosen = choose(Wanted.WHAT, believed(sentences, sorted(weights, reverse=True)))
    assert 1 <= len(chosen) <= MAX_STATEMENTS
    assert sum(c.end - c.start for c in chosen) <= MAX_CHARACTERS
    assert not any(a.overlaps(b) for i, a in enumerate(chosen) for b in chosen[:i])


def test_nothing_is_chosen_of_nothing() -> None:
    assert choose(Wanted.WHAT, []) == []


@pytest.mark.parametrize(("wanted", "together"), [(Wanted.WHAT, True), (Wanted.WHEN, False)])
def test_what_explains_the_best_statement_is_said_with_it(
    tmp_path: Path, wanted: Wanted, together: bool
) -> None:
    work = Workshop(tmp_path)
    work.write(
        "教訓.md", "# 交渉\n\n失敗は政府に教訓を残した。すなわち、早い公表と長い猶予が要る。\n"
    )
    work.ingest()
    found = Answerer(work.searcher()).gather("失敗が政府に残した教訓").sentences
    said = next(s for s in found if s.text.startswith("失敗"))
    rest = [replace(s, score=said.score - 9) for s in found if s is not said]
    (choice,) = choose(wanted, [said, *rest])
    assert (choice.sentences[-1].text.startswith("すなわち")) is together
    assert choice.sentences[0] is said
