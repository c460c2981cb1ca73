"""The floor under facts drawn from the shipped briefs, and the counting itself."""

from __future__ import annotations

import pytest

from benchmarks.tracker import (
    CORPUS,
    PRESS,
    SETS,
    compare,
    measured,
    precision,
    read_facts,
    recall,
)
from kb.language.glossary.matching import load_glossary
from kb.tracker.model import Cell, Evidence, Measure, Stated


def cell(*values: str) -> Cell:
    return Cell(tuple(Stated(value, (Evidence("d", 0, 1),)) for value in values))


LICENCE = Measure(
    "t1", implementer=cell("china"), type=cell("licence"), minerals=cell("gallium", "zinc"),
    in_force=cell("2023-08-01"),
)  # fmt: skip
GOLD = {
    "implementer": ["china"], "type": ["licence"], "minerals": ["gallium", "germanium"],
    "in_force": ["2023-08-01"],
}  # fmt: skip


def test_right_wrong_and_missing_values_are_counted() -> None:
    rows = compare([GOLD], [LICENCE], "measures")
    assert precision(rows) == pytest.approx(4 / 5)
    assert recall(rows) == pytest.approx(4 / 5)
    assert precision(rows, "minerals") == pytest.approx(1 / 2)


def test_what_may_be_drawn_counts_neither_way() -> None:
    gold = {**GOLD, "minerals": ["gallium"], "minerals?": ["zinc"]}
    rows = compare([gold], [LICENCE], "measures")
    assert (precision(rows), recall(rows)) == (1.0, 1.0)


def test_a_row_that_matches_nothing_is_wrong_and_one_that_is_not_drawn_missing() -> None:
    rows = compare([{**GOLD, "type": ["ban"]}], [LICENCE], "measures")
    assert (precision(rows), recall(rows)) == (0.0, 0.0)
    assert compare([], [], "measures") == []


def test_facts_of_the_briefs_are_right_and_mostly_found() -> None:
    rows = [counted for _, counted, _ in measured("briefs", CORPUS, load_glossary())]
    assert precision(rows) >= 0.95
    assert recall(rows) >= 0.78
    for table in ("measures", "disputes", "responses"):
        assert precision([row for row in rows if row.table == table]) >= 0.9


def test_enough_facts_are_annotated_by_hand() -> None:
    facts = read_facts()
    values = [v for fact in facts for name, vs in fact["cells"].items()
              if not name.endswith("?") for v in vs]  # fmt: skip
    assert len(facts) >= 120
    assert len(values) >= 700
    assert {fact["set"] for fact in facts} == set(SETS)
    articles = {article["document"]: article for article in read_facts(PRESS)}
    annotated = {fact["document"] for fact in facts if fact["set"].startswith("press")}
    assert annotated <= set(articles)  # some tell of no dated fact
