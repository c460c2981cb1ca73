"""Answers a question from one generation: ranks, scores sentences, composes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from kb.answering.compose import compose
from kb.answering.disagreement.finding import find_conflicts, with_conflicts
from kb.answering.evidence import sentences_of
from kb.domain import Answer, Document, Filters, Outcome, Passage
from kb.language.questions import Question
from kb.search import Ranked, Searcher

PASSAGES = 8  # how many of the best passages are read for an answer


class Answerer:
    """Answers from the generation of a searcher; safe for use from several threads."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher
        self._document = lru_cache(maxsize=64)(searcher.store.document)

    def document(self, document_id: str) -> Document:
        """A document of the generation. Raises NotFound."""
        return self._document(document_id)

    def ask(self, question: str, *, limit: int = 10, filters: Filters = Filters()) -> Answer:
        """The answer to a question that `checked_query` has passed.

        `limit` is the number of related passages.
        """
        searcher = self._searcher
        ranked = searcher.rank(question, filters=filters)
        top = ranked.order[:PASSAGES]
        found = searcher.store.passages([row for row, _ in top])
        target = searcher.encoder.encode_queries([question])[0]

        def similarities(texts: Sequence[str]) -> NDArray[np.float32]:
            return np.asarray(searcher.encoder.encode_passages(texts) @ target, dtype=np.float32)

        sentences = sentences_of(
            ranked.question,
            [(*found[row], score) for row, score in top],
            parts=searcher.parts(ranked.question),
            mentions=searcher.mentions,
            context_of=self._context,
            similarities=similarities,
        )
        answer = compose(
            ranked.question,
            searcher.generation,
            sentences,
            named=self._named_share(ranked.question),
            document_of=self.document,
            related=searcher.hits(ranked, ranked.order[:limit]),
        )
        return self._with_other_sides(answer, ranked)

    def _with_other_sides(self, answer: Answer, ranked: Ranked) -> Answer:
        """The answer with what the best passages say otherwise; no answer, no disagreement."""
        if answer.outcome is not Outcome.ANSWERED:
            return answer
        rows = [row for row, _ in ranked.order[:PASSAGES]]
        found = self._searcher.store.passages(rows)
        conflicts = find_conflicts(
            ranked.question,
            [found[row][0] for row in rows],
            document_of=self.document,
            mentions=self._searcher.mentions,
            categories=self._searcher.categories,
        )
        return with_conflicts(answer, conflicts)

    def _named_share(self, question: Question) -> float:
        """The share of the question's nouns that any passage has, be it in other words; 1
        without nouns.
        """
        nouns = [part for part in question.parts if part.forms[0][0] in question.nouns]
        return sum(map(self._searcher.named, nouns)) / len(nouns) if nouns else 1.0

    def _context(self, passage: Passage) -> str:
        title = self._searcher.summaries[passage.document_id].title
        return "\n".join((title, *passage.heading_path))
