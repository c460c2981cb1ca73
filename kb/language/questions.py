"""A question taken apart: which of its words are worth looking up, and what stands for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kb.language.asking import Wanted, wanted
from kb.language.folding import bigrams
from kb.language.glossary.matching import Glossary, Mention
from kb.language.tokens import Token, analyse
from kb.language.word_table import EMPTY, english_words, translations

_DAYS = frozenset("月 日 世紀".split())
_CALENDAR = frozenset("年 月 日".split())
_ERAS = frozenset("明治 大正 昭和 平成 令和".split())
_SHORT_NUMBER = 2  # signs of a number of years: 2年5か月 is no date
_UNIT = re.compile(
    r"何(割|倍|トン|カ国|か国|ヵ国|品目|年間|ドル|元素|元|人|番|ページ|度|社|件|種|回|基|本|カ所|か所)"
)

BY_NAME = 0.85  # credit for a part of a question that a passage names in other words
BY_BROADER = 0.8  # and for one of those things that a broader term holds for

# Words that make a sentence a question or a request, and say nothing of its subject.
_ASKING = frozenset(
    "何 いつ 何時 何処 どこ 誰 だれ 何故 なぜ どう どの どれ どちら どんな 如何 幾ら いくら 幾 "
    "幾つ いくつ どうして どれくらい どのよう 教える 下さい 下さる 言う 述べる 呼ぶ 知る 挙げる 説明 "
    "ある いる うち 中 ところ 所 点 場合 際 時 頃 ころ くらい 位 程 場所 時期 "
    "the a an of in on at to for from by with and or is are was were be been do does did has "
    "have had it its this that what when where which who whom whose why how much many long "
    "because there their they".split()
)

_ASKING_IN_ENGLISH = _ASKING | EMPTY - {"may"}  # which is a month as well
_ONE_OF = re.compile(r"(?<=の)(一つ|ひとつ|[1１]つ)")  # 三国の一つ says no number
_POSSESSIVE = re.compile(r"(?<=[A-Za-z])['’]s(?![A-Za-z])")


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """A word of a question: the tokens that may stand for it, each with its credit up to 1,
    itself first, and the concepts that it names, or is part of the name of, with theirs.
    """

    forms: tuple[tuple[str, float], ...]
    concepts: tuple[tuple[str, float], ...] = ()

    @property
    def translations(self) -> tuple[tuple[str, float], ...]:
        """The tokens of another language that stand for the word."""
        return self.forms[1:]


@dataclass(frozen=True, slots=True)
class Question:
    """A question or query taken apart.

    `words` are the normalized short units that carry meaning, `compounds` the long ones,
    `bigrams` character pairs of the stretches that carry meaning, each without repetition
    (none in a question without kana and kanji);
    `nouns` are those of the words that name things. `concepts` are ids of the glossary;
    `parts` are the words one by one, with what else may stand for each.
    """

    text: str
    wanted: Wanted
    words: tuple[str, ...]
    compounds: tuple[str, ...]
    bigrams: tuple[str, ...]
    nouns: frozenset[str] = frozenset()
    concepts: tuple[str, ...] = ()
    parts: tuple[QuestionPart, ...] = ()

    @property
    def wants_value(self) -> bool:
        """Whether the answer is a date, an amount, a name or a place."""
        return self.wanted in (Wanted.WHEN, Wanted.QUANTITY, Wanted.WHO, Wanted.WHERE)


def take_apart(text: str, glossary: Glossary) -> Question:
    """The question's terms; a text of question words alone keeps them, so as to find something."""
    mentions = glossary.mentions(text)
    analysis = analyse(without_possessives(text))
    empty = _ASKING if is_japanese(text) else _ASKING_IN_ENGLISH
    ones = [m.span() for m in _ONE_OF.finditer(text)]
    words = [
        t for t in analysis.words
        if t.content and t.form not in empty and not any(s <= t.start < e for s, e in ones)
    ]  # fmt: skip
    if not words:
        words = [t for t in analysis.words if t.content]
    compounds = [t for t in analysis.compounds if t.content and t.form not in empty]
    return Question(
        text=text,
        wanted=wanted(text),
        words=_forms(words),
        compounds=_forms(compounds),
        # Pairs of Latin letters stand in every Latin word; names count as words.
        bigrams=tuple(dict.fromkeys(bigrams(_stretches(text, words)) if is_japanese(text) else ())),
        nouns=frozenset(t.form for t in words if t.noun),
        concepts=tuple(dict.fromkeys(m.concept for m in mentions if not m.nested)),
        parts=tuple(_parts(text, words, mentions, glossary)),
    )


def without_possessives(text: str) -> str:
    """A text with blanks for the 's of English words, which Sudachi takes for a part of them."""
    return _POSSESSIVE.sub("  ", text)


def _parts(
    text: str, words: Sequence[Token], mentions: Sequence[Mention], glossary: Glossary
) -> Iterator[QuestionPart]:
    """The words without repetition; those that name no concept with their translations."""
    # 日本の自動車メーカー asks for none of the 自動車メーカー of other countries.
    broader = [m for m in glossary.broader(text) if not m.nested]
    seen: set[str] = set()
    for token in words:
        if token.form in seen:
            continue
        seen.add(token.form)
        concepts = {m.concept: BY_BROADER for m in broader if _covers(m, token)}
        named = {m.concept: BY_NAME for m in mentions if _covers(m, token)}
        others = () if named else translated(token.form)
        yield QuestionPart(((token.form, 1.0), *others), tuple((concepts | named).items()))


def _covers(mention: Mention, token: Token) -> bool:
    return mention.start <= token.start and token.end <= mention.end


def translated(word: str) -> tuple[tuple[str, float], ...]:
    """Japanese words for an English one, the likeliest with credit 1; none for others."""
    found = translations(word) if english_words(word) == [word] else ()
    likeliest = max((probability for _, probability in found), default=1.0)
    return tuple((other, round(p / likeliest, 3)) for other, p in found if other != word)


def is_japanese(text: str) -> bool:
    """Whether a text holds kana or kanji."""
    return re.search(r"[ぁ-ゖァ-ヺ\u3400-\u9fff\U00020000-\U0003ffff]", text) is not None


def values(question: Question, tokens: Sequence[str]) -> list[int]:
    """At which tokens of a text a date or an amount stands, if the question wants one.

    An amount is one in the unit that the question names (何品目), where it names one.
    """
    if question.wanted not in (Wanted.WHEN, Wanted.QUANTITY):
        return []
    numbers = [i for i, token in enumerate(tokens) if token[0].isnumeric()]
    following = [*tokens[1:], ""]
    if question.wanted is Wanted.WHEN:
        return [
            i for i in numbers
            if following[i] in _DAYS or (following[i] == "年" and len(tokens[i]) > _SHORT_NUMBER)
            or (i and tokens[i - 1] in _ERAS)
        ]  # fmt: skip
    if (unit := _UNIT.search(question.text)) is not None:
        return [i for i in numbers if following[i].startswith(unit[1])]
    return [i for i in numbers if following[i] not in _CALENDAR]


def _forms(tokens: list[Token]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(t.form for t in tokens))


def _stretches(text: str, tokens: list[Token]) -> str:
    """The text with everything but the given tokens blanked, so neighbours stay joined."""
    signs = [" "] * len(text)
    for token in tokens:
        signs[token.start : token.end] = text[token.start : token.end]
    return "".join(signs)
