"""Fourth stage: moves the vectors so that both sides of a weak pair point the same way."""

from __future__ import annotations

import json
import logging
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional

from training.vocabulary import UNKNOWN_ID

TEMPERATURE = 0.05
BATCH = 768
LEARNING_RATE = 0.005
"""For rows of mean length 1, which the vectors are scaled to first: Adam's steps do not scale."""

WARM_UP = 100
EPOCHS = 2
REPORT_EVERY = 100
LONGEST = 300
"""Pieces of one text that training looks at."""

_CHUNK = 20_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Side:
    """One side of all the pairs: the pieces end to end, where each text ends, who is who."""

    pieces: NDArray[np.int32]
    ends: NDArray[np.int64]
    identity: NDArray[np.int64]

    def texts(self, chosen: NDArray[np.int64]) -> list[NDArray[np.int32]]:
        """The pieces of some texts."""
        return [self.pieces[self.ends[number] : self.ends[number + 1]] for number in chosen]

    def batch(self, chosen: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
        """Pieces and offsets of some texts, as an embedding bag wants them."""
        return bag(self.texts(chosen))


@dataclass(frozen=True)
class Pairs:
    """All the pairs and, as numbers, the kind of each."""

    left: Side
    right: Side
    kinds: NDArray[np.int64]


def bag(texts: Sequence[NDArray[np.int32]]) -> tuple[Tensor, Tensor]:
    """Pieces end to end and where each text starts, as an embedding bag wants them."""
    offsets = np.cumsum([0] + [len(text) for text in texts[:-1]])
    flat = np.concatenate(texts).astype(np.int64)
    return torch.from_numpy(flat), torch.from_numpy(offsets)


def read_pairs(path: Path, tokenizer: Tokenizer, every: int = 1) -> Pairs:
    """The pairs as piece numbers; those with an empty side are left out.

    With ``every`` only each such row is read.
    """
    kinds: list[int] = []
    names: dict[str, int] = {}
    sides: tuple[list[NDArray[np.int32]], list[NDArray[np.int32]]] = ([], [])
    with path.open(encoding="utf-8") as stream:
        rows = [json.loads(line) for line in islice(stream, 0, None, every)]
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        both = [known_pieces(tokenizer, [row[number] for row in chunk]) for number in (1, 2)]
        for row, first, second in zip(chunk, *both, strict=True):
            if len(first) and len(second):
                kinds.append(names.setdefault(row[0], len(names)))
                sides[0].append(first)
                sides[1].append(second)
    return Pairs(side(sides[0]), side(sides[1]), np.array(kinds))


def known_pieces(tokenizer: Tokenizer, texts: Sequence[str]) -> list[NDArray[np.int32]]:
    """The pieces of each text up to LONGEST, without those that are unknown."""
    return [
        np.array([n for n in encoding.ids if n != UNKNOWN_ID][:LONGEST], np.int32)
        for encoding in tokenizer.encode_batch_fast(texts, add_special_tokens=False)
    ]


def side(texts: Sequence[NDArray[np.int32]]) -> Side:
    """Texts end to end; equal texts get equal identities."""
    ends = np.cumsum([0] + [len(text) for text in texts])
    identity = np.array([zlib.crc32(text.tobytes()) << 16 | len(text) for text in texts], np.int64)
    return Side(np.concatenate(texts), ends, identity)


def batches(
    pairs: Pairs, generator: np.random.Generator, size: int = BATCH
) -> list[NDArray[np.int64]]:
    """Batches of one kind each, in random order: the other pairs of a kind are what is hard."""
    found = []
    for kind in np.unique(pairs.kinds):
        members = generator.permutation(np.flatnonzero(pairs.kinds == kind))
        parts = max(1, round(len(members) / size))
        found += [part for part in np.array_split(members, parts) if len(part) > 1]
    return [found[number] for number in generator.permutation(len(found))]


def loss(left: Tensor, right: Tensor, same: Tensor) -> Tensor:
    """Symmetric InfoNCE; pairs that share a text are no negatives of each other."""
    scores = functional.normalize(left) @ functional.normalize(right).T / TEMPERATURE
    scores = scores.masked_fill(same, float("-inf"))
    target = torch.arange(len(scores))
    forward = functional.cross_entropy(scores, target)
    return (forward + functional.cross_entropy(scores.T, target)) / 2


def train(
    vectors: NDArray[np.float32],
    pairs: Pairs,
    *,
    seed: int,
    threads: int,
    epochs: int = EPOCHS,
) -> NDArray[np.float32]:
    """The vectors after training; the row of the unknown piece stays zero."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    generator = np.random.default_rng(seed)
    start = torch.from_numpy(vectors / np.linalg.norm(vectors, axis=1).mean())
    table = nn.EmbeddingBag.from_pretrained(start, freeze=False, mode="sum")
    optimizer = torch.optim.Adam(table.parameters(), lr=LEARNING_RATE)
    plan = [batch for _ in range(epochs) for batch in batches(pairs, generator)]
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(1.0, (step + 1) / WARM_UP) * max(0.0, 1 - step / len(plan)),
    )
    started, running = time.monotonic(), 0.0
    for step, chosen in enumerate(plan):
        value = loss(
            table(*pairs.left.batch(chosen)),
            table(*pairs.right.batch(chosen)),
            shared(pairs, chosen),
        )
        optimizer.zero_grad(set_to_none=True)
        value.backward()
        optimizer.step()
        schedule.step()
        running += float(value.detach())
        if (step + 1) % REPORT_EVERY == 0:
            seconds = time.monotonic() - started
            _log.info(
                "step %d of %d, loss %.3f, %.0f s",
                step + 1,
                len(plan),
                running / REPORT_EVERY,
                seconds,
            )
            running = 0.0
    result: NDArray[np.float32] = table.weight.detach().numpy().copy()
    result[UNKNOWN_ID] = 0.0
    return result


def shared(pairs: Pairs, chosen: NDArray[np.int64]) -> Tensor:
    """Which of the chosen pairs share a text with which other."""
    left = pairs.left.identity[chosen]
    right = pairs.right.identity[chosen]
    same = (left[:, None] == left[None, :]) | (right[:, None] == right[None, :])
    np.fill_diagonal(same, False)
    return torch.from_numpy(same)
