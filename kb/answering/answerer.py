"""Answers a question from one generation: gathers evidence, judges it, chooses, composes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache, partial

from kb.answering.compose import compose, refused
from kb.answering.disagreement.finding import find_conflicts, with_conflicts
from kb.answering.gathering import Cuts, Evidence, gather
from kb.answering.refusal import SURE, Judge, best_signs
from kb.answering.rivals import Naming
from kb.answering.selection import choose, with_sides
from kb.answering.values import Said, value_of
from kb.answering.weights import AnsweringWeights, answering_weights
from kb.domain import Answer, AnswerValue, Document, Filters
from kb.language.asking import Wanted, sides
from kb.latest import Latest
from kb.search import Searcher

COMPARED = 8  # how many of the best passages are looked at for disagreement
_DOCUMENTS = 8_000_000  # characters of documents that are kept
_SENTENCES = 4096  # whose concepts are kept


class Answerer:
    """Answers from the generation of a searcher; safe for use from several threads."""

    def __init__(self, searcher: Searcher, weights: AnsweringWeights | None = None) -> None:
        self._searcher = searcher
        self._weights = weights or answering_weights()
        self._cuts = Cuts(searcher)
        self._documents = Latest(self._read, _DOCUMENTS, _characters)
        # Of single sentences, which come back with other questions.
        self._mentions = lru_cache(maxsize=_SENTENCES)(searcher.mentions)

    def document(self, document_id: str) -> Document:
        """A document of the generation. Raises NotFound."""
        return self._documents.of([document_id])[document_id]

    def _read(self, ids: Sequence[str]) -> dict[str, Document]:
        return {document_id: self._searcher.store.document(document_id) for document_id in ids}

    def ask(self, question: str, *, limit: int = 10, filters: Filters = Filters()) -> Answer:
        """The answer to a question that `checked_query` has passed.

        `limit` is the number of related passages.
        """
        evidence = self.gather(question, filters)
        asked = evidence.ranked.question
        related = self._searcher.hits(evidence.ranked, evidence.ranked.order[:limit])
        probability = self.probability(evidence)
        if probability < self._weights.refusal.threshold:
            return refused(asked, self._searcher.generation, related)
        chosen = choose(asked.wanted, evidence.sentences)
        if asked.wanted is Wanted.COMPARISON:
            each = [self.gather(side, filters).sentences for side in sides(question)]
            chosen = with_sides(chosen, each)
        answer = compose(
            asked,
            self._searcher.generation,
            chosen,
            document_of=self.document,
            related=related,
            value_in=partial(self._value, evidence) if probability >= SURE else None,
        )
        return self._with_other_sides(answer, evidence)

    def _value(self, evidence: Evidence, said: Sequence[Said]) -> AnswerValue | None:
        return value_of(evidence, said, named=self._named, categories=self._searcher.categories)

    def _with_other_sides(self, answer: Answer, evidence: Evidence) -> Answer:
        """The answer with what the best passages say otherwise."""
        conflicts = find_conflicts(
            evidence.ranked.question,
            [found.passage for found in evidence.found[:COMPARED]],
            document_of=self.document,
            mentions=self._mentions,
            categories=self._searcher.categories,
        )
        return with_conflicts(answer, conflicts)

    def gather(self, question: str, filters: Filters = Filters()) -> Evidence:
        """The evidence for a question, its sentences best first."""
        weights = self._weights.sentences
        return gather(self._searcher, question, weights, filters=filters, cuts=self._cuts)

    def judge(self, evidence: Evidence) -> Judge:
        """Reads the signs of whether the evidence is enough."""
        question = evidence.ranked.question
        return Judge(
            question,
            evidence.parts,
            evidence.sentences,
            known=[self._searcher.named(part) for part in question.parts],
            unseen=self._searcher.unseen,
            categories=self._searcher.categories,
        )

    def probability(self, evidence: Evidence) -> float:
        """How likely it is that the evidence holds an answer; 0 without a sentence."""
        return best_signs(self.judge(evidence), evidence.sentences, self._weights.refusal)

    def _named(self, text: str) -> list[Naming]:
        return [
            (
                mention.start,
                mention.end,
                mention.concept,
                self._searcher.categories[mention.concept],
            )
            for mention in self._searcher.mentions(text)
            if not mention.nested
        ]


def _characters(document: Document) -> int:
    return len(document.text)
