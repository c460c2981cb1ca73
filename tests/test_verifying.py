"""Quotations checked against a collection: one, and all of a manuscript, also in large ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kb.assembly import KnowledgeBase, View, ingestion
from kb.errors import InvalidQuestion
from kb.quotation import Status, Verdict
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, REPORT

HEADING = "希土類の輸出管理"
SENTENCE = "許可の申請は商務部が受け付け、審査には45日かかるとされる。"
MANUSCRIPT = f"""報告は「{SENTENCE}」と書き、「審査には４５日かかる」ともいう。
ただし「審査には90日かかるとされる」との指摘もあり、『{HEADING}』は「小委員会は『輸出税』」を論じない。
「この一文はどこにもない、まったく別の話である。」
"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    home = tmp_path_factory.mktemp("verifying")
    made = replace(Settings(), corpus=home / "資料", index=home / "索引")
    made.corpus.mkdir()
    for name, text in (("輸出管理.md", REPORT), ("磁石.md", MAGNETS), ("紛争.md", PANEL)):
        (made.corpus / name).write_text(text, encoding="utf-8")
    ingestion(made).run()
    return made


@pytest.fixture(params=[20_000_000, 10], ids=["small", "large"])
def view(settings: Settings, request: pytest.FixtureRequest) -> Iterator[View]:
    """The collection, taken for a small one and for one too large to be read through."""
    with KnowledgeBase(replace(settings, max_scan_characters=request.param)).view() as view:
        yield view


def test_each_verdict(view: View) -> None:
    exact = view.verify(SENTENCE)
    assert exact.verdict is Verdict.EXACT
    (match,) = exact.matches
    assert view.quotations.trace(match.quoted.citation.id).status is Status.SAME
    assert view.verify(SENTENCE.replace("45", "４５")).verdict is Verdict.NORMALIZED
    partial = view.verify(SENTENCE.replace("45日", "九十日間"))
    assert partial.verdict is Verdict.PARTIAL
    assert partial.closest is not None
    assert partial.closest.quoted.citation.quote == SENTENCE
    assert partial.matches == ()
    assert view.quotations.trace(partial.closest.quoted.citation.id).status is Status.SAME
    assert view.verify("昨日は山の上で友人と弁当を食べた。").verdict is Verdict.NOT_FOUND


def test_what_no_passage_holds_is_found_too(view: View) -> None:
    assert view.verify(HEADING).verdict is Verdict.EXACT


def test_a_document_of_its_own_is_always_read_through(view: View) -> None:
    (document,) = (s.id for s in view.summaries() if s.path == "輸出管理.md")
    found = view.verify(HEADING, document)
    assert (found.verdict, found.complete) == (Verdict.EXACT, True)
    other = next(s.id for s in view.summaries() if s.path == "磁石.md")
    assert view.verify(SENTENCE, other).verdict is Verdict.NOT_FOUND


def test_every_quotation_of_a_manuscript_is_checked(view: View) -> None:
    checked = view.verifier.manuscript(MANUSCRIPT)
    assert all(MANUSCRIPT[one.start : one.end] == one.quote for one in checked)
    by_quote = {one.quote: one for one in checked}
    assert by_quote[SENTENCE].found.verdict is Verdict.EXACT
    assert (by_quote[SENTENCE].footnote or "").startswith("希土類の輸出管理.")
    assert by_quote["審査には４５日かかる"].found.verdict is Verdict.NORMALIZED
    wrong = by_quote["審査には90日かかるとされる"]
    assert (wrong.found.verdict, wrong.footnote) == (Verdict.PARTIAL, None)
    assert by_quote["輸出税"].depth == 2
    assert by_quote["輸出税"].found.verdict is Verdict.EXACT
    assert checked[-1].found.verdict is Verdict.NOT_FOUND


def test_manuscripts_have_limits(settings: Settings) -> None:
    few = replace(settings, max_manuscript_characters=50, max_manuscript_quotations=2)
    with KnowledgeBase(few).view() as view:
        with pytest.raises(InvalidQuestion, match="has 51 characters; at most 50"):
            view.verifier.manuscript("許" * 51)
        with pytest.raises(InvalidQuestion, match="has 3 quotations; at most 2"):
            view.verifier.manuscript("「一」「二」「三」")
        with pytest.raises(InvalidQuestion, match="quotations have 70 characters"):
            view.verifier.manuscript(f"「{'許' * 20}「{'可' * 24}」」")
        assert view.verifier.manuscript("引用はない。") == []


def test_what_was_given_out_by_a_check_is_in_the_ledger(settings: Settings, tmp_path: Path) -> None:
    own = replace(settings, corpus=tmp_path / "資料", index=tmp_path / "索引", keep_versions=0)
    own.corpus.mkdir()
    (own.corpus / "報告.md").write_text(REPORT, encoding="utf-8")
    ingestion(own).run()
    with KnowledgeBase(own).view() as view:
        (one,) = view.verifier.manuscript(f"「{SENTENCE}」")
    (own.corpus / "報告.md").write_text(REPORT.replace("45日", "60日"), encoding="utf-8")
    ingestion(own).run()
    with KnowledgeBase(own).view() as view:
        trace = view.quotations.trace(one.found.matches[0].quoted.citation.id)
        assert trace.status is Status.CHANGED
        assert trace.now is not None and "60日" in trace.now.citation.quote
