"""The light reranker: how well a passage covers the parts of a query, as a few numbers.

Pure functions of tokens. The weights are learned by `training.reranker` from questions
whose passages are known.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp

_ZERO = ord("0")
_FARTHEST = 50_000  # so that no code is a surrogate
NEAR = 20  # occurrences of a part of the query that are looked at for its neighbours


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A word of a query: tokens that stand for it, each with its credit up to 1, and ids of
    concepts with theirs; how rare it is.
    """

    forms: Mapping[str, float]
    concepts: Mapping[str, float]
    weight: float


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
        spans: list[tuple[int, int]] = []
        end = 0
        for i in range(0, len(self.coded_spans), 2):
            start = end + ord(self.coded_spans[i]) - _ZERO
            end = start + ord(self.coded_spans[i + 1]) - _ZERO
            spans.append((start, end))
        return spans

    @classmethod
    def parse(cls, words: str, marks: str) -> PassageTokens:
        """From what the store keeps (see `marks_of`)."""
        context, ends, concepts, spans = marks.split(";", 3)
        named = (entry.rsplit("@", 1) for entry in concepts.split(",") if entry)
        return cls(
            words.split(),
            int(context),
            [int(end) for end in ends.split(",") if end],
            [(concept, int(at)) for concept, at in named],
            spans,
        )


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
    coded: list[str] = []
    before = 0
    for start, end in spans:
        if max(start - before, end - start) > _FARTHEST:
            coded.clear()
            break
        coded += [chr(_ZERO + start - before), chr(_ZERO + end - start)]
        before = end
    return f"{context};{','.join(map(str, ends))};{named};{''.join(coded)}"


@dataclass(frozen=True, slots=True)
class Features:
    """What the reranker sees of a passage, all from 0 to 1.

    `lexical` is its BM25 sum over the best one's; `coverage` the share of the query's parts
    by weight; `missing` the weight of the rarest part it lacks, over that of the rarest;
    `adjacent` the share of neighbouring parts that are neighbours in it; `sentence` the
    coverage of its best sentence, `in_context` of that with title and headings; `value`
    whether it has a date or a number where one is asked for.
    """

    lexical: float
    coverage: float
    missing: float
    adjacent: float
    sentence: float
    in_context: float
    value: float


def features_of(
    parts: Sequence[QueryPart], passage: PassageTokens, *, lexical: float, value: float
) -> Features:
    """The features of a passage; without parts only `lexical` and `value` say something."""
    total = sum(part.weight for part in parts)
    if not total:
        return Features(lexical, 0.0, 0.0, 0.0, 0.0, 0.0, value)
    places, credit_of = _places(parts, passage)
    found = [part.weight * credit for part, credit in zip(parts, credit_of, strict=True)]
    lacking = [p.weight for p, credit in zip(parts, credit_of, strict=True) if not credit]
    sentence, in_context = _best_sentence(found, places, passage)
    return Features(
        lexical=lexical,
        coverage=sum(found) / total,
        missing=max(lacking, default=0.0) / max(part.weight for part in parts),
        adjacent=_adjacent(parts, places),
        sentence=sentence / total,
        in_context=in_context / total,
        value=value,
    )


def _places(
    parts: Sequence[QueryPart], passage: PassageTokens
) -> tuple[list[list[int]], list[float]]:
    """Where each part stands in the passage, and the best credit that it has there."""
    of_form: dict[str, list[tuple[int, float]]] = {}
    of_concept: dict[str, list[tuple[int, float]]] = {}
    for number, part in enumerate(parts):
        for form, credit in part.forms.items():
            of_form.setdefault(form, []).append((number, credit))
        for concept, credit in part.concepts.items():
            of_concept.setdefault(concept, []).append((number, credit))
    places: list[list[int]] = [[] for _ in parts]
    credit_of = [0.0] * len(parts)
    found = [(at, of_form[token]) for at, token in enumerate(passage.tokens) if token in of_form]
    if of_concept:
        found += [(at, of_concept[c]) for c, at in passage.concepts if c in of_concept]
    for at, named in found:
        for number, credit in named:
            places[number].append(at)
            if credit > credit_of[number]:
                credit_of[number] = credit
    return places, credit_of


def _adjacent(parts: Sequence[QueryPart], places: Sequence[Sequence[int]]) -> float:
    total = near = 0.0
    for i in range(len(parts) - 1):
        weight = min(parts[i].weight, parts[i + 1].weight)
        total += weight
        following = set(places[i + 1][:NEAR])
        if any(at + 1 in following or at in following for at in places[i][:NEAR]):
            near += weight
    return near / total if total else 0.0


def _best_sentence(
    found: Sequence[float], places: Sequence[Sequence[int]], passage: PassageTokens
) -> tuple[float, float]:
    """The highest weight of parts that stand in one sentence, without and with the headings."""
    held: dict[int, int] = {}  # the parts of each sentence, one bit each
    above = 0
    for part, positions in enumerate(places):
        bit = 1 << part
        for at in positions:
            if at < passage.context:
                above |= bit
            sentence = bisect_right(passage.ends, at)
            held[sentence] = held.get(sentence, 0) | bit
    alone = set(held.values())
    weight = {
        parts: sum(share for part, share in enumerate(found) if parts >> part & 1)
        for parts in alone | {parts | above for parts in alone}
    }
    best = max((weight[parts] for parts in alone), default=0.0)
    return best, max((weight[parts | above] for parts in alone), default=0.0)


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
