"""Vectors of single words: the table of the web beside an encoder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.encoding.loading import load_encoder, word_encoder
from kb.encoding.words import OWN, TABLE, WordTable, digest_of
from kb.errors import EncoderError
from kb.language.tokens import analyse

UNHEARD = "ぬるぽげろ"


def cosine(one: str, other: str) -> float:
    encoder = word_encoder(load_encoder())
    return float(encoder.cosines(encoder.encode([one]), encoder.encode([other])).item())


@pytest.mark.parametrize(
    ("word", "near", "far"),
    [
        ("ごみ", "廃棄", "輸出"),
        ("値段", "価格", "鉱山"),
        ("儲かる", "利益", "条約"),
        ("停戦", "戦争", "価格"),
        ("庶民", "大衆", "磁石"),
    ],
)
def test_an_everyday_word_is_near_to_what_reports_call_it(word: str, near: str, far: str) -> None:
    assert cosine(word, near) > cosine(word, far) + 0.2


def test_the_table_has_the_words_that_sudachi_gives() -> None:
    forms = [
        t.form for t in analyse("ごみを減らす国が値段を下げ、戦争をやめさせた。").words if t.content
    ]
    rows = WordTable().rows(forms)
    known = rows.any(axis=1)
    assert known.mean() > 0.7, forms
    assert np.allclose(np.linalg.norm(rows[known], axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize("other", ["価格", "price", UNHEARD])
def test_a_word_that_the_table_lacks_is_what_the_encoder_says_of_it(other: str) -> None:
    first, second = load_encoder().encode_passages([UNHEARD, other])
    assert cosine(UNHEARD, other) == pytest.approx(float(first @ second), abs=1e-5)


def test_two_words_that_the_table_has_are_what_both_say() -> None:
    own = load_encoder().encode_passages(["値段", "価格"])
    web = WordTable().rows(["値段", "価格"])
    expected = OWN * float(own[0] @ own[1]) + (1.0 - OWN) * float(web[0] @ web[1])
    assert cosine("値段", "価格") == pytest.approx(expected, abs=1e-5)


def test_no_words_have_no_rows() -> None:
    encoder = word_encoder(load_encoder())
    assert encoder.encode([]).shape == (0, encoder.dimensions)


def test_words_are_known_by_digests_that_are_sorted_and_differ() -> None:
    digests, meanings, vectors = WordTable()._tensors
    assert (np.diff(digests.astype(object)) > 0).all()
    assert len(meanings) == len(digests) > 200_000
    assert int(meanings.max()) + 1 == len(vectors)
    assert digest_of("価格") in digests
    assert digest_of(UNHEARD) not in digests


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", TABLE.read_bytes()[:5000]])
def test_a_damaged_table_is_named(tmp_path: Path, content: bytes) -> None:
    (path := tmp_path / "words.safetensors").write_bytes(content)
    with pytest.raises(EncoderError, match=r"damaged.*words\.safetensors"):
        WordTable(path).rows(["価格"])


def test_a_byte_that_differs_is_found(tmp_path: Path) -> None:
    content = bytearray(TABLE.read_bytes())
    content[-1000] ^= 1
    (path := tmp_path / "words.safetensors").write_bytes(content)
    with pytest.raises(EncoderError, match=r"words\.safetensors differs from its checksum"):
        WordTable(path).rows(["価格"])


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"unreadable.*words\.safetensors"):
        WordTable(tmp_path / "words.safetensors").rows(["価格"])
