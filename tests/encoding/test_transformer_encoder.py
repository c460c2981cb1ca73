"""sentence-transformers: the bundled directory loads there, and missing models are one line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kb.encoding.loading import BUNDLED_DIRECTORY, load_encoder
from kb.encoding.static import StaticEncoder
from kb.encoding.transformer import TransformerEncoder, default_prefixes
from kb.errors import EncoderError

TEXTS = [
    "希土類の輸出許可は誰が出しますか。",
    "Export controls on rare earths, ＷＴＯ 2010年",
    "レアアースの精錬　と　分離。" * 20,
    "𓀀",
    "",
]


@pytest.fixture(scope="module")
def transformer() -> TransformerEncoder:
    return TransformerEncoder.load(str(BUNDLED_DIRECTORY))


def test_sentence_transformers_gives_the_same_vectors() -> None:
    from sentence_transformers import SentenceTransformer

    theirs = SentenceTransformer(str(BUNDLED_DIRECTORY)).encode(TEXTS)
    ours = StaticEncoder.load(BUNDLED_DIRECTORY).encode_passages(TEXTS)
    assert theirs.shape == ours.shape
    cosines = (theirs * ours).sum(axis=1)
    assert np.allclose(cosines[:3], 1.0, atol=1e-6)
    assert np.allclose(theirs, ours, atol=1e-6)


def test_prefixes_stand_before_the_text() -> None:
    encoder = TransformerEncoder.load(
        str(BUNDLED_DIRECTORY), query_prefix="質問 ", passage_prefix="文書 "
    )
    plain = StaticEncoder.load(BUNDLED_DIRECTORY)
    expected = plain.encode_passages(["質問 希土類", "文書 希土類"])
    assert np.allclose(encoder.encode_queries(["希土類"])[0], expected[0], atol=1e-6)
    assert np.allclose(encoder.encode_passages(["希土類"])[0], expected[1], atol=1e-6)
    assert "質問 " in encoder.name


def test_empty_texts_are_zero_and_no_texts_no_rows(transformer: TransformerEncoder) -> None:
    assert transformer.encode_queries([]).shape == (0, transformer.dimensions)
    rows = transformer.encode_passages(["希土類", " ", "磁石"])
    assert rows.any(axis=1).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("intfloat/multilingual-e5-small", ("query: ", "passage: ")),
        ("models/e5-base", ("query: ", "passage: ")),
        ("cl-nagoya/ruri-v3-30m", ("検索クエリ: ", "検索文書: ")),
        ("BAAI/bge-m3", ("", "")),
        ("some/other-model5", ("", "")),
    ],
)
def test_known_families_have_prefixes(model: str, expected: tuple[str, str]) -> None:
    assert default_prefixes(model) == expected


@pytest.mark.parametrize("name", ["./no/such/model", "/no/such/model"])
def test_a_missing_directory_is_one_line(name: str) -> None:
    with pytest.raises(EncoderError) as caught:
        load_encoder(name)
    assert str(caught.value) == f"encoder model directory missing: {name}"


def test_a_directory_without_model_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as caught:
        load_encoder(str(tmp_path))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreachable_hub_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    import huggingface_hub
    import sentence_transformers

    def refuse(*_: object, **__: object) -> None:
        raise ConnectionError("no route to host\nand more")

    monkeypatch.setattr(sentence_transformers, "SentenceTransformer", refuse)
    monkeypatch.setattr(huggingface_hub, "model_info", refuse)
    with pytest.raises(EncoderError) as caught:
        load_encoder("nobody/nothing")
    assert str(caught.value) == (
        "encoder model 'nobody/nothing' cannot be loaded: no route to host"
    )
