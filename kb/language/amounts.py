"""Amounts in Japanese text: a number with its unit, brought to one form for comparison.

１５％, 15パーセント, 一割五分 → 15 %;  2万3,500㌧ → 23500 t;  15〜25% → 15 to 25 %
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from kb.language.numerals import NUMBER, finest, number_of

_ONE = Decimal(1)
_UNITS: dict[str, tuple[str, Decimal]] = {
    **dict.fromkeys(("%ポイント", "％ポイント", "パーセントポイント", "ポイント"), ("point", _ONE)),
    **dict.fromkeys(("%", "％", "パーセント", "㌫"), ("%", _ONE)),
    "割": ("%", Decimal(10)),
    **dict.fromkeys(("倍",), ("times", _ONE)),
    **dict.fromkeys(("トン", "㌧", "ｔ", "t"), ("t", _ONE)),
    **dict.fromkeys(("キログラム", "キロ", "kg", "㎏", "㌔"), ("kg", _ONE)),
    **dict.fromkeys(("ドル", "米ドル", "㌦"), ("USD", _ONE)),
    **dict.fromkeys(("ユーロ",), ("EUR", _ONE)),
    **dict.fromkeys(("人民元", "元"), ("CNY", _ONE)),
    **dict.fromkeys(("円",), ("JPY", _ONE)),
    **dict.fromkeys(("豪ドル",), ("AUD", _ONE)),
    **dict.fromkeys(("ポンド",), ("GBP", _ONE)),
    **dict.fromkeys(("カ国", "か国", "ヵ国", "ヶ国", "ケ国", "箇国", "国"), ("countries", _ONE)),
    **dict.fromkeys(("年間",), ("years", _ONE)),
    **dict.fromkeys(("カ月", "か月", "ヵ月", "ヶ月", "ケ月", "カ月間", "か月間"), ("months", _ONE)),
    **dict.fromkeys(("日間", "日分", "営業日", "業務日"), ("days", _ONE)),
    **dict.fromkeys(("週間",), ("weeks", _ONE)),
    **dict.fromkeys(("時間",), ("hours", _ONE)),
    **dict.fromkeys(("人", "名"), ("people", _ONE)),
    **dict.fromkeys(("社",), ("companies", _ONE)),
    **dict.fromkeys(("件",), ("cases", _ONE)),
    **dict.fromkeys(("種類", "種"), ("kinds", _ONE)),
    **dict.fromkeys(("品目",), ("items", _ONE)),
    **dict.fromkeys(("元素",), ("elements", _ONE)),
    **dict.fromkeys(("鉱種", "鉱物"), ("minerals", _ONE)),
    **dict.fromkeys(("回",), ("occasions", _ONE)),
    **dict.fromkeys(("基", "台", "隻", "本", "点", "つ", "個", "か所", "カ所", "段階"), ("pieces", _ONE)),
    **dict.fromkeys(("キロメートル", "km"), ("km", _ONE)),
    **dict.fromkeys(("メートル", "m"), ("m", _ONE)),
    **dict.fromkeys(("度",), ("degrees", _ONE)),
}  # fmt: skip
# 3年以内, 約1年停止: a year counts as a length of time only where no date can be meant.
_YEARS = r"年(?=以内|以上|未満|超|余|弱|強|半|契約|ぶり|分|にわた|以下|程度)"
_UNIT = "|".join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))
_SIGN = r"(?:(?<![0-9０-９A-Za-z%％])[-−▲△－])?"
_AMOUNT = re.compile(
    rf"(?<![0-9０-９.．,，第数])(?P<negative>{_SIGN})"
    rf"(?P<number>{NUMBER})\s*(?:(?P<unit_before>{_UNIT})?\s*[～~〜–‐\-－—―]\s*(?P<to>{NUMBER})\s*)?"
    rf"(?P<unit>{_UNIT}|{_YEARS})"
    r"(?P<tenths>[一二三四五六七八九1-9１-９]分(?=[^の間野]))?"
    r"(?P<half>半)?"
    rf"|(?P<parts>{NUMBER})分の(?P<share>{NUMBER})"
    r"|(?P<word>過半数|半数|過半(?=を|に|が)|半分)"
)
_LATIN = re.compile(r"[A-Za-zｔ]")
_PER = re.compile(r"\s*(?:当たり|あたり|につき|ごと)")
# What looks like a number and a unit and is none: 二国間, 三元系, 一元管理, 一度に, 一つ
_IDIOMS = re.compile(
    r"[一二三四五六七八九](?:国|元(?!素)|度|本化|本立|次)|一(?:つ|種|点|本|人|段階|回|名)(?!につき)"
    r"|[0-9０-９]+(?:国間|度目|点目|つ目|社目)|[0-9０-９一二三四五六七八九]+元系"
    r"|[0-9０-９.]+キロ(?:ワット|リットル|ヘルツ|バイト)"
)
_ABOUT = re.compile(
    r"(?:約|およそ|ほぼ|概ね|おおむね|おおよそ|ざっと|推定で?|ほど|\babout\s|\bsome\s)\s*$", re.I
)
_AT_LEAST = re.compile(r"(?:少なくとも|最低でも|最低|at least\s)\s*$", re.I)
_AT_MOST = re.compile(r"(?:最大で?も?|最長で?|高々|せいぜい|上限|up to\s|at most\s)\s*$", re.I)
_AFTER: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\s*(?:以上|を下回らない)"), "at_least"),
    (re.compile(r"\s*(?:超|を?超え|を?越え|を?上回)"), "more"),
    (re.compile(r"\s*(?:以下|以内|まで(?!に))"), "at_most"),
    (re.compile(r"\s*(?:未満|を?下回|を?割)"), "less"),
    (re.compile(r"\s*(?:程度|前後|ほど|近く|くらい|ぐらい|内外|台|規模|強|弱|余り?|あまり|足らず)"), "about"),
)  # fmt: skip
_ASKED = re.compile(rf"何\s*(?P<unit>{_UNIT})")
_ASKED_BY_WORD: tuple[tuple[re.Pattern[str], frozenset[str]], ...] = (
    # A change is told in hundredths as well as in what changed.
    (re.compile(r"(どれ(だけ|くらい|ぐらい|ほど)|どの(程度|くらい|ぐらい)|何割).{0,8}(削減|減|増|上が|上昇|下が|下落|落ち|拡大|縮小|引き[上下]げ|高騰|伸び|変わ|変化)"), frozenset({"%", "times"})),
    (re.compile(r"割合|シェア|占有率|比率|税率|依存度|[^効]率は|\b(share|percentage|percent|rate)\b", re.I), frozenset({"%", "times"})),
    (re.compile(r"(生産|輸出|輸入|埋蔵|資源|需要|供給|消費|使用|精製|割当|採掘|備蓄|総)量|輸出枠|輸出割当|何万トン|\b(tons?|tonnes?|reserves|output)\b", re.I), frozenset({"t", "kg"})),
    (re.compile(r"金額|総額|予算|投資額|出資額|費用|価格|値段|[^総]額は|いくら|\b(cost|price|dollars?|euros?|amount|money|invest(ed)?|spend|spent|paid)\b", re.I), frozenset({"USD", "EUR", "JPY", "CNY", "AUD", "GBP"})),
    (re.compile(r"どれ(くらい|ほど)の(期間|間)|期間は|何年間|[年月日]数|\bhow long\b", re.I), frozenset({"years", "months", "days", "weeks"})),
)  # fmt: skip
# Units that measure the same, and what one of them comes to in the last.
_MEASURES: dict[str, tuple[str, Decimal]] = {
    "t": ("mass", Decimal(1000)), "kg": ("mass", _ONE),
    "km": ("length", Decimal(1000)), "m": ("length", _ONE),
    "years": ("months", Decimal(12)), "months": ("months", _ONE),
    "weeks": ("days", Decimal(7)), "days": ("days", _ONE),
}  # fmt: skip
COUNTED = frozenset(
    {"countries", "people", "companies", "cases", "kinds", "items", "elements", "minerals",
     "occasions", "pieces", "years", "months", "weeks", "days"}
)  # fmt: skip
"""Units of what is counted and not measured: twenty countries are no rounding of nineteen."""
_HALF = Decimal("0.5")
_CALENDAR = 1000  # 2024年間 is a year of the calendar
_APPROXIMATELY = Decimal("0.1")  # 約 and its like hold for what is a tenth off


class Bound(StrEnum):
    """What is said of an amount: that it is so, about so, at least, more, at most or less."""

    EXACT = ""
    ABOUT = "about"
    AT_LEAST = "at_least"
    MORE = "more"
    AT_MOST = "at_most"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit in a text: its span and what it comes to.

    `value` is the lower end where a range is given, and `until` the upper one. `step` is
    what the last figure counts that is not a nought, in the same unit. The words of the
    bound (約, 以上) are outside the span.
    """

    start: int
    end: int
    value: Decimal
    unit: str
    until: Decimal | None = None
    bound: Bound = Bound.EXACT
    step: Decimal = _ONE

    @property
    def measure(self) -> str:
        """What the unit measures; amounts of another measure cannot be compared."""
        return _MEASURES.get(self.unit, (self.unit, _ONE))[0]

    @property
    def interval(self) -> tuple[Decimal, Decimal]:
        """Between which values the amount can lie as it is written, in the smallest unit.

        A measured amount is rounded to its last figure; a counted one is exact.
        """
        factor = _MEASURES.get(self.unit, (self.unit, _ONE))[1]
        low, high = self.value, self.value if self.until is None else self.until
        slack = Decimal(0) if self.unit in COUNTED else self.step / 2
        if self.bound is Bound.ABOUT:
            slack = max(slack, abs(high) * _APPROXIMATELY)
        low, high = low - slack, high + slack
        if self.bound in (Bound.AT_LEAST, Bound.MORE):
            high = Decimal("Infinity")
        elif self.bound in (Bound.AT_MOST, Bound.LESS):
            low = Decimal("-Infinity")
        return low * factor, high * factor


