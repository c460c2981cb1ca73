"""The candidates of a question: what the legs find, fused, and the best of them reranked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from math import log
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from kb import cores
from kb.encoding.encoder import Encoder
from kb.encoding.loading import word_encoder
from kb.indexing.bm25 import FieldTokens, bm25
from kb.indexing.dense import DenseIndex
from kb.indexing.lexical import FREQUENCIES, LexicalIndex
from kb.indexing.owners import Owners
from kb.indexing.store import Store
from kb.language.questions import BY_NAME, Question, QuestionPart, is_japanese, values
from kb.latest import Latest
from kb.ranking.features import Lookup, features_of, nearness
from kb.ranking.fusion import Scored, convex, min_max
from kb.ranking.nearness import WordVectors
from kb.ranking.reranking import Features, PassageTokens, QueryPart, failing
from kb.ranking.weights import Weights

T = TypeVar("T")

_TOKENS = 16_384  # passages whose tokens are kept: some 50 MB
_FIELDS = 4096  # of which those of all fields are kept as numbers: some 15 MB
_MORE = 8  # candidates beyond the limit, to see whether scores are equal at the cut-off
_MOST_EQUAL = 4096  # of which no more are looked at
_WORTH_A_THREAD = 20_000  # passages; below, handing over takes longer than a leg
_threads = ThreadPoolExecutor(max(1, cores.available() - 1), thread_name_prefix="dense")
SOFT_FROM = 0.1  # share of the query that no passage has from which near words are looked for


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the legs found by row: their scores and the ids of the documents; the rows of the
    best, to be reranked, and of the others with their fused scores, best first. `tokens` are
    those of the best, `kinds` the kinds of their blocks.
    """

    question: Question
    lexical: Mapping[int, float]
    dense: Mapping[int, float]
    owners: Mapping[int, str]
    best: Sequence[int]
    others: Scored
    tokens: Mapping[int, PassageTokens]
    kinds: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a collection that filters leave: the rows of its passages, and what says the
    same to the postings: rows of documents (None: all), groups of facets (one of each).
    """

    rows: Sequence[int]
    documents: Sequence[int] | None
    facets: Sequence[Sequence[str]]


class Ranker:
    """Finds and scores candidates in one generation; safe for use from several threads."""

    def __init__(
        self,
        store: Store,
        lexical: LexicalIndex,
        dense: DenseIndex,
        encoder: Encoder,
        weights: Weights,
    ) -> None:
        self.weights = weights
        self._store = store
        self._owners = Owners(store)
        self._lexical = lexical
        self._dense = dense
        self._encoder = encoder
        words = word_encoder(encoder)
        self._words = WordVectors(words.encode, words.dimensions, words.cosines)
        self.tokens = Latest(self._tokens, _TOKENS)
        self._rarity = lru_cache(maxsize=FREQUENCIES)(partial(_rarity, lexical))
        self._fields = Latest(self._field_tokens, _FIELDS)

    def _tokens(self, rows: Sequence[int]) -> dict[int, tuple[PassageTokens, str]]:
        """The tokens of passages and the kinds of their blocks, by row."""
        return {
            row: (PassageTokens.parse(words, marks), kind)
            for row, (words, marks, kind) in self._store.tokens(rows).items()
        }

    def _field_tokens(self, rows: Sequence[int]) -> dict[int, FieldTokens]:
        """The tokens of passages in all fields, by row."""
        words = self.tokens.of(rows)
        others = self._store.other_tokens(rows)
        return {
            row: FieldTokens.of([tokens.tokens, *map(str.split, others[row])])
            for row, (tokens, _) in words.items()
        }

    def candidates(self, question: Question, scope: Scope | None) -> Candidates:
        """What the legs find in a part of the collection (None: in all of it)."""
        weights = self.weights
        lexical, (vector, dense) = self._legs(question, scope)
        rows, fused = convex(
            _moved(lexical, floor=0.0), _moved(dense), dense_weight=self._dense_weight(question)
        )
        numbers = np.array(rows, np.int64)
        owners = dict(zip(rows, self._owners.of(numbers), strict=True))
        order = self._owners.order(numbers, fused)
        first = numbers[order].tolist()
        best = first[: weights.reranked]
        unseen = [row for row in best if row not in dense]
        dense.update(self._dense.similarities(vector, unseen))
        read = self.tokens.of(best)
        return Candidates(
            question, lexical, dense, owners, best,
            (first[len(best) :], fused[order[len(best) :]]),
            {row: tokens for row, (tokens, _) in read.items()},
            {row: kind for row, (_, kind) in read.items()},
        )  # fmt: skip

    def _legs(
        self, question: Question, scope: Scope | None
    ) -> tuple[dict[int, float], tuple[NDArray[np.float32], dict[int, float]]]:
        """What the lexical leg finds, and the question's vector with what the dense leg finds.

        Both spend their time outside of Python.
        """
        dense = self.beside(partial(self._dense_leg, question, scope))
        return self._lexical_leg(question, scope), dense()

    def beside(self, work: Callable[[], T]) -> Callable[[], T]:
        """Begin some work in another thread; gives what waits for its result.

        Nothing is begun, and waiting does the work, in a collection so small that handing it
        over takes longer, and where all threads are busy.
        """
        if len(self._dense) < _WORTH_A_THREAD:
            return work
        begun = _threads.submit(work)
        return lambda: work() if begun.cancel() else begun.result()

    def parts(self, question: Question, rows: Sequence[int]) -> dict[int, tuple[float, ...]]:
        """The BM25 score of each lexical field for some passages, by row."""
        fields, averages = [], []
        for field, terms in terms_of(question).items():
            known = [term for term in terms if self._frequency(field, term)]
            fields.append({term: self.rarity(field, term) for term in known})
            averages.append(self._lexical.average_length(field, known[0]) if known else 1.0)
        found = self._fields.of(rows)
        return dict(zip(found, bm25(fields, averages, list(found.values())), strict=True))

    def _lexical_leg(self, question: Question, scope: Scope | None) -> dict[int, float]:
        search = partial(
            self._lexical.search, terms_of(question), self.weights.fields,
            alternatives=_alternatives(question), documents=scope.documents if scope else None,
            facets=scope.facets if scope else (),
        )  # fmt: skip
        return self._first(lambda limit: search(limit=limit))

    def _first(self, search: Callable[[int], list[tuple[int, float]]]) -> dict[int, float]:
        """The best rows of a leg, which gives so many, with their scores.

        Of those that are equal at the cut-off the first documents by id stay, so that it does not
        matter in which order they were taken in.
        """
        limit = self.weights.candidates
        asked = limit + _MORE
        found = search(asked)
        while len(found) == asked and found[-1][1] == found[limit - 1][1] and asked < _MOST_EQUAL:
            asked *= 2
            found = search(asked)
        if len(found) <= limit or found[limit - 1][1] > found[limit][1]:
            return dict(found[:limit])
        rows, scores = zip(*found, strict=True)
        return dict(
            found[at] for at in self._owners.order(np.array(rows), np.array(scores))[:limit]
        )

    def _dense_leg(
        self, question: Question, scope: Scope | None
    ) -> tuple[NDArray[np.float32], dict[int, float]]:
        vector = self._encoder.encode_queries([question.text])[0]
        near = None if scope is None else scope.rows
        return vector, self._first(lambda n: self._dense.search(vector, limit=n, rows=near))

    def scored(
        self, found: Candidates, features: Mapping[int, Features], *, digits: int
    ) -> list[tuple[int, float]]:
        """The candidates with their scores, best first: the best by fusion reranked, the others
        below them. The order is the same on every machine; scores count as equal that are so
        within so many decimal places.
        """
        weights = self.weights.reranking
        lacking = failing(features.values())
        scores = [
            weights.score(
                f, similarity=found.dense.get(row, 0.0), failing=lacking,
                kind=found.kinds[row],
            )
            for row, f in features.items()
        ]  # fmt: skip
        others, fused = found.others
        top = (fused[0] if len(fused) else 1.0) or 1.0  # they come best first
        highest = 0.99 * min(scores, default=1.0)
        values = np.concatenate((scores, highest * fused / top)).round(digits)
        rows = np.array([*features, *others], np.int64)
        order = self._owners.order(rows, values)
        return list(zip(rows[order].tolist(), values[order].tolist(), strict=True))

    def features(self, found: Candidates) -> dict[int, Features]:
        """What the reranker sees of the best candidates, by row."""
        query = Lookup([self.weighed(part) for part in found.question.parts])
        highest = max(found.lexical.values(), default=0.0) or 1.0
        passages = list(found.tokens.values())
        features, lacking = features_of(
            query, passages,
            lexical=[found.lexical.get(row, 0.0) / highest for row in found.tokens],
            values=[values(found.question, passage.tokens) for passage in passages],
        )  # fmt: skip
        if failing(features) >= SOFT_FROM:
            cosines = self.nearest(found.question, [passage.tokens for passage in passages])
            near = nearness(query, lacking, cosines)
            features = [f._replace(near=n) for f, n in zip(features, near, strict=True)]
        return dict(zip(found.tokens, features, strict=True))

    def nearest(self, question: Question, texts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """The highest cosine of each part of a question with any word of each text, at least 0.

        Shape (texts, parts).
        """
        return self._words.nearest([part.forms[0][0] for part in question.parts], texts)

    def weighed(self, part: QuestionPart) -> QueryPart:
        """A part of the question with how rare it is: its own word, or the likeliest of what stands
        for it.
        """
        likely = sorted(part.translations or part.forms, key=lambda form: -form[1])
        known = [form for form, _ in likely if self.known(form)]
        concepts = [(c, by) for c, by in part.concepts if self._frequency("concepts", c)]
        named = [self.rarity("concepts", c) for c, credit in concepts if credit >= BY_NAME]
        named += [self.rarity("words", form) for form in known[:1]]
        # A broader term asks for one thing among several: for the rare one, if there is one.
        broader = [self.rarity("concepts", c) for c, _ in concepts]
        unknown = self.rarity("words", part.forms[0][0])
        weight = min(named) if named else max(broader, default=unknown)
        return QueryPart(dict(part.forms), dict(part.concepts), weight)

    def known(self, word: str) -> bool:
        """Whether a word stands in any passage."""
        return self._frequency("words", word) > 0

    def named(self, part: QuestionPart) -> bool:
        """Whether any passage has a part of a question, be it in other words."""
        if any(self.known(form) for form, _ in part.forms):
            return True
        named = [concept for concept, credit in part.concepts if credit >= BY_NAME]
        return any(self._frequency("concepts", concept) for concept in named)

    def _frequency(self, field: str, term: str) -> int:
        return self._lexical.document_frequency(field, term)

    def rarity(self, field: str, term: str) -> float:
        """The BM25 weight of a token of a field: ln(1 + (N - n + 0.5) / (n + 0.5))."""
        return self._rarity(field, term)

    def _dense_weight(self, question: Question) -> float:
        """More weight for the vectors the more of the query's words the index lacks.

        Words in another script than the reports' meet only names and numbers.
        """
        weights = self.weights
        if not question.words or not is_japanese(question.text):
            return weights.dense_when_words_fail
        missing = sum(not self.known(word) for word in question.words) / len(question.words)
        return weights.dense + missing * (weights.dense_when_words_fail - weights.dense)


def _rarity(lexical: LexicalIndex, field: str, term: str) -> float:
    frequency = lexical.document_frequency(field, term)
    return log(1.0 + (len(lexical) - frequency + 0.5) / (frequency + 0.5))


def _moved(leg: Mapping[int, float], *, floor: float | None = None) -> Scored:
    """The scores of a leg, normalized."""
    return list(leg), min_max(np.fromiter(leg.values(), np.float64, len(leg)), floor=floor)


def terms_of(question: Question) -> dict[str, Sequence[str]]:
    """The question's tokens of each lexical field."""
    return {
        "words": question.words,
        "compounds": question.compounds,
        "bigrams": question.bigrams,
        "concepts": question.concepts,
    }


def _alternatives(question: Question) -> list[list[tuple[str, str, float]]]:
    """What may stand for words of the question, of which the best counts: other words, or the
    concepts that a broader term holds for.
    """
    groups = []
    for part in question.parts:
        groups.append([("words", form, credit) for form, credit in part.translations])
        others = [(c, credit) for c, credit in part.concepts if c not in question.concepts]
        groups.append([("concepts", concept, credit) for concept, credit in others])
    return [group for group in groups if group]
