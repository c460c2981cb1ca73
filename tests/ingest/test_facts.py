"""Facts follow their documents through additions, changes and removals."""

from __future__ import annotations

import json
from pathlib import Path

from kb.tracker.drawing import from_json
from tests.ingest.corpora import MAGNETS, REPORT, Workshop

BEFORE = "中国は2023年8月1日にガリウムの輸出を許可制に変更した。\n"
AFTER = "中国は2024年9月15日にアンチモンの輸出を許可制に変更した。\n"


def minerals(work: Workshop) -> dict[str, list[str]]:
    """The minerals of the measures that each document tells of, by its path."""
    store = work.store()
    paths = {summary.id: summary.path for summary in store.summaries()}
    return {
        paths[document]: [m for fact in from_json(facts) for m in fact.values("minerals")]
        for document, facts in store.facts()
    }


def test_facts_are_kept_with_their_documents(tmp_path: Path) -> None:
    work = Workshop(tmp_path)
    work.write("管理.md", REPORT)
    work.write("鉱物.md", BEFORE)
    work.write("磁石.md", MAGNETS)
    work.ingest()
    assert minerals(work) == {
        "管理.md": ["heavy-rare-earths"], "鉱物.md": ["gallium"], "磁石.md": [],
    }  # fmt: skip
    store = work.store()
    (text,) = [store.document(d).text for d, facts in store.facts() if "gallium" in facts]
    for fact in from_json(next(facts for _, facts in store.facts() if "gallium" in facts)):
        assert {text[c.start : c.end] for c in fact.cells} == {BEFORE.strip()}


def test_a_changed_document_has_other_facts_and_the_others_keep_theirs(tmp_path: Path) -> None:
    work = Workshop(tmp_path)
    work.write("管理.md", REPORT)
    work.write("鉱物.md", BEFORE)
    work.ingest()
    kept = dict(work.store().facts())
    work.write("鉱物.md", AFTER)
    report = work.ingest()
    assert report.updated == ("鉱物.md",)
    assert minerals(work)["鉱物.md"] == ["antimony"]
    changed = [d for d, facts in work.store().facts() if kept[d] != facts]
    assert len(changed) == 1
    (work.corpus / "鉱物.md").unlink()
    work.ingest()
    assert minerals(work) == {"管理.md": ["heavy-rare-earths"]}


def test_facts_are_json(tmp_path: Path) -> None:
    work = Workshop(tmp_path)
    work.write("鉱物.md", BEFORE)
    work.ingest()
    ((_, facts),) = work.store().facts()
    assert json.loads(facts)[0][0] == "measures"
