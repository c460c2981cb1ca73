"""The light reranker: how well a passage covers the parts of a query, as a few numbers.

Pure functions of tokens. The weights are learned by `training.reranker` from questions
whose passages are known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, chain, compress, count
from math import exp
from operator import mul, sub

_ZERO = ord("0")
_WHOLE = frozenset((0.0, 1.0))  # credits that leave weights as they are
_FARTHEST = 50_000  # so that no code is a surrogate
FAR = 0.25  # cosine up to which words have nothing to do with each other


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A word of a query: tokens that stand for it, each with its credit up to 1, and ids of
    concepts with theirs; how rare it is.
    """

    forms: Mapping[str, float]
    concepts: Mapping[str, float]
    weight: float


class Lookup:
    """The parts of a query made ready for many passages: their weights, and of which parts a
    token or a concept is one, as bits and with the credit of each.
    """

    def __init__(self, parts: Sequence[QueryPart]) -> None:
        self.weights = [part.weight for part in parts]
        self.total = sum(self.weights)
        self.heaviest = max(self.weights, default=0.0)
        self.pairs = list(map(min, self.weights, self.weights[1:]))
        self.all_pairs = sum(self.pairs)
        self._weighed: dict[int, float] = {}
        self.of_form: dict[str, list[tuple[int, float]]] = {}
        self.of_concept: dict[str, list[tuple[int, float]]] = {}
        for number, part in enumerate(parts):
            for form, credit in part.forms.items():
                self.of_form.setdefault(form, []).append((number, credit))
            for concept, credit in part.concepts.items():
                self.of_concept.setdefault(concept, []).append((number, credit))
        self.form_bits = {form: _bits(named) for form, named in self.of_form.items()}
        self.concept_bits = {concept: _bits(named) for concept, named in self.of_concept.items()}

    def weight(self, bits: int) -> float:
        """The weight of some parts; passages have the same ones again and again."""
        found = self._weighed.get(bits)
        if found is None:
            found = self._weighed[bits] = _weight(bits, self.weights)
        return found


def _bits(named: Sequence[tuple[int, float]]) -> int:
    return sum(1 << number for number, _ in named)


