"""Dates in Japanese text, also those of an era and those that lean on one before.

令和6年10月1日 → 2024-10-01;  2014年3月26日…同年8月 → 2014-03-26, 2014-08
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from kb.language.numerals import number_of

_ERAS = {"明治": 1867, "大正": 1911, "昭和": 1925, "平成": 1988, "令和": 2018}
_N = r"[0-9０-９]{1,2}|[一二三四五六七八九十]{1,3}"
_ERA = "|".join(_ERAS)
_MENTION = re.compile(
    rf"(?P<era>{_ERA})\s*(?P<era_year>元|{_N})\s*年(?!間|代)"
    r"|(?P<year>(?:1[5-9]|20)[0-9]{2}|(?:１[５-９]|２０)[０-９]{2}|[一二][〇一二三四五六七八九]{3})\s*年(?!間|代|以上|以内)"
    r"|(?P<relative_year>同年|翌年|前年|その年|この年)(?!度|比|同|の同|並|間)"
    rf"|(?P<relative_month>同月|翌月|前月)"
    r"|(?P<relative_day>同日|翌日|前日)"
    rf"|(?<![0-9０-９一二三四五六七八九十〇])(?P<month>{_N})\s*月(?!間|額|末比|産)"
    rf"|(?<![0-9０-９一二三四五六七八九十〇か])(?P<day>{_N})\s*日(?!間|以内|以上|分|数|本|経|系)"
)
_MONTH = re.compile(rf"\s*(?P<month>{_N})\s*月(?!間|額)")
_DAY = re.compile(rf"\s*(?P<day>{_N})\s*日(?!間|以内|以上|分|本)")
# A western year after one of an era: 令和6年（2024年）
_SAME_YEAR = re.compile(
    r"\s*[(（]\s*((?:1[5-9]|20)[0-9]{2}|(?:１[５-９]|２０)[０-９]{2})\s*年?\s*[)）]\s*年?"
)


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text: its span and what is known of it.

    `inferred` says that year, month or day come from the text before it, or from an era.
    """

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None
    inferred: bool = False

    @property
    def iso(self) -> str:
        """2014, 2014-03 or 2014-03-26; --03-26 where the year is not known."""
        parts = ["-" if self.year is None else f"{self.year:04d}"]
        parts += [f"{n:02d}" for n in (self.month, self.day) if n is not None]
        return "-".join(parts)


def dates_in(text: str) -> list[DateMention]:
    """The dates that a text names, in order; each leans on those before it.

    A month without a year takes that of the date before it in the text; a day without a
    month likewise. Where nothing comes before, what is missing stays unknown, and a relative
    date is left out.
    """
    found: list[DateMention] = []
    last: DateMention | None = None
    at = 0
    while match := _MENTION.search(text, at):
        mention = _read(match, last)
        at = match.end()
        if mention is None:
            continue
        mention, at = _completed(mention, text)
        if not _possible(mention):
            continue
        found.append(mention)
        last = mention
    return found


def _read(match: re.Match[str], last: DateMention | None) -> DateMention | None:
    start, end = match.span()
    if era := match["era"]:
        year = 1 if match["era_year"] == "元" else _number(match["era_year"])
        return DateMention(start, end, _ERAS[era] + year, inferred=True)
    if match["year"]:
        return DateMention(start, end, _number(match["year"]))
    if match["month"]:
        known = last.year if last else None
        return DateMention(start, end, known, _number(match["month"]), inferred=known is not None)
    if last is None:
        return None
    if match["day"]:
        if last.month is None:
            return None
        return DateMention(start, end, last.year, last.month, _number(match["day"]), inferred=True)
    if last.year is None:
        return None
    if word := match["relative_year"]:
        step = {"翌年": 1, "前年": -1}.get(word, 0)
        return DateMention(start, end, last.year + step, inferred=True)
    if last.month is None:
        return None
    if word := match["relative_month"]:
        months = last.year * 12 + last.month - 1 + {"翌月": 1, "前月": -1}.get(word, 0)
        return DateMention(start, end, months // 12, months % 12 + 1, inferred=True)
    if last.day is None or match["relative_day"] != "同日":
        return None  # the day after needs a calendar, and is hardly ever what is asked for
    return replace(last, start=start, end=end, inferred=True)


def _completed(mention: DateMention, text: str) -> tuple[DateMention, int]:
    """The mention with the month and day that follow it, and where it ends."""
    if mention.month is None:
        if same := _SAME_YEAR.match(text, mention.end):
            mention = replace(mention, end=same.end())
        if match := _MONTH.match(text, mention.end):
            mention = replace(mention, end=match.end(), month=_number(match["month"]))
    dayless = mention.month is not None and mention.day is None
    if dayless and (match := _DAY.match(text, mention.end)):
        mention = replace(mention, end=match.end(), day=_number(match["day"]))
    return mention, mention.end


def _possible(mention: DateMention) -> bool:
    month, day = mention.month, mention.day
    return (month is None or 1 <= month <= 12) and (day is None or 1 <= day <= 31)


def _number(text: str) -> int:
    value = number_of(unicodedata.normalize("NFKC", text))
    return int(value) if value is not None else 0
