"""How well passages cover the parts of a query: the features of all candidates at once.

What a query finds in the passages is put into a few arrays, where each hit is a part of the query
at a token of a passage; the passages' tokens stand one after the other for that. Sums are taken in
the order of the parts, so that they do not depend on which other passages are asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from sys import intern
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kb.ranking.nearness import likeness
from kb.ranking.reranking import Features, PassageTokens, QueryPart

_Floats = NDArray[np.float64]
_Numbers = NDArray[np.int64]
_Flags = NDArray[np.bool_]


class Lookup:
    """The parts of a query made ready for many passages: their weights, and with their credit
    the tokens and the concepts that stand for each.
    """

    def __init__(self, parts: Sequence[QueryPart]) -> None:
        self.weights = np.array([part.weight for part in parts], np.float64)
        self.total = sum(part.weight for part in parts)
        self.pairs = np.minimum(self.weights[:-1], self.weights[1:])
        self.all_pairs = sum(self.pairs.tolist())
        forms = [
            (number, intern(form), credit)
            for number, part in enumerate(parts)
            for form, credit in part.forms.items()
        ]
        self._kept = [form for _, form, _ in forms]  # alive, or their identities were others'
        self.forms = np.array(list(map(id, self._kept)), np.int64)
        self.numbers = np.array([number for number, _, _ in forms], np.intp)
        self.credits = np.array([credit for _, _, credit in forms], np.float64)
        self.concepts = [
            (number, concept, credit)
            for number, part in enumerate(parts)
            for concept, credit in part.concepts.items()
        ]


class Covered(NamedTuple):
    """The features of some passages but for `near`, and which parts each lacks: (passages,
    parts).
    """

    features: list[Features]
    lacking: _Flags


@dataclass(frozen=True, slots=True)
class _Hits:
    """Each place where a part stands: the part, its credit there, the token, the sentence and
    the passage, all counted from the first passage on.
    """

    part: _Numbers
    credit: _Floats
    token: _Numbers
    sentence: _Numbers
    passage: _Numbers


def features_of(
    query: Lookup,
    passages: Sequence[PassageTokens],
    *,
    lexical: Sequence[float],
    values: Sequence[Sequence[int]] = (),
) -> Covered:
    """The features of passages; without parts only `lexical` says something.

    `values` are the tokens of each that are what is asked for, where something is.
    """
    count, parts = len(passages), len(query.weights)
    if not query.total or not count:
        nothing = [Features(one, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for one in lexical]
        return Covered(nothing, np.ones((count, parts), np.bool_))
    lengths = np.array([len(passage.identities) for passage in passages])
    first = np.cumsum(lengths) - lengths  # tokens before each passage
    sentences = np.array([len(passage.bounds) for passage in passages])
    of_passage = np.repeat(np.arange(count), sentences)
    bounds = np.concatenate([passage.bounds for passage in passages]) + first[of_passage]
    hits = _hits(query, passages, first, bounds, of_passage)

    credit = np.zeros((count, parts))
    np.maximum.at(credit, (hits.passage, hits.part), hits.credit)
    found = query.weights * credit
    lacking = credit == 0.0
    partly = (~lacking & (credit != 1.0)).any(axis=1, keepdims=True)
    worth = np.where(partly, found, query.weights)[of_passage]

    held = np.zeros((len(bounds), parts), np.bool_)
    held[hits.sentence, hits.part] = True
    above = np.zeros((count, parts), np.bool_)
    context = first + np.array([passage.context for passage in passages])
    up = hits.token < context[hits.passage]
    above[hits.passage[up], hits.part[up]] = True
    within = held | (above[of_passage] & held.any(axis=1, keepdims=True))
    starts = np.cumsum(sentences) - sentences
    sentence = _sums(np.where(held, worth, 0.0))
    in_context = _sums(np.where(within, worth, 0.0))
    value = np.zeros(len(bounds))
    if any(values):
        at = [
            place + begin
            for own, begin in zip(values, first.tolist(), strict=True)
            for place in own
        ]
        valued = np.searchsorted(bounds, at, side="right")
        value[valued] = in_context[valued]

    columns = (
        _sums(found) / query.total,
        (lacking * query.weights).max(axis=1) / query.weights.max(),
        _adjacent(query, hits, count, int(lengths.sum())) / (query.all_pairs or 1.0),
        *(np.maximum.reduceat(one, starts) / query.total for one in (sentence, in_context, value)),
    )
    rows = zip(lexical, *(column.tolist() for column in columns), strict=True)
    return Covered([Features(*row) for row in rows], lacking)


def _hits(
    query: Lookup,
    passages: Sequence[PassageTokens],
    first: _Numbers,
    bounds: _Numbers,
    of_passage: _Numbers,
) -> _Hits:
    """Where the parts stand, as words or in the names of concepts."""
    tokens = np.concatenate([passage.identities for passage in passages])
    # Far quicker than `nonzero` of what has two dimensions.
    form, token = np.divmod(np.flatnonzero(query.forms[:, None] == tokens), len(tokens))
    part, credit = query.numbers[form], query.credits[form]
    if query.concepts:
        named = [
            (number, begin + at, by)
            for passage, begin in zip(passages, first.tolist(), strict=True)
            for number, concept, by in query.concepts
            for at in passage.naming.get(concept, ())
        ]
        if named:
            numbers, places, theirs = zip(*named, strict=True)
            part = np.concatenate((part, numbers))
            token = np.concatenate((token, places))
            credit = np.concatenate((credit, theirs))
    sentence = np.searchsorted(bounds, token, side="right")
    return _Hits(part, credit, token, sentence, of_passage[sentence])


def _adjacent(query: Lookup, hits: _Hits, count: int, tokens: int) -> _Floats:
    """The weight of the neighbouring parts that stand in a passage at one token or at two in
    their order. (Behind each passage's tokens is one that is none.)
    """
    parts = len(query.weights)
    stands = np.zeros((parts + 1, tokens + 1), np.bool_)
    stands[hits.part, hits.token] = True
    then = hits.part + 1
    both = stands[then, hits.token] | stands[then, hits.token + 1]
    pairs = np.zeros((count, parts), np.bool_)
    pairs[hits.passage[both], hits.part[both]] = True
    return _sums(np.where(pairs[:, :-1], query.pairs, 0.0))


def _sums(weights: _Floats) -> _Floats:
    """The sum of each row, taken from the left as Python does; NumPy adds in another order."""
    if not weights.shape[1]:
        return np.zeros(len(weights))
    sums: _Floats = np.add.accumulate(weights, axis=1)[:, -1]
    return sums


def nearness(query: Lookup, lacking: _Flags, cosines: NDArray[np.float32]) -> list[float]:
    """The weight of the parts that each passage lacks, each as near as the passage's nearest word
    is in meaning, over that of all; `cosines` says how near that is, shape (passages, parts).
    """
    weights = np.where(lacking, query.weights * likeness(cosines), 0.0)
    found: list[float] = (_sums(weights) / (query.total or 1.0)).tolist()
    return found
