"""How well each sentence of the hits bears on the question: features, and their weighted sum.

Pure functions of tokens and numbers. The weights are learned by `training.answering`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from math import exp, log
from operator import attrgetter, mul

import numpy as np
from numpy.typing import NDArray

from kb.answering.candidates import Span, fitting
from kb.answering.units import Found, Unit, above
from kb.domain import BlockKind, Passage
from kb.language.asking import Wanted
from kb.language.questions import Question, is_japanese
from kb.ranking.nearness import likeness
from kb.ranking.reranking import QueryPart

_NEAR = 25.0  # characters at which a value counts half to a third of one that stands beside
Place = tuple[int, int, float]

_VALUES = (Wanted.WHEN, Wanted.QUANTITY)  # what is read, not guessed from wording
_EARLIER, _LATER = 2, 1  # neighbours of a sentence that are read with it
_GAP = 2  # characters, line ends, between passages that follow each other

# A sentence that begins so says what it says about the one before it.
_LEANING = re.compile(
    r"(これ(は|ら|に|を|によ)|それ(は|ら|に|を)|この(うち|措置|ため|結果|規制|基準|法|条例|協議|割合|数|点|条|制度|年|規則|決定|背景|動き)"
    r"|その(うち|後|結果|理由|一方|内訳|ため|上|中|対象|内容|額|量|数|背景|目的)"
    r"|同(年|月|日|条例|法|社|国|規格|措置|協定|年度|報告書|省|局|委員会|制度|事件|公告|条|氏)|前者|後者|両者|こうした|そこで|うち|具体的には|すなわち|ただし|第一は|第1は"
    r"|(第二|第三|第2|第3)[にの、は]|さらに|また|なお|しかし|一方|他方|もっとも|いずれも|対象は|理由は|背景に|したがって|とりわけ|翌(年|月|日)|前年)"
)


@dataclass(frozen=True, slots=True)
class Features:
    """What a sentence is to a question, mostly from 0 to 1.

    `coverage`: the share of the question's words, by rarity, that it has; `context`: with its
    neighbours and headings; `heads`, `before`, `after`: what headings and neighbours have alone;
    `missing`: the rarest word that all these lack; `alike`: of the words that it lacks how near the
    nearest of its words are, `alike_near`: the same of those that its neighbours and headings
    lack too; `grams`: pairs of characters in common;
    `similarity`: nearness of meaning, `window`: with the neighbours, `passage_similarity`: of
    the passage, `foreign`: of the sentence to a question in another script; `passage`: the
    passage's score, `rank` 1 over its place; `fits`: it has what is asked for; `valued`: it has
    the date or amount that is; `follows`: how many of the question's words the sentence before
    has, where this one has the date, amount or reason and that one does not; `leans`: it is
    said about the sentence before; the others say where it stands.
    """

    coverage: float
    context: float
    missing: float
    alike: float
    alike_near: float
    grams: float
    similarity: float
    passage_similarity: float
    passage: float
    rank: float
    fits: float
    leans: float
    first: float
    length: float
    note: float
    caption: float
    table: float
    heads: float
    before: float
    after: float
    window: float
    foreign: float
    valued: float
    follows: float


NAMES = tuple(field.name for field in fields(Features))
_values: Callable[[Features], tuple[float, ...]] = attrgetter(*NAMES)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A unit with what it is to the question; `score` is the weighted sum of its features.

    `matched` are the places at which parts of the question stand in it: the number of the part,
    the offset in the text, and the weight; `credit` is what each part gets in the sentence, `near`
    with its neighbours and headings.
    """

    unit: Unit
    features: Features
    score: float
    matched: tuple[Place, ...]
    credit: tuple[float, ...]
    near: tuple[float, ...]

    @property
    def text(self) -> str:
        """The sentence as it stands in the document."""
        return self.unit.text


