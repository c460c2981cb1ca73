"""What a run says of citations that were given out and of the tracker."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from kb.assembly import KnowledgeBase, ingestion
from kb.changes import Change, recent
from kb.settings import Settings

OLD = """# 輸出管理の解説

中国は2025年4月4日にジスプロシウムを輸出許可の対象とし、即日施行した。
審査にかかる日数は45日とされ、窓口は商務部に置かれる。
備蓄の目標は国内消費の60日分とされている。
"""
NEW = """# 輸出管理の解説

この版は改訂版である。

中国は2025年4月4日にジスプロシウムを輸出許可の対象とし、即日施行した。
審査にかかる日数は60日とされ、窓口は商務部に置かれる。
"""
MORE = """# 追加の措置

中国は2025年10月9日にホルミウムを輸出許可の対象とし、同年12月1日に施行した。
"""


class Desk:
    """A collection whose files change, and its notes."""

    def __init__(self, home: Path) -> None:
        self.settings = replace(Settings(), corpus=home / "資料", index=home / "索引")
        self.settings.corpus.mkdir()

    def run(self, **files: str | None) -> Change:
        """Write or remove files, index, and give what is noted."""
        for name, text in files.items():
            path = self.settings.corpus / f"{name}.md"
            if text is None:
                path.unlink()
            else:
                path.write_text(text, "utf-8")
        report = ingestion(self.settings).run()
        change = recent(self.settings.index)[0]
        assert change.generation == report.generation
        return change

    def cited(self, question: str) -> str:
        """The id of the first citation of an answer, by a server of its own."""
        with KnowledgeBase(self.settings).view() as view:
            return view.ask(question).citations[0].id


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_changed_report_says_which_citations_it_changed(desk: Desk) -> None:
    assert desk.run(解説=OLD).effects.citations == ()
    stays = desk.cited("ジスプロシウムが輸出許可の対象になったのはいつか。")
    changed = desk.cited("審査にかかる日数は何日か。")
    gone = desk.cited("備蓄の目標は何日分か。")
    assert len({stays, changed, gone}) == 3
    effects = desk.run(解説=NEW).effects
    assert {a.id: a.status for a in effects.citations} == {changed: "changed", gone: "gone"}
    by_id = {a.id: a for a in effects.citations}
    assert "45日" in by_id[changed].quote and "60日" in (by_id[changed].now or "")
    assert by_id[gone].now is None and by_id[gone].document == "解説.md"
    assert effects.counts["changed"] == 1 and effects.counts["gone"] == 1
    assert effects.counts["moved"] >= 1
    # What had been changed before is not told again; what stands again is.
    assert desk.run(追加=MORE).effects.citations == ()
    effects = desk.run(解説=OLD).effects
    assert {a.id: a.status for a in effects.citations} == {changed: "back", gone: "back"}
    effects = desk.run(解説=None).effects
    assert {gone, changed, stays} <= {a.id for a in effects.citations if a.status == "gone"}


def test_a_new_report_says_which_facts_are_new(desk: Desk) -> None:
    assert desk.run(解説=OLD).effects.facts == ()  # there was nothing to compare with
    effects = desk.run(追加=MORE).effects
    (row,) = effects.facts
    assert (row.table, row.what, row.date) == ("measures", "new", "2025-10-09")
    assert {(v.cell, v.value) for v in row.values} >= {
        ("in_force", "2025-12-01"), ("minerals", "holmium"),
    }  # fmt: skip
    with KnowledgeBase(desk.settings).view() as view:
        for value in row.values:
            cited = view.quotations.trace(value.citation)
            assert (cited.status, cited.was.citation.quote) == ("same", value.quote)
            assert view.document(value.document_id).text[value.start : value.end] == value.quote
    # Another report that says the same tells nothing new.
    assert desk.run(同じ=MORE.replace("# 追加の措置", "# 別の報告")).effects.facts == ()
    assert desk.run(同じ=None).effects.facts == ()
    effects = desk.run(追加=None).effects
    assert [(row.what, row.named["minerals"]) for row in effects.facts] == [("gone", ("holmium",))]
    assert effects.counts["gone_facts"] == 1


def test_more_is_told_apart_from_new(desk: Desk) -> None:
    desk.run(追加=MORE)
    before = desk.run(解説=OLD)
    assert [row.what for row in before.effects.facts] == ["new"]
    effects = desk.run(追加=MORE + "同措置は2026年11月10日まで停止された。\n").effects
    assert all(row.what == "more" for row in effects.facts)
    assert not any(v.value == "2025-10-09" for row in effects.facts for v in row.values)


def test_what_cannot_be_compared_costs_no_run(desk: Desk) -> None:
    desk.run(解説=OLD)
    desk.cited("審査にかかる日数は何日か。")
    for path in desk.settings.index.glob("citations.sqlite*"):
        path.write_bytes(b"no database")
    change = desk.run(解説=NEW)
    assert change.updated == ("解説.md",) and change.effects.citations == ()
