"""Search over a small collection: queries, filters, highlights, facets, order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.domain import Filters, Hit
from kb.errors import InvalidQuestion
from kb.language.folding import fold
from kb.language.glossary.matching import load_glossary
from kb.language.questions import take_apart
from kb.language.tokens import analyse
from kb.ranking.reranking import Features
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
    asked = set(take_apart(query, load_glossary()).words)
    for hit in searcher.search(query, limit=100).hits:
        tokens = [t for t in analyse(hit.text).words if t.content and t.form in asked]
        if any(token.end - token.start > 1 for token in tokens):  # 国 alone is left out
            assert hit.highlights


def features(hit: Hit) -> Features:
    """What the reranker saw, of the parts of a score."""
    names = (
        "relative",
        "coverage",
        "missing",
        "adjacent",
        "sentence",
        "in_context",
        "value",
        "near",
    )
    return Features(*(hit.scores[name] for name in names))


@given(query=queries)
def test_the_parts_of_a_score_give_the_score(searcher: Searcher, query: str) -> None:
    shipped = ranking_weights()
    hits = searcher.search(query, limit=shipped.reranked).hits
    failing = 1.0 - max(features(hit).coverage for hit in hits)
    for hit in hits:
        expected = shipped.reranking.score(
            features(hit), similarity=hit.scores["dense"], failing=failing, kind=hit.passage.kind
        )
        assert hit.score == pytest.approx(expected, abs=1e-3)


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


@pytest.mark.parametrize(
    "filters",
    [
        Filters(topics=("controls",)),
        Filters(topics=("wto-rulings", "market")),
        Filters(countries=("china",)),
        Filters(minerals=("dysprosium",)),
        Filters(minerals=("rare-earths",), countries=("china",)),
        Filters(instruments=("gatt-article-11",)),
        Filters(topics=("controls",), publishers=("希土研究所",)),
        Filters(countries=("nowhere",)),
    ],
)
def test_filters_of_facets_leave_only_passages_that_have_them(
    searcher: Searcher, filters: Filters
) -> None:
    query = "希土類の輸出 磁石 採取枠"
    own = dict(searcher.store.facets())
    rows = {
        passage.id: row
        for row, (passage, _) in searcher.store.passages(list(own)).items()
    }  # fmt: skip
    everything = searcher.search(query, limit=100).hits
    expected = {
        hit.passage.id
        for hit in everything
        if all(set(group) & set(own[rows[hit.passage.id]].split()) for group in filters.facets)
        and (not filters.publishers
             or searcher.summaries[hit.passage.document_id].publisher in filters.publishers)
    }  # fmt: skip
    found = searcher.search(query, limit=100, filters=filters)
    assert {hit.passage.id for hit in found.hits} == expected
    for name in ("topic", "country", "mineral", "instrument"):
        assert all(count <= len(expected) for _, count in found.facets[name])


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
    words = "ゔゔゔ ジスプロシウム 希土"
    parts = take_apart(words, load_glossary()).parts
    unknown, *others = parts
    assert not searcher.named(unknown)
    assert all(map(searcher.named, others))
    weights = [part.weight for part in searcher.parts(take_apart(words, load_glossary()))]
    assert weights == sorted(weights, reverse=True)
    assert weights[-1] > 0


# Near-duplicates are folded

DRAFT = """# 輸出許可の運用

商務部は中重希土類の7元素を輸出許可の対象にした。申請は商務部が受け付け、審査には45日かかる。
許可の有効期間は6か月であり、更新には新しい契約書の写しが要る。最終用途の証明も求められる。

## 企業への影響

自動車部品の企業は在庫を積み増した。磁石の調達は三か月先まで契約で固められた。
"""
FINAL = DRAFT.replace(
    "積み増した。",
    "積み増した。\n\n## 付録\n\n付録に用語の一覧を置く。この版は確定した版である。\n\n",
)
REVIEW = """# 書評

