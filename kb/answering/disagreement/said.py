"""What is set against each other: sentences with their dates and concepts, and what is asked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from kb.answering.disagreement.vocabulary import Event, events_of, quantities
from kb.domain import BlockKind, Document, Passage
from kb.language.dates import DateMention, dates_in
from kb.language.dating import dates_of
from kb.language.folding import fold
from kb.language.glossary.matching import Mention
from kb.language.questions import BY_NAME, Question, QuestionPart, is_japanese
from kb.language.sentences import sentence_spans

Finder = Callable[[str], Sequence[Mention]]
"""Finds the concepts that a text names."""

_WIDE = frozenset({"rare-earths"})
_RIVAL = frozenset({"country", "element", "mineral"})
_KINDS = (BlockKind.PARAGRAPH, BlockKind.LIST_ITEM)
# Words of a question that say in what form the answer is wanted, and not of what.
_FORM = frozenset(
    "時期 日付 日 年 月 年月日 名称 名前 正式 呼称 日本語 英語 量 数 割合 率 比率 規模 程度 幅 "
    "範囲 対象 内容 箇国 何 資料 報告 報告書 レポート 記述 世界 全体 国 企業 社 上 下 中 前 後 "
    "間 分 的 化 制 性 現在 当時 政府 当局 措置 発表 公告 公表 実施 開始 導入 削減 減少 増加 "
    "含む 停止 トン パーセント date name year".split()
)


@dataclass(frozen=True, eq=False)
class Said:
    """A sentence of a passage: its span in the document, and what stands in it.

    `before` is the sentence before it in the same passage, `block` the number of its block.
    Offsets of dates and concepts count from the start of the sentence.
    """

    document: Document
    passage: Passage
    start: int
    end: int
    block: int
    before: str
    find: Finder = field(repr=False)

    @cached_property
    def text(self) -> str:
        """The words of the sentence."""
        return self.document.text[self.start : self.end]

    @cached_property
    def dates(self) -> tuple[DateMention, ...]:
        """Its dates, reckoned with the text before."""
        found = dates_of(self.document, self.start, self.end)
        return tuple(replace(d, start=d.start - self.start, end=d.end - self.start) for d in found)

    @cached_property
    def mentions(self) -> tuple[Mention, ...]:
        """The concepts that it names, those inside a longer name left out."""
        return tuple(m for m in self.find(self.text) if not m.nested)

    def near(self, other: Said) -> bool:
        """Whether one author says both in one breath: the same sentence, or one after the other."""
        if self.document.id != other.document.id:
            return False
        first, second = sorted((self, other), key=lambda s: s.start)
        between = self.document.text[first.end : second.start]
        return second.start < first.end or (first.block == second.block and not between.strip())


@dataclass(frozen=True)
class Asked:
    """What a question asks for, as far as statements are set against each other.

    `subjects` are the words that a statement must name to be of the same thing, each with the
    concepts that may stand for it; `concepts` the things that the question names. `general` are
    those of them that a report may be about as a whole, and `categories` those of all concepts.
    """

    question: Question
    subjects: tuple[QuestionPart, ...]
    events: tuple[Event, ...]
    quantities: tuple[str, ...]
    dates: tuple[DateMention, ...]
    concepts: frozenset[str]
    general: frozenset[str]
    categories: Mapping[str, str] = field(repr=False)

    def is_rival(self, concept: str) -> bool:
        """Whether a concept is an element, mineral or country that the question does not name."""
        return self.categories.get(concept) in _RIVAL and concept not in self.concepts

    def about(self, end: re.Pattern[str]) -> str:
        """The words of the question before those that ask, which begin as `end` says."""
        text = self.question.text
        if not is_japanese(text):
            return text.rstrip("? ")
        return end.split(text)[0].rstrip("のはがを、?？。 ") or text


def asked(question: Question, categories: Mapping[str, str]) -> Asked:
    """What a question asks for; `categories` gives the category of each concept."""
    text = question.text
    events = tuple(events_of(text))
    measured = tuple(dict.fromkeys(name for _, _, name in quantities(text)))
    spoken = "".join(m[0] for e in events for m in e.words.finditer(text))
    dates = tuple(dates_in(text))
    spoken += "".join(text[d.start : d.end] for d in dates)
    subjects = tuple(
        part
        for part in question.parts
        if part.forms[0][0] in question.nouns
        and part.forms[0][0] not in _FORM
        and part.forms[0][0] not in spoken
        and not part.forms[0][0].isdecimal()
        and not _only(part, categories, {"month"})
    )
    concepts = frozenset(question.concepts)
    general = frozenset(c for c in concepts if c in _WIDE or categories.get(c) == "country")
    return Asked(question, subjects, events, measured, dates, concepts, general, categories)


def without_measured(asked: Asked) -> Asked:
    """The same without the words for what is measured, which are compared by themselves."""
    text = asked.question.text
    spoken = "".join(text[a:b] for a, b, _ in quantities(text))
    return replace(asked, subjects=tuple(p for p in asked.subjects if p.forms[0][0] not in spoken))


def names(part: QuestionPart, text: str, concepts: Iterable[str]) -> bool:
    """Whether a text with these concepts names a word of a question."""
    if set(concepts) & {concept for concept, credit in part.concepts if credit >= BY_NAME}:
        return True
    form = fold(part.forms[0][0]).text
    return bool(form) and form in fold(text).text


def is_of(asked: Asked, said: Said, words: str) -> bool:
    """Whether words of a sentence name all that the question is about.

    What a whole report is about need not be said again: rare earths and countries may stand in
    the headings, where the words name no other.
    """
    here = [m.concept for m in said.find(words)]
    missing = [part for part in asked.subjects if not names(part, words, here)]
    if not missing:
        return True
    allowed = asked.general | {None}
    if not all(
        {c for c, credit in part.concepts if credit >= BY_NAME} & allowed for part in missing
    ):
        return False
    if any(map(asked.is_rival, here)):
        return False
    above = "\n".join((said.document.title, *said.passage.heading_path, said.before))
    there = [m.concept for m in said.find(above)]
    return all(names(part, above, there) for part in missing)


def _only(part: QuestionPart, categories: Mapping[str, str], wanted: set[str]) -> bool:
    kinds = {categories.get(concept, "") for concept, _ in part.concepts}
    return bool(kinds) and kinds <= wanted


def said_in(
    passages: Sequence[Passage],
    document_of: Callable[[str], Document],
    find: Finder,
    bears: Callable[[str], bool] = lambda _: True,
) -> list[Said]:
    """The sentences of some passages, in their order; tables, notes and captions are left out,
    and the passages whose text does not bear on the question.
    """
    found: list[Said] = []
    seen: set[tuple[str, int]] = set()
    for passage in passages:
        if passage.kind not in _KINDS:
            continue
        document = document_of(passage.document_id)
        if not bears(document.text[passage.start : passage.end]):
            continue
        before = ""
        for start, end in sentence_spans(document.text, passage.start, passage.end):
            block = _block(document, start)
            if document.blocks[block].kind not in _KINDS:
                continue
            if (document.id, start) not in seen:
                seen.add((document.id, start))
                found.append(Said(document, passage, start, end, block, before, find))
            before = document.text[start:end]
    return found


def _block(document: Document, offset: int) -> int:
    return max(0, bisect_right(document.blocks, offset, key=lambda b: b.start) - 1)
