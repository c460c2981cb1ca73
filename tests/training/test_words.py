"""The table of words of the web, made from vectors of our own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.encoding.words import WordTable
from training.words import AXES, is_unit, on_axes, write

WIDE = 300


@pytest.mark.parametrize(
    ("word", "kept"),
    [
        ("価格", True),
        ("減る", True),
        ("クィズパーツ", False),
        ("輸出規制", False),
        ("は", False),
    ],
)
def test_words_that_sudachi_has_in_one_unit_are_kept(word: str, kept: bool) -> None:
    assert is_unit(word) is kept


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    chance = np.random.default_rng(1)
    vectors = chance.standard_normal((400, WIDE)).astype(np.float32)
    vectors[7] = vectors[5] + 0.05 * vectors[7]
    turned = on_axes(vectors)
    assert turned.shape == (400, AXES)
    assert np.abs(turned).max() == 127
    path = tmp_path / "words.safetensors"
    write(path, {"値段": 5, "価格": 7, "鉱山": 9}, turned)
    first = path.read_bytes()
    write(path, {"鉱山": 9, "価格": 7, "値段": 5}, turned)
    assert path.read_bytes() == first
    price, cost, mine, other = WordTable(path).rows(["値段", "価格", "鉱山", "海"])
    assert price @ cost > 0.9
    assert abs(price @ mine) < 0.4
    assert not other.any()
