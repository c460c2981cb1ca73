"""Rows made of what several documents say."""

from __future__ import annotations

import itertools

import pytest

from kb.language.glossary.matching import load_glossary
from kb.tracker.drawing import facts_of, mentions_of
from kb.tracker.merging import tables_of
from tests.tracker.documents import filled, having, tables, written

ANNOUNCED = "中国は2023年7月3日、ガリウムとゲルマニウムの輸出を許可制にすると公告した。"
IN_FORCE = "中国は2023年8月1日にガリウムとゲルマニウムの輸出許可制を実施した。"
MONTH = "中国は2023年8月にガリウムの輸出を許可制に変更した。"
LATER = "中国は2023年9月にガリウムとゲルマニウムの輸出を許可制に変更した。"
OTHER = "中国は2024年9月15日にアンチモンの輸出を許可制に変更した。"
BAN = "中国は2024年12月3日、ガリウムとアンチモンの対米輸出を禁止した。"


def test_announcement_and_entry_into_force_are_two_cells_of_one_row() -> None:
    (row,) = tables(ANNOUNCED, IN_FORCE, MONTH).measures
    assert (list(row.announced), list(row.in_force)) == (["2023-07-03"], ["2023-08-01"])
    assert not row.announced.conflicting
    assert not row.in_force.conflicting
    assert len(row.in_force.values[0].evidence) == 2


def test_values_of_which_one_can_hold_stand_side_by_side() -> None:
    found = tables(ANNOUNCED, IN_FORCE, LATER)
    (row,) = found.measures
    assert list(row.in_force) == ["2023-08-01", "2023-09"]
    assert row.in_force.conflicting
    of_dates = [a for a in found.assertions if a.cell == "in_force"]
    assert [(a.value, len(a.conflict)) for a in of_dates] == [("2023-08-01", 1), ("2023-09", 1)]
    assert of_dates[0].conflict == of_dates[1].documents


def test_agreeing_reports_are_named() -> None:
    found = tables(ANNOUNCED, ANNOUNCED)
    (announced,) = [a for a in found.assertions if a.cell == "announced"]
    assert len(announced.agree) == 2
    assert announced.conflict == ()


def test_other_minerals_kinds_and_times_are_other_measures() -> None:
    found = tables(ANNOUNCED, OTHER, BAN)
    assert [list(row.type) for row in found.measures] == [["licence"], ["licence"], ["ban"]]
    (ban,) = having(found.measures, type="ban")
    assert filled(ban)["affected"] == ["united-states"]


def test_a_suspension_reaches_the_measures_of_its_date() -> None:
    text = (
        "中国は2025年10月9日、ホルミウムの輸出を許可制にすると発表した。\n\n"
        "中国は2025年4月4日、サマリウムの輸出を許可制にすると発表した。\n\n"
        "中国は2025年11月7日、2025年10月9日に発表した措置の実施を停止した。"
    )
    found = tables(text).measures
    assert [list(row.status) for row in having(found, minerals="holmium")] == [["suspended"]]
    assert [list(row.suspended) for row in having(found, minerals="holmium")] == [["2025-11-07"]]
    assert [list(row.status) for row in having(found, minerals="samarium")] == [["announced"]]


def test_a_revocation_ends_what_was_in_force() -> None:
    text = (
        "# 中国のレアアース\n\n中国は1998年にレアアースの輸出割当を導入した。\n\n"
        "レアアースの輸出割当は2015年1月1日に廃止された。"
    )
    (row,) = tables(text).measures
    assert (list(row.in_force), list(row.revoked)) == (["1998"], ["2015-01-01"])
    assert list(row.status) == ["revoked"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::5])
def test_the_order_of_documents_changes_nothing(order: tuple[int, ...]) -> None:
    texts = [ANNOUNCED, IN_FORCE, LATER, BAN + OTHER]
    glossary = load_glossary()
    facts = []
    for number, text in enumerate(texts):
        document = written(text, f"{number}.md")
        facts.append((document.id, facts_of(document, glossary, mentions_of(document, glossary))))
    assert tables_of([facts[i] for i in order]) == tables_of(facts)


def test_nothing_gives_empty_tables() -> None:
    found = tables("何も言わない。")
    assert (found.measures, found.disputes, found.responses, found.assertions) == ((),) * 4


def test_a_number_without_its_year_is_that_with_the_only_year_said() -> None:
    full = "商務部は2024年12月3日、公告2024年第46号でガリウムの米国向け輸出を禁止した。"
    short = "2024年12月3日の公告第46号で、中国はガリウムの対米輸出を禁止した。"
    (row,) = tables(full, short).measures
    assert list(row.instrument) == ["公告2024年第46号"]
    assert {e.document_id for e in row.instrument.values[0].evidence} == {
        e.document_id for e in row.type.values[0].evidence
    }