def sentences_of(
    question: Question,
    units: Sequence[Unit],
    vectors: NDArray[np.float32],
    target: NDArray[np.float32],
    *,
    parts: Sequence[QueryPart],
    cosines: NDArray[np.float32],
    weights: Mapping[str, float],
) -> list[Sentence]:
    """The units of some hits, in the order of their texts, with their features, best first.

    `vectors` are those of the units and `target` that of the question, `parts` the question's
    words with what stands for each, `cosines` how near each of these is to the nearest word of
    each unit, shape (units, parts), `weights` those of the features by name.
    """
    lookup = _Lookup(parts)
    similarities = vectors @ target
    asked = frozenset(question.bigrams)
    held = [lookup.credits(unit) for unit in units]
    shares = [lookup.share(credit) for credit, _ in held]
    heads = {
        id(found): lookup.above(found) for found in {id(u.found): u.found for u in units}.values()
    }
    shares_of_heads = {number: lookup.share(credit) for number, credit in heads.items()}
    foreign = not is_japanese(question.text)
    may_follow = question.wanted in (*_VALUES, Wanted.WHY)
    likenesses = likeness(cosines).tolist()
    stretch = _stretches(units)
    windows = _windows(stretch, vectors, target)

    def beside(i: int, j: int) -> float:
        same = 0 <= j < len(units) and stretch[j] == stretch[i]
        return shares[j] if same else 0.0

    fits = [bool(fitting(question.wanted, question.text, unit.text)) for unit in units]
    weight_of = [weights.get(name, 0.0) for name in NAMES]
    sentences = []
    for i, unit in enumerate(units):
        credit, matched = held[i]
        near = list(heads[id(unit.found)])
        alike = likenesses[i]
        for j in range(max(0, i - _EARLIER), min(len(units), i + _LATER + 1)):
            if stretch[j] == stretch[i]:
                near = list(map(max, near, held[j][0]))
                alike = list(map(max, alike, likenesses[j]))
        features = Features(
            coverage=shares[i],
            context=lookup.share(near),
            missing=lookup.missing(near),
            alike=lookup.alike(credit, likenesses[i]),
            alike_near=lookup.alike(near, alike),
            grams=len(asked & unit.grams) / len(asked) if asked else 0.0,
            similarity=max(0.0, float(similarities[i])),
            passage_similarity=max(0.0, unit.found.dense),
            passage=unit.found.score,
            rank=1.0 / (1 + unit.found.rank),
            fits=float(fits[i]),
            leans=float(leans(unit.text)),
            first=float(unit.position == 0),
            length=min(1.0, log(1 + len(unit.text)) / log(301)),
            note=float(unit.found.passage.kind is BlockKind.NOTE),
            caption=float(unit.found.passage.kind is BlockKind.CAPTION),
            table=float(unit.found.passage.kind is BlockKind.TABLE),
            heads=shares_of_heads[id(unit.found)],
            before=beside(i, i - 1),
            after=beside(i, i + 1),
            window=max(0.0, windows[i]),
            foreign=max(0.0, float(similarities[i])) if foreign else 0.0,
            valued=float(fits[i] and question.wanted in _VALUES),
            follows=beside(i, i - 1) if fits[i] and may_follow and not fits[i - 1] else 0.0,
        )
        score = sum(map(mul, weight_of, _values(features)))
        sentences.append(Sentence(unit, features, score, matched, tuple(credit), tuple(near)))
    return sorted(sentences, key=lambda s: (-s.score, s.unit.found.rank, s.unit.start))


def row_of(features: Features) -> tuple[float, ...]:
    """The features in the order of `NAMES`."""
    return _values(features)


def leans(sentence: str) -> bool:
    """Whether a sentence needs the one before it to be understood (これは、同年…)."""
    return _LEANING.match(sentence) is not None


