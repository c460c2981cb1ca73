"""Spans of a text that are of the kind that a question asks for: dates, amounts, lists, names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache, partial

from kb.language.amounts import amounts_in, asked_units
from kb.language.asking import Wanted
from kb.language.dates import dates_in
from kb.language.folding import fold
from kb.language.numerals import NUMBER

Span = tuple[int, int]

_ASKED_UNIT = re.compile(r"何\s*([一-龠ァ-ヶ]{1,4}?)(?=[かでのをがにと]|以|$|[ぁ-ん])")
_HAS_NUMBER = re.compile(r"[0-9０-９〇一二三四五六七八九十百千]")
_RANGE = re.compile(rf"({NUMBER})\s*[^\s0-9０-９、。]{{0,3}}\s*[~～〜\-–—―]\s*$")
_TO = re.compile(r"\s*(から|[~～〜\-–—―])\s*")
_UNTIL_WHEN = re.compile(r"いつまで|何[年月日]まで|期限は|\buntil (when|what)\b", re.I)
_UNTIL = re.compile(r"[^、。\d]{0,6}(まで|を?期限|に?失効)")
# When something will be is also said by how long it takes, unless a day or a year is asked for.
_OPEN = re.compile(r"いつ|\bwhen\b", re.I)
_AFTER = re.compile(
    rf"{NUMBER}(?:\s*[~～〜\-–—―]\s*{NUMBER})?\s*(?:年間?|[かカヶヵ]月間?|週間|日間?)"
    r"(?:先|以内|(?=(?:以上|程度|ほど|あまり|近く|前後)?[はもが]?(?:かか|掛か)|(?:以上|程度|ほど|近く)?を?要))"
)
_ITEM = r"[^\s、。・,，()（）「」『』はがをにでも]{1,24}?"
_LISTED = re.compile(
    rf"{_ITEM}(?:\s*[（(][^（()）]{{1,40}}[)）])?"
    rf"(?:[、・，,]\s*{_ITEM}(?:\s*[（(][^（()）]{{1,40}}[)）])?)+"
    rf"(?:(?:、|・)?(?:と|および|及び|ならびに|並びに|や){_ITEM})?"
    r"(?=の?[0-9０-９一二三四五六七八九十]*(?:元素|つ|種|品目|[カか]国|社|分野|項目|点)|など|等|[はがをにでもと。、（()）」』]|である|だ|$)"
)
# An item that ends with kana that no noun ends with (出し、 した、) is none.
_INFLECTED = re.compile(r"[ぁ-ん](?=[、・，,])|^[ぁ-ん]")
# A verb that says something of the first item (占めるネオジム) is no part of it.
_VERB = re.compile(r"[一-龠]+[ぁ-ん]?(?:てい)?[るたむすくぶつう](?=[ァ-ヶ一-龠])")
_CUES: Mapping[Wanted, re.Pattern[str]] = {
    Wanted.WHY: re.compile(
        r"ため|(?<=[るたいだすくむうつぶぬん])から(?!の)|理由|背景|原因|により|によって|ことで|ことから|ので|目的|ねらい|狙い|不足|契機"
    ),
    Wanted.WHO: re.compile(r"[ァ-ヶー]{3,}|[A-Z]{2,}|社|集団|省|庁|機関|委員会|国"),
    Wanted.WHERE: re.compile(r"州|省|県|市|国|鉱山|鉱区|工場|[ァ-ヶー]{3,}"),
    Wanted.DEFINITION: re.compile(r"(とは|という|をいう|を指す|と呼|のこと|である|意味)"),
    Wanted.HOW: re.compile(r"(によって|により|ことで|通じて|方法|仕組み|手順|用い|使)"),
    Wanted.LIST: re.compile(r"①.*②|第一に|第1に|([^、。]{1,25}[、・]){2,}"),
}


def fitting(wanted: Wanted, question: str, text: str) -> list[Span]:
    """The spans of a text that a question may want, in order.

    Dates and amounts are read, and those that the question names itself are left out; of the
    other kinds a hint of wording is enough. Nothing is special to a question of what.
    """
    if wanted is Wanted.WHEN:
        return list(dates(question, text))
    if wanted is Wanted.QUANTITY:
        return list(amounts(question, text))
    cue = _CUES.get(wanted)
    return [match.span() for match in cue.finditer(text)] if cue is not None else []


def dates(question: str, text: str) -> Iterator[Span]:
    """The dates of a text that the question does not name, from and to joined in one, and how
    long it takes, where it is asked when (5年以内, 10年かかる).

    Where the question asks until when, only those until which something lasts.
    """
    if not _HAS_NUMBER.search(text):
        return
    asked = folded(question)
    until = _UNTIL_WHEN.search(question) is not None
    found = [(m.start, m.end) for m in dates_in(text) if _named_year(m.year, m.month)]
    taken = [m.span() for m in _AFTER.finditer(text)] if _OPEN.search(question) else []
    found = sorted([*(s for s in found if not any(map(partial(_meet, s), taken))), *taken])
    at = 0
    while at < len(found):
        start, end = found[at]
        at += 1
        if not until and at < len(found) and _TO.fullmatch(text[end : found[at][0]]):
            end = found[at][1]
            at += 1
        if folded(text[start:end]) not in asked and (not until or _UNTIL.match(text, end)):
            yield start, end


def amounts(question: str, text: str) -> Iterator[Span]:
    """The amounts of a text in the units that the question asks for, in any where it says none.

    Both ends of a range belong to it, and amounts that the question names are left out.
    """
    if not _HAS_NUMBER.search(text):
        return
    asked, units, pattern = folded(question), asked_units(question), _asked_pattern(question)
    found = [] if pattern is not None and not units else amounts_in(text)
    spans = [(a.start, a.end) for a in found if not units or a.unit in units]
    if pattern is not None:
        spans = sorted({*(m.span() for m in pattern.finditer(text)), *spans})
    for start, end in spans:
        if before := _RANGE.search(text, max(0, start - 20), start):
            start = before.start()
        if folded(text[start:end]) not in asked:
            yield start, end


def enumerations(text: str) -> Iterator[Span]:
    """Stretches that name three things or more one after the other."""
    for match in _LISTED.finditer(text):
        if _INFLECTED.search(match[0]):
            continue
        if len(re.findall(r"[、・，,]|と|および|及び|ならびに|並びに", match[0])) >= 2:
            verb = _VERB.match(match[0])
            yield match.start() + (verb.end() if verb else 0), match.end()


def _meet(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _named_year(year: int | None, month: int | None) -> bool:
    return year is not None or month is not None


@lru_cache(maxsize=64)
def _asked_pattern(question: str) -> re.Pattern[str] | None:
    """A number with the very word that stands behind 何 (何業務日, 何品目, 何条)."""
    match = _ASKED_UNIT.search(question)
    if match is None:
        return None
    return re.compile(rf"(?<![第0-9０-９.．]){NUMBER}\s*{re.escape(match[1])}")


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """A text without what differs only in width, case or spacing."""
    return fold(text).text
