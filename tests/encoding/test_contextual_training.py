"""The contextual encoder's training, on a vocabulary of a few pieces."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("transformers")

from training import contextual, packed  # noqa: E402
from training.packing import _flat, _write  # noqa: E402

PIECES = 40


@pytest.fixture
def body() -> Any:
    torch.manual_seed(0)
    vectors = np.random.default_rng(0).normal(size=(PIECES, 16)).astype(np.float32)
    return contextual.new_body(vectors).cpu()


def test_packed_texts_come_back_as_rows(tmp_path: Path) -> None:
    texts = [np.array(text, np.uint16) for text in ([3, 1, 4], [1], [5, 9])]
    _write(tmp_path / "some.npz.xz", _flat("text", texts))
    rows = contextual.padded(packed.load(tmp_path / "some.npz.xz"), "text", PIECES)
    assert rows.tolist() == [[3, 1, 4], [1, PIECES, PIECES], [5, 9, PIECES]]


def test_a_text_means_the_same_beside_a_longer_one(body: Any) -> None:
    alone = contextual.pooled(body, torch.tensor([[3, 1, 4]]))
    beside = contextual.pooled(body, torch.tensor([[3, 1, 4, PIECES, PIECES], [5, 9, 2, 6, 5]]))
    assert torch.allclose(alone[0], beside[0], atol=1e-5)
    assert torch.allclose(beside.norm(dim=1), torch.ones(2), atol=1e-5)


def test_pairs_are_drawn_together(body: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contextual, "DEVICE", "cpu")
    generator = np.random.default_rng(1)
    sides = [[generator.integers(0, PIECES, 5).astype(np.uint16) for _ in range(8)] for _ in "lr"]
    left, right = (torch.from_numpy(np.stack(side).astype(np.int64)) for side in sides)

    def apart() -> float:
        with torch.no_grad():
            scores = contextual.pooled(body, left) @ contextual.pooled(body, right).T
        return float((scores - scores.diagonal()[:, None]).mean())

    pairs = {**_flat("left", sides[0]), **_flat("right", sides[1]), "kind": np.zeros(8, np.uint8)}
    before = apart()
    contextual.draw_together(body, pairs, 1.5)
    assert apart() < before
