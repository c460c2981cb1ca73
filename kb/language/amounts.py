"""Amounts in Japanese text: a number with its unit, brought to one form for comparison.

１５％, 15パーセント, 一割五分 → 15 %;  2万3,500㌧ → 23500 t
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from kb.language.numerals import NUMBER, number_of

_MANY = Decimal(1)
_UNITS: dict[str, tuple[str, Decimal]] = {
    **dict.fromkeys(("%", "％", "パーセント", "㌫"), ("%", _MANY)),
    "割": ("%", Decimal(10)),
    **dict.fromkeys(("ポイント",), ("point", _MANY)),
    **dict.fromkeys(("倍",), ("times", _MANY)),
    **dict.fromkeys(("トン", "㌧", "ｔ", "t"), ("t", _MANY)),
    **dict.fromkeys(("キログラム", "キロ", "kg", "㎏", "㌔"), ("kg", _MANY)),
    **dict.fromkeys(("ドル", "米ドル", "㌦"), ("USD", _MANY)),
    **dict.fromkeys(("ユーロ",), ("EUR", _MANY)),
    **dict.fromkeys(("人民元", "元"), ("CNY", _MANY)),
    **dict.fromkeys(("円",), ("JPY", _MANY)),
    **dict.fromkeys(("豪ドル",), ("AUD", _MANY)),
    **dict.fromkeys(("ポンド",), ("GBP", _MANY)),
    **dict.fromkeys(("カ国", "か国", "ヵ国", "ヶ国", "箇国", "ヶ国", "国"), ("countries", _MANY)),
    **dict.fromkeys(("年間",), ("years", _MANY)),
    **dict.fromkeys(("カ月", "か月", "ヵ月", "ヶ月", "カ月間", "か月間"), ("months", _MANY)),
    **dict.fromkeys(("日間", "日分", "営業日"), ("days", _MANY)),
    **dict.fromkeys(("週間",), ("weeks", _MANY)),
    **dict.fromkeys(("時間",), ("hours", _MANY)),
    **dict.fromkeys(("人", "名"), ("people", _MANY)),
    **dict.fromkeys(("社",), ("companies", _MANY)),
    **dict.fromkeys(("件",), ("cases", _MANY)),
    **dict.fromkeys(("種類", "種"), ("kinds", _MANY)),
    **dict.fromkeys(("品目",), ("items", _MANY)),
    **dict.fromkeys(("元素",), ("elements", _MANY)),
    **dict.fromkeys(("鉱種", "鉱物"), ("minerals", _MANY)),
    **dict.fromkeys(("回",), ("occasions", _MANY)),
    **dict.fromkeys(("基", "台", "隻", "本", "点", "つ", "個", "か所", "カ所", "段階"), ("pieces", _MANY)),
    **dict.fromkeys(("メートル", "m"), ("m", _MANY)),
    **dict.fromkeys(("度",), ("degrees", _MANY)),
}  # fmt: skip
_UNIT = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_AMOUNT = re.compile(
    rf"(?<![0-9０-９.．,，第])(?P<number>{NUMBER})\s*(?P<unit>{_UNIT})"
    r"(?P<tenths>[一二三四五六七八九1-9１-９]分(?=[^の間野]))?"
    r"(?P<half>半)?"
)
_LATIN = re.compile(r"[A-Za-zｔ]")
_ASKED = re.compile(rf"何\s*(?P<unit>{_UNIT})")
_ASKED_BY_WORD: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    (re.compile(r"割合|シェア|占有率|比率|税率|依存度|[^効]率は|\b(share|percentage|percent|rate)\b", re.I), frozenset({"%", "times"})),
    (re.compile(r"生産量|輸出量|輸入量|埋蔵量|輸出枠|輸出割当|採掘量|備蓄量|総量|何万トン|\b(tons?|tonnes?|reserves|output)\b", re.I), frozenset({"t", "kg"})),
    (re.compile(r"金額|総額|予算|投資額|出資額|費用|価格|[^総]額は|いくら|\b(cost|price|dollars?|euros?|amount)\b", re.I), frozenset({"USD", "EUR", "JPY", "CNY", "AUD", "GBP"})),
    (re.compile(r"どれ(くらい|ほど)の(期間|間)|期間は|何年間|\bhow long\b", re.I), frozenset({"years", "months", "days", "weeks"})),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in a text: its span and what it comes to."""

    start: int
    end: int
    value: Decimal
    unit: str


def amounts_in(text: str) -> list[Amount]:
    """The amounts that a text names, in order."""
    found = []
    for match in _AMOUNT.finditer(text):
        unit = match["unit"]
        following = text[match.end() : match.end() + 1]
        if _LATIN.match(unit) and following.isascii() and following.isalpha():
            continue  # 3 tables
        value = number_of(match["number"])
        if value is None:
            continue
        canonical, factor = _UNITS[unit]
        if match["tenths"] and canonical == "%":
            value += (number_of(match["tenths"]) or Decimal(0)) / 10
        if match["half"]:
            value += Decimal("0.5")
        found.append(Amount(match.start(), match.end(), value * factor, canonical))
    return found


def asked_units(question: str) -> frozenset[str]:
    """The units in which a question wants its amount; empty where it does not say."""
    found: set[str] = set()
    for match in _ASKED.finditer(question):
        found.add(_UNITS[match["unit"]][0])
    if not found:
        for cue, units in _ASKED_BY_WORD:
            if cue.search(question):
                found |= units
    return frozenset(found)