def amounts_in(text: str) -> list[Amount]:
    """The amounts that a text names, in order."""
    found = []
    for match in _AMOUNT.finditer(text):
        amount = _share(match, text) if match["unit"] is None else _with_unit(match, text)
        if amount is not None:
            found.append(amount)
    return found


def agree(one: Amount, other: Amount) -> bool:
    """Whether two amounts of one measure can be the same as they are written.

    They can where one is a rounding of the other, lies in its range or keeps to its bound.
    """
    (low, high), (other_low, other_high) = one.interval, other.interval
    return low <= other_high and other_low <= high


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


def _with_unit(match: re.Match[str], text: str) -> Amount | None:
    unit = match["unit"]
    following = text[match.end() : match.end() + 1]
    if _LATIN.match(unit) and following.isascii() and following.isalpha():
        return None  # 3 tables
    number = match.start("number")
    if _IDIOMS.match(text, number) or _PER.match(text, match.end()):
        return None
    value = number_of(match["number"])
    canonical, factor = _UNITS.get(unit, ("years", _ONE))
    if value is None or (canonical == "years" and value >= _CALENDAR):
        return None
    before = match["unit_before"]
    if before and _UNITS[before] != (canonical, factor):
        return None  # 3割～5トン is no range
    until = number_of(match["to"]) if match["to"] else None
    last = match["to"] or match["number"]
    step = finest(last)
    if until is not None and value < until and before is None:
        value = _of_the_same_size(value, match["number"], match["to"])
    if until is not None and until <= value:
        return None
    if match["tenths"] and canonical == "%":
        tenths = (number_of(match["tenths"]) or Decimal(0)) / 10
        value, until = (value + tenths, until) if until is None else (value, until + tenths)
        step /= 10
    if match["half"]:
        value, until = (value + _HALF, until) if until is None else (value, until + _HALF)
        step = _HALF
    start = match.start()
    if match["negative"]:
        value, until = -value, None if until is None else -until
    return Amount(
        start, match.end(), value * factor, canonical,
        None if until is None else until * factor, _bound(text, start, match.end()), step * factor,
    )  # fmt: skip


