"""From a query to hits: the same tokens and vectors as the index, candidates, fusion."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import compress, count, islice

import numpy as np
from numpy.typing import NDArray

from kb.candidates import Ranker, Scope
from kb.domain import Filters, Hit, Passage, SearchResults
from kb.encoding.encoder import Encoder
from kb.errors import InvalidQuestion
from kb.indexing.dense import DenseIndex
from kb.indexing.facets import Facets
from kb.indexing.lexical import LexicalIndex
from kb.indexing.rows import DocumentSummary
from kb.indexing.store import Store
from kb.language.folding import fold
from kb.language.glossary.concepts import Concept
from kb.language.glossary.matching import Glossary, Mention
from kb.language.questions import Question, QuestionPart, take_apart
from kb.latest import Latest
from kb.ranking.pages import shared
from kb.ranking.reranking import Features, PassageTokens, QueryPart
from kb.ranking.weights import Weights, ranking_weights

_MAX_HIGHLIGHTS = 60
_SAME = 0.8  # Jaccard similarity from which passages of near-duplicates say the same
_PASSAGES = 4096  # passages that are kept with their texts: some 8 MB
_FOLDED = 8192  # how many folded passages are kept in memory
_NUMBERS = re.compile(r"[0-9〇一二三四五六七八九十百千万億兆]+")
FACETS = ("topic", "country", "mineral", "instrument")  # of passages, counted and filtered by
# The lexical fields and the features by the names that they have among the parts of a score.
_PARTS = ("lexical", "compound", "bigram", "concept")
_SHOWN = ("relative", *Features._fields[1:])
_DIGITS = 6  # of a fused score; what differs less counts as equal


def checked_query(text: str, *, limit: int) -> str:
    """The query without the white space around it.

    Raises InvalidQuestion when it is empty, longer than `limit` characters or not text.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InvalidQuestion("the question holds broken characters (lone surrogates)") from error
    stripped = " ".join(text.replace("\0", " ").split())
    if not any(c.isalnum() for c in stripped):
        raise InvalidQuestion("the question is empty: write a question or some words")
    if len(stripped) > limit:
        raise InvalidQuestion(
            f"the question has {len(stripped):,} characters; at most {limit:,} are accepted"
        )
    return stripped


@dataclass(frozen=True, slots=True)
class Ranked:
    """The question taken apart and its candidates, best first, as (row, score).

    `dense` holds the inner products of the dense leg, `features` what the reranker saw of
    the best and `tokens` their tokens; `documents` how many candidates each document has,
    `owners` the id of each candidate's document.
    """

    question: Question
    order: tuple[tuple[int, float], ...]
    dense: Mapping[int, float]
    features: Mapping[int, Features]
    documents: Mapping[str, int]
    owners: Mapping[int, str]
    tokens: Mapping[int, PassageTokens]


