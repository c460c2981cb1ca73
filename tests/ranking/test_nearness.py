"""The nearest words of passages, against a slow count."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from kb.ranking import nearness
from kb.ranking.nearness import WordVectors

words = st.sampled_from("希土 輸出 割当 中国 日本 磁石 鉱山 車".split())


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """A vector of length 1 for each word, by its characters; none for 車."""
    rows = np.array([[ord(text[0]) % 7 + 1, ord(text[-1]) % 5, -3] for text in texts], np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    rows[[text == "車" for text in texts]] = 0.0
    return rows


def products(some: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """The cosines of vectors of length 1."""
    found: NDArray[np.float32] = some @ others.T
    return found


@given(
    asked=st.lists(words, max_size=5),
    passages=st.lists(st.lists(words, max_size=6), max_size=5),
)
def test_the_nearest_word_is_found(asked: list[str], passages: list[list[str]]) -> None:
    found = WordVectors(encode, 3, products).nearest(asked, passages)
    assert found.shape == (len(passages), len(asked))
    for row, tokens in zip(found, passages, strict=True):
        for cosine, word in zip(row, asked, strict=True):
            (own,) = encode([word])
            best = max((float(own @ v) for v in encode(tokens)), default=0.0) if tokens else 0.0
            assert cosine == pytest.approx(max(best, 0.0), abs=1e-6)


def test_a_full_table_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearness, "_MOST", 3)
    vectors = WordVectors(encode, 3, products)
    first = vectors.nearest(["輸出"], [["割当", "輸出"]])
    vectors.nearest(["中国"], [["日本", "磁石"]])
    assert (vectors.nearest(["輸出"], [["割当", "輸出"]]) == first).all()


def test_threads_see_the_same() -> None:
    vectors = WordVectors(encode, 3, products)
    texts = [[f"{a}{b}"] for a in "希輸割中" for b in "日磁鉱車"]
    expected = [WordVectors(encode, 3, products).nearest(["輸出"], [text]).item() for text in texts]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda text: vectors.nearest(["輸出"], [text]).item(), texts))
    assert found == pytest.approx(expected)
