"""Parts of the training that can be checked without data: measures, rounding, what is held out."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from kb.encoding.static import StaticEncoder
from training import export, metrics, sources


def test_rank_counts_the_passages_that_score_no_lower() -> None:
    passages = np.eye(3, dtype=np.float32)
    queries = np.array([[1, 0, 0], [0.1, 0.2, 0.9], [0, 0, 0]], np.float32)
    assert metrics.ranks(queries, passages, np.array([0, 0, 1])).tolist() == [1, 3, 3]


def test_ranking_averages() -> None:
    found = metrics.ranking(np.array([1, 3, 11]))
    assert found.first == pytest.approx(1 / 3)
    assert found.ten == pytest.approx(2 / 3)
    assert found.ndcg == pytest.approx(1.5 / 3)


def test_rank_correlation_shares_ranks_of_ties() -> None:
    assert metrics.spearman([1, 2, 3], [10, 20, 400]) == pytest.approx(1.0)
    assert metrics.spearman([1, 1, 2, 2], [1, 2, 1, 2]) == pytest.approx(0.0)


def test_area_under_curve() -> None:
    assert metrics.area([2, 3], [0, 1]) == 1.0
    assert metrics.area([1], [1]) == 0.5


def test_rounding_stays_within_half_a_step_and_keeps_zero_rows() -> None:
    vectors = np.random.default_rng(0).standard_normal((50, 16)).astype(np.float32)
    vectors[7] = 0.0
    packed, factors = export.quantize(vectors)
    assert packed.dtype == np.int8
    error = np.abs(packed * factors[:, None] - vectors).max(axis=1)
    assert (error <= factors / 2 + 1e-6).all()
    assert not packed[7].any()


def test_what_is_exported_can_be_loaded(tmp_path: Path) -> None:
    vocabulary = pytest.importorskip("training.vocabulary")
    tokenizer = vocabulary.build({"希土": 5, "希": 1, "土": 1})
    vectors = np.random.default_rng(0).standard_normal((4, 8)).astype(np.float32)
    vectors[vocabulary.UNKNOWN_ID] = 0.0
    export.export(vectors, tokenizer, tmp_path)
    encoder = StaticEncoder.load(tmp_path)
    assert encoder.dimensions == 8
    one, other = encoder.encode_passages(["希土", "土"])
    assert abs(float(one @ other)) < 1.0


def test_held_out_translations_are_not_trained_on(tmp_path: Path) -> None:
    lines = [f"文{number % 120}\tsentence {number % 120}" for number in range(200)]
    with gzip.open(tmp_path / "kyoto.ja-en.tsv.gz", "wt", encoding="utf-8") as stream:
        stream.write("\n".join(lines) + "\n")
    article = {"title": "文7", "text": "文8。文9", "headings": []}
    for name, rows in (
        ("jaquad.dev.corpus", [{"title": "文7"}]),
        ("jsquad.valid.corpus", []),
        ("kyoto.sections", [article]),
    ):
        with gzip.open(tmp_path / f"{name}.jsonl.gz", "wt", encoding="utf-8") as stream:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    held_out = {japanese for japanese, _ in sources.kyoto_held_out_pairs(tmp_path, 10)}
    trained = {japanese for japanese, _ in sources.kyoto_training_pairs(tmp_path)}
    assert held_out == {"文0", "文50", "文100", "文30"}
    assert not held_out & trained
    assert not {"文7", "文9"} & trained
    assert "文10" in trained


def test_scores_move_likeness_and_leave_other_pieces_alone() -> None:
    similarity = pytest.importorskip("training.similarity")
    contrastive = pytest.importorskip("training.contrastive")
    vocabulary = pytest.importorskip("training.vocabulary")
    words = [f"語{chr(0x4E00 + number)}" for number in range(40)]
    tokenizer = vocabulary.build({**dict.fromkeys(words, 9), "語": 1})
    numbers = {word: tokenizer.token_to_id(word) for word in words}
    vectors = np.random.default_rng(0).standard_normal((tokenizer.get_vocab_size(), 16))
    vectors = vectors.astype(np.float32)
    vectors[vocabulary.UNKNOWN_ID] = 0.0
    generator = np.random.default_rng(1)
    # The first half of the words is scored: alike where both are even or both are odd.
    chosen = generator.integers(20, size=(400, 2)).tolist()
    scored = [
        sources.Scored(words[one], words[other], 5.0 if one % 2 == other % 2 else 0.0)
        for one, other in chosen
    ]
    judged = similarity.read_judged(scored, tokenizer)
    sides = [contrastive.side([np.array([n], np.int32) for n in range(1, 41)])] * 2
    pairs = contrastive.Pairs(*sides, np.arange(40) // 4)

    def trained() -> np.ndarray:
        return np.asarray(similarity.train(vectors, pairs, judged, seed=1, threads=1, steps=60))

    def agreement(table: np.ndarray) -> float:
        unit = table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-9)
        left, right = (
            unit[[numbers[getattr(p, side)] for p in scored]] for side in ("first", "second")
        )
        return metrics.spearman(list((left * right).sum(axis=1)), [p.score for p in scored])

    after = trained()
    assert np.array_equal(after, trained())
    assert agreement(after) > agreement(vectors) + 0.1
    scale = np.linalg.norm(vectors, axis=1).mean()
    still = [numbers[word] for word in words[20:]]
    assert np.allclose(after[still], vectors[still] / scale)
    assert not after[vocabulary.UNKNOWN_ID].any()


def test_correlation_of_scores_ignores_their_scale() -> None:
    similarity = pytest.importorskip("training.similarity")
    torch = pytest.importorskip("torch")
    cosines = torch.tensor([0.1, 0.2, 0.4])
    assert float(similarity.disagreement(cosines, 10 * cosines + 3)) == pytest.approx(-1, abs=1e-4)
    assert float(similarity.disagreement(cosines, -cosines)) == pytest.approx(1, abs=1e-4)