class Searcher:
    """Searches one generation; safe for use from several threads."""

    def __init__(
        self,
        generation: str,
        store: Store,
        lexical: LexicalIndex,
        dense: DenseIndex,
        encoder: Encoder,
        glossary: Glossary,
        weights: Weights | None = None,
    ) -> None:
        self.generation = generation
        self.store = store
        self._encoder = encoder
        self._glossary = glossary
        self._categories = {c.id: c.category for c in glossary.concepts.values()}
        self._ranker = Ranker(store, lexical, dense, encoder, weights or ranking_weights())
        self._summaries = {s.id: s for s in store.summaries()}
        # The documents that have near-duplicates, with the ids of these.
        self._linked = {
            s.id: near for s in self._summaries.values() if (near := frozenset(s.near_duplicates))
        }
        self.facets = Facets(store.facets())
        self._passages = Latest(store.passages, _PASSAGES)
        self._fold = lru_cache(maxsize=_FOLDED)(_folded_text)

    @property
    def categories(self) -> Mapping[str, str]:
        """The category of each concept of the glossary."""
        return self._categories

    @property
    def summaries(self) -> Mapping[str, DocumentSummary]:
        """The documents of the generation by id, in the order of their paths."""
        return self._summaries

    @property
    def encoder(self) -> Encoder:
        """The encoder whose vectors the generation holds."""
        return self._encoder

    def search(self, query: str, *, limit: int = 10, filters: Filters = Filters()) -> SearchResults:
        """The best `limit` passages for a query that `checked_query` has passed."""
        ranked = self.rank(query, filters=filters)
        also_in: dict[int, tuple[str, ...]] = {}
        order = list(islice(shared(self.folded(ranked, also_in), ranked.owners), limit))
        return SearchResults(
            generation=self.generation,
            query=query,
            hits=tuple(self.hits(ranked, order, also_in)),
            facets=self._facets(ranked),
        )

    def rank(self, query: str, *, filters: Filters = Filters()) -> Ranked:
        """The candidates of a query with their fused scores, best first.

        Equal scores are put in the order of the documents' ids and of the text, so the order
        is the same however the index came to be.
        """
        question = take_apart(query, self._glossary)
        found = self._ranker.candidates(question, self._filtered(filters))
        features = self._ranker.features(found)
        order = self._ranker.scored(found, features, digits=_DIGITS)
        documents = Counter(found.owners.values())
        return Ranked(
            question, tuple(order), found.dense, features, documents, found.owners, found.tokens
        )

    def folded(
        self, ranked: Ranked, also_in: dict[int, tuple[str, ...]]
    ) -> Iterator[tuple[int, float]]:
        """The candidates, best first, without those that a near-duplicate says as well.

        Of passages that say the same in documents that are near-duplicates the best stays;
        `also_in` is given the other documents' ids by its row.
        """
        near = {
            document_id: linked
            for document_id in ranked.documents.keys() & self._linked.keys()
            if (linked := ranked.documents.keys() & self._linked[document_id])
        }
        rows_of: dict[str, list[int]] = {document_id: [] for document_id in near}
        for row, _ in ranked.order if near else ():
            if (owner := ranked.owners[row]) in near:
                rows_of[owner].append(row)
        folded: set[int] = set()
        for row, score in ranked.order:
            if row in folded:
                continue
            also_in[row] = ()
            others = [
                other
                for document_id in sorted(near.get(ranked.owners[row], ()))
                for other in rows_of[document_id]
                if other not in folded and other not in also_in
            ]
            if others:
                same = self._that_say_the_same(row, others)
                folded.update(same)
                also_in[row] = tuple(dict.fromkeys(ranked.owners[other] for other in same))
            yield row, score

    def _that_say_the_same(self, row: int, others: Sequence[int]) -> list[int]:
        """Those of `others` that say the same as the passage of `row`.

        A changed number is another statement, however alike the words are.
        """
        found = self.passages([row, *others])
        folded = {at: self._fold(at, text) for at, (_, text) in found.items()}
        grams = {at: _trigrams(text) for at, text in folded.items()}
        numbers = {at: _NUMBERS.findall(text) for at, text in folded.items()}
        return [
            other
            for other in others
            if numbers[row] == numbers[other] and _say_the_same(grams[row], grams[other])
        ]

    def hits(
        self,
        ranked: Ranked,
        order: Sequence[tuple[int, float]],
        also_in: Mapping[int, tuple[str, ...]] = {},
    ) -> list[Hit]:
        """The hits of some candidates, each with the parts of its score and its highlights.

        `also_in` are the other documents that `folded` found to say the same.
        """
        rows = [row for row, _ in order]
        question = ranked.question
        parts = self._ranker.parts(question, rows)
        found = self.passages(rows)
        tokens = self.tokens(rows)
        wanted = frozenset(question.words)
        hits = []
        for row, score in order:
            passage, text = found[row]
            scores = dict(zip(_PARTS, [round(part, 4) for part in parts[row]], strict=True))
            scores["dense"] = round(ranked.dense.get(row, 0.0), 4)
            if (features := ranked.features.get(row)) is not None:
                shown = [round(value, 4) for value in features]
                scores.update(zip(_SHOWN, shown, strict=True))
            marks = _highlights(tokens[row], len(text), wanted)
            hits.append(Hit(passage, text, score, scores, marks, also_in.get(row, ())))
        return hits

    def passages(self, rows: Sequence[int]) -> Mapping[int, tuple[Passage, str]]:
        """Passages by row number, each with its text."""
        return self._passages.of(rows)

    def tokens(self, rows: Sequence[int]) -> Mapping[int, PassageTokens]:
        """The tokens of passages by row number."""
        return {row: tokens for row, (tokens, _) in self._ranker.tokens.of(rows).items()}

    def parts(self, question: Question) -> list[QueryPart]:
        """The parts of a question with how rare each is in this generation."""
        return [self._ranker.weighed(part) for part in question.parts]

    def nearest(self, question: Question, texts: Sequence[Sequence[str]]) -> NDArray[np.float32]:
        """How near in meaning the nearest of the words of each text is to each part of a question.

        Cosines of at least 0, shape (texts, parts).
        """
        return self._ranker.nearest(question, texts)

    def named(self, part: QuestionPart) -> bool:
        """Whether any passage has a part of a question, be it in other words."""
        return self._ranker.named(part)

    def concept(self, concept_id: str) -> Concept | None:
        """A concept of the glossary by its id."""
        return self._glossary.concepts.get(concept_id)

    def mentions(self, text: str) -> list[Mention]:
        """The concepts that a text names."""
        return self._glossary.mentions(text)

    @property
    def unseen(self) -> float:
        """The rarity of a word that no passage has."""
        return self._ranker.rarity("words", "\0")

    def _filtered(self, filters: Filters) -> Scope | None:
        """The passages to look in; None for all of them."""
        if filters == Filters():
            return None
        wanted = filters.facets
        documents: list[int] | None = None
        if replace(filters, topics=(), countries=(), minerals=(), instruments=()) != Filters():
            documents = self.store.document_rows(
                ids=filters.documents or None,
                publishers=filters.publishers or None,
                issued_from=filters.issued_from,
                issued_to=filters.issued_to,
            )
        if documents is None:
            return Scope(self.facets.rows(wanted).tolist(), None, wanted)
        rows = self.store.rows_of_documents(documents)
        if wanted:
            rows = sorted(set(rows).intersection(self.facets.rows(wanted).tolist()))
        return Scope(rows, documents, wanted)

    def _facets(self, ranked: Ranked) -> dict[str, tuple[tuple[str, int], ...]]:
        publishers: Counter[str] = Counter()
        years: Counter[str] = Counter()
        for document_id, passages in ranked.documents.items():
            summary = self._summaries[document_id]
            if summary.publisher:
                publishers[summary.publisher] += passages
            if summary.issued:
                years[summary.issued[:4]] += passages
        named = self.facets.counts([row for row, _ in ranked.order], FACETS)
        return {
            "publisher": _counts(publishers),
            "year": _counts(years),
            **{name: _counts(counts) for name, counts in named.items()},
        }


