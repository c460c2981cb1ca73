"""BM25 of passages whose tokens are at hand, counted as the postings count it.

Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), with the
constants of tantivy, and lengths as coarse as it keeps them: in one byte.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from kb.indexing.kept_lengths import kept_length

K1 = 1.2  # how soon a token that is repeated says no more
B = 0.75  # how much a long passage has to say it more often
_FEW = 0xFFF


@dataclass(frozen=True, slots=True)
class FieldTokens:
    """The tokens of all fields of a passage as numbers (64 bits of hash, other ones in each field,
    in this process), and how many each field has, as that is kept.
    """

    numbers: NDArray[np.int64]
    lengths: tuple[int, ...]

    @classmethod
    def of(cls, fields: Sequence[Sequence[str]]) -> FieldTokens:
        """From the tokens of each field."""
        return cls(_numbered(fields), tuple([kept_length(len(tokens)) for tokens in fields]))


def bm25(
    fields: Sequence[Mapping[str, float]],
    averages: Sequence[float],
    passages: Sequence[FieldTokens],
) -> list[tuple[float, ...]]:
    """The score of each field of each passage.

    `fields` are the query's tokens of each field with ln(1 + (N - n + 0.5) / (n + 0.5)), where
    n of all N passages have the token, `averages` how many tokens passages have there.
    """
    rarities = np.array([rarity for field in fields for rarity in field.values()], np.float64)
    scores = np.zeros((len(fields), len(passages)))
    if not len(rarities) or not passages:
        return list(map(tuple, scores.T.tolist()))
    asked = _numbered([list(field) for field in fields])
    falling = asked.argsort()
    asked = asked[falling]
    tokens = np.concatenate([passage.numbers for passage in passages])
    ends = np.cumsum([len(passage.numbers) for passage in passages])
    # Most tokens are told from those of the query by a few of their bits.
    few = np.zeros(_FEW + 1, np.bool_)
    few[asked & _FEW] = True
    found = np.flatnonzero(few.take(tokens & _FEW))
    at = np.searchsorted(asked, tokens[found])
    same = asked.take(at, mode="clip") == tokens[found]
    held = at[same] * len(passages) + np.searchsorted(ends, found[same], side="right")
    counts = np.bincount(held, minlength=len(asked) * len(passages)).reshape(len(asked), -1)
    lengths = np.array([passage.lengths for passage in passages], np.float64).T
    norms = K1 * (1.0 - B + B * lengths / np.array(averages)[:, None])
    of = np.repeat(np.arange(len(fields)), [len(field) for field in fields])[falling]
    worth = (K1 + 1.0) * rarities[falling, None] * counts / (counts + norms[of])
    np.add.at(scores, of, worth)
    return list(map(tuple, scores.T.tolist()))


def _numbered(fields: Sequence[Sequence[str]]) -> NDArray[np.int64]:
    count = sum(map(len, fields))
    numbers = np.fromiter(map(hash, chain.from_iterable(fields)), np.int64, count)
    numbers ^= np.repeat(np.arange(len(fields)), [len(tokens) for tokens in fields])
    return numbers
