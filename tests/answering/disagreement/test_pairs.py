"""The rule on the pairs of `benchmarks/questions/disagreements.jsonl`: few alarms are wrong."""

from collections import Counter
from typing import Any

import pytest

from benchmarks.disagreements import Score, judged, pairs, score
from kb.answering.disagreement.sides import Conflict

Judged = list[tuple[dict[str, Any], tuple[Conflict, ...]]]


@pytest.fixture(scope="module")
def found() -> Judged:
    return judged()


def test_the_set_has_enough_of_both() -> None:
    kinds = Counter(pair["disagree"] for pair in pairs())
    assert kinds[True] >= 40
    assert kinds[False] >= 80
    assert len({pair["id"] for pair in pairs()}) == len(pairs())


def test_alarms_are_right_and_disagreements_are_found(found: Judged) -> None:
    reached = score(found)
    assert reached.precision >= 0.97, [p["id"] for p, c in found if c and not p["disagree"]]
    assert reached.recall >= 0.9, [p["id"] for p, c in found if not c and p["disagree"]]


def test_the_sides_are_the_two_sources_and_their_words(found: Judged) -> None:
    for pair, conflicts in found:
        if not pair["disagree"]:
            continue
        for conflict in conflicts:
            assert conflict.about
            assert len(conflict.sides) >= 2
            for side in conflict.sides:
                for claim in side.claims:
                    assert any(claim.said.text in source for source in pair["sources"])
                    assert claim.text in claim.said.text


def test_the_order_of_the_sources_does_not_matter(found: Judged) -> None:
    from benchmarks.disagreements import conflicts_of
    from kb.language.glossary.concepts import all_concepts
    from kb.language.glossary.matching import Glossary

    concepts = list(all_concepts())
    glossary, categories = Glossary(concepts), {c.id: c.category for c in concepts}
    for pair, conflicts in found:
        turned = {**pair, "sources": pair["sources"][::-1]}
        assert bool(conflicts_of(turned, glossary, categories)) is bool(conflicts), pair["id"]


def test_figures() -> None:
    one = Score(disagreeing=4, alike=6, found=3, wrong=1)
    assert (one.precision, one.recall) == (0.75, 0.75)
    assert Score(4, 6, 0, 0).precision == 1.0
