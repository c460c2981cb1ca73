"""Search over a small collection: queries, filters, highlights, facets, order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import Filters, Hit
from kb.errors import InvalidQuestion
from kb.language.questions import is_japanese, take_apart
from kb.language.tokens import analyse
from kb.ranking.weights import ranking_weights
from kb.search import Searcher, checked_query
from tests.ingest.corpora import MAGNETS, PANEL, REPORT, Workshop

NOTED = """# 注の多い報告

採取枠は総量で管理される[^1]。

[^1]: 採取枠は自然資源部が毎年定める総量である。
"""
ITEMS = {
    "輸出管理.md": {"publisher": "希土研究所", "issued": {"date-parts": [[2025, 4, 10]]}},
    "磁石.md": {"publisher": "磁石協会", "issued": {"date-parts": [[2025]]}},
    "紛争.md": {"publisher": "希土研究所", "issued": {"date-parts": [[2014, 8]]}},
}


@pytest.fixture(scope="module")
def searcher(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    work = Workshop(tmp_path_factory.mktemp("search"))
    work.write("輸出管理.md", REPORT)
    work.write("磁石.md", MAGNETS)
    work.write("紛争.md", PANEL)
    work.write("注.md", NOTED)
    work.describe(ITEMS)
    work.ingest()
    return work.searcher()


WORDS = sorted({t.form for s in (REPORT, MAGNETS, PANEL) for t in analyse(s).words if t.content})
queries = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("  希土類 \n の\t輸出　管理 ", "希土類 の 輸出 管理"),
        ("希土\0類", "希土 類"),
        ("𠮷", "𠮷"),
        ("12", "12"),
    ],
)
def test_a_query_loses_white_space_around_and_doubled(query: str, expected: str) -> None:
    assert checked_query(query, limit=100) == expected


@pytest.mark.parametrize("query", ["", "   ", "？！", "\0", "。、・", "🧲"])
def test_a_query_without_letters_is_empty(query: str) -> None:
    with pytest.raises(InvalidQuestion) as caught:
        checked_query(query, limit=100)
    assert str(caught.value) == "the question is empty: write a question or some words"


def test_a_query_that_is_too_long_says_how_long_it_is() -> None:
    assert checked_query("あ" * 1000, limit=1000) == "あ" * 1000
    with pytest.raises(InvalidQuestion) as caught:
        checked_query("あ" * 1001, limit=1000)
    assert str(caught.value) == "the question has 1,001 characters; at most 1,000 are accepted"


def test_a_query_with_lone_surrogates_is_refused() -> None:
    with pytest.raises(InvalidQuestion, match="lone surrogates"):
        checked_query("希土\ud800類", limit=100)


@given(query=queries)
def test_hits_are_spans_of_their_documents_in_order_of_score(
    searcher: Searcher, query: str
) -> None:
    results = searcher.search(query, limit=100)
    assert results.hits
    for hit in results.hits:
        document = searcher.store.document(hit.passage.document_id)
        assert hit.text == document.text[hit.passage.start : hit.passage.end]
        assert hit.text == hit.text.strip()
        assert 0.0 <= hit.score <= 1.0
    scores = [hit.score for hit in results.hits]
    assert scores == sorted(scores, reverse=True)
    assert len({hit.passage.id for hit in results.hits}) == len(results.hits)


@given(query=queries)
def test_highlights_are_words_of_the_query(searcher: Searcher, query: str) -> None:
    asked = {token.form for token in analyse(query).words}
    for hit in searcher.search(query).hits:
        end_before = -1
        for start, end in hit.highlights:
            assert end_before <= start < end <= len(hit.text)
            end_before = end
            inside = {t.form for t in analyse(hit.text).words if start <= t.start and t.end <= end}
            assert inside & asked


@given(query=queries)
def test_a_passage_with_a_word_of_the_query_has_a_highlight(searcher: Searcher, query: str) -> None:
    asked = set(take_apart(query).words)
    for hit in searcher.search(query, limit=100).hits:
        tokens = [t for t in analyse(hit.text).words if t.content and t.form in asked]
        if any(token.end - token.start > 1 for token in tokens):  # 国 alone is left out
            assert hit.highlights


def lexical_sum(hit: Hit) -> float:
    fields = ranking_weights().fields
    parts = {"words": "lexical", "compounds": "compound", "bigrams": "bigram"}
    return sum(weight * hit.scores[parts[field]] for field, weight in fields.items())


@given(query=queries)
def test_the_parts_of_a_score_give_the_score(searcher: Searcher, query: str) -> None:
    shipped = ranking_weights()
    words = take_apart(query).words
    missing = sum(not searcher.known(word) for word in words) / len(words)
    if not is_japanese(query):
        missing = 1.0
    share = shipped.dense + missing * (shipped.dense_when_words_fail - shipped.dense)
    hits = searcher.search(query, limit=100).hits
    best = max(map(lexical_sum, hits)) or 1.0
    low, high = (pick(hit.scores["dense"] for hit in hits) for pick in (min, max))
    for hit in hits:
        near = (hit.scores["dense"] - low) / (high - low) if high > low else 0.0
        fused = (1 - share) * lexical_sum(hit) / best + share * near
        expected = fused * shipped.kinds.get(hit.passage.kind, 1.0)
        rounding = 2e-3 + (2e-4 / (high - low) if high > low else 0.0)
        assert hit.score == pytest.approx(expected, abs=rounding)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("上級委員会の報告書", "紛争.md"),
        ("ジスプロシウムは何のために加えるか", "磁石.md"),
        ("備蓄は何日分か", "輸出管理.md"),
        ("永久磁石の需要", "磁石.md"),
        ("じすぷろしうむ　ネオジム磁石", "磁石.md"),
        ("商務部　輸出許可", "輸出管理.md"),
    ],
)
def test_the_report_that_says_it_comes_first(searcher: Searcher, query: str, expected: str) -> None:
    best = searcher.search(query).hits[0]
    assert searcher.summaries[best.passage.document_id].path == expected


def test_a_note_counts_for_less_than_a_paragraph(searcher: Searcher) -> None:
    hits = searcher.search("採取枠の総量").hits
    kinds = [hit.passage.kind for hit in hits if "採取枠" in hit.text]
    assert kinds == ["paragraph", "note"]


def ids(searcher: Searcher, *paths: str) -> tuple[str, ...]:
    return tuple(s.id for s in searcher.summaries.values() if s.path in paths)


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        (Filters(), {"輸出管理.md", "磁石.md", "紛争.md", "注.md"}),
        (Filters(publishers=("希土研究所",)), {"輸出管理.md", "紛争.md"}),
        (Filters(publishers=("希土研究所", "磁石協会")), {"輸出管理.md", "磁石.md", "紛争.md"}),
        (Filters(issued_from="2025"), {"輸出管理.md", "磁石.md"}),
        (Filters(issued_from="2025-05"), {"磁石.md"}),
        (Filters(issued_to="2014-08-31"), {"紛争.md"}),
        (Filters(publishers=("希土研究所",), issued_from="2020"), {"輸出管理.md"}),
        (Filters(publishers=("知らない会",)), set()),
        (Filters(documents=("d-unknown",)), set()),
    ],
)
def test_filters_leave_only_their_documents(
    searcher: Searcher, filters: Filters, expected: set[str]
) -> None:
    hits = searcher.search("希土類の輸出 磁石 採取枠", limit=100, filters=filters).hits
    assert {searcher.summaries[hit.passage.document_id].path for hit in hits} == expected


def test_a_filter_for_documents_keeps_to_them(searcher: Searcher) -> None:
    wanted = ids(searcher, "紛争.md")
    hits = searcher.search("希土類の輸出", filters=Filters(documents=wanted)).hits
    assert {hit.passage.document_id for hit in hits} == set(wanted)


def test_facets_count_the_candidates_most_frequent_first(searcher: Searcher) -> None:
    facets = searcher.search("希土類の輸出 磁石 採取枠", limit=1).facets
    passages = {s.path: s.passages for s in searcher.summaries.values()}
    institute = passages["輸出管理.md"] + passages["紛争.md"]
    assert facets["publisher"] == (("希土研究所", institute), ("磁石協会", passages["磁石.md"]))
    assert dict(facets["year"]) == {
        "2025": passages["輸出管理.md"] + passages["磁石.md"], "2014": passages["紛争.md"],
    }  # fmt: skip
    counts = [count for _, count in facets["year"]]
    assert counts == sorted(counts, reverse=True)


def test_the_limit_cuts_the_same_ranking(searcher: Searcher) -> None:
    everything = searcher.search("輸出 磁石", limit=100).hits
    for limit in range(1, len(everything) + 2):
        assert searcher.search("輸出 磁石", limit=limit).hits == everything[:limit]


def test_the_same_query_gives_the_same_results_in_every_thread(searcher: Searcher) -> None:
    expected = [searcher.search(word) for word in WORDS[:12]]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(searcher.search, WORDS[:12])) == expected


def test_unknown_words_still_find_by_meaning(searcher: Searcher) -> None:
    results = searcher.search("ゑびす")
    assert all(hit.scores["lexical"] == 0.0 for hit in results.hits)
    assert results.generation == "g00000001"


def test_idf_falls_with_the_number_of_passages(searcher: Searcher) -> None:
    assert not searcher.known("知らない言葉")
    assert searcher.known("磁石")
    assert searcher.idf("知らない言葉") > searcher.idf("ジスプロシウム") > searcher.idf("希土") > 0
