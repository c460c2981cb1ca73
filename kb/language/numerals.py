"""Numbers as Japanese reports write them: １，２００, 1.5億, 三十五, 二〇一四, 半分."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal

_KANJI = {c: i for i, c in enumerate("〇一二三四五六七八九")} | {"零": 0, "壱": 1, "弐": 2, "参": 3}
_SMALL = {"十": 10, "百": 100, "千": 1_000}
_LARGE = {"万": 10_000, "億": 100_000_000, "兆": 1_000_000_000_000}

_DIGITS = r"[0-9０-９]+(?:[,，][0-9０-９]{3})*(?:[.．][0-9０-９]+)?"
_KANJI_NUMBER = "[〇零一二三四五六七八九十百千壱弐参]+"
NUMBER = (
    rf"(?:(?:{_DIGITS}|{_KANJI_NUMBER})(?:[千万億兆]+(?:{_DIGITS}|{_KANJI_NUMBER}(?=[千万億兆])))*"
    r"[千万億兆]*)"
)
"""A regular expression of a number with what multiplies it (2万3,500, 1.2兆, 三十五)."""

_PART = re.compile(rf"(?P<digits>{_DIGITS})|(?P<kanji>{_KANJI_NUMBER})|(?P<large>[万億兆千])")


def number_of(text: str) -> Decimal | None:
    """The value of a number that `NUMBER` matches; None for what is none.

    Digits of kanji in a row are read as digits (二〇一四 is 2014), with 十, 百 and 千 as
    numbers (三十五 is 35).
    """
    total = section = Decimal(0)
    seen = False
    for part in _PART.finditer(text):
        seen = True
        if digits := part["digits"]:
            plain = unicodedata.normalize("NFKC", digits).replace(",", "")
            section += Decimal(plain)
        elif kanji := part["kanji"]:
            section = _with_kanji(section, kanji)
        elif part["large"] == "千":
            section = (section or Decimal(1)) * 1_000
        else:
            total += (section or Decimal(1)) * _LARGE[part["large"]]
            section = Decimal(0)
    return total + section if seen else None


def _with_kanji(before: Decimal, kanji: str) -> Decimal:
    if not any(c in _SMALL for c in kanji):
        return before + Decimal("".join(str(_KANJI[c]) for c in kanji))
    value, digit = 0, 0
    for c in kanji:
        if c in _SMALL:
            # 5千 and 2百 have their digits before the kanji.
            factor = digit or (int(before) if before and not value else 1)
            value, digit, before = value + factor * _SMALL[c], 0, Decimal(0)
        else:
            digit = digit * 10 + _KANJI[c]
    return before + value + digit
