"""Whether the evidence is enough for an answer: signs of it, and a calibrated probability.

Pure functions of tokens and numbers. The weights are learned by `training.answering`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from math import exp

from kb.answering.evidence import Sentence
from kb.language.asking import asked_for, wants_person
from kb.language.dates import dates_in
from kb.language.questions import BY_NAME, Question, is_japanese, without_possessives
from kb.language.tokens import WordKind, analyse, word_kinds
from kb.ranking.reranking import QueryPart

LOOKED_AT = 3  # of the best sentences
SURE = 0.8  # probability from which a value is shown by itself: readers take it for the answer
LEAST = 0.6  # of words in common, nearness of meaning and score together, for any answer

_THIN, _UNLIKE, _POOR = 0.25, 0.25, 0.65

_KINDS = {kind: kind for kind in WordKind} | {
    WordKind.PERSON: WordKind.NAME,
    WordKind.PLACE: WordKind.NAME,
    WordKind.AFFIX: WordKind.NOUN,
}


@dataclass(frozen=True, slots=True)
class Signs:
    """What speaks for and against an answer from one sentence, from 0 to 1.

    `coverage`, `context`, `passage`: the share of the question's words, by rarity, that stand
    in the sentence, near it or in its headings, or in its passage; `lacks_…`: the rarest word
    of a kind that the passage lacks, over a word that stands nowhere; `unknown_…`: whether a
    word of a kind stands nowhere in the collection, `unknown` the share of such words;
    `similarity`, `window`, `grams`: as of a sentence; `alike`: how near in meaning the words are
    that stand for those which are lacked near it; `score`: of the passage; `sure`: how far
    the sentence stands out from the others; `misfit`: a date, amount or name is asked for and
    none is there, `misfit_person`: a person; `value_lacks`: what is lacked by a question for
    a value; `asked_lacks`: the rarest word lacked of those that say what is asked for (従業員数は);
    `near_miss…`: a rare word is lacked where the others stand, `far_number`: a number
    is in the passage, but not near. `thin`, `unlike` and `poor` say how far `passage`, nearness
    of meaning and `score` fall short of what even questions in quite other words have.
    `foreign_…` count for a question in another script only.
    """

    coverage: float
    context: float
    passage: float
    lacks_name: float
    lacks_number: float
    lacks_katakana: float
    lacks_noun: float
    lacks_other: float
    unknown_name: float
    unknown_number: float
    unknown_katakana: float
    unknown_noun: float
    unknown: float
    similarity: float
    window: float
    grams: float
    alike: float
    score: float
    sure: float
    wants_value: float
    misfit: float
    misfit_person: float
    value_lacks: float
    asked_lacks: float
    near_miss: float
    near_miss_name: float
    far_number: float
    thin: float
    unlike: float
    poor: float
    foreign: float
    foreign_context: float
    foreign_similarity: float
    foreign_name: float
    foreign_unknown: float


NAMES = tuple(field.name for field in fields(Signs))
FOR = frozenset(
    {"coverage", "context", "passage", "similarity", "window", "grams", "alike", "score", "sure",
     "foreign_context", "foreign_similarity"}
)  # fmt: skip
"""Signs that can only speak for an answer."""
AGAINST = frozenset(NAMES) - FOR - {"wants_value", "foreign", "lacks_other"}
"""Signs that can only speak against it. That verbs are lacked says that a question is put in
other words, which may go either way.
"""


def bears(signs: Signs) -> bool:
    """Whether a passage has anything to do with the question: what has next to nothing in common
    with it is no answer, whatever else speaks for it.
    """
    return signs.passage + signs.alike + signs.similarity + signs.score >= LEAST


def row_of(signs: Signs) -> tuple[float, ...]:
    """The signs in the order of `NAMES`."""
    return astuple(signs)


@dataclass(frozen=True, slots=True)
class RefusalWeights:
    """What each sign adds to the logit of the evidence being enough, and the probability from
    which an answer is given.
    """

    bias: float
    signs: Mapping[str, float]
    threshold: float

    def probability(self, signs: Signs) -> float:
        """How likely it is that the collection answers the question."""
        logit = self.bias + sum(w * getattr(signs, name) for name, w in self.signs.items())
        return 1.0 / (1.0 + exp(-max(-30.0, min(30.0, logit))))


class Judge:
    """Reads the signs of the sentences that were found for one question.

    `known` says of each part of the question whether any passage has it, `unseen` is the
    rarity of a word that stands nowhere, `categories` are those of the glossary's concepts.
    """

    def __init__(
        self,
        question: Question,
        parts: Sequence[QueryPart],
        sentences: Sequence[Sentence],
        *,
        known: Sequence[bool],
        unseen: float,
        categories: Mapping[str, str],
    ) -> None:
        self._question = question
        self._sentences = sentences
        kinds = word_kinds(without_possessives(question.text))
        forms = [next(iter(part.forms)) for part in parts]
        self._kinds = [
            _kind_of(kinds.get(form, WordKind.OTHER), form, part, categories)
            for form, part in zip(forms, parts, strict=True)
        ]
        self._forms = forms
        self._asked = _words_asked_for(question.text)
        self._weights = [part.weight for part in parts]
        self._total = sum(self._weights) or 1.0
        self._rarity = [min(1.0, w / unseen) if unseen else 0.0 for w in self._weights]
        self._known = known
        self._years = {str(m.year) for m in dates_in(question.text) if m.year is not None}
        self._eras = any(m.inferred for m in dates_in(question.text))
        self._of_dates = _numbers_of_dates(question.text)
        self._exps = sum(exp(s.score - sentences[0].score) for s in sentences) if sentences else 1.0

    def signs(self, sentence: Sentence) -> Signs:
        """The signs of one of the sentences."""
        passage = self._in_passage(sentence)
        lacks = {kind: self._lacking(kind, passage) for kind in _KINDS.values()}
        most = max(lacks[k] for k in lacks if k is not WordKind.OTHER)
        share = self._share(passage)
        unknown = self._share([not known for known in self._known])
        features = sentence.features
        foreign = float(not is_japanese(self._question.text))
        value = float(self._question.wants_value)
        person = wants_person(self._question.text)
        return Signs(
            coverage=features.coverage,
            context=features.context,
            passage=share,
            lacks_name=lacks[WordKind.NAME],
            lacks_number=lacks[WordKind.NUMBER],
            lacks_katakana=lacks[WordKind.KATAKANA],
            lacks_noun=lacks[WordKind.NOUN],
            lacks_other=lacks[WordKind.OTHER],
            unknown_name=self._unknown(WordKind.NAME),
            unknown_number=self._unknown(WordKind.NUMBER),
            unknown_katakana=self._unknown(WordKind.KATAKANA),
            unknown_noun=self._unknown(WordKind.NOUN),
            unknown=unknown,
            similarity=features.similarity,
            window=features.window,
            grams=features.grams,
            alike=features.alike_near,
            score=features.passage,
            sure=exp(sentence.score - self._sentences[0].score) / self._exps,
            wants_value=value,
            misfit=value * (1.0 - features.fits),
            misfit_person=float(person and not self._names_a_person(sentence)),
            value_lacks=value * most,
            asked_lacks=self._asked_lacking(passage),
            near_miss=share * max(lacks[WordKind.NOUN], lacks[WordKind.KATAKANA]),
            near_miss_name=share * lacks[WordKind.NAME],
            far_number=self._lacking(WordKind.NUMBER, self._dated(sentence, sentence.near)),
            thin=_short_of(_THIN, share),
            unlike=_short_of(_UNLIKE, max(features.similarity, features.window)),
            poor=_short_of(_POOR, features.passage),
            foreign=foreign,
            foreign_context=foreign * features.context,
            foreign_similarity=foreign * features.similarity,
            foreign_name=foreign * lacks[WordKind.NAME],
            foreign_unknown=foreign * unknown,
        )

    def _share(self, credit: Sequence[float]) -> float:
        return sum(w * c for w, c in zip(self._weights, credit, strict=True)) / self._total

    def _lacking(self, kind: WordKind, credit: Sequence[float]) -> float:
        return self._most_lacking([k is kind for k in self._kinds], credit)

    def _asked_lacking(self, credit: Sequence[float]) -> float:
        return self._most_lacking([form in self._asked for form in self._forms], credit)

    def _most_lacking(self, counts: Sequence[bool], credit: Sequence[float]) -> float:
        """How rare the rarest of some words is that is lacked."""
        lacked = (
            rarity * (1.0 - c)
            for rarity, c, counted in zip(self._rarity, credit, counts, strict=True)
            if counted
        )
        return max(lacked, default=0.0)

    def _unknown(self, kind: WordKind) -> float:
        nowhere = zip(self._known, self._kinds, strict=True)
        return float(any(not known and k is kind for known, k in nowhere))

    def _in_passage(self, sentence: Sentence) -> list[float]:
        """The credit of each part in the passage of a sentence and in its headings."""
        credit = list(sentence.near)
        found = sentence.unit.found
        for other in self._sentences:
            if other.unit.found is found:
                credit = list(map(max, credit, other.near))
        return self._dated(sentence, credit)

    def _dated(self, sentence: Sentence, credit: Sequence[float]) -> list[float]:
        """The credit with that for years that are written in another calendar."""
        dated = list(credit)
        if self._eras and self._years <= {str(m.year) for m in dates_in(sentence.unit.found.text)}:
            for i, form in enumerate(self._forms):
                if form in self._of_dates:
                    dated[i] = 1.0
        return dated

    def _names_a_person(self, sentence: Sentence) -> bool:
        return WordKind.PERSON in word_kinds(sentence.text).values()


def best_signs(judge: Judge, sentences: Sequence[Sentence], weights: RefusalWeights) -> float:
    """The probability that the best few sentences hold an answer; 0 where none bears on it."""
    few = map(judge.signs, sentences[:LOOKED_AT])
    return max((weights.probability(signs) for signs in few if bears(signs)), default=0.0)


# Concepts of the glossary that are one thing with a name of its own.
_NAMED = frozenset({"country", "company", "law", "case", "agreement", "pact", "place", "person"})
# 日米, 米中, 日中韓
_COUNTRIES = re.compile("[日米中韓豪欧露英仏独印越台加]{2,4}")


def _kind_of(kind: WordKind, form: str, part: QueryPart, categories: Mapping[str, str]) -> WordKind:
    """What a part of a question is; the number of a case or article is a part of its name."""
    named = any(
        credit >= BY_NAME and categories.get(concept) in _NAMED
        for concept, credit in part.concepts.items()
    )
    if named or _COUNTRIES.fullmatch(form) or (kind is WordKind.NUMBER and part.concepts):
        return WordKind.NAME
    return _KINDS.get(kind, WordKind.OTHER)


def _short_of(enough: float, value: float) -> float:
    return max(0.0, enough - value) / enough


# What is asked for by these is seldom said with the same word.
_SAID_OTHERWISE = frozenset(
    "役割 役 特徴 特色 性格 内容 中身 概要 要点 影響 背景 課題 問題 点 意味 意義 効果 目的 "
    "日数 年数 月数 人数 件数 回数 社数 台数 金額 総額 期限 期日 期間 日付 日程 時期 時点 締め切り "
    "狙い 経緯 経過 現状 動向 状況 情勢 状態 理由 原因 訳 例 名前 名称 名 数 額 量 高 一覧 "
    "詳細 種類 違い 差 方法 手順 仕組み 対応 対策 評価 結果 関係 立場 見方 考え 考え方 反応 "
    "教訓 展望 今後 将来 取り組み 取組 施策 政策 動き 変化 role impact effect background "
    "content contents feature features reason reasons cause way ways example examples name "
    "names difference number amount thing things kind kinds deadline date day year month "
    "period".split()
)


def _words_asked_for(question: str) -> frozenset[str]:
    """The normalized words that say what a question asks for, where they must be met."""
    start, end = asked_for(question) or (0, 0)
    words = frozenset(t.form for t in analyse(question).words if start <= t.start < end)
    return words - _SAID_OTHERWISE


def _numbers_of_dates(question: str) -> frozenset[str]:
    """The normalized words of the years, and the names of eras, that a question names."""
    spans = [(m.start, m.end) for m in dates_in(question)]
    words = analyse(question).words
    return frozenset(
        t.form for t in words if any(s <= t.start < e for s, e in spans) and t.form not in "年月日"
    )
