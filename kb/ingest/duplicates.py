"""Near-duplicates: documents most of whose sentences are the same.

MinHash and equal bands of it find the pairs worth looking at in near-linear time; the true
Jaccard similarity of the sets of sentences decides. Both depend on the two documents alone, so
the links are the same in whatever order the documents came. The MinHash is that of datasketch
2.0 (scheme affine32), which tests compare it with; importing that takes longer than a run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.domain import CITABLE, Document
from kb.language.folding import folded_text
from kb.language.sentences import sentence_spans

NEAR = 0.7  # share of common sentences from which documents are near-duplicates

# The chance that a pair is looked at is 1 - (1 - s**ROWS) ** BANDS: of pairs with s = 0.7
# two in a million are missed, of pairs with s = 0.1 one in two hundred is looked at in vain.
_BANDS, _ROWS = 48, 4
_SEED = 20250404
_DIGEST = 16  # bytes of a sentence's digest
_BATCH = 4096  # sentences in one step, which bounds the memory
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # an odd number without a pattern in its bits
_SETS = 1024  # how many documents' sentences are kept in memory
_FEW = 16  # new documents up to which each is compared with all


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a document is compared by: the digests of its sentences, sorted, and their MinHash."""

    sentences: bytes
    signature: bytes


def sketch_of(document: Document) -> Sketch:
    """The sketch of the folded sentences of a document's citable text."""
    digests = sorted(
        {
            hashlib.blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=_DIGEST).digest()
            for block in document.blocks
            if block.kind in CITABLE
            for start, end in sentence_spans(document.text, block.start, block.end)
            if (folded := folded_text(document.text[start:end]))
        }
    )
    numbers = np.array([_number(digest) for digest in digests], dtype=np.uint32)
    return Sketch(b"".join(digests), minhash(numbers).astype("<u4").tobytes())


def minhash(numbers: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """The smallest value of some numbers under each of 192 permutations of all numbers of 32 bits.

    Broder, "On the resemblance and containment of documents" (1997); the permutations are
    a * mixed(n) + b modulo 2**32 with an odd a, mixed by the end of MurmurHash3.
    """
    odd, shift = _permutations()
    mixed = numbers ^ (numbers >> np.uint32(16))
    mixed = mixed * np.uint32(0x85EBCA6B)
    mixed ^= mixed >> np.uint32(13)
    mixed *= np.uint32(0xC2B2AE35)
    mixed ^= mixed >> np.uint32(16)
    smallest = np.full(len(odd), 2**32 - 1, dtype=np.uint32)
    for i in range(0, len(mixed), _BATCH):
        values = mixed[i : i + _BATCH, None] * odd + shift
        smallest = np.minimum(smallest, values.min(axis=0))
    return smallest


def near_duplicates(
    signatures: Iterable[tuple[int, bytes]],
    new: Collection[int],
    sentences: Callable[[int], bytes],
) -> list[tuple[int, int, float]]:
    """The pairs (smaller row first, similarity) of near-duplicates with a document of `new`.

    `signatures` are those of all documents by row, `sentences` gives the digests of one.
    """
    if not new:
        return []
    numbers: list[int] = []
    joined = bytearray()
    for row, signature in signatures:
        numbers.append(row)
        joined += signature
    rows = np.array(numbers, dtype=np.int64)
    pairs = _pairs(np.frombuffer(joined, dtype="<u4").reshape(len(rows), -1), np.isin(rows, [*new]))

    @lru_cache(maxsize=_SETS)
    def set_of(row: int) -> frozenset[bytes]:
        digests = sentences(row)
        return frozenset(digests[i : i + _DIGEST] for i in range(0, len(digests), _DIGEST))

    found = []
    for a, b in sorted(pairs):
        row, other = numbers[a], numbers[b]
        similarity = jaccard(set_of(row), set_of(other))
        if similarity >= NEAR:
            found.append((min(row, other), max(row, other), similarity))
    return found


def _pairs(signatures: NDArray[np.uint32], new: NDArray[np.bool_]) -> set[tuple[int, int]]:
    """The places of signatures that have a band in common, one of them `new`, smaller first."""
    pairs: set[tuple[int, int]] = set()
    if (places := np.flatnonzero(new)).size <= _FEW:
        for place in places.tolist():
            same = (signatures == signatures[place]).reshape(-1, _BANDS, _ROWS).all(axis=2)
            others = np.flatnonzero(same.any(axis=1)).tolist()
            pairs.update((min(place, o), max(place, o)) for o in others if o != place)
        return pairs
    for band in range(_BANDS):
        values = signatures[:, band * _ROWS : (band + 1) * _ROWS].astype(np.uint64)
        mixed = np.zeros(len(values), dtype=np.uint64)
        for column in values.T:  # what is mixed up by chance is told apart by the similarity
            mixed = (mixed ^ column) * _MIXER
        places = np.flatnonzero(np.isin(mixed, np.unique(mixed[new])))
        places = places[np.argsort(mixed[places], kind="stable")]
        begins = np.flatnonzero(np.diff(mixed[places], prepend=~mixed[places[:1]]))
        sizes = np.diff(begins, append=len(places))
        for begin, size in zip(begins[sizes > 1].tolist(), sizes[sizes > 1].tolist(), strict=True):
            group = places[begin : begin + size]
            fresh = group[new[group]].tolist()
            for place in fresh:
                pairs.update((min(place, o), max(place, o)) for o in group.tolist() if o != place)
    return pairs


def jaccard(a: frozenset[bytes], b: frozenset[bytes]) -> float:
    """How much of two sets is common; 0 when both are empty, as nothing then is the same."""
    common = len(a & b)
    return common / (len(a) + len(b) - common) if common else 0.0


@cache
def _permutations() -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    chance = np.random.RandomState(_SEED)  # its numbers never change
    odd = chance.randint(0, 2**31, _BANDS * _ROWS, dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return odd, chance.randint(0, 2**32, _BANDS * _ROWS, dtype=np.uint32)


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:4], "little")
