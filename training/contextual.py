"""A small contextual encoder, trained from nothing: ``python -m training.contextual PACK OUT``.

Three layers of self-attention (the ELECTRA layout, so that sentence-transformers reads it) over
the pieces of the bundled encoder, whose vectors they start from. Masked pieces are guessed first,
then both sides of a weak pair are drawn together, as the bundled encoder was. Made for an
accelerator; the seconds of each stage decide how far it gets.
"""

from __future__ import annotations

import argparse
import logging
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from transformers import ElectraConfig, ElectraModel

from training.packed import PAD, Packed, load, special

HIDDEN = 192
LAYERS = 3
HEADS = 4
INNER = 576
POSITIONS = 256

MASKED_SHARE = 0.2
TEXT_BATCH, TEXT_LENGTH = 512, 192
TEXT_RATE = 2e-3
PAIR_BATCH = 2048
PAIR_RATE = 6e-4
TEMPERATURE = 0.05
WARM = 0.04
REPORT_EVERY = 200

_log = logging.getLogger("training")
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def main() -> None:
    """Train both stages and write the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--words", type=Path, required=True, help="weights of the bundled encoder")
    parser.add_argument("--text-seconds", type=float, default=200.0)
    parser.add_argument("--pair-seconds", type=float, default=140.0)
    parser.add_argument(
        "--body", type=Path, required=True, help="where the body is kept after the first stage"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.manual_seed(1)
    torch.set_float32_matmul_precision("high")
    body = new_body(static_vectors(options.words))
    if options.body.exists():
        body.load_state_dict(torch.load(options.body, map_location=DEVICE))
    else:
        guess_masked(body, load(options.pack / "texts.npz.xz"), options.text_seconds)
        torch.save(body.state_dict(), options.body)
    if options.pair_seconds:
        draw_together(body, load(options.pack / "pairs.npz.xz"), options.pair_seconds)
        write_halves(body, options.out, "encoder")


def static_vectors(path: Path) -> NDArray[np.float32]:
    """The bundled encoder's vectors, a row a piece, with their lengths."""
    tensors = safetensors.numpy.load_file(path)
    rows: NDArray[np.float32] = (
        tensors["embeddings"].astype(np.float32) * tensors["weights"].astype(np.float32)[:, None]
    )
    return rows


def new_body(vectors: NDArray[np.float32]) -> ElectraModel:
    """The untrained network, its pieces at the directions of the bundled encoder's."""
    size, dimensions = vectors.shape
    config = ElectraConfig(
        vocab_size=size + len(special(size)), embedding_size=dimensions, hidden_size=HIDDEN,
        num_hidden_layers=LAYERS, num_attention_heads=HEADS, intermediate_size=INNER,
        max_position_embeddings=POSITIONS, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, hidden_act="relu", pad_token_id=size + PAD,
    )  # fmt: skip
    body = ElectraModel(config)
    directions = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    with torch.no_grad():
        body.embeddings.word_embeddings.weight[:size] = torch.from_numpy(directions) * 0.5
    return body.to(DEVICE)


class _Guess(nn.Module):  # type: ignore[misc]
    """What a piece was, from what stands in its place."""

    def __init__(self, body: ElectraModel) -> None:
        super().__init__()
        words = body.embeddings.word_embeddings.weight
        self.turn = nn.Linear(HIDDEN, words.shape[1])
        self.norm = nn.LayerNorm(words.shape[1])
        self.bias = nn.Parameter(torch.zeros(len(words)))

    def forward(self, hidden: Tensor, words: Tensor) -> Tensor:
        turned = self.norm(functional.gelu(self.turn(hidden)))
        return turned @ words.to(turned.dtype).T + self.bias


@dataclass
class Clock:
    """How far a stage of so many seconds is, from 0 to 1."""

    seconds: float
    start: float = 0.0

    def __post_init__(self) -> None:
        self.start = time.monotonic()

    @property
    def done(self) -> float:
        """The share of the time that has passed."""
        return (time.monotonic() - self.start) / self.seconds

    def rate(self) -> float:
        """The step as a share of the highest: a short rise, then a cosine down to nothing."""
        at = min(self.done, 1.0)
        return at / WARM if at < WARM else 0.5 * (1 + math.cos(math.pi * (at - WARM) / (1 - WARM)))


