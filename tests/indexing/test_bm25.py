"""BM25 of passages whose tokens are at hand against that of the postings."""

from __future__ import annotations

from math import log
from pathlib import Path
from tempfile import mkdtemp

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.indexing.bm25 import FieldTokens, bm25
from kb.indexing.kept_lengths import kept_length
from kb.indexing.lexical import FIELDS, LexicalIndex, write_postings

WORDS = ["希土", "輸出", "許可", "磁石", "鉱山", "中国"]
EXACT = 1e-5  # tantivy counts with 32 bits

# Some are far longer than the lengths that are kept as they are.
tokens = st.builds(
    lambda some, more: some * more, st.lists(st.sampled_from(WORDS), max_size=9), st.integers(0, 30)
)
collections = st.lists(st.tuples(tokens, tokens, tokens, tokens), min_size=1, max_size=9)
queries = st.fixed_dictionaries(
    {field: st.lists(st.sampled_from([*WORDS, "知らない"]), unique=True) for field in FIELDS}
)


@settings(max_examples=40)
@given(collection=collections, query=queries)
def test_scores_are_those_of_the_postings(
    tmp_path: Path, collection: list[tuple[list[str], ...]], query: dict[str, list[str]]
) -> None:
    folder = Path(mkdtemp(dir=tmp_path)) / "postings"
    rows = [(n, 1, *map(" ".join, texts), "") for n, texts in enumerate(collection, 1)]
    write_postings(folder, rows)  # type: ignore[arg-type]
    index = LexicalIndex(folder)
    rarities, averages = [], []
    for field in FIELDS:
        known = {t: index.document_frequency(field, t) for t in query[field]}
        known = {term: frequency for term, frequency in known.items() if frequency}
        rarities.append({t: log(1 + (len(index) - n + 0.5) / (n + 0.5)) for t, n in known.items()})
        averages.append(index.average_length(field, next(iter(known))) if known else 1.0)
    found = bm25(rarities, averages, [FieldTokens.of(texts) for texts in collection])
    for f, field in enumerate(FIELDS):
        expected = dict(index.search({field: query[field]}, {field: 1.0}, limit=99))
        for number, scores in enumerate(found, 1):
            assert scores[f] == pytest.approx(expected.get(number, 0.0), rel=EXACT)


@given(collections, st.sampled_from(WORDS))
def test_scores_do_not_depend_on_the_passages_beside(
    collection: list[tuple[list[str], ...]], word: str
) -> None:
    passages = [FieldTokens.of(texts) for texts in collection]
    asked = [{word: 1.5, "鉱": 0.5}, {}, {"磁石": 2.0, word: 0.5}, {word: 1.0}]
    averages = [11.0, 1.0, 7.0, 3.0]
    together = bm25(asked, averages, passages)
    assert together == [bm25(asked, averages, [passage])[0] for passage in passages]


def test_nothing_asked_or_no_passages_score_nothing() -> None:
    assert bm25([{}, {}], [1.0, 1.0], [FieldTokens.of([["a"], []])]) == [(0.0, 0.0)]
    assert bm25([{"a": 1.0}], [1.0], []) == []


def test_lengths_are_kept_in_a_byte() -> None:
    kept = [kept_length(length) for length in range(100_000)]
    assert kept[:41] == list(range(41))
    assert kept[41:47] == [40, 42, 42, 44, 44, 46]
    assert kept == sorted(kept)
    assert len(set(kept)) <= 256
    assert all(length - kept[length] <= length / 8 for length in range(100_000))
