"""The value that a question asks for, as a span of a quotation: a date, amount, name or list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, log

from kb.answering.candidates import Span, amounts, dates, enumerations, fitting, folded
from kb.answering.evidence import Place, Sentence, nearness
from kb.answering.gathering import Evidence
from kb.answering.rivals import Naming, said_of_another
from kb.answering.selection import Choice
from kb.answering.units import above
from kb.domain import AnswerValue, Citation
from kb.language.asking import Wanted
from kb.language.names import Name, names_in
from kb.language.questions import Question

# What a text names of the glossary.
Named = Callable[[str], Sequence[Naming]]
# What an answer says: a citation and the choice that it cites.
Said = tuple[Citation, Choice]

_COUNTRY = re.compile(r"国(は|が|$|の名)|どの国|\bcountr(y|ies)\b|\bstates\b", re.I)
_COMPANY = re.compile(
    r"企業|会社|メーカー|社は|社が|\b(compan(y|ies)|firms?|carmakers?|producers?)\b", re.I
)
_BODIES = frozenset({"institution", "company", "country", "person"})
_PLACES = frozenset({"country", "place"})
# 何%に下がったか is answered by what に stands behind.
_PARTICLE = re.compile(
    r"(?:何[^\s、。かでのをがにへと]{1,5}|いくら|いつ)(に|へ|から|まで|以上|以下|以内)"
)
_SAME_PARTICLE = 1.6
_FOCUS = 1.0  # of the last word, to all the others together
_NEAR = 15.0  # characters between a value and what is said of it
_BEFORE = 1.5  # times as far counts a word that stands before the value
_CONTESTS = 0.2  # of the belief in the best sentence, from which another's value is heard
_DOUBTFUL = 0.7  # of the best fit, from which another value makes it doubtful
# Lists are of what the question names, where the glossary knows such things.
_LISTED = (
    (re.compile(r"元素|\belements?\b", re.I), frozenset({"element"})),
    (re.compile(r"鉱物|鉱種|\bminerals?\b", re.I), frozenset({"mineral", "element"})),
    (re.compile(r"国|\bcountries\b", re.I), frozenset({"country"})),
)
# Words of a question that name the kind of its value, of which nothing is said.
_KINDS_OF_VALUE = frozenset({"日", "年", "月", "月日", "年月日", "日付", "時期", "時点"})
# Of several dates in a row none is the value by itself (2023年・2024年および2025年4月).
_ROW_BEFORE = re.compile(r"[年月日]\s*[・、]?\s*(・|、|と|および|及び|ならびに|並びに)\s*$")
_ROW_AFTER = re.compile(r"\s*[・、]?\s*(・|と|および|及び|ならびに|並びに)\s*[0-9０-９]")
_NUMERAL = re.compile("[0-9.,一二三四五六七八九十百千万億兆]")
# How near a value must stand to the question's words, over all of their weight.
_LEAST = 0.3


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    citation: Citation
    span: Span

    @property
    def text(self) -> str:
        return self.citation.quote[self.span[0] : self.span[1]]


def value_of(
    evidence: Evidence, said: Sequence[Said], *, named: Named, categories: Mapping[str, str]
) -> AnswerValue | None:
    """The value that the first quotation states; None where the question asks for none, none
    of its kind stands near the words that match, or two do, it is said of another thing, or
    another sentence that may as well be meant states another.

    `named` finds names of the glossary, `categories` are those of its concepts.
    """
    question, weights = evidence.ranked.question, [part.weight for part in evidence.parts]
    kinds = {i for i, part in enumerate(question.parts) if part.forms[0][0] in _KINDS_OF_VALUE}
    particle = _PARTICLE.search(question.text)
    after = particle[1] if particle else ""
    citation, choice = said[0]
    matched = [
        (part, at + s.unit.start - citation.start, weight)
        for s in choice.sentences
        for part, at, weight in s.matched
        if part not in kinds
    ]
    found: list[_Candidate] = []
    for span in _candidates(question, citation.quote, named):
        score = _fit(span, matched, weights)
        if after and citation.quote.startswith(after, span[1]):
            score *= _SAME_PARTICLE
        if score >= _LEAST:
            found.append(_Candidate(score, citation, span))
    if not found:
        return None
    best = max(found, key=lambda c: c.score)
    if any(c.text != best.text and c.score > _DOUBTFUL * best.score for c in found):
        return None
    if question.wanted in (Wanted.WHEN, Wanted.QUANTITY) and (
        said_of_another(
            question,
            categories,
            best.span,
            citation.quote,
            named(citation.quote),
            above(choice.found)[1],
        )
        or _contested(best, question, evidence.sentences)
    ):
        return None
    start, end = best.span
    c = best.citation
    return AnswerValue(best.text, c.number, c.start + start, c.start + end)


def _contested(value: _Candidate, question: Question, sentences: Sequence[Sentence]) -> bool:
    """Whether a sentence outside of the quotation that is believed enough states another value."""
    least = sentences[0].score + log(_CONTESTS)
    said, own = folded(value.text), value.citation
    for sentence in sentences:
        unit = sentence.unit
        if sentence.score < least:
            return False
        if unit.found.passage.document_id == own.document_id and own.start <= unit.start < own.end:
            continue
        spans = fitting(question.wanted, question.text, unit.text)
        others = [folded(unit.text[start:end]) for start, end in spans]
        if others and not any(_has(said, other) or _has(other, said) for other in others):
            return True
    return False


def _has(value: str, other: str) -> bool:
    """Whether a value has another in it with whole numbers: 2025年4月4日 has 2025年4月, but 14億ドル
    has no 4億ドル.
    """
    at = value.find(other)
    while at >= 0:
        whole = not (_NUMERAL.match(other) and _NUMERAL.search(value[:at][-1:]))
        goes_on = other[-1:].isdigit() and value[at + len(other) :][:1].isdigit()
        if whole and not goes_on:
            return True
        at = value.find(other, at + 1)
    return False


def _fit(span: Span, matched: Sequence[Place], weights: Sequence[float]) -> float:
    """How well a span stands to the words that match, from 0 to 1: near the last of them, which
    says what is said of the value and mostly follows it (2月22日に採択した), however common that
    word is, and not far from the others, each by its weight.

    A unit inside of the span is no word beside it.
    """
    outside = [m for m in matched if not span[0] <= m[1] < span[1]]
    if not outside:
        return 0.0
    focus = max(part for part, _, _ in outside)
    last = (
        max(
            weight * exp(-(at - span[1] if at >= span[1] else _BEFORE * (span[0] - at)) / _NEAR)
            for part, at, weight in outside
            if part == focus
        )
        / weights[focus]
    )
    others = sum(weights) - weights[focus]
    near = nearness(span, [m for m in outside if m[0] != focus]) / others if others else last
    return (_FOCUS * last + near) / (_FOCUS + 1.0)


def _candidates(question: Question, text: str, named: Named) -> list[Span]:
    match question.wanted:
        case Wanted.WHEN:
            return [s for s in dates(question.text, text) if not _in_a_row(s, text)]
        case Wanted.QUANTITY:
            return list(amounts(question.text, text))
        case Wanted.LIST:
            return _lists(question, text, named)
        case Wanted.WHO | Wanted.WHERE:
            return _names(question, text, named)
        case _:
            return []


def _in_a_row(span: Span, text: str) -> bool:
    before = _ROW_BEFORE.search(text[max(0, span[0] - 10) : span[0]])
    return before is not None or _ROW_AFTER.match(text, span[1]) is not None


def _lists(question: Question, text: str, named: Named) -> list[Span]:
    spans = list(enumerations(text))
    for cue, categories in _LISTED:
        if cue.search(question.text):
            things = [s for s, _, _, category in named(text) if category in categories]
            spans = [(s, e) for s, e in spans if sum(s <= at < e for at in things) > 1]
    return spans


def _names(question: Question, text: str, named: Named) -> list[Span]:
    """Names of the kind that is asked for and that the question does not say itself."""
    asked = folded(question.text)
    glossary = named(text)
    found: list[Span] = []
    if question.wanted is Wanted.WHERE:
        found = [(n.start, n.end) for n in names_in(text) if n.place]
        found += [(s, e) for s, e, _, category in glossary if category in _PLACES]
    elif _COUNTRY.search(question.text):
        found = [(s, e) for s, e, _, category in glossary if category == "country"]
    elif _COMPANY.search(question.text):
        found = [(s, e) for s, e, _, category in glossary if category == "company"]
        found = found or [(n.start, n.end) for n in names_in(text) if _is_company(n, text)]
    else:
        found = [(s, e) for s, e, _, category in glossary if category in _BODIES]
        found += [(n.start, n.end) for n in names_in(text) if n.person or n.body]
    return [(start, end) for start, end in _longest(found) if folded(text[start:end]) not in asked]


def _is_company(name: Name, text: str) -> bool:
    said = text[name.start : name.end]
    return said.endswith(("社", "集団", "グループ")) or not (name.place or name.person)


def _longest(spans: Sequence[Span]) -> list[Span]:
    """The spans without those inside of others."""
    unique = sorted(set(spans), key=lambda s: (s[0], -s[1]))
    kept: list[Span] = []
    for span in unique:
        if not kept or span[1] > kept[-1][1]:
            kept.append(span)
    return kept
