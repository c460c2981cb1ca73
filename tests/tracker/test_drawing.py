"""Everything drawn stands in the stored text, however odd the text is."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kb.language.glossary.matching import load_glossary
from kb.tracker.disputes import Disputes
from kb.tracker.drawing import facts_of, from_json, mentions_of, to_json
from kb.tracker.measures import measures_in
from kb.tracker.merging import tables_of
from kb.tracker.model import Drawn, DrawnCell
from kb.tracker.responses import responses_in
from kb.tracker.statements import told_by
from tests.tracker.documents import written

PIECES = [
    "2025年4月4日、", "中国は", "ガリウムの輸出を", "許可制にした", "と公告し、", "同年10月1日に施行された。",
    "米国は", "停止した", "DS431の", "パネルが設置され、", "GATT第11条に違反すると", "認定した。", "日本は",
    "2億ドルを出資", "すると発表した。", "10月の措置", "を2026年まで", "\n\n", "# 見出し\n\n", "- ", "ほか、", "、",
    "(注3)", "公告2025年第18号", "| 年 | 月 | 規制内容 |\n|---|---|---|\n| 2023 | 9 | ガリウムを許可制に |\n", "𠮷",
]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)


@settings(max_examples=120, deadline=None)
@given(text=texts)
def test_every_cell_is_a_span_of_the_stored_text(text: str) -> None:
    document = written(f"{text}\n\n以上である。")
    glossary = load_glossary()
    facts = facts_of(document, glossary, mentions_of(document, glossary))
    for fact in facts:
        assert fact.cells
        for cell in fact.cells:
            assert 0 <= cell.start < cell.end <= len(document.text)
            assert cell.value
    assert from_json(to_json(facts)) == facts
    tables = tables_of([(document.id, facts)])
    for rows in (tables.measures, tables.disputes, tables.responses):
        ids = [row.id for row in rows]
        assert len(ids) == len(set(ids))
        for row in rows:
            assert row.evidence()
            for place in row.evidence():
                assert document.text[place.start : place.end].strip()


@settings(max_examples=120, deadline=None)
@given(text=texts)
def test_blocks_that_are_passed_over_would_tell_nothing(text: str) -> None:
    document, glossary = written(f"{text}\n\n以上である。"), load_glossary()
    mentions = mentions_of(document, glossary)
    countries = frozenset(c.id for c in glossary.concepts.values() if c.category == "country")

    def named(heading: str) -> tuple[str, ...]:
        return tuple(m.concept for m in glossary.mentions(heading))

    disputes = Disputes(glossary.concepts, {m.concept for m in mentions}, named(document.title))
    whole: list[Drawn] = []
    for told in told_by(document, mentions, named):
        for statement in told.statements():
            whole += measures_in(statement, glossary.concepts, countries)
            whole += disputes.drawn(statement)
            whole += responses_in(statement, glossary.concepts, countries)
    assert facts_of(document, glossary, mentions) == whole


def test_facts_keep_their_form_in_the_store() -> None:
    fact = Drawn("measures", (DrawnCell("type", "licence", 3, 9),))
    assert to_json([fact]) == '[["measures",[["type","licence",3,9]]]]'
    assert from_json("[]") == []
