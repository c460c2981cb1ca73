"""Fifth stage: likeness as people score it, without forgetting which texts belong together.

Every step adds the correlation of cosines with people's scores to the contrastive loss. Only pieces
that occur in scored pairs move, so that rare words stay as they were learned. A piece has a weight
of its own besides its vector: most of what the scores teach is how much a word counts.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from training import contrastive
from training.contrastive import Pairs, Side
from training.sources import Scored
from training.vocabulary import UNKNOWN_ID

STEPS = 160
EVERY = 6
"""Of the weak pairs each such one is read: more than the steps need."""

BATCH_PAIRS = 384
BATCH_SCORED = 256
LONGEST = 80
"""Pieces of one text of a weak pair that a step looks at, from anywhere in it."""

LEARNING_RATE = 0.03
"""For rows of mean length 1, as in the stage before; EPSILON makes the steps far smaller."""

WEIGHT_RATE = 0.2
"""For the logarithm of a piece's weight."""

EPSILON = 0.02
"""Adam's: so large that a piece seen in a handful of scored pairs moves less than a common one,
instead of as far; such moves learn those pairs by heart and cost retrieval."""

SHARE = 10.0
"""What a correlation of 1 counts for against the contrastive loss, which is near 0.4."""

WARM_UP = 20
REPORT_EVERY = 50

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Judged:
    """Sentence pairs and how alike people found them."""

    left: Side
    right: Side
    scores: NDArray[np.float32]


def read_judged(scored: Sequence[Scored], tokenizer: Tokenizer) -> Judged:
    """The scored pairs as piece numbers; those with an empty side are left out."""
    left = contrastive.known_pieces(tokenizer, [pair.first for pair in scored])
    right = contrastive.known_pieces(tokenizer, [pair.second for pair in scored])
    kept = [n for n in range(len(scored)) if len(left[n]) and len(right[n])]
    return Judged(
        contrastive.side([left[n] for n in kept]),
        contrastive.side([right[n] for n in kept]),
        np.array([scored[n].score for n in kept], np.float32),
    )


def disagreement(cosines: Tensor, scores: Tensor) -> Tensor:
    """Minus Pearson's correlation: neither the scale nor the level of the scores matters."""
    one = cosines - cosines.mean()
    other = scores - scores.mean()
    return -(one * other).sum() / (one.norm() * other.norm() + 1e-6)


class Table:
    """Token vectors of which some rows move, each with a weight of its own."""

    def __init__(self, vectors: NDArray[np.float32], moving: NDArray[np.int64]) -> None:
        self._fixed = vectors
        self._moving = moving
        self._place = np.full(len(vectors), -1)
        self._place[moving] = np.arange(len(moving))
        self.rows = nn.Parameter(torch.from_numpy(vectors[moving]))
        self.weights = nn.Parameter(torch.zeros(len(moving), 1))

    def current(self) -> Tensor:
        """The moving rows times their weights."""
        return self.rows * torch.exp(self.weights)

    def sums(self, texts: Sequence[NDArray[np.int32]], current: Tensor) -> Tensor:
        """The sum of its pieces' vectors for each text."""
        constant = np.zeros((len(texts), self._fixed.shape[1]), np.float32)
        moving = []
        for number, text in enumerate(texts):
            places = self._place[text]
            moving.append(places[places >= 0])
            constant[number] = self._fixed[text[places < 0]].sum(axis=0)
        pieces, offsets = contrastive.bag(moving)
        summed = functional.embedding_bag(pieces, current, offsets, mode="sum")
        return summed + torch.from_numpy(constant)

    def result(self) -> NDArray[np.float32]:
        """All the rows as they are now."""
        vectors = self._fixed.copy()
        vectors[self._moving] = self.current().detach().numpy()
        return vectors


def train(
    vectors: NDArray[np.float32],
    pairs: Pairs,
    judged: Judged,
    *,
    seed: int,
    threads: int,
    steps: int = STEPS,
) -> NDArray[np.float32]:
    """The vectors after training, each times its piece's weight; the unknown piece stays zero."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    generator = np.random.default_rng(seed)
    start = vectors / np.linalg.norm(vectors, axis=1).mean()
    table = Table(start, np.unique(np.concatenate([judged.left.pieces, judged.right.pieces])))
    optimizer = torch.optim.Adam(
        [
            {"params": [table.rows], "lr": LEARNING_RATE},
            {"params": [table.weights], "lr": WEIGHT_RATE},
        ],
        eps=EPSILON,
    )
    plan = _weak_batches(pairs, steps, generator)
    scored = _scored_batches(len(judged.scores), steps, generator)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.0, 1 - step / steps)
    )
    started, running = time.monotonic(), np.zeros(2)
    for step, (chosen, rows) in enumerate(zip(plan, scored, strict=True)):
        current = table.current()
        contrast = contrastive.loss(
            table.sums(_cropped(pairs.left.texts(chosen), generator), current),
            table.sums(_cropped(pairs.right.texts(chosen), generator), current),
            contrastive.shared(pairs, chosen),
        )
        likeness = disagreement(
            functional.cosine_similarity(
                table.sums(judged.left.texts(rows), current),
                table.sums(judged.right.texts(rows), current),
            ),
            torch.from_numpy(judged.scores[rows]),
        )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(contrast + SHARE * likeness)
        optimizer.step()
        schedule.step()
        running += (float(contrast.detach()), -float(likeness.detach()))
        if (step + 1) % REPORT_EVERY == 0:
            loss, correlation = running / REPORT_EVERY
            seconds = time.monotonic() - started
            _log.info(
                "step %d of %d, loss %.3f, correlation %.3f, %.0f s",
                *(step + 1, steps, loss, correlation, seconds),
            )
            running[:] = 0.0
    result = table.result()
    result[UNKNOWN_ID] = 0.0
    return result


def _cropped(
    texts: Sequence[NDArray[np.int32]], generator: np.random.Generator
) -> list[NDArray[np.int32]]:
    """Each text, or LONGEST pieces of it from anywhere."""
    found = []
    for text in texts:
        start = generator.integers(len(text) - LONGEST) if len(text) > LONGEST else 0
        found.append(text[start : start + LONGEST])
    return found


def _weak_batches(
    pairs: Pairs, steps: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    found: list[NDArray[np.int64]] = []
    while len(found) < steps:
        found += contrastive.batches(pairs, generator, BATCH_PAIRS)
    return found[:steps]


def _scored_batches(
    size: int, steps: int, generator: np.random.Generator
) -> list[NDArray[np.int64]]:
    """As many batches of scored pairs as there are steps; every pair once before any twice."""
    found: list[NDArray[np.int64]] = []
    while len(found) < steps:
        found += np.array_split(generator.permutation(size), max(1, size // BATCH_SCORED))
    return found[:steps]
