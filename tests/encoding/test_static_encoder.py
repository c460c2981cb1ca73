"""The bundled encoder: what its vectors are, and what it says of a damaged directory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.encoding import static
from kb.encoding.loading import BUNDLED_DIRECTORY, load_encoder
from kb.encoding.static import StaticEncoder
from kb.errors import EncoderError

TEXTS = [
    "希土類の輸出許可は誰が出しますか。",
    "Export controls on rare earths",
    "レアアース（希土類）を含む磁石の輸出には、商務部の許可が必要である。",
    "１２３ﾚｱｱｰｽ",
    "天気",
]


@pytest.fixture(scope="module")
def encoder() -> StaticEncoder:
    return StaticEncoder.load(BUNDLED_DIRECTORY)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return Path(shutil.copytree(BUNDLED_DIRECTORY, tmp_path / "model"))


def likeness(encoder: StaticEncoder, one: str, other: str) -> float:
    rows = encoder.encode_passages([one, other])
    return float(rows[0] @ rows[1])


def test_rows_have_unit_length(encoder: StaticEncoder) -> None:
    rows = encoder.encode_queries(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimensions)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), 1.0, atol=1e-6)


def test_no_texts_give_no_rows(encoder: StaticEncoder) -> None:
    assert encoder.encode_passages([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize("text", ["", " \n\t　", "。、！？", "𓀀𓀁", "\ud800"])
def test_texts_without_known_token_give_zero_rows(encoder: StaticEncoder, text: str) -> None:
    assert not encoder.encode_queries([text]).any()


def test_unknown_signs_change_nothing(encoder: StaticEncoder) -> None:
    plain, strange = encoder.encode_passages(["希土類 の 輸出", "希土類 𓀀 の 輸出"])
    assert np.array_equal(plain, strange)


def test_width_and_case_do_not_matter(encoder: StaticEncoder) -> None:
    narrow, wide = encoder.encode_passages(["ﾚｱｱｰｽ WTO 2010", "レアアース ｗｔｏ ２０１０"])
    assert np.array_equal(narrow, wide)


def test_every_kana_and_common_kanji_is_known(encoder: StaticEncoder) -> None:
    rows = encoder.encode_passages([*"あんアンヴー", *"希土類鉱業鑛釔"[:6]])
    assert rows.any(axis=1).all()


def test_the_way_for_many_texts_gives_the_same_vectors(
    encoder: StaticEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = StaticEncoder.load(BUNDLED_DIRECTORY)
    monkeypatch.setattr(static, "_FEW", 0)
    monkeypatch.setattr(static, "_WORTH", 10**12)
    one_way = fresh.encode_passages([*TEXTS, "か\u3099る𓀀"])
    monkeypatch.setattr(static, "_WORTH", 0)
    assert np.array_equal(encoder.encode_passages([*TEXTS, "か\u3099る𓀀"]), one_way)


def test_queries_and_passages_are_alike(encoder: StaticEncoder) -> None:
    assert np.array_equal(encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS))


def test_a_row_depends_on_its_text_alone(encoder: StaticEncoder) -> None:
    together = encoder.encode_passages(TEXTS * 30)
    backwards = encoder.encode_passages((TEXTS * 30)[::-1])[::-1]
    alone = np.concatenate([encoder.encode_passages([text]) for text in TEXTS] * 30)
    assert np.array_equal(together, backwards)
    assert np.array_equal(together, alone)


def test_threads_get_the_same_rows(encoder: StaticEncoder) -> None:
    expected = encoder.encode_passages(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for rows in pool.map(lambda _: encoder.encode_passages(TEXTS), range(20)):
            assert np.array_equal(rows, expected)


def test_two_loads_agree(encoder: StaticEncoder) -> None:
    again = StaticEncoder.load(BUNDLED_DIRECTORY)
    assert again.name == encoder.name
    assert np.array_equal(again.encode_queries(TEXTS), encoder.encode_queries(TEXTS))


def test_the_name_tells_the_weights(encoder: StaticEncoder) -> None:
    stem, _, digest = encoder.name.partition("@")
    assert stem == f"kido-static-{encoder.dimensions}"
    assert len(digest) == 12
    assert set(digest) <= set("0123456789abcdef")


@pytest.mark.parametrize(
    ("near", "anchor", "far"),
    [
        ("希土類", "レアアース", "天気"),
        ("輸出の規制", "輸出の制限", "天気の予報"),
        ("export", "輸出", "天気"),
    ],
)
def test_what_means_alike_is_near(encoder: StaticEncoder, near: str, anchor: str, far: str) -> None:
    assert likeness(encoder, anchor, near) > likeness(encoder, anchor, far)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_any_text_gives_a_finite_row_of_length_one_or_zero(text: str) -> None:
    row = shared().encode_passages([text])[0]
    assert np.isfinite(row).all()
    length = float(np.linalg.norm(row))
    assert length == 0.0 or abs(length - 1.0) < 1e-5


_shared: list[StaticEncoder] = []


def shared() -> StaticEncoder:
    """One encoder for the examples of Hypothesis, which takes no module fixtures."""
    if not _shared:
        _shared.append(StaticEncoder.load(BUNDLED_DIRECTORY))
    return _shared[0]


def test_serving_needs_no_torch() -> None:
    program = (
        "import sys\n"
        "from kb.encoding.loading import load_encoder\n"
        "load_encoder().encode_queries(['希土類'])\n"
        "print(sorted({'torch', 'transformers', 'sentence_transformers'} & set(sys.modules)))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_default_is_the_bundled_encoder(encoder: StaticEncoder) -> None:
    assert load_encoder().name == encoder.name


def test_a_directory_is_loaded_by_path(encoder: StaticEncoder, copy: Path) -> None:
    assert load_encoder(str(copy)).name == encoder.name


def test_the_bundled_encoder_takes_no_prefixes() -> None:
    with pytest.raises(EncoderError, match="takes no prefixes"):
        load_encoder(query_prefix="query: ")


@pytest.mark.parametrize("name", ["encoder.json", "model.safetensors", "tokenizer.json"])
def test_a_missing_file_is_named(copy: Path, name: str) -> None:
    (copy / name).unlink()
    with pytest.raises(EncoderError) as caught:
        StaticEncoder.load(copy)
    assert str(caught.value) == f"encoder file missing: {copy / name}"


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_changed_byte_is_noticed(copy: Path, name: str) -> None:
    content = bytearray((copy / name).read_bytes())
    content[-10] ^= 1
    (copy / name).write_bytes(bytes(content))
    with pytest.raises(EncoderError) as caught:
        StaticEncoder.load(copy)
    assert str(copy / name) in str(caught.value)
    assert "sha256" in str(caught.value)


def test_other_dimensions_are_noticed(copy: Path) -> None:
    manifest = json.loads((copy / "encoder.json").read_text(encoding="utf-8"))
    manifest["dimensions"] += 1
    (copy / "encoder.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(EncoderError, match="dimensions") as caught:
        StaticEncoder.load(copy).encode_queries(TEXTS)
    assert str(copy / "model.safetensors") in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"name": "x", "dimensions": 1}'])
def test_a_damaged_manifest_is_named(copy: Path, content: str) -> None:
    (copy / "encoder.json").write_text(content, encoding="utf-8")
    with pytest.raises(EncoderError, match="no encoder manifest") as caught:
        StaticEncoder.load(copy)
    assert str(copy / "encoder.json") in str(caught.value)


def test_the_model_stays_small() -> None:
    size = sum(path.stat().st_size for path in BUNDLED_DIRECTORY.rglob("*") if path.is_file())
    assert size <= 15_000_000
