"""Near-duplicates: documents most of whose sentences are the same.

MinHash and LSH (datasketch) find the pairs worth looking at in near-linear time; the true
Jaccard similarity of the sets of sentences decides. Both depend on the two documents alone,
so the links are the same in whatever order the documents came. The only importer of datasketch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from kb.domain import CITABLE, Document
from kb.language.folding import fold
from kb.language.sentences import sentence_spans

NEAR = 0.7  # share of common sentences from which documents are near-duplicates

# The chance that a pair is looked at is 1 - (1 - s**ROWS) ** BANDS: of pairs with s = 0.7
# two in a million are missed, of pairs with s = 0.1 one in two hundred is looked at in vain.
_BANDS, _ROWS = 48, 4
_SEED = 20250404
_SCHEME = "affine32"
_DIGEST = 16  # bytes of a sentence's digest
_BATCH = 4096  # sentences in one step, which bounds the memory
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
            if (folded := fold(document.text[start:end]).text)
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
    from datasketch import LeanMinHash, MinHashLSH  # half a second, only needed here

    buckets = MinHashLSH(num_perm=_BANDS * _ROWS, params=(_BANDS, _ROWS))
    wanted = []
    for row, signature in signatures:
        values = np.frombuffer(signature, dtype="<u4").astype(np.uint32)
        minhash = LeanMinHash(seed=_SEED, hashvalues=values, scheme=_SCHEME)
        buckets.insert(row, minhash)
        if row in new:
            wanted.append((row, minhash))

    @lru_cache(maxsize=_SETS)
    def set_of(row: int) -> frozenset[bytes]:
        digests = sentences(row)
        return frozenset(digests[i : i + _DIGEST] for i in range(0, len(digests), _DIGEST))

    found = []
    for row, minhash in wanted:
        for other in sorted(buckets.query(minhash)):
            if other == row or (other in new and other < row):
                continue  # the pair is looked at from the other side
            similarity = jaccard(set_of(row), set_of(other))
            if similarity >= NEAR:
                found.append((min(row, other), max(row, other), similarity))
    return found


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