def _folded_text(row: int, text: str) -> str:
    return fold(text).text


def _trigrams(folded: str) -> frozenset[str]:
    """The character trigrams of a folded text; a shorter text is its own."""
    return frozenset(folded[i : i + 3] for i in range(max(1, len(folded) - 2)))


def _say_the_same(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether two passages have at least `_SAME` of their trigrams in common (Jaccard)."""
    if min(len(a), len(b)) < _SAME * max(len(a), len(b)):
        return False
    common = len(a & b)
    return common >= _SAME * (len(a) + len(b) - common)


def _counts(counter: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counter.items(), key=lambda item: (-item[1], item[0])))


def _highlights(
    passage: PassageTokens, length: int, wanted: Container[str]
) -> tuple[tuple[int, int], ...]:
    """Spans of a passage whose normalized words the query has (`wanted`), neighbours joined.

    A single character that stands alone (国, 書) is no help to a reader and is left out.
    """
    spans: list[tuple[int, int]] = []
    own = islice(passage.tokens, passage.context, None)
    last = -1
    # Furigana come last and have no spans.
    for start, end in passage.spans_at(compress(count(), map(wanted.__contains__, own))):
        if end <= length:
            if start == last:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
            last = end
    return tuple([span for span in spans if span[1] - span[0] > 1])[:_MAX_HIGHLIGHTS]