def nearness(span: Span, matched: Sequence[Place]) -> float:
    """How near a span stands to the parts of the question, each counted by its weight, once."""
    nearest: dict[int, float] = {}
    for part, at, weight in matched:
        near = weight * exp(-max(0, span[0] - at, at - span[1]) / _NEAR)
        nearest[part] = max(nearest.get(part, 0.0), near)
    return sum(nearest.values())


def _stretches(units: Sequence[Unit]) -> list[int]:
    """The number of the unbroken stretch of text that each unit belongs to.

    Passages that follow each other under one heading were cut apart for their length alone.
    """
    numbers: list[int] = []
    for i, unit in enumerate(units):
        before = units[i - 1].found if i else unit.found
        joined = before is unit.found or _goes_on(before.passage, unit.found.passage)
        numbers.append((numbers[-1] if numbers else 0) + (not joined))
    return numbers


def _goes_on(before: Passage, passage: Passage) -> bool:
    return (
        before.document_id == passage.document_id
        and before.heading_path == passage.heading_path
        and before.kind == passage.kind
        and 0 <= passage.start - before.end <= _GAP
    )


def _windows(
    stretch: Sequence[int], vectors: NDArray[np.float32], target: NDArray[np.float32]
) -> list[float]:
    """The nearness in meaning of each unit together with its neighbours."""
    nearest = []
    for i, own in enumerate(stretch):
        around = [j for j in range(max(0, i - 1), min(len(stretch), i + 2)) if stretch[j] == own]
        total = vectors[around].sum(axis=0)
        length = float(np.sqrt(total @ total)) or 1.0
        nearest.append(float(total @ target) / length)
    return nearest


class _Lookup:
    """The parts of one question, to be found in many units."""

    def __init__(self, parts: Sequence[QueryPart]) -> None:
        self.weights = [part.weight for part in parts]
        self.total = sum(self.weights)
        self._words: dict[str, list[tuple[int, float]]] = {}
        self._concepts: dict[str, list[tuple[int, float]]] = {}
        for number, part in enumerate(parts):
            for form, credit in part.forms.items():
                self._words.setdefault(form, []).append((number, credit))
            for concept, credit in part.concepts.items():
                self._concepts.setdefault(concept, []).append((number, credit))

    def credits(self, unit: Unit) -> tuple[list[float], tuple[Place, ...]]:
        """The credit of each part in a unit, and where parts stand with their weights."""
        best = [0.0] * len(self.weights)
        places: dict[tuple[int, int], float] = {}
        for table, named in ((self._words, unit.words), (self._concepts, unit.concepts)):
            for name, at in named:
                if name not in table:
                    continue
                for number, credit in table[name]:
                    best[number] = max(best[number], credit)
                    places.setdefault((number, at), self.weights[number] * credit)
        return best, tuple((number, at, weight) for (number, at), weight in places.items())

    def above(self, found: Found) -> list[float]:
        """The credit of each part in the title and headings over a hit."""
        words, concepts = above(found)
        best = [0.0] * len(self.weights)
        for table, names in ((self._words, words), (self._concepts, concepts)):
            for name in table.keys() & names:
                for number, credit in table[name]:
                    best[number] = max(best[number], credit)
        return best

    def share(self, credit: Sequence[float]) -> float:
        """The share of the parts, by weight, for which there is credit."""
        if not self.total:
            return 0.0
        return float(sum(map(mul, self.weights, credit)) / self.total)

    def alike(self, credit: Sequence[float], likeness: Sequence[float]) -> float:
        """The share of the parts without credit, each as near as the nearest word is to it."""
        if not self.total:
            return 0.0
        lacking = zip(self.weights, credit, likeness, strict=True)
        return float(sum(w * near for w, c, near in lacking if not c) / self.total)

    def missing(self, credit: Sequence[float]) -> float:
        """The weight of the rarest part without credit, over that of the rarest."""
        lacking = [w for w, c in zip(self.weights, credit, strict=True) if not c]
        return max(lacking, default=0.0) / (max(self.weights, default=0.0) or 1.0)
