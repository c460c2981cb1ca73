"""One date of a text: what it says, and what it takes from the date that it leans on."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kb.language.date_patterns import (
    DAY_AFTER,
    ERAS,
    MONTH_AFTER,
    MONTH_NAME,
    MONTH_NUMBER,
    MONTHS,
    PART_AFTER,
    SAME_YEAR,
)
from kb.language.numerals import number_of


@dataclass(frozen=True, slots=True)
class DateMention:
    """A date in a text: its span and what is known of it.

    `inferred` says that year, month or day come from the text before it, from the date of
    issue, or from an era. `part` is "FY" (a fiscal year), "H1", "H2", "Q1" to "Q4" or
    "decade"; `until` the year, month and day at which a range ends.
    """

    start: int
    end: int
    year: int | None
    month: int | None = None
    day: int | None = None
    inferred: bool = False
    part: str = ""
    until: tuple[int | None, int | None, int | None] | None = None

    @property
    def iso(self) -> str:
        """2014, 2014-03 or 2014-03-26; --03-26 where the year is not known.

        Of a range, where it begins; of half a year, a quarter or a fiscal year, the year.
        """
        return _iso(self.year, self.month, self.day)

    @property
    def edtf(self) -> str:
        """The same with what `iso` leaves out, in the notation of ISO 8601-2 (EDTF).

        2010-41 is the second half of 2010, 2010-33 its first quarter, 199X a decade and
        2009/2010 a range. A fiscal year has no notation there and is its year.
        """
        code = {"H1": 40, "H2": 41, "Q1": 33, "Q2": 34, "Q3": 35, "Q4": 36}.get(self.part)
        start = self.iso
        if self.part == "decade":
            start = start[:3] + "X"
        elif code is not None and self.month is None:
            start += f"-{code}"
        if self.until is None:
            return start
        end = _iso(*self.until)
        return f"{start}/{end[:3] + 'X' if self.part == 'decade' else end}"

    @property
    def days(self) -> tuple[date, date] | None:
        """The first and the last day that it can mean; None where the year is not known.

        A fiscal year may begin in any quarter, so it can mean a day of two years.
        """
        if self.year is None:
            return None
        last_year, last_month, last_day = self.until or (self.year, self.month, self.day)
        first = date(self.year, self.month or 1, self.day or 1)
        if self.month is None and self.part in ("H2", "Q2", "Q3", "Q4"):
            first = date(self.year, {"H2": 7, "Q2": 4, "Q3": 7, "Q4": 10}[self.part], 1)
        if self.month is None and self.until is None and self.part in ("H1", "Q1", "Q2", "Q3"):
            last_month = {"H1": 6, "Q1": 3, "Q2": 6, "Q3": 9}[self.part]
        year = last_year if last_year is not None else self.year
        if self.part == "decade":
            year += 9
        elif self.part == "FY":
            year, last_month = year + 1, 3  # from April in Japan, from October before in the USA
            first = date(self.year - 1, 10, 1)
        if last_day is not None and last_month is not None:
            return first, date(year, last_month, last_day)
        month = last_month or 12
        following = date(year + month // 12, month % 12 + 1, 1)
        return first, following - timedelta(days=1)


def read_match(
    match: re.Match[str], last: DateMention | None, issued: date | None
) -> DateMention | None:
    """The date that a match of `MENTION` stands for, with what it takes from `last`.

    None where it needs a date before it and `last` does not say enough.
    """
    start, end = match.span()
    if match["decade"]:
        until = (_number(match["to_decade"]), None, None) if match["to_decade"] else None
        return DateMention(start, end, _number(match["decade"]), part="decade", until=until)
    if era := match["era"]:
        year = _year_of_era(era, match["era_year"])
        return DateMention(start, end, year, inferred=True) if year else None
    if match["from_year"]:
        first, final = _number(match["from_year"]), _number(match["to_year"])
        if final < 100:
            final += first // 100 * 100 + (100 if final < first % 100 else 0)
        if final <= first:
            return None
        return DateMention(start, end, first, until=(final, None, None))
    if match["year"]:
        return DateMention(start, end, _number(match["year"]))
    if match["fiscal_year"]:
        return DateMention(start, end, _number(match["fiscal_year"]), part="FY")
    if match["iso"]:
        plain = unicodedata.normalize("NFKC", match["iso"])
        year, month, day = map(int, re.split(r"[-/.]", plain))
        return DateMention(start, end, year, month, day)
    if match["english"]:
        return _english(match)
    if word := match["issued_year"]:
        step = {"昨年": -1, "去年": -1, "一昨年": -2, "来年": 1}.get(word, 0)
        return DateMention(start, end, issued.year + step, inferred=True) if issued else None
    return _relative(match, last)


def _english(match: re.Match[str]) -> DateMention | None:
    words = match["english"]
    name = re.search(MONTH_NAME, words)
    year = re.search(r"[0-9]{4}$", words)
    if name is None or year is None or not _is_month_name(name[0]):
        return None
    day = match["d_before"] or match["d_after"]
    return DateMention(
        *match.span(), int(year[0]), MONTH_NUMBER[name[0][:3].lower()], int(day) if day else None
    )


def _is_month_name(name: str) -> bool:
    """Whether it is a month or the beginning of one, such as Sept.; Mayor is none."""
    return any(full.startswith(name.rstrip(".")) for full in MONTHS)


def _relative(match: re.Match[str], last: DateMention | None) -> DateMention | None:
    """A date that needs the one before it."""
    start, end = match.span()
    if match["month"]:
        return _month(match, last)
    if match["day"]:
        return _day(match, last) if last and last.month is not None else None
    if last is None or last.year is None:
        return None
    if word := match["relative_year"]:
        step = {"翌年": 1, "前年": -1, "翌々年": 2}.get(word, 0)
        return DateMention(start, end, last.year + step, inferred=True)
    if part := match["part"]:
        return DateMention(start, end, last.year, inferred=True, part=_part(part))
    if last.month is None or last.until is not None:
        return None
    if word := match["relative_month"]:
        months = last.year * 12 + last.month - 1 + {"翌月": 1, "前月": -1}.get(word, 0)
        return DateMention(start, end, months // 12, months % 12 + 1, inferred=True)
    if last.day is None:
        return None
    moved = _moved(last, {"翌日": 1, "前日": -1}.get(match["relative_day"], 0))
    return replace(moved, start=start, end=end, inferred=True) if moved else None


def _month(match: re.Match[str], last: DateMention | None) -> DateMention | None:
    """10月, 同10月, 翌1月, 4～6月."""
    start, end = match.span()
    month, prefix = _number(match["month"]), match["same_month"]
    year = last.year if last else None
    if prefix and year is None:
        return None
    if prefix == "翌" and last and year is not None and month <= (last.month or 0):
        year += 1
    until = (year, _number(match["to_month"]), None) if match["to_month"] else None
    if until and until[1] is not None and until[1] <= month:
        return None
    return DateMention(start, end, year, month, inferred=year is not None, until=until)


def _day(match: re.Match[str], last: DateMention) -> DateMention | None:
    """12日, 同12日, 翌3日 after a date that has a month."""
    start, end = match.span()
    day = _number(match["day"])
    month = replace(last, day=None, until=None, part="")
    if match["same_day"] == "翌":
        moved = _moved(last, 1)
        return replace(moved, start=start, end=end) if moved and moved.day == day else None
    until = (last.year, last.month, _number(match["to_day"])) if match["to_day"] else None
    if until and until[2] is not None and until[2] <= day:
        return None
    return replace(month, start=start, end=end, day=day, inferred=True, until=until)


def _moved(mention: DateMention, days: int) -> DateMention | None:
    try:
        day = date(mention.year or 0, mention.month or 0, mention.day or 0) + timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return DateMention(mention.start, mention.end, day.year, day.month, day.day, inferred=True)


def completed(mention: DateMention, text: str) -> tuple[DateMention, int]:
    """The mention with the part, month and day that follow it, and where it ends."""
    if mention.part:
        return mention, mention.end
    if mention.month is None:
        if same := SAME_YEAR.match(text, mention.end):
            year = (
                _number(same["west"]) if same["west"]
                else _year_of_era(same["era"], same["era_year"])
            )  # fmt: skip
            if year == mention.year:
                mention = replace(mention, end=same.end())
        after = PART_AFTER.match(text, mention.end)
        if after and (after["fiscal"] or after["part"]):
            part = _part(after["part"]) if after["part"] else "FY"
            # Half a fiscal year is not half a year, so only the fiscal year is sure.
            mention = replace(mention, end=after.end(), part="FY" if after["fiscal"] else part)
            return mention, mention.end
        if mention.until is None and (match := MONTH_AFTER.match(text, mention.end)):
            mention = replace(mention, end=match.end(), month=_number(match["month"]))
            if match["to_month"]:
                mention = replace(mention, until=(mention.year, _number(match["to_month"]), None))
    dayless = mention.month is not None and mention.day is None and mention.until is None
    if dayless and (match := DAY_AFTER.match(text, mention.end)):
        mention = replace(mention, end=match.end(), day=_number(match["day"]))
        if match["to_day"]:
            mention = replace(
                mention, until=(mention.year, mention.month, _number(match["to_day"]))
            )
    return mention, mention.end


def end_of_day(match: re.Match[str], text: str) -> int:
    """Where the month of a match ends, with the day that may follow it."""
    day = DAY_AFTER.match(text, match.end()) if match["month"] else None
    return day.end() if day else match.end()


def _part(words: str) -> str:
    if words in ("上半期", "上期", "前半"):
        return "H1"
    if words in ("下半期", "下期", "後半"):
        return "H2"
    return f"Q{_number(words.removeprefix('第')[0])}"


def is_possible(mention: DateMention) -> bool:
    """Whether the calendar has the day; 30 February has no place in it."""
    ends = [(mention.year, mention.month, mention.day)]
    if mention.until is not None:
        ends.append(mention.until)
    for year, month, day in ends:
        try:
            date(
                2000 if year is None else year,
                1 if month is None else month,
                1 if day is None else day,
            )
        except ValueError:
            return False
    days = mention.days
    return days is None or days[0] <= days[1]


def _year_of_era(era: str, year: str) -> int | None:
    before, last = ERAS[era]
    number = 1 if year == "元" else _number(year)
    return before + number if 1 <= number <= last else None


def _iso(year: int | None, month: int | None, day: int | None) -> str:
    parts = ["-" if year is None else f"{year:04d}"]
    parts += [f"{n:02d}" for n in (month, day) if n is not None]
    return "-".join(parts)


def _number(text: str) -> int:
    value = number_of(unicodedata.normalize("NFKC", text))
    return int(value) if value is not None else 0
