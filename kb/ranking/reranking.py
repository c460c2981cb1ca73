"""The light reranker: how well a passage covers the parts of a query, as a few numbers.

Pure functions of tokens. The weights are learned by `training.reranker` from questions
whose passages are known.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import exp
from operator import mul, sub
from sys import intern
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_ZERO = ord("0")
_FARTHEST = 50_000  # so that no code is a surrogate


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A word of a query: tokens that stand for it, each with its credit up to 1, and ids of
    concepts with theirs; how rare it is.
    """

    forms: Mapping[str, float]
    concepts: Mapping[str, float]
    weight: float


@dataclass(frozen=True)
class PassageTokens:
    """The tokens of a passage behind those of its title and headings.

    `context` is how many of the tokens are title and headings, `ends` at which tokens
    sentences end; concepts and spans are taken from how they are kept when they are asked for.
    """

    tokens: Sequence[str]
    context: int
    ends: Sequence[int]
    coded_concepts: str = ""
    coded_spans: str = ""

    def __post_init__(self) -> None:
        """Have one string for each token that passages have in common.

        A tuple of strings is nothing that Python's garbage collector goes through again.
        """
        object.__setattr__(self, "tokens", tuple(map(intern, self.tokens)))

    @cached_property
    def concepts(self) -> Sequence[tuple[str, int]]:
        """The concepts, each with the token at which it is named."""
        entries = (entry.rsplit("@", 1) for entry in self.coded_concepts.split(",") if entry)
        return [(concept, int(at)) for concept, at in entries]

    @property
    def spans(self) -> list[tuple[int, int]]:
        """The spans of the passage's own tokens, in their order."""
        return self.spans_at(range(len(self.coded_spans) // 2))

    def spans_at(self, places: Iterable[int]) -> list[tuple[int, int]]:
        """The spans of some of the passage's own tokens, by their places among those with one."""
        edges, count = self._edges, len(self._edges) // 2
        return [(edges[2 * at], edges[2 * at + 1]) for at in places if at < count]

    @cached_property
    def _edges(self) -> Sequence[int]:
        """Where spans begin and end, one after the other."""
        import numpy as np

        steps = np.frombuffer(self.coded_spans.encode("utf-16-le"), "<u2").astype(np.int64)
        return array("q", np.cumsum(steps - _ZERO).tobytes())

    @cached_property
    def identities(self) -> NDArray[np.int64]:
        """The identities of the tokens' strings, which are equal where the tokens are, and behind
        them one that no string has.
        """
        import numpy as np

        found = np.zeros(len(self.tokens) + 1, np.int64)
        found[:-1] = np.fromiter(map(id, self.tokens), np.int64, len(self.tokens))
        return found

    @cached_property
    def bounds(self) -> NDArray[np.int64]:
        """The tokens at which sentences end, the last behind all of `identities`."""
        import numpy as np

        behind = len(self.tokens) + 1
        return np.minimum(np.array([*self.ends, behind], np.int64), behind)

    @cached_property
    def naming(self) -> Mapping[str, Sequence[int]]:
        """The tokens at which each concept is named."""
        found: dict[str, list[int]] = {}
        for concept, at in self.concepts:
            found.setdefault(concept, []).append(at)
        return found

    @classmethod
    def parse(cls, words: str, marks: str) -> PassageTokens:
        """From what the store keeps (see `marks_of`)."""
        context, ends, concepts, spans = marks.split(";", 3)
        sentence_ends = tuple(map(int, ends.split(","))) if ends else ()
        return cls(words.split(), int(context), sentence_ends, concepts, spans)


def marks_of(
    context: int,
    ends: Sequence[int],
    concepts: Sequence[tuple[str, int]],
    spans: tuple[Sequence[int], Sequence[int]] = ((), ()),
    *,
    base: int = 0,
) -> str:
    """What of `PassageTokens` is kept beside the tokens: "4;12,30;dysprosium@3;…".

    `spans` are where the tokens begin and where they end, counted from `base`. They are coded as
    two signs each, the distance from the one before and the length, counted from the sign 0; none
    are kept where one is too far for that.
    """
    named = ",".join([f"{concept}@{at}" for concept, at in concepts])
    edges = [base] * (2 * len(spans[0]))
    edges[::2], edges[1::2] = spans
    steps = list(map(sub, edges, chain((base,), edges)))
    longest, coded = max(steps, default=0), ""
    if longest <= _NEAR:  # as a rule; much quicker
        coded = bytes(steps).translate(_MOVED).decode("latin-1")
    elif longest <= _FARTHEST:
        coded = "".join(map(chr, map(_ZERO.__add__, steps)))
    return f"{context};{','.join(map(str, ends))};{named};{coded}"


_NEAR = 255 - _ZERO
_MOVED = bytes((n + _ZERO) % 256 for n in range(256))


class Features(NamedTuple):
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


def failing(found: Iterable[Features]) -> float:
    """The share of the query's parts that the best of some passages lacks, 0..1."""
    return 1.0 - max((features.coverage for features in found), default=0.0)


@dataclass(frozen=True)
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

    @cached_property
    def _in_order(self) -> Sequence[float]:
        """The weights in the order of the features."""
        return [self.features.get(name, 0.0) for name in Features._fields]

    def score(self, features: Features, *, similarity: float, failing: float, kind: str) -> float:
        """The score of a passage, 0..1; `failing` is the share of the query that no passage has."""
        logit = self.bias + self.kinds.get(kind, 0.0)
        logit += sum(map(mul, self._in_order, features))
        logit += (self.dense + failing * self.dense_when_words_fail) * similarity
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))
