"""The weights of the ranking, read from weights.json beside this module."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from kb.ranking.reranking import RerankingWeights


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights of the fields in the lexical sum, of the dense leg, and of kinds of blocks.

    `dense` is the share of the dense leg when all words of a query are in the index, and
    `dense_when_words_fail` when none is. These choose the `candidates`, of which the best
    `reranked` are put in order by `reranking`.
    """

    fields: Mapping[str, float]
    dense: float
    dense_when_words_fail: float
    candidates: int
    reranked: int
    reranking: RerankingWeights


@lru_cache(maxsize=1)
def ranking_weights() -> Weights:
    """The weights that ship with this version."""
    values = json.loads((Path(__file__).parent / "weights.json").read_text(encoding="utf-8"))
    return Weights(
        fields=values["fields"],
        dense=values["dense"],
        dense_when_words_fail=values["dense_when_words_fail"],
        candidates=values["candidates"],
        reranked=values["reranked"],
        reranking=RerankingWeights(**values["reranking"]),
    )
