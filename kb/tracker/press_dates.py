"""Dates as the press gives them: a day, or a month and a day, counted from the day of issue.

`9日、` of an article of 20 October is 9 October, and `11月8日から` the eighth of the November that
is nearest. Only short texts are read so, and only until they name a year: in a long report, and
after a year, a month without one may be of any.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from kb.language.dates import DateMention

LONGEST = 5000  # characters of an article
_DAY = re.compile(
    r"(?<![0-9０-９月年.])(?P<month>先月|前月|今月|来月)?(?P<day>[12][0-9]|3[01]|[1-9])日"
    r"(?=、|,|に|付|まで|夜|朝|午前|午後|閣議|発表|[(（])"
    r"|(?<![一-龯])(?P<today>きょう|今日(?=、|の閣議|午)|本日)"
)


def counted_from_issue(
    text: str, mentions: Sequence[DateMention], issued: date
) -> list[DateMention]:
    """The dates of a text that was issued on a day, those before its first year completed by it."""
    years = (m.start for m in mentions if m.year is not None and not m.inferred)
    until = next(years, len(text))
    found = [_nearest(m, issued) if m.start < until else m for m in mentions]
    taken = [(mention.start, mention.end) for mention in mentions]
    for match in _DAY.finditer(text, 0, until):
        if any(start < match.end() and match.start() < end for start, end in taken):
            continue
        day = issued if match["today"] else _day(match["month"], int(match["day"]), issued)
        if day is not None:
            found.append(
                DateMention(match.start(), match.end(), day.year, day.month, day.day, inferred=True)
            )
    return sorted(found, key=lambda mention: mention.start)


def _nearest(mention: DateMention, issued: date) -> DateMention:
    """A month without a year, of the year that brings it nearest to the day of issue."""
    if mention.year is not None or mention.month is None:
        return mention
    month = mention.month
    far = min((abs(12 * n + month - issued.month), -n, n) for n in (-1, 0, 1))
    return replace(mention, year=issued.year + far[2], inferred=True)


def _day(month: str | None, day: int, issued: date) -> date | None:
    """The day of a month: the last one before the issue, or that of the month named."""
    first = issued.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first + timedelta(days=31)).replace(day=1)
    if month is None:
        begins = first if day <= issued.day else before
    else:
        begins = {"先月": before, "前月": before, "来月": after}.get(month, first)
    try:
        return begins.replace(day=day)
    except ValueError:
        return None
