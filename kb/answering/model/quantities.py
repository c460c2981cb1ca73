"""The numbers of a sentence that a model wrote, looked up in the passages that it cites.

Amounts are compared with their units and bounds (約15% is not 15%), dates part by part
(2024年 is borne out by 令和6年10月), other numbers with the letter that follows (20条 is not 20項).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kb.language.amounts import Amount, amounts_in
from kb.language.date_reading import DateMention
from kb.language.dates import dates_in
from kb.language.numerals import NUMBER, number_of
from kb.language.tokens import analyse

_NUMBER = re.compile(NUMBER)
_READABLE = frozenset("0123456789〇零一二三四五六七八九十百千万億兆壱弐参")
_COUNTER = re.compile(r"\s*([\u30a1-\u30fa\u3400-\u9fffA-Za-z%])")

Cited = tuple[str, Sequence[DateMention]]
"""A cited text and its dates, resolved as far as they can be."""


@dataclass(frozen=True, slots=True)
class _Number:
    text: str
    value: Decimal
    counter: str


@dataclass(frozen=True, slots=True)
class _Quantities:
    """Everything of a text that is a number, each in the first of the groups that it fits."""

    dates: tuple[DateMention, ...]
    amounts: tuple[Amount, ...]
    numbers: tuple[_Number, ...]


def unfounded_number(text: str, cited: Sequence[Cited]) -> str | None:
    """A number of `text` that no cited text has; None where all are borne out.

    `text` is NFKC-folded. A number in a script or form that cannot be read is unfounded.
    """
    for c in text:
        if c.isnumeric() and c not in _READABLE:
            return c
    claimed = _quantities(text, dates_in(text))
    dates = [date for _, known in cited for date in known]
    folded = [unicodedata.normalize("NFKC", one) for one, _ in cited]
    amounts = [amount for one in folded for amount in amounts_in(one)]
    numbers = [number for one in folded for number in _numbers(one, ())]
    for date in claimed.dates:
        if not any(_bears_out(date, other) for other in dates):
            return text[date.start : date.end]
    for amount in claimed.amounts:
        if not any(_same(amount, other) for other in amounts):
            return text[amount.start : amount.end]
    for number in claimed.numbers:
        if not any(_same_number(number, other) for other in numbers):
            return number.text
    return None


def quantity_spans(text: str) -> list[tuple[int, int]]:
    """Where the dates and amounts of a NFKC-folded text stand."""
    found = _quantities(text, dates_in(text))
    dates = [(date.start, date.end) for date in found.dates]
    return [*dates, *((amount.start, amount.end) for amount in found.amounts)]


def _quantities(text: str, dates: Sequence[DateMention]) -> _Quantities:
    taken = [(date.start, date.end) for date in dates]
    amounts = [a for a in amounts_in(text) if not _within(a.start, a.end, taken)]
    # 以上 and 約 belong to an amount, and a number beside it does not.
    taken += [(a.start, a.end) for a in amounts]
    return _Quantities(tuple(dates), tuple(amounts), tuple(_numbers(text, taken)))


def _within(start: int, end: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(a <= start and end <= b for a, b in spans)


def _numbers(text: str, taken: Sequence[tuple[int, int]]) -> Iterator[_Number]:
    """The numbers outside of `taken`, each with the letter that it counts."""
    for match in _NUMBER.finditer(text):
        if _within(*match.span(), taken) or _is_word(text, *match.span()):
            continue
        value = number_of(match[0])
        if value is None:
            continue
        counter = _COUNTER.match(text, match.end())
        yield _Number(match[0], value, counter[1] if counter else "")


def _is_word(text: str, start: int, end: int) -> bool:
    """Whether the number is part of a word that is none: 一方, 三菱, 十分."""
    if any(c in "0123456789" for c in text[start:end]):
        return False
    return all(
        not token.form[0].isdecimal()
        for token in analyse(text).words
        if token.start < end and start < token.end
    )


def _bears_out(claimed: DateMention, known: DateMention) -> bool:
    """Whether a known date says at least as much as the claimed one, and the same."""
    if claimed.part != known.part or claimed.until != known.until:
        return False
    mine = (claimed.year, claimed.month, claimed.day)
    theirs = (known.year, known.month, known.day)
    return all(a is None or a == b for a, b in zip(mine, theirs, strict=True))


def _same(claimed: Amount, known: Amount) -> bool:
    """Whether two amounts are the same as they are written, with their bounds."""
    return (claimed.value, claimed.until, claimed.unit, claimed.bound) == (
        known.value, known.until, known.unit, known.bound,
    )  # fmt: skip


def _same_number(claimed: _Number, known: _Number) -> bool:
    return claimed.value == known.value and claimed.counter in ("", known.counter)