def optimizer_of(modules: list[nn.Module], rate: float) -> torch.optim.AdamW:
    """AdamW without decay on vectors, biases and norms."""
    named = [p for m in modules for p in m.parameters() if p.requires_grad]
    flat = [p for p in named if p.ndim < 2 or len(p) > 10_000]
    rest = [p for p in named if not (p.ndim < 2 or len(p) > 10_000)]
    groups = [{"params": rest, "weight_decay": 0.01}, {"params": flat, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=rate, betas=(0.9, 0.98), fused=DEVICE == "cuda")


def stepped(
    optimizer: torch.optim.Optimizer, modules: list[nn.Module], loss: Tensor, rate: float
) -> None:
    """One step down."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    for module in modules:
        nn.utils.clip_grad_norm_(module.parameters(), 1.0)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()


def guess_masked(body: ElectraModel, packed: Packed, seconds: float) -> None:
    """Masked-language training (Devlin et al., 2019) on chunks from anywhere in the text."""
    text = torch.from_numpy(packed["text"].astype(np.int32)).to(DEVICE)
    size = len(body.embeddings.word_embeddings.weight) - 4
    _, cls, separator, mask = special(size)
    head = _Guess(body).to(DEVICE)
    modules: list[nn.Module] = [body, head]
    optimizer = optimizer_of(modules, TEXT_RATE)
    clock, step = Clock(seconds), 0
    reach = torch.arange(TEXT_LENGTH - 1, device=DEVICE)
    while clock.done < 1.0:
        starts = torch.randint(0, len(text) - TEXT_LENGTH, (TEXT_BATCH, 1), device=DEVICE)
        pieces = text[starts + reach].long()
        pieces = torch.cat([torch.full_like(starts, cls), pieces], dim=1)
        chosen = torch.rand(pieces.shape, device=DEVICE) < MASKED_SHARE
        chosen &= (pieces != separator) & (pieces != cls)
        luck = torch.rand(pieces.shape, device=DEVICE)
        seen = torch.where(chosen & (luck < 0.8), mask, pieces)
        other = torch.randint(0, size, pieces.shape, device=DEVICE)
        seen = torch.where(chosen & (luck > 0.9), other, seen)
        kinds = (torch.rand(TEXT_BATCH, 1, device=DEVICE) < 0.5).long().expand_as(seen)
        with torch.autocast(DEVICE, torch.bfloat16):
            hidden = body(input_ids=seen, token_type_ids=kinds).last_hidden_state[chosen]
            logits = head(hidden, body.embeddings.word_embeddings.weight)
            loss = functional.cross_entropy(logits, pieces[chosen])
        stepped(optimizer, modules, loss, TEXT_RATE * clock.rate())
        step += 1
        if step % REPORT_EVERY == 0:
            at = float(loss.detach())
            _log.info("masked: step %d, %.2f done, loss %.3f", step, clock.done, at)
    _log.info("masked: %d steps of %d pieces", step, TEXT_BATCH * TEXT_LENGTH)


def pooled(body: ElectraModel, pieces: Tensor) -> Tensor:
    """The mean of what stands in the places of each text's pieces, brought to length 1."""
    known = pieces != body.config.pad_token_id
    hidden = body(input_ids=pieces, attention_mask=known).last_hidden_state.float()
    total = (hidden * known[:, :, None]).sum(dim=1)
    return functional.normalize(total, dim=1)


def draw_together(body: ElectraModel, packed: Packed, seconds: float) -> None:
    """Symmetric InfoNCE on the weak pairs, batches of one kind of pair."""
    pad = body.config.pad_token_id
    left, right = (padded(packed, side, pad) for side in ("left", "right"))
    modules: list[nn.Module] = [body]
    optimizer = optimizer_of(modules, PAIR_RATE)
    clock, step = Clock(seconds), 0
    for chosen in _batches(packed["kind"]):
        if clock.done >= 1.0:
            break
        sides = [_cut(side[chosen].to(DEVICE).long(), pad) for side in (left, right)]
        same = _same(sides[1]) | _same(sides[0])
        with torch.autocast(DEVICE, torch.bfloat16):
            first, second = (pooled(body, side) for side in sides)
        scores = first @ second.T / TEMPERATURE
        scores = scores.masked_fill(same, -1e4)
        target = torch.arange(len(scores), device=DEVICE)
        loss = functional.cross_entropy(scores, target) + functional.cross_entropy(scores.T, target)
        stepped(optimizer, modules, loss / 2, PAIR_RATE * clock.rate())
        step += 1
        if step % REPORT_EVERY == 0:
            _log.info(
                "pairs: step %d, %.2f done, loss %.3f", step, clock.done, float(loss.detach()) / 2
            )
    _log.info("pairs: %d steps of %d", step, PAIR_BATCH)


def padded(packed: Packed, name: str, pad: int) -> Tensor:
    """All the texts of a name as one matrix, filled up with `pad`."""
    ends = packed[f"{name}_ends"].astype(np.int64)
    lengths = np.diff(ends, prepend=0)
    matrix = np.full((len(ends), int(lengths.max())), pad, np.int32)
    rows = np.repeat(np.arange(len(ends)), lengths)
    matrix[rows, np.arange(len(rows)) - np.repeat(ends - lengths, lengths)] = packed[name]
    return torch.from_numpy(matrix)


def _cut(pieces: Tensor, pad: int) -> Tensor:
    longest = int((pieces != pad).sum(dim=1).max())
    return pieces[:, :longest]


def _same(pieces: Tensor) -> Tensor:
    """Which other texts of a batch are the same text."""
    powers = torch.arange(1, pieces.shape[1] + 1, device=pieces.device) * 2654435761 % 1_000_003
    sums = (pieces * powers).sum(dim=1)
    same = sums[:, None] == sums[None, :]
    return same.fill_diagonal_(False)


def _batches(kinds: NDArray[np.uint8]) -> Iterator[Tensor]:
    """Rows of one kind at a time, without end; kinds come as often as they have rows."""
    generator = np.random.default_rng(1)
    while True:
        batches: list[NDArray[np.int64]] = []
        for kind in np.unique(kinds):
            rows = generator.permutation(np.flatnonzero(kinds == kind))
            batches += [rows[i : i + PAIR_BATCH] for i in range(0, len(rows), PAIR_BATCH)]
        for number in generator.permutation(len(batches)):
            if len(batches[number]) > 1:
                yield torch.from_numpy(batches[number])


def write_halves(module: nn.Module, out: Path, name: str) -> None:
    """The weights as half floats: the vectors of the pieces in two files, the rest in a third."""
    out.mkdir(parents=True, exist_ok=True)
    state: dict[str, Any] = {
        key: value.detach().half().cpu().contiguous() for key, value in module.state_dict().items()
        if value.is_floating_point()
    }  # fmt: skip
    key = next(k for k in state if k.endswith("embeddings.word_embeddings.weight"))
    words = state.pop(key)
    middle = len(words) // 2
    save_file({"words": words[:middle].contiguous()}, out / f"{name}-words1.safetensors")
    save_file({"words": words[middle:].contiguous()}, out / f"{name}-words2.safetensors")
    save_file(state, out / f"{name}-rest.safetensors")


if __name__ == "__main__":
    main()
