"""Numbers as Japanese reports write them: １，２００, 1.5億, 2万3,500, 三十五, 二〇一四."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_KANJI = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "壱": 1, "弐": 2, "参": 3}
_SMALL = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10_000, "億": 100_000_000, "兆": 1_000_000_000_000}

_DIGITS = r"[0-9０-９]+(?:[,，][0-9０-９]{3}(?![0-9０-９]))*(?:[.．][0-9０-９]+)?"
_KANJI_NUMBER = "[〇零一二三四五六七八九十百千壱弐参]+"
_TIMES = "(?:[十百千]|[ \u3000]?[万億兆])"
NUMBER = rf"(?:(?:{_DIGITS}|{_KANJI_NUMBER})(?:{_TIMES}+(?:{_DIGITS}|{_KANJI_NUMBER})?)*)"
"""A regular expression of a number with what multiplies it (2万3,500, 1.2兆, 三十五)."""

_PART = re.compile(rf"(?P<digits>{_DIGITS})|(?P<sign>[{''.join(_KANJI | _SMALL | _LARGE)}])")


def number_of(text: str) -> Decimal | None:
    """The value of a number that `NUMBER` matches; None for what is none.

    Digits of kanji in a row are read as digits (二〇一四 is 2014), with 十, 百 and 千 as
    numbers (三十五 is 35).
    """
    total = section = Decimal(0)
    digit: Decimal | None = None  # what is not yet multiplied by anything
    seen = False
    for part in _PART.finditer(text):
        seen = True
        sign = part["sign"]
        if sign is None:
            digit = Decimal(unicodedata.normalize("NFKC", part["digits"]).replace(",", ""))
        elif sign in _KANJI:
            digit = (digit or 0) * 10 + Decimal(_KANJI[sign])
        elif sign in _SMALL:
            section += (Decimal(1) if digit is None else digit) * _SMALL[sign]
            digit = None
        else:
            alone = digit is None and not section  # 億 by itself is one of them
            total += (Decimal(1) if alone else section + (digit or 0)) * _LARGE[sign]
            section, digit = Decimal(0), None
    return total + section + (digit or 0) if seen else None


def finest(text: str) -> Decimal:
    """What the last figure of a number counts that is not a nought at its end.

    1.5億 is written to the tenth of 億 (10000000), 4,500 to the hundred, 三十五 to the one.
    """
    value = number_of(text)
    if not value:
        return Decimal(1)
    digits = value.normalize().as_tuple()
    step = Decimal(1).scaleb(int(digits.exponent))
    # 1.50 was measured to the hundredth: noughts after the point are no rounding.
    point = re.search(r"[.．]([0-9０-９]+)", text)
    if point is None or (value == value.to_integral_value() and "万億兆".find(text[-1]) >= 0):
        return step
    return min(step, Decimal(1).scaleb(-len(point[1])))
