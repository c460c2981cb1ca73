"""Third stage: word vectors (CBOW) over all the texts, and the weight of each piece.

In a translation the English pieces are woven between the Japanese ones in proportion, so that a
word and its translation share a window and land near each other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from gensim.models import Word2Vec
from numpy.typing import NDArray
from tokenizers import Tokenizer

from training.vocabulary import UNKNOWN_ID

WINDOW = 8
EPOCHS = 4
FREQUENT = 1e-4
"""Share of all the pieces above which one is sampled down."""

_BATCH = 4_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Frequencies:
    """What the weights are computed from, one number a piece."""

    lines: int
    document: NDArray[np.int64]
    total: NDArray[np.int64]


def write_tokens(tokenizer: Tokenizer, texts: Path, path: Path) -> Frequencies:
    """The texts as pieces parted by spaces; returns how often each piece occurs."""
    size = tokenizer.get_vocab_size()
    pieces = [piece for piece, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])]
    document = np.zeros(size, np.int64)
    total = np.zeros(size, np.int64)
    lines = 0
    with path.open("w", encoding="utf-8") as stream:
        for batch in _tokenized(tokenizer, texts):
            known = [
                line for line in ([n for n in line if n != UNKNOWN_ID] for line in batch) if line
            ]
            stream.writelines(" ".join([pieces[n] for n in line]) + "\n" for line in known)
            total += np.bincount(np.concatenate(known), minlength=size)
            document += np.bincount(np.concatenate([list(set(line)) for line in known]), None, size)
            lines += len(known)
    return Frequencies(lines, document, total)


def learn(
    tokens: Path, tokenizer: Tokenizer, *, dimensions: int, seed: int, threads: int
) -> NDArray[np.float32]:
    """One CBOW vector a piece; zero for pieces too rare to have one.

    With more than one thread the result differs a little from run to run.
    """
    model = Word2Vec(
        corpus_file=str(tokens),
        vector_size=dimensions,
        window=WINDOW,
        epochs=EPOCHS,
        sample=FREQUENT,
        min_count=3,
        sg=0,
        negative=5,
        seed=seed,
        workers=threads,
    )
    _log.info("CBOW over %d pieces of text", model.corpus_total_words)
    vectors = np.zeros((tokenizer.get_vocab_size(), dimensions), np.float32)
    for piece, number in tokenizer.get_vocab().items():
        if piece in model.wv.key_to_index:
            vectors[number] = model.wv[piece]
    return vectors


def weighted(
    vectors: NDArray[np.float32], frequencies: Frequencies, seed: int
) -> NDArray[np.float32]:
    """Centred unit vectors times inverse document frequency; the unknown piece stays zero.

    A piece without a vector gets a random one, so that the same rare character on both sides
    still counts for something.
    """
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    learnt = norms[:, 0] > 0
    unit = np.divide(vectors, norms, out=np.zeros_like(vectors), where=norms > 0)
    share = frequencies.total[learnt] / frequencies.total[learnt].sum()
    unit[learnt] -= (share[:, None] * unit[learnt]).sum(axis=0)
    generator = np.random.default_rng(seed)
    unit[~learnt] = generator.standard_normal((int((~learnt).sum()), vectors.shape[1]))
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    weights = np.log((frequencies.lines + 1) / (frequencies.document + 1))
    weights[UNKNOWN_ID] = 0.0
    result: NDArray[np.float32] = (unit * weights[:, None]).astype(np.float32)
    return result


def weave(first: Sequence[int], second: Sequence[int]) -> list[int]:
    """Both sequences in their own order, each spread evenly over the result."""
    places = [((index + 0.5) / len(first), number) for index, number in enumerate(first)]
    places += [((index + 0.5) / len(second), number) for index, number in enumerate(second)]
    return [number for _, number in sorted(places, key=lambda place: place[0])]


def _tokenized(tokenizer: Tokenizer, texts: Path) -> Iterator[list[list[int]]]:
    with texts.open(encoding="utf-8") as stream:
        while batch := [line.rstrip("\n").partition("\t") for line in islice(stream, _BATCH)]:
            left = tokenizer.encode_batch_fast([p[0] for p in batch], add_special_tokens=False)
            right = tokenizer.encode_batch_fast([p[2] for p in batch], add_special_tokens=False)
            yield [
                weave(one.ids, other.ids) if other.ids else one.ids
                for one, other in zip(left, right, strict=True)
            ]
