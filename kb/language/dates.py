"""Dates in Japanese and English text, also those of an era and those that lean on one before.

令和6年10月1日 → 2024-10-01;  2014年3月26日…同年8月 → 2014-03-26, 2014-08
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from kb.language.date_patterns import MAY_BEGIN, MENTION, NO_LEAD
from kb.language.date_reading import DateMention as DateMention
from kb.language.date_reading import completed, end_of_day, is_possible, read_match

# What every mention has in it, which most sentences have not; much quicker to look for.
_DATED = re.compile("[年月日期0-9０-９]")
_BRACKET = re.compile("[(（『)）』\n]")


@dataclass(frozen=True, slots=True)
class Before:
    """The date of the text before that dates lean on.

    `sure` says that a month without a year can only be of its year.
    """

    date: DateMention
    sure: bool = True


def dates_in(
    text: str, *, before: Before | None = None, issued: date | None = None
) -> list[DateMention]:
    """The dates that a text names, in order; each leans on those before it.

    同年, 翌月, 同日 and their like are reckoned from the date before them in the text. A month
    without a year takes that of the date before it as long as no other year is named in the
    sentence, or else in the text; a day without a month likewise. The first of them lean on
    `before`. 本年 and 昨年 are reckoned from the day of issue, where it is known. What is
    missing stays unknown where nothing comes before, and a relative date is then left out;
    so is one when a date between brackets makes it doubtful which year is meant.
    """
    return _Reader(text, before, issued).read()


def before_of(
    mentions: list[DateMention], text: str, before: Before | None, *, goes_on: bool
) -> Before | None:
    """What dates after these mentions of `text`, which has `before` before it, lean on.

    `goes_on` says that they follow in the same paragraph. A paragraph that begins with a
    month can only go on with a story told by months, of one year.
    """
    known = [m for m in mentions if m.year is not None and _leads(m, text)]
    if not known:
        return before
    years = {m.year for m in known}
    if goes_on:
        return Before(known[-1], sure=len(years) == 1)
    if before is not None:
        years.add(before.date.year)
    sure = len(years) == 1 and known[-1].month is not None and (before is None or before.sure)
    return Before(known[-1], sure=sure)


class _Reader:
    """Reads the dates of one text; knows at each place which date others lean on."""

    def __init__(self, text: str, before: Before | None, issued: date | None) -> None:
        self._text = text
        self._issued = issued
        self._before = before
        self._outer = before.date if before else None  # the last date outside brackets
        self._inner: DateMention | None = None  # the last in brackets that are still open
        self._aside: DateMention | None = None  # the last in brackets since `_outer`
        self._known: list[DateMention] = []  # dates with a year that others lean on

    def read(self) -> list[DateMention]:
        found: list[DateMention] = []
        if _DATED.search(self._text) is None:
            return found
        at = depth = seen = 0
        while match := _next(self._text, at):
            depth, seen = _depth(depth, self._text[seen : match.start()]), match.start()
            mention = self._one(match, depth)
            at = match.end()
            if mention is None:
                continue
            mention, at = completed(mention, self._text)
            if is_possible(mention):
                found.append(mention)
                self._remember(mention, depth)
        return found

    def _one(self, match: re.Match[str], depth: int) -> DateMention | None:
        if not depth:
            self._inner = None
        last = self._inner or self._outer
        aside = self._aside
        if not depth and aside is not None and (last is None or aside.year != last.year):
            last = None  # it is doubtful which of the two is meant
        if last is not None and _of_an_event(match, self._text, last):
            last = None
        bare = (match["month"] or match["day"] or match["part"]) and not (
            match["same_month"] or match["same_day"]
        )
        if bare and last is not None and last.year is not None and not self._sure(last, match):
            last = None
        return read_match(match, last, self._issued)

    def _sure(self, last: DateMention, match: re.Match[str]) -> bool:
        """Whether a month without a year can only be of the year of `last`."""
        begin = max(
            self._text.rfind("。", 0, match.start()), self._text.rfind("\n", 0, match.start())
        )
        here = {m.year for m in self._known if m.start > begin}
        if here:
            return here == {last.year}
        if self._text.startswith("の", end_of_day(match, self._text)):
            return False  # 10月の措置 is one that the reader knows, of whatever year
        if years := {m.year for m in self._known}:
            return years == {last.year}
        return self._before is None or self._before.sure

    def _remember(self, mention: DateMention, depth: int) -> None:
        if not _leads(mention, self._text):
            return
        if depth:
            self._inner = self._aside = mention
            return
        if mention.year is not None:
            self._known.append(mention)
            self._outer, self._aside = mention, None
        elif self._outer is None or self._outer.year is None:
            self._outer = mention


def _leads(mention: DateMention, text: str) -> bool:
    """Whether dates after it may lean on a mention.

    They do not on a decade, on a year that something is compared with (前年), on an end
    (2026年11月10日まで), or on the year in the name of a law (1950年国防生産法).
    """
    if mention.part == "decade" or text.startswith("前年", mention.start):
        return False
    return NO_LEAD.match(text, mention.end) is None


def _of_an_event(match: re.Match[str], text: str, last: DateMention) -> bool:
    """Whether 翌年 and its like follow an event (導入した翌月) whose date is another one."""
    word = match["relative_year"] or match["relative_month"] or match["relative_day"]
    if word is None or word[0] not in "翌前":
        return False
    return text[max(0, match.start() - 1) : match.start()] in ("た", "る") or (
        text[match.start() - 1 : match.start()] == "の" and last.end != match.start() - 1
    )


def _next(text: str, at: int) -> re.Match[str] | None:
    """The next mention of a date in a text from a place on."""
    while begin := MAY_BEGIN.search(text, at):
        if match := MENTION.match(text, begin.start()):
            return match
        at = begin.start() + 1
    return None


def _depth(depth: int, text: str) -> int:
    """How many brackets are open after `text` where `depth` were before; a line end closes all."""
    for c in _BRACKET.findall(text):
        if c in "(（『":
            depth += 1
        elif c == "\n":
            depth = 0
        else:
            depth = max(0, depth - 1)
    return depth
