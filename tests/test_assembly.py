"""A served index: always one whole generation, also while others take its place."""

from __future__ import annotations

import gc
import unicodedata
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kb import assembly
from kb.assembly import KnowledgeBase, ingestion
from kb.domain import Filters
from kb.errors import EncoderError, IndexUnavailable, InvalidQuestion, NotFound
from kb.index_errors import index_errors
from kb.indexing import generation
from kb.indexing.dense import DenseIndex
from kb.indexing.generation import Generation, open_current
from kb.indexing.lexical import LexicalIndex
from kb.quotation import Verdict
from kb.settings import Settings
from tests.ingest.corpora import MAGNETS, PANEL, REPORT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings for a collection of two reports that is indexed."""
    corpus = tmp_path / "資料"
    corpus.mkdir()
    made = replace(Settings(), corpus=corpus, index=tmp_path / "索引", max_results=5)
    (corpus / "輸出管理.md").write_text(REPORT, encoding="utf-8")
    (corpus / "磁石.md").write_text(MAGNETS, encoding="utf-8")
    ingestion(made).run()
    return made


def add(settings: Settings, name: str = "紛争.md", content: str = PANEL) -> None:
    (settings.corpus / name).write_text(content, encoding="utf-8")
    ingestion(settings).run()


def generations(settings: Settings) -> set[str]:
    return {path.name for path in (settings.index / "generations").iterdir()}


def test_a_view_searches_and_answers_from_its_generation(settings: Settings) -> None:
    with KnowledgeBase(settings).view() as view:
        assert view.search("磁石").generation == view.ask("磁石とは").generation == "g00000001"
        assert [s.path for s in view.summaries()] == ["磁石.md", "輸出管理.md"]
        assert view.summary(view.summaries()[0].id) == view.summaries()[0]
        assert view.rejected() == []


def test_a_new_generation_is_taken_up_and_an_open_view_stays(settings: Settings) -> None:
    knowledge = KnowledgeBase(settings)
    with knowledge.view() as old:
        add(settings)
        with knowledge.view() as new:
            assert (old.generation, new.generation) == ("g00000001", "g00000002")
            assert any("小委員会" in hit.text for hit in new.search("小委員会").hits)
        assert not any("小委員会" in hit.text for hit in old.search("小委員会").hits)
        assert generations(settings) == {"g00000001", "g00000002"}


def test_a_generation_goes_when_its_last_reader_has_left(settings: Settings) -> None:
    knowledge = KnowledgeBase(settings)
    with knowledge.view() as view:
        add(settings)
        assert view.generation == "g00000001"
    with knowledge.view() as view:
        assert view.generation == "g00000002"
    gc.disable()  # a lease that ends only with the collection of garbage ends who knows when
    try:
        del view
        (settings.corpus / "磁石.md").unlink()
        ingestion(settings).run()
    finally:
        gc.enable()
    # The one before stays, in case the newest is damaged.
    assert generations(settings) == {"g00000002", "g00000003"}


def test_what_a_generation_holds_in_memory_goes_with_its_view(settings: Settings) -> None:
    knowledge = KnowledgeBase(settings)
    with knowledge.view() as view:
        view.ask("磁石はいつ使われるか")
        searcher, store = weakref.ref(view._searcher), weakref.ref(view._searcher.store)
    add(settings)
    gc.disable()  # a collection that takes hundreds of milliseconds is not waited for
    try:
        with knowledge.view() as view:
            assert view.generation == "g00000002"
        assert (searcher(), store()) == (None, None)
    finally:
        gc.enable()


@pytest.mark.parametrize("damage", ["CURRENT", "store", "removed"])
def test_a_damaged_new_generation_does_not_end_the_service(settings: Settings, damage: str) -> None:
    knowledge = KnowledgeBase(settings)
    knowledge.warm()
    add(settings)
    if damage == "CURRENT":
        (settings.index / "CURRENT").write_text("garbage")
    elif damage == "store":
        open_current(settings.index).store.write_bytes(b"damage")
    else:
        (settings.index / "CURRENT").unlink()
    with knowledge.view() as view:
        assert view.generation == "g00000001"
        assert view.search("磁石").hits
    with KnowledgeBase(settings).view() as view:  # also one that begins only now
        assert view.generation == "g00000001"


def test_a_generation_that_is_replaced_while_it_is_opened_is_not_damage(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = [1]

    def replaced_in_between(index: Path, *, verify: bool = True) -> Generation:
        opened = open_current(index, verify=verify)
        if runs.pop() if runs else 0:
            add(settings)
            add(settings, "磁石.md")  # the one before is kept, but not the one before that
        return opened

    monkeypatch.setattr(generation, "open_current", replaced_in_between)
    with KnowledgeBase(settings).view() as view:
        assert view.generation == "g00000003"
    assert runs == []


def test_many_threads_see_whole_generations_while_they_change(settings: Settings) -> None:
    knowledge = KnowledgeBase(settings)

    def look(_: int) -> tuple[str, int]:
        with knowledge.view() as view:
            results = view.search("希土類の輸出", limit=5)
            assert results.generation == view.generation
            return view.generation, len(view.summaries())

    with ThreadPoolExecutor(3) as pool:
        seen = list(pool.map(look, range(10)))
        add(settings)
        seen += list(pool.map(look, range(10)))
    assert set(seen) == {("g00000001", 2), ("g00000002", 3)}


def test_limits_of_the_settings_hold(settings: Settings) -> None:
    for i in range(8):
        (settings.corpus / f"{i}.md").write_text(
            REPORT + "\n".join(f"{i}{j}号鉱山の採掘量。" for j in range(9)), encoding="utf-8"
        )
    ingestion(settings).run()
    with KnowledgeBase(settings).view() as view:
        assert len(view.search("輸出", limit=100).hits) == 5
        assert len(view.search("輸出", limit=-3).hits) == 1
        with pytest.raises(InvalidQuestion):
            view.ask("あ" * 1001)


def test_another_encoder_than_the_indexs_is_refused(settings: Settings) -> None:
    knowledge = KnowledgeBase(settings)

    class Other:
        name = "other"
        dimensions = 4

    knowledge._encoder = Other()  # type: ignore[assignment]
    with pytest.raises(EncoderError, match="but other is set: run `kb ingest` with the same"):
        knowledge.warm()


def test_another_dictionary_than_the_indexs_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assembly, "dictionary_version", lambda: "sudachipy 99")
    with pytest.raises(IndexUnavailable, match="but sudachipy 99 is installed: run `kb ingest`"):
        KnowledgeBase(settings).warm()


def test_a_citation_id_leads_back_to_its_quotation(settings: Settings) -> None:
    with KnowledgeBase(settings).view() as view:
        answer = view.ask("重希土類の輸出許可の審査には何日かかるか")
        for citation in answer.citations:
            assert replace(view.citation(citation.id), number=citation.number) == citation


def test_a_citation_of_an_earlier_version_still_resolves(settings: Settings) -> None:
    knowledge = KnowledgeBase(settings)
    with knowledge.view() as view:
        cited = view.ask("重希土類の輸出許可の審査には何日かかるか").citations[0]
        assert not view.citation(cited.id).superseded
        path = settings.corpus / view.summary(cited.document_id).path
    path.write_text("# 改訂\n\n記述はすべて改められた。\n", encoding="utf-8")
    ingestion(settings).run()
    with knowledge.view() as view:
        found = view.citation(cited.id)
        assert found.superseded
        assert (found.quote, found.heading_path) == (cited.quote, cited.heading_path)


@pytest.mark.parametrize("value", ["", "c", "x" * 38, "c" + "a" * 37])
def test_a_citation_that_is_not_there_is_not_found(settings: Settings, value: str) -> None:
    with KnowledgeBase(settings).view() as view, pytest.raises(NotFound):
        view.citation(value)


def test_quotes_are_verified_in_all_or_one_document(settings: Settings) -> None:
    with KnowledgeBase(settings).view() as view:
        magnets, controls = (summary.id for summary in view.summaries())
        found = view.verify("中重希土類の７元素を輸出許可")
        assert (found.verdict, found.generation) == (Verdict.NORMALIZED, "g00000001")
        assert [match.quoted.source.id for match in found.matches] == [controls]
        assert view.verify("中重希土類の7元素", controls).verdict is Verdict.EXACT
        assert view.verify("中重希土類の7元素", magnets).verdict is Verdict.NOT_FOUND
        with pytest.raises(NotFound):
            view.verify("中重希土類", "d-unknown")
        with pytest.raises(InvalidQuestion):
            view.verify("　")


def test_filters_reach_search_and_answers(settings: Settings) -> None:
    with KnowledgeBase(settings).view() as view:
        magnets = view.summaries()[0].id
        only = Filters(documents=(magnets,))
        hits = view.search("希土類の輸出許可", filters=only).hits
        assert {hit.passage.document_id for hit in hits} == {magnets}
        citations = view.ask("ジスプロシウムの役割", filters=only).citations
        assert {citation.document_id for citation in citations} == {magnets}


def test_the_original_is_given_while_it_is_what_was_indexed(settings: Settings) -> None:
    with KnowledgeBase(settings).view() as view:
        magnets = view.summaries()[0].id
        assert view.original(magnets) == MAGNETS.encode()
        (settings.corpus / "磁石.md").write_text("別の文", encoding="utf-8")
        with pytest.raises(NotFound, match=r"the original of 磁石\.md has changed"):
            view.original(magnets)
        (settings.corpus / "磁石.md").unlink()
        with pytest.raises(NotFound, match=r"the original of 磁石\.md is no longer there"):
            view.original(magnets)
        with pytest.raises(NotFound):
            view.original("d-unknown")


def test_the_original_of_a_decomposed_name_is_found(settings: Settings) -> None:
    add(settings, unicodedata.normalize("NFD", "ガリウム.md"))
    with KnowledgeBase(settings).view() as view:
        (gallium,) = (s.id for s in view.summaries() if s.path == "ガリウム.md")
        assert view.original(gallium) == PANEL.encode()


def test_a_good_index_has_no_errors(settings: Settings) -> None:
    assert index_errors(settings) == []


@pytest.mark.parametrize("name", ["store.sqlite", "manifest.json", "lease", "vectors.faiss"])
def test_a_missing_file_is_an_error_that_names_it(settings: Settings, name: str) -> None:
    path = open_current(settings.index).directory / name
    path.unlink()
    (error,) = index_errors(settings)
    assert str(path) in error


def test_an_index_that_is_not_there_cannot_be_checked(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(IndexUnavailable, match="there is no index"):
        index_errors(replace(settings, index=tmp_path / "無"))


def test_counts_that_differ_from_the_manifest_are_errors(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LexicalIndex, "__len__", lambda self: 1)
    monkeypatch.setattr(DenseIndex, "__len__", lambda self: 2)
    passages = open_current(settings.index).manifest.passages
    assert index_errors(settings) == [
        f"1 passages in the postings, but {passages} are expected",
        f"2 vectors, but {passages} are expected",
    ]


def test_a_view_shows_earlier_versions_and_the_setting_limits_them(settings: Settings) -> None:
    for number in range(3):
        add(settings, "磁石.md", MAGNETS + f"\n第{number}版。\n")
    with KnowledgeBase(settings).view() as view:
        document_id = view.summaries()[0].id
        versions = view.versions_of(document_id)
        assert [v.generation for v in versions] == ["g00000003", "g00000002", "g00000001"]
        assert view.version(document_id, versions[-1].sha256).text.endswith("加えられる。\n")
    add(replace(settings, keep_versions=1), "磁石.md", MAGNETS)
    with KnowledgeBase(settings).view() as view:
        assert [v.generation for v in view.versions_of(document_id)] == ["g00000004"]
    assert index_errors(settings) == []