def _of_the_same_size(value: Decimal, number: str, to: str) -> Decimal:
    """The lower end of 3～5万トン, which is 30,000 and not 3."""
    multiplier = re.search(r"[万億兆]+$", to)
    if multiplier is None or re.search(r"[万億兆]", number):
        return value
    return value * (number_of("一" + multiplier[0]) or _ONE)


def _share(match: re.Match[str], text: str) -> Amount | None:
    """3分の1, 半数: what they come to in percent."""
    start, end = match.span()
    if word := match["word"]:
        bound = Bound.MORE if word.startswith("過半") else _bound(text, start, end)
        return Amount(start, end, Decimal(50), "%", bound=bound, step=Decimal(10))
    parts, share = number_of(match["parts"]), number_of(match["share"])
    if not parts or share is None:
        return None
    value = (100 * share / parts).quantize(Decimal("0.01"))
    return Amount(start, end, value, "%", bound=_bound(text, start, end), step=_ONE)


def _bound(text: str, start: int, end: int) -> Bound:
    before = text[max(0, start - 8) : start]
    after = next((name for cue, name in _AFTER if cue.match(text, end)), "")
    if after and after != "about":
        return Bound(after)
    if _AT_LEAST.search(before):
        return Bound.AT_LEAST
    if _AT_MOST.search(before):
        return Bound.AT_MOST
    return Bound.ABOUT if after or _ABOUT.search(before) else Bound.EXACT
