"""The lexical leg against a BM25 of ten lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.errors import IndexDamaged
from kb.indexing.lexical import FIELDS, LexicalIndex, write_postings

K1, B = 1.2, 0.75
WORDS = ["希土", "輸出", "許可", "磁石", "鉱山", "中国", "日本", "条約", "𠮷", "gb/t"]
# A row: row number, document row, the tokens of the fields, and the facets.
Row = tuple[int, int, str, str, str, str, str]

tokens = st.lists(st.sampled_from(WORDS), max_size=30)
collections = st.lists(st.tuples(tokens, tokens, tokens, tokens), min_size=1, max_size=12)
queries = st.lists(st.sampled_from(WORDS), min_size=1, max_size=4, unique=True)


def bm25(term: str, tokens: Sequence[str], everything: Sequence[Sequence[str]]) -> float:
    """The score of one term for one text of a collection (Robertson and Walker, 1994)."""
    frequency = tokens.count(term)
    having = sum(term in other for other in everything)
    idf = log(1 + (len(everything) - having + 0.5) / (having + 0.5))
    average = sum(map(len, everything)) / len(everything)
    if not frequency:
        return 0.0
    length = K1 * (1 - B + B * len(tokens) / average)
    return idf * (K1 + 1) * frequency / (frequency + length)


def rows_of(collection: Sequence[Sequence[Sequence[str]]]) -> list[Row]:
    """Rows from 1, two to a document."""
    return [
        (
            i,
            1 + (i - 1) // 2,
            " ".join(a),
            " ".join(b),
            " ".join(c),
            " ".join(d),
            f"part:{i % 3} all",
        )
        for i, (a, b, c, d) in enumerate(collection, 1)
    ]


def fresh(directory: Path) -> Path:
    """A new folder: Hypothesis calls a test many times with the same `tmp_path`."""
    return Path(mkdtemp(dir=directory))


def built(directory: Path, rows: Sequence[Row]) -> LexicalIndex:
    write_postings(directory / "postings", rows)
    return LexicalIndex(directory / "postings")


def expected_scores(
    collection: Sequence[Sequence[Sequence[str]]],
    terms: Sequence[str],
    weights: Mapping[str, float],
) -> dict[int, float]:
    scores = {}
    for i, texts in enumerate(collection, 1):
        if any(term in texts[f] for f in range(4) for term in terms if weights[FIELDS[f]]):
            scores[i] = sum(
                weights[field] * bm25(term, texts[f], [other[f] for other in collection])
                for f, field in enumerate(FIELDS)
                for term in terms
            )
    return scores


# tantivy keeps the length of a field in one byte: lengths to 40 are exact, longer ones are
# rounded down. Texts here have at most 30 tokens, so only 32-bit arithmetic is left.
EXACT = 1e-5


@pytest.mark.parametrize("field", FIELDS)
@settings(max_examples=25)
@given(collection=collections, query=queries)
def test_scores_of_a_field_are_bm25(
    tmp_path: Path, field: str, collection: list[tuple[list[str], ...]], query: list[str]
) -> None:
    weights = {name: float(name == field) for name in FIELDS}
    index = built(fresh(tmp_path), rows_of(collection))
    scores = dict(index.search({field: query}, {field: 1.0}, limit=99))
    assert scores == pytest.approx(expected_scores(collection, query, weights), rel=EXACT)


@settings(max_examples=25)
@given(
    collection=collections,
    query=queries,
    weights=st.fixed_dictionaries(
        {name: st.sampled_from([0.0, 0.2, 0.35, 1.0]) for name in FIELDS}
    ),
)
def test_search_gives_the_weighted_sum_of_the_fields_best_first(
    tmp_path: Path,
    collection: list[tuple[list[str], ...]],
    query: list[str],
    weights: dict[str, float],
) -> None:
    index = built(fresh(tmp_path), rows_of(collection))
    hits = index.search(dict.fromkeys(FIELDS, query), weights, limit=100)
    assert dict(hits) == pytest.approx(expected_scores(collection, query, weights), rel=EXACT)
    scores = [score for _, score in hits]
    assert scores == sorted(scores, reverse=True)


def test_among_many_passages_tokens_of_a_large_part_choose_none(tmp_path: Path) -> None:
    common, rare, rarer = "希土", "輸出", "磁石"
    texts = [[common, rare], [common, common, rarer], [common], [common], ["中国"]]
    rows = rows_of([(text, [], [], []) for text in texts])
    few, many = built(tmp_path, rows), LexicalIndex(tmp_path / "postings", many=5)

    def found(index: LexicalIndex, *words: str) -> list[int]:
        return [row for row, _ in index.search({"words": words}, {"words": 1.0}, limit=9)]

    assert set(found(few, common, rare)) == {1, 2, 3, 4}
    assert found(many, common, rare) == [1]
    assert set(found(many, rarer, rare)) == {1, 2}
    assert set(found(many, common)) == {1, 2, 3, 4}


@settings(max_examples=25)
@given(
    collection=collections, query=queries,
    wanted=st.sets(st.integers(min_value=1, max_value=8)), limit=st.integers(0, 5),
)  # fmt: skip
def test_search_looks_only_into_the_given_documents_with_unchanged_scores(
    tmp_path: Path,
    collection: list[tuple[list[str], ...]],
    query: list[str],
    wanted: set[int],
    limit: int,
) -> None:
    rows = rows_of(collection)
    weights = {"words": 1.0, "compounds": 0.0, "bigrams": 0.0, "concepts": 0.0}
    index = built(fresh(tmp_path), rows)
    hits = index.search({"words": query}, weights, limit=limit, documents=sorted(wanted))
    everywhere = expected_scores(collection, query, weights)
    inside = {row: everywhere[row] for row, doc, *_ in rows if doc in wanted and row in everywhere}
    assert len(hits) == min(limit, len(inside))
    assert dict(hits) == pytest.approx({row: inside[row] for row, _ in hits}, rel=EXACT)
    best = sorted(inside.values(), reverse=True)[:limit]
    assert [score for _, score in hits] == pytest.approx(best, rel=EXACT)


@pytest.mark.parametrize("facets", [["part:0"], ["part:1", "part:2"], ["part:9"], ["all"]])
def test_facets_narrow_a_search_and_leave_the_scores(tmp_path: Path, facets: list[str]) -> None:
    rows = rows_of([(["希土"] * n, [], [], []) for n in range(1, 8)])
    index = built(tmp_path, rows)
    everywhere = dict(index.search({"words": ["希土"]}, {"words": 1.0}, limit=99))
    found = index.search({"words": ["希土"]}, {"words": 1.0}, limit=99, facets=[facets, ["all"]])
    having = {row for row, *_, own in rows if set(facets) & set(own.split())}
    assert dict(found) == pytest.approx({row: everywhere[row] for row in having}, rel=EXACT)


def test_long_fields_are_within_the_tolerance_of_tantivys_length_codes(tmp_path: Path) -> None:
    # Above 40 the codes are at most 1/8 apart in length, and length counts at most B.
    collection: list[tuple[list[str], ...]] = [
        (["希土"] * 3 + ["鉱山"] * n, [], [], []) for n in (10, 57, 131, 480, 999)
    ]
    index = built(tmp_path, rows_of(collection))
    scores = dict(index.search({"words": ["希土"]}, {"words": 1.0}, limit=99))
    weights = {"words": 1.0, "compounds": 0.0, "bigrams": 0.0, "concepts": 0.0}
    assert scores == pytest.approx(expected_scores(collection, ["希土"], weights), rel=0.125 * B)


@pytest.mark.parametrize(
    ("terms", "weights"),
    [
        ({}, {"words": 1.0}),
        ({"words": []}, {"words": 1.0}),
        ({"words": ["希土"]}, {"words": 0.0}),
        ({"words": ["希土"]}, {}),
        ({"words": ["知らない"]}, {"words": 1.0}),
    ],
)
def test_a_query_without_known_terms_finds_nothing(
    tmp_path: Path, terms: dict[str, list[str]], weights: dict[str, float]
) -> None:
    index = built(tmp_path, rows_of([(["希土"], [], [], [])]))
    assert index.search(terms, weights, limit=5) == []


@pytest.mark.parametrize("documents", [[], [99]])
def test_a_filter_that_no_document_passes_finds_nothing(
    tmp_path: Path, documents: list[int]
) -> None:
    index = built(tmp_path, rows_of([(["希土"], [], [], [])]))
    assert index.search({"words": ["希土"]}, {"words": 1.0}, limit=5, documents=documents) == []
    assert index.search({"words": ["希土"]}, {"words": 1.0}, limit=5, documents=[1]) != []


def test_a_repeated_query_term_counts_once(tmp_path: Path) -> None:
    index = built(tmp_path, rows_of([(["希土", "輸出"], [], [], []), (["輸出"], [], [], [])]))
    once = index.search({"words": ["希土"]}, {"words": 1.0}, limit=5)
    assert index.search({"words": ["希土", "希土"]}, {"words": 1.0}, limit=5) == once


@given(collection=collections)
@settings(max_examples=25)
def test_the_average_length_is_that_of_all_passages(
    tmp_path: Path, collection: list[tuple[list[str], ...]]
) -> None:
    index = built(fresh(tmp_path), rows_of(collection))
    for f, field in enumerate(FIELDS):
        lengths = [len(texts[f]) for texts in collection]
        for term in {term for texts in collection for term in texts[f]}:
            average = index.average_length(field, term)
            assert average == pytest.approx(sum(lengths) / len(lengths), rel=EXACT)


def test_document_frequency_counts_passages_not_occurrences(tmp_path: Path) -> None:
    index = built(tmp_path, rows_of([(["希土", "希土"], ["輸出"], [], []), (["希土"], [], [], [])]))
    assert index.document_frequency("words", "希土") == 2
    assert index.document_frequency("words", "輸出") == 0
    assert index.document_frequency("compounds", "輸出") == 1
    assert len(index) == 2


def test_the_postings_of_no_passages_open_and_find_nothing(tmp_path: Path) -> None:
    index = built(tmp_path, [])
    assert len(index) == 0
    assert index.search({"words": ["希土"]}, {"words": 1.0}, limit=5) == []
    assert index.document_frequency("words", "希土") == 0


def test_a_folder_without_postings_is_damage_and_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged, match=r"cannot be opened .* run `kb ingest`"):
        LexicalIndex(tmp_path)