輸出許可の運用を扱う本である。審査の日数を企業ごとに比べた表が役に立つ。
"""


@pytest.fixture(scope="module")
def doubled(tmp_path_factory: pytest.TempPathFactory) -> Searcher:
    """A draft, its final version, and another text."""
    work = Workshop(tmp_path_factory.mktemp("doubled"))
    work.write("一.md", DRAFT)
    work.write("二.md", FINAL)
    work.write("三.md", REVIEW)
    work.ingest()
    return work.searcher()


doubled_queries = st.lists(
    st.sampled_from(["輸出許可", "審査", "商務部", "磁石", "在庫", "付録", "版", "企業", "日数"]),
    min_size=1, max_size=4,
).map(" ".join)  # fmt: skip


def test_a_passage_that_a_near_duplicate_has_too_is_shown_once(doubled: Searcher) -> None:
    first, second = ids(doubled, "一.md", "二.md")
    hits = doubled.search("輸出許可の審査は何日かかるか").hits
    best = hits[0]
    assert {best.passage.document_id, *best.also_in} == {first, second}
    assert sum("45日" in hit.text for hit in hits) == 1
    others = [hit for hit in hits if "書評" in hit.passage.heading_path]
    assert [hit.also_in for hit in others] == [()]


def test_what_only_one_version_says_stays(doubled: Searcher) -> None:
    (hit,) = (h for h in doubled.search("確定した版", limit=100).hits if "確定" in h.text)
    assert (hit.passage.document_id, hit.also_in) == (ids(doubled, "二.md")[0], ())


def test_the_same_said_in_documents_that_are_no_near_duplicates_is_not_folded(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    work = Workshop(tmp_path_factory.mktemp("quoted"))
    work.write("一.md", PANEL)
    work.write("二.md", PANEL + "\n".join(f"\n第{n}の節では別のことを述べる。" for n in range(9)))
    work.ingest()
    hits = work.searcher().search("上級委員会 小委員会").hits
    assert sum("上級委員会は2014年" in hit.text for hit in hits) == 2
    assert {hit.also_in for hit in hits} == {()}


@given(query=doubled_queries)
def test_folding_takes_nothing_but_what_a_better_hit_says(doubled: Searcher, query: str) -> None:
    ranked = doubled.rank(query)
    hits = doubled.search(query, limit=1000).hits
    shown = {hit.passage.id: hit for hit in hits}
    found = doubled.store.passages([row for row, _ in ranked.order])
    linked = {s.id: set(s.near_duplicates) for s in doubled.summaries.values()}
    named = set()
    better: list[Hit] = []
    for row, _ in ranked.order:
        passage, text = found[row]
        if passage.id in shown:
            better.append(shown[passage.id])
            continue
        keepers = [h for h in better if alike(h.text, text)
                   and h.passage.document_id in linked[passage.document_id]]  # fmt: skip
        assert any(passage.document_id in hit.also_in for hit in keepers)
        named.add(passage.document_id)
    for hit in hits:
        assert hit.passage.document_id not in hit.also_in
        assert set(hit.also_in) <= named & linked[hit.passage.document_id]
    for i, a in enumerate(hits):
        for b in hits[:i]:
            near = b.passage.document_id in linked[a.passage.document_id]
            assert not (near and alike(a.text, b.text))
    for limit in range(1, len(hits) + 1):
        assert doubled.search(query, limit=limit).hits == hits[:limit]


def alike(a: str, b: str) -> bool:
    """The rule by its definition."""
    x, y = ({f[i : i + 3] for i in range(max(1, len(f) - 2))} for f in (fold(a).text, fold(b).text))
    return len(x & y) / len(x | y) >= 0.8


def test_a_filter_for_one_document_folds_nothing(doubled: Searcher) -> None:
    wanted = ids(doubled, "二.md")
    hits = doubled.search("輸出許可", filters=Filters(documents=wanted), limit=100).hits
    assert len(hits) == doubled.summaries[wanted[0]].passages
    assert {hit.also_in for hit in hits} == {()}
