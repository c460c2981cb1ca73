"""Gathers the evidence for a question: searches, reads the best hits, scores their sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kb.answering.evidence import Sentence, sentences_of
from kb.answering.units import Found, units_of
from kb.domain import Filters
from kb.ranking.reranking import PassageTokens, QueryPart
from kb.search import Ranked, Searcher

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


def gather(
    searcher: Searcher, question: str, weights: Mapping[str, float], *, filters: Filters = Filters()
) -> Evidence:
    """The evidence for a question that `checked_query` has passed."""
    ranked = searcher.rank(question, filters=filters)
    found = _read(searcher, ranked)
    parts = searcher.parts(ranked.question)
    units = [unit for hit in found for unit in units_of(hit)]
    target = searcher.encoder.encode_queries([question])[0]
    vectors = searcher.encoder.encode_passages([unit.text for unit in units])
    sentences = sentences_of(ranked.question, units, vectors, target, parts=parts, weights=weights)
    return Evidence(ranked, parts, found, sentences)


def _read(searcher: Searcher, ranked: Ranked) -> list[Found]:
    top = ranked.order[:PASSAGES]
    rows = [row for row, _ in top]
    passages = searcher.store.passages(rows)
    unseen = searcher.store.tokens([row for row in rows if row not in ranked.tokens])
    tokens = {row: PassageTokens.parse(words, marks)
              for row, (words, marks, _) in unseen.items()} | dict(ranked.tokens)  # fmt: skip
    return [
        Found(*passages[row], score, ranked.dense.get(row, 0.0), tokens[row], rank)
        for rank, (row, score) in enumerate(top)
    ]
