"""Gathers the evidence for a question: searches, reads the best hits, scores their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from kb.answering.evidence import Sentence, sentences_of
from kb.answering.units import Cut, Found, Unit, cuts_of
from kb.domain import Filters
from kb.latest import Latest
from kb.ranking.reranking import QueryPart
from kb.search import Ranked, Searcher

_CUT = 2048  # passages whose cuts are kept: some 30 MB
PASSAGES = 12  # how many of the best passages are read for an answer


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was gathered for one question: the ranking, the question's parts with their
    rarity, the hits that were read, and their sentences, best first.
    """

    ranked: Ranked
    parts: Sequence[QueryPart]
    found: Sequence[Found]
    sentences: Sequence[Sentence]


class Cuts:
    """What can be quoted of the passages of a generation, with the vector of each, worked out
    once for all questions.
    """

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._kept = Latest(self._cut, _CUT)

    def of(self, rows: Sequence[int]) -> Mapping[int, tuple[tuple[Cut, ...], NDArray[np.float32]]]:
        """The cuts of passages and their vectors, shape (cuts, dimensions), by row."""
        return self._kept.of(rows)

    def _cut(self, rows: Sequence[int]) -> dict[int, tuple[tuple[Cut, ...], NDArray[np.float32]]]:
        passages, tokens = self._searcher.passages(rows), self._searcher.tokens(rows)
        cuts = {row: cuts_of(*passages[row], tokens[row]) for row in rows}
        texts = [cut.text for own in cuts.values() for cut in own]
        vectors = self._searcher.encoder.encode_passages(texts)
        ends = accumulate(map(len, cuts.values()))
        return {
            row: (own, vectors[end - len(own) : end])
            for (row, own), end in zip(cuts.items(), ends, strict=True)
        }


def gather(
    searcher: Searcher,
    question: str,
    weights: Mapping[str, float],
    *,
    filters: Filters = Filters(),
    cuts: Cuts | None = None,
) -> Evidence:
    """The evidence for a question that `checked_query` has passed.

    `cuts` are those of the searcher's generation, where they are kept between questions.
    """
    ranked = searcher.rank(question, filters=filters)
    found = _read(searcher, ranked)
    parts = searcher.parts(ranked.question)
    rows = [row for row, _ in ranked.order[:PASSAGES]]
    cut = (cuts or Cuts(searcher)).of(rows)
    placed = sorted(zip(found, rows, strict=True), key=_place)
    units = [Unit.of(hit, c) for hit, row in placed for c in cut[row][0]]
    target = searcher.encoder.encode_queries([question])[0]
    vectors = np.concatenate([target[None][:0], *(cut[row][1] for _, row in placed)])
    cosines = searcher.nearest(ranked.question, [[form for form, _ in u.words] for u in units])
    sentences = sentences_of(
        ranked.question, units, vectors, target, parts=parts, cosines=cosines, weights=weights
    )
    return Evidence(ranked, parts, found, sentences)


def _place(placed: tuple[Found, int]) -> tuple[str, int]:
    """Passages in the order of their documents' texts, where neighbours stand side by side."""
    passage = placed[0].passage
    return passage.document_id, passage.start


def _read(searcher: Searcher, ranked: Ranked) -> list[Found]:
    top = ranked.order[:PASSAGES]
    rows = [row for row, _ in top]
    passages, tokens = searcher.passages(rows), searcher.tokens(rows)
    return [
        Found(*passages[row], score, ranked.dense.get(row, 0.0), tokens[row], rank)
        for rank, (row, score) in enumerate(top)
    ]
