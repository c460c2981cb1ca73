"""The value that a question asks for, as a span of a quotation: a date, amount, name or list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kb.answering.candidates import Span, amounts, dates, enumerations, folded
from kb.answering.evidence import nearness
from kb.answering.selection import Choice
from kb.domain import AnswerValue, Citation
from kb.language.asking import Wanted
from kb.language.names import Name, names_in
from kb.language.questions import Question

# A category of the glossary with the spans of a text that it names.
Named = Callable[[str], Sequence[tuple[int, int, str]]]

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
_FOCUS = 2.0
# Lists are of what the question names, where the glossary knows such things.
_LISTED = (
    (re.compile(r"元素|\belements?\b", re.I), frozenset({"element"})),
    (re.compile(r"鉱物|鉱種|\bminerals?\b", re.I), frozenset({"mineral", "element"})),
    (re.compile(r"国|\bcountries\b", re.I), frozenset({"country"})),
)
# How near a value must stand to the question's words, over all of their weight.
_LEAST = 0.12
_LATER = 0.6  # of the nearness counts in a quotation after the first


@dataclass(frozen=True, slots=True)
class _Candidate:
    score: float
    citation: Citation
    span: Span


def value_of(
    question: Question,
    said: Sequence[tuple[Citation, Choice]],
    *,
    total: float,
    named: Named,
) -> AnswerValue | None:
    """The value that the quotations state; None where the question asks for none, or none of
    its kind stands near the words that match.

    `total` is the weight of all parts of the question, `named` finds names of the glossary.
    """
    best: _Candidate | None = None
    focus = len(question.parts) - 1  # what is said of the value stands last: 採択された日
    particle = _PARTICLE.search(question.text)
    after = particle[1] if particle else ""
    for number, (citation, choice) in enumerate(said):
        matched = [
            (part, at + s.unit.start - citation.start, weight * (_FOCUS if part == focus else 1.0))
            for s in choice.sentences
            for part, at, weight in s.matched
        ]
        for span in _candidates(question, citation.quote, named):
            score = nearness(span, matched) / total if total else 0.0
            score *= _LATER**number
            if after and citation.quote.startswith(after, span[1]):
                score *= _SAME_PARTICLE
            if score >= _LEAST and (best is None or score > best.score):
                best = _Candidate(score, citation, span)
    if best is None:
        return None
    start, end = best.span
    c = best.citation
    return AnswerValue(c.quote[start:end], c.number, c.start + start, c.start + end)


def _candidates(question: Question, text: str, named: Named) -> list[Span]:
    match question.wanted:
        case Wanted.WHEN:
            return list(dates(question.text, text))
        case Wanted.QUANTITY:
            return list(amounts(question.text, text))
        case Wanted.LIST:
            return _lists(question, text, named)
        case Wanted.WHO | Wanted.WHERE:
            return _names(question, text, named)
        case _:
            return []


def _lists(question: Question, text: str, named: Named) -> list[Span]:
    spans = list(enumerations(text))
    for cue, categories in _LISTED:
        if cue.search(question.text):
            things = [s for s, _, category in named(text) if category in categories]
            spans = [(s, e) for s, e in spans if sum(s <= at < e for at in things) > 1]
    return spans


def _names(question: Question, text: str, named: Named) -> list[Span]:
    """Names of the kind that is asked for and that the question does not say itself."""
    asked = folded(question.text)
    glossary = named(text)
    found: list[Span] = []
    if question.wanted is Wanted.WHERE:
        found = [(n.start, n.end) for n in names_in(text) if n.place]
        found += [(s, e) for s, e, category in glossary if category in _PLACES]
    elif _COUNTRY.search(question.text):
        found = [(s, e) for s, e, category in glossary if category == "country"]
    elif _COMPANY.search(question.text):
        found = [(s, e) for s, e, category in glossary if category == "company"]
        found = found or [(n.start, n.end) for n in names_in(text) if _is_company(n, text)]
    else:
        found = [(s, e) for s, e, category in glossary if category in _BODIES]
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
