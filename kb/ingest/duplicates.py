"""Near-duplicates: documents most of whose sentences are the same.

MinHash (datasketch) and equal bands of it find the pairs worth looking at in near-linear
time; the true Jaccard similarity of the sets of sentences decides. Both depend on the two
documents alone, so the links are the same in whatever order the documents came. The only
importer of datasketch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

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
_SCHEME = "affine32"
_DIGEST = 16  # bytes of a sentence's digest
_BATCH = 4096  # sentences in one step, which bounds the memory
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # an odd number without a pattern in its bits
_SETS = 1024  # how many documents' sentences are kept in memory


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
    minhash = _blank().copy()
    for i in range(0, len(digests), _BATCH):
        minhash.update_batch(digests[i : i + _BATCH])
    return Sketch(b"".join(digests), minhash.hashvalues.astype("<u4").tobytes())


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
    for band in range(_BANDS):
        values = signatures[:, band * _ROWS : (band + 1) * _ROWS].astype(np.uint64)
        mixed = np.zeros(len(values), dtype=np.uint64)
        for column in values.T:  # what is mixed up by chance is told apart by the similarity
            mixed = (mixed ^ column) * _MIXER
        places = np.flatnonzero(np.isin(mixed, np.unique(mixed[new])))
        places = places[np.argsort(mixed[places], kind="stable")]
        ends = np.flatnonzero(np.diff(mixed[places])) + 1
        for group in np.split(places, ends):
            if len(group) > 1:
                fresh = group[new[group]].tolist()
                for place in fresh:
                    pairs.update(
                        (min(place, o), max(place, o)) for o in group.tolist() if o != place
                    )
    return pairs


def jaccard(a: frozenset[bytes], b: frozenset[bytes]) -> float:
    """How much of two sets is common; 0 when both are empty, as nothing then is the same."""
    common = len(a & b)
    return common / (len(a) + len(b) - common) if common else 0.0


@lru_cache(maxsize=1)
def _blank() -> Any:
    from datasketch import MinHash

    return MinHash(num_perm=_BANDS * _ROWS, seed=_SEED, hashfunc=_number, scheme=_SCHEME)


def _number(digest: bytes) -> int:
    return int.from_bytes(digest[:4], "little")