@dataclass(frozen=True, slots=True)
class PassageTokens:
    """The tokens of a passage behind those of its title and headings.

    `context` is how many of the tokens are title and headings, `ends` at which tokens
    sentences end, `concepts` the concepts with the token at which each is named. `spans` are
    those of the tokens behind the context, in the text of the passage.
    """

    tokens: Sequence[str]
    context: int
    ends: Sequence[int]
    concepts: Sequence[tuple[str, int]]
    coded_spans: str = ""

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The spans of the passage's own tokens, in their order."""
        return list(self.spans_at(range(len(self.coded_spans) // 2)))

    def spans_at(self, places: Iterable[int]) -> Iterator[tuple[int, int]]:
        """The spans of some of the passage's own tokens, by their places among those with one."""
        edges = list(accumulate(map(ord, self.coded_spans)))
        for at in places:
            if 2 * at < len(edges):
                yield (
                    edges[2 * at] - _ZERO * (2 * at + 1),
                    edges[2 * at + 1] - _ZERO * (2 * at + 2),
                )

    @classmethod
    def parse(cls, words: str, marks: str, wanted: Container[str] | None = None) -> PassageTokens:
        """From what the store keeps (see `marks_of`), with the `wanted` concepts only."""
        context, ends, concepts, spans = marks.split(";", 3)
        named = []
        if concepts and (wanted is None or wanted):
            entries = (entry.rsplit("@", 1) for entry in concepts.split(","))
            named = [(c, int(at)) for c, at in entries if wanted is None or c in wanted]
        sentence_ends = list(map(int, ends.split(","))) if ends else []
        return cls(words.split(), int(context), sentence_ends, named, spans)


def marks_of(
    context: int,
    ends: Sequence[int],
    concepts: Sequence[tuple[str, int]],
    spans: Sequence[tuple[int, int]] = (),
) -> str:
    """What of `PassageTokens` is kept beside the tokens: "4;12,30;dysprosium@3;…".

    The spans are coded as two signs each, the distance from the one before and the length,
    counted from the sign 0; none are kept where one is too far for that.
    """
    named = ",".join(f"{concept}@{at}" for concept, at in concepts)
    edges = list(chain.from_iterable(spans))
    steps = list(map(sub, edges, chain((0,), edges)))
    coded = ""
    if max(steps, default=0) <= _FARTHEST:
        coded = "".join(map(chr, map(_ZERO.__add__, steps)))
    return f"{context};{','.join(map(str, ends))};{named};{coded}"


@dataclass(frozen=True, slots=True)
class Features:
    """What the reranker sees of a passage, all from 0 to 1.

    `lexical` is its BM25 sum over the best one's; `coverage` the share of the query's parts
    by weight; `missing` the weight of the rarest part it lacks, over that of the rarest;
    `adjacent` the share of neighbouring parts that are neighbours in it; `sentence` the
    coverage of its best sentence, `in_context` of that with title and headings; `value`
    the same of its best sentence that has a date or an amount where one is asked for.
    `near` is the weight of the parts it lacks, each as near as its nearest word is in meaning.
    """

    lexical: float
    coverage: float
    missing: float
    adjacent: float
    sentence: float
    in_context: float
    value: float
    near: float = 0.0


def features_of(
    query: Lookup, passage: PassageTokens, *, lexical: float, values: Sequence[int] = ()
) -> Features:
    """The features of a passage but for `near`; without parts only `lexical` says something.

    `values` are the tokens that are what is asked for.
    """
    total = query.total
    if not total:
        return Features(lexical, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    bits, credit_of = _bits_of(query, passage)
    found = list(map(mul, query.weights, credit_of))
    lacking = [w for w, credit in zip(query.weights, credit_of, strict=True) if not credit]
    held, above, pairs = _sentences(bits, passage)
    alone = set(held.values())
    whole = _WHOLE.issuperset(credit_of)
    weight = query.weight if whole else partial(_weight, weights=found)
    valued = {held.get(bisect_right(passage.ends, at), 0) for at in values} - {0}
    return Features(
        lexical=lexical,
        coverage=sum(found) / total,
        missing=max(lacking, default=0.0) / query.heaviest,
        adjacent=_weight(pairs, query.pairs) / query.all_pairs if pairs else 0.0,
        sentence=max(map(weight, alone), default=0.0) / total,
        in_context=max(map(weight, {parts | above for parts in alone}), default=0.0) / total,
        value=max(map(weight, {parts | above for parts in valued}), default=0.0) / total,
    )


def nearness(query: Lookup, passage: PassageTokens, cosines: Sequence[float]) -> float:
    """The weight of the parts that a passage lacks, each as near as its nearest word is in
    meaning, over that of all; `cosines` says how near that is to each part.
    """
    _, credit_of = _bits_of(query, passage)
    near = sum(
        weight * max(0.0, (cosine - FAR) / (1.0 - FAR))
        for weight, credit, cosine in zip(query.weights, credit_of, cosines, strict=True)
        if not credit
    )
    return near / query.total if query.total else 0.0


def failing(found: Iterable[Features]) -> float:
    """The share of the query's parts that the best of some passages lacks, 0..1."""
    return 1.0 - max((features.coverage for features in found), default=0.0)


def _bits_of(query: Lookup, passage: PassageTokens) -> tuple[dict[int, int], list[float]]:
    """Of which parts each token is one, a bit for each part, and the best credit of each part."""
    tokens, form_bits = passage.tokens, query.form_bits
    places = compress(count(), map(form_bits.__contains__, tokens))
    bits = {at: form_bits[tokens[at]] for at in places}
    named = [query.of_form[token] for token in {tokens[at] for at in bits}]
    if query.of_concept:
        for concept, at in passage.concepts:
            if concept in query.of_concept:
                bits[at] = bits.get(at, 0) | query.concept_bits[concept]
                named.append(query.of_concept[concept])
    credit_of = [0.0] * len(query.weights)
    for entries in named:
        for number, credit in entries:
            if credit > credit_of[number]:
                credit_of[number] = credit
    return bits, credit_of


def _sentences(bits: Mapping[int, int], passage: PassageTokens) -> tuple[dict[int, int], int, int]:
    """The parts that each sentence has, those of the title and headings, and the neighbouring
    parts that stand at one token or at two in their order, as the bits of the first of each.
    """
    held: dict[int, int] = {}
    context, ends = passage.context, passage.ends
    above = pairs = 0
    for at, here in bits.items():  # in one go, since this is done for every token of a match
        pairs |= here & (here | bits.get(at + 1, 0)) >> 1
        if at < context:
            above |= here
        sentence = bisect_right(ends, at)
        held[sentence] = held.get(sentence, 0) | here
    return held, above, pairs


def _weight(bits: int, weights: Sequence[float]) -> float:
    """The sum of the weights whose bits are set."""
    total = 0.0
    while bits:
        lowest = bits & -bits
        total += weights[lowest.bit_length() - 1]
        bits ^= lowest
    return total


@dataclass(frozen=True, slots=True)
class RerankingWeights:
    """What each feature adds to the logit of a score, and what the nearness of meaning does.

    `dense` counts in full where words say all, and `dense_when_words_fail` besides to the
    degree that the best passage lacks the query's parts.
    """

    bias: float
    features: Mapping[str, float]
    dense: float
    dense_when_words_fail: float
    kinds: Mapping[str, float]

    def score(self, features: Features, *, similarity: float, failing: float, kind: str) -> float:
        """The score of a passage, 0..1; `failing` is the share of the query that no passage has."""
        logit = self.bias + self.kinds.get(kind, 0.0)
        logit += sum(w * getattr(features, name) for name, w in self.features.items())
        logit += (self.dense + failing * self.dense_when_words_fail) * similarity
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))
