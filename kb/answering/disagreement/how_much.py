"""How much something comes to, as sentences state it: an amount, of what, of whom, and when.

2024年の豪州の埋蔵量は570万トン → 5,700,000 t, 埋蔵量, of Australia, in 2024
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from kb.answering.disagreement.said import Asked, Said, is_of, without_measured
from kb.answering.disagreement.sides import Claim, Conflict, conflict, of_one
from kb.answering.disagreement.vocabulary import (
    FELL,
    QUANTITIES,
    ROSE,
    UNSURE,
    WHOLE,
    Change,
    quantities,
    telling,
)
from kb.language.amounts import COUNTED, Amount, Bound, agree, amounts_in
from kb.language.dates import DateMention

_WHOSE = frozenset(
    {"country", "element", "company", "mineral", "product", "place", "law", "agreement"}
)
_BODY = frozenset({"country", "company", "place"})
_SAME_COUNTRY = re.compile(r"同国")
_TIMELESS = frozenset({"kinds", "elements", "minerals", "items", "pieces"})
_BEYOND = Decimal("1.5")  # 40%以上 is not said of what is more than half as much again
_COMPARED = re.compile(
    r"(?:の[^、。はがを]{0,10}|同期|同月|水準)?(?:に|と)?(?:比べ|比(?!率|重)|より|から|を[上下]回)"
)
_THING = frozenset({"element", "mineral", "product"})
_WIDE = frozenset({"rare-earths"})
_SHARE = "シェア"
_STEMS = re.compile(r"生産|精製|製錬|埋蔵|輸出|輸入|消費|需要|採掘|加工|供給|能力|市場")
_BODIES = 3  # where in the key of a claim the bodies stand
ABOUT_ENDS = re.compile(r"は(?:どれ|何|いく|どの)|は[0-9]|はどう|どれ(?:だけ|くらい|ほど)")
_BY_DECREE = re.compile(r"(?:以上|超|程度|近く|ほど)?(?:も)?削減(?:し|する)")
_CUT = frozenset({"輸出枠", "輸出量"})


@dataclass(frozen=True, slots=True)
class _Of:
    """What an amount is of."""

    quantity: str
    change: Change
    bodies: frozenset[str]
    things: frozenset[str]


def asks_amount(asked: Asked) -> bool:
    """Whether a question asks how much of something that is measured."""
    return bool(asked.quantities)


def measures(asked: Asked, text: str) -> bool:
    """Whether a text names a quantity that is asked about."""
    return any(QUANTITIES[name].search(text) for name in _wanted(asked))


def amount_conflicts(
    asked: Asked, sentences: Sequence[Said], categories: Mapping[str, str]
) -> Iterator[Conflict]:
    """Where sentences give other amounts for a quantity that is asked about."""
    asked = without_measured(asked)
    claims = [
        claim for said in sentences for claim in amount_claims(asked, said, categories)
    ]  # fmt: skip
    about = asked.about(ABOUT_ENDS)
    claims = of_one(claims, _BODIES)
    for key in dict.fromkeys(claim.key for claim in claims):
        alike = [claim for claim in claims if claim.key == key]
        if found := conflict(alike, _same_amount, about, order=lambda c: c.value.value):
            yield found


def amount_claims(asked: Asked, said: Said, categories: Mapping[str, str]) -> Iterator[Claim]:
    """The amounts of a sentence that are of what is asked about."""
    text = said.text
    if not measures(asked, text) or UNSURE.search(text):
        return
    measured = list(quantities(text))
    found = amounts_in(text)
    timed = [(i, amount, day_of(said, amount)) for i, amount in enumerate(found)]
    timed = [t for t in timed if _is_in_time(asked, t[1], t[2])]
    if not timed:
        return  # before the concepts are looked for, which takes longest
    whose = [
        (m.start, m.end, m.concept) for m in said.mentions if categories.get(m.concept) in _WHOSE
    ]
    for i, amount, day in timed:
        of = _of(text, amount, found[:i], measured, whose, categories, said)
        if of is None or not _asked_for(asked, of, amount, said, categories):
            continue
        clause = text[_clause(text, amount.start) : amount.end + 12]
        limits = telling(clause)
        year = day.year if day is not None else None
        cut = _is_cut(of, text, amount, day)
        period: object = None if day is None else (day.month, day.day, day.part)
        if cut:
            # How far a quota was cut in a year is said of the year or of half of it; the year
            # is no other period where it is not called a whole one.
            if WHOLE.search(clause):
                continue
            period = None
        bodies = of.bodies or frozenset(c for c in asked.concepts if categories.get(c) in _BODY)
        quantity = "輸出枠" if cut else of.quantity
        key = (amount.measure, quantity, of.change, bodies, of.things, year, period, limits)
        low, high = amount.interval
        breadth = float(high - low) if high != low else 0.0
        start, end = _as_meant(text, amount)
        yield Claim(
            said, start, end, key, amount, breadth,
            text[day.start : day.end] if cut and day is not None else "",
        )  # fmt: skip


def _as_meant(text: str, amount: Amount) -> tuple[int, int]:
    """The span of an amount with the words for how it is meant: 約40%, 40%以上."""
    before = re.search(r"(?:約|およそ|少なくとも|最大)$", text[: amount.start])
    after = re.compile(r"以上|以下|未満|超|程度|前後|強|弱|近く").match(text, amount.end)
    return before.start() if before else amount.start, after.end() if after else amount.end


def _is_cut(of: _Of, text: str, amount: Amount, day: DateMention | None) -> bool:
    """Whether an amount is by how much a quota, or exports by decree, were cut in a year."""
    if of.change is not Change.FALL or amount.unit != "%" or (day is not None and day.month):
        return False
    return of.quantity == "輸出枠" or (
        of.quantity in _CUT and _BY_DECREE.match(text, amount.end) is not None
    )


def _of(
    text: str,
    amount: Amount,
    before: Sequence[Amount],
    measured: Sequence[tuple[int, int, str]],
    whose: Sequence[tuple[int, int, str]],
    categories: Mapping[str, str],
    said: Said,
) -> _Of | None:
    """What an amount is of: the quantity and the bodies named nearest before it."""
    clause = _clause(text, amount.start)
    heads = [name for start, end, name in measured if clause <= start and end <= amount.start]
    if not heads:
        heads = [name for start, end, name in measured if end <= amount.start]
    if not heads:
        after = [n for start, _, n in measured if amount.end <= start <= amount.end + 6]
        heads = after[:1]
    if not heads:
        return None
    after_text = text[amount.end :]
    change = Change.LEVEL
    if amount.unit in ("%", "times", "t", "point"):
        if FELL.match(after_text):
            change = Change.FALL
        elif ROSE.match(after_text):
            change = Change.RISE
    last = before[-1].end if before else 0
    here = {c for start, _, c in whose if last <= start < amount.start}
    bracket = _in_brackets(text, amount.start)
    if bracket is not None:
        nearest = [c for start, end, c in whose if end <= bracket and bracket - end <= 1]
        here = set(nearest) or here
    bodies = {c for c in here if categories.get(c) in _BODY}
    if not bodies:
        bodies = {c for start, _, c in whose if start < amount.start and categories.get(c) in _BODY}
        if len(bodies) > 1:
            return None
    if not bodies and _SAME_COUNTRY.search(text[: amount.start]) and said.before:
        named = [
            m.concept for m in said.find(said.before) if categories.get(m.concept) == "country"
        ]
        bodies = {named[-1]} if named else set()
    head = heads[-1]
    if head == _SHARE:
        # A share is one of production, of exports, …
        head += "".join(sorted(set(_STEMS.findall(text[: amount.start]))))
    things = {c for c in here if categories.get(c) in _THING}
    if not things:
        things = {c for s, _, c in whose if s < amount.start and categories.get(c) in _THING}
    return _Of(head, change, frozenset(bodies), frozenset(things - _WIDE))


def _wanted(asked: Asked) -> set[str]:
    """The quantities that are asked about; how far exports fell may be told of their quota."""
    wanted = set(asked.quantities)
    return wanted | _CUT if wanted & _CUT else wanted


def _asked_for(
    asked: Asked, of: _Of, amount: Amount, said: Said, categories: Mapping[str, str]
) -> bool:
    quantity = _SHARE if of.quantity.startswith(_SHARE) else of.quantity
    if quantity not in (_wanted(asked) if of.change is Change.FALL else asked.quantities):
        return False
    if ("削減" in asked.question.text or "減" in asked.question.text) != (of.change is Change.FALL):
        return False
    bodies = {c for c in asked.concepts if categories.get(c) in _BODY}
    if bodies and of.bodies and bodies != of.bodies:
        return False
    return is_of(asked, said, said.text + _meant(said, of.bodies))


def _meant(said: Said, bodies: frozenset[str]) -> str:
    """The words of the sentence before, where 同国 stands for a country that it names."""
    return said.before if bodies and _SAME_COUNTRY.search(said.text) else ""


def day_of(said: Said, amount: Amount) -> DateMention | None:
    """The date that an amount is of: the last before it that nothing is compared with."""
    dates = [
        d for d in said.dates
        if d.end <= amount.start and d.year is not None
        and not _COMPARED.match(said.text, d.end, amount.start)
    ]  # fmt: skip
    return dates[-1] if dates else None


def _clause(text: str, at: int) -> int:
    """Where the clause of an amount begins."""
    return max(text.rfind("。", 0, at), text.rfind("、", 0, at)) + 1


def _in_brackets(text: str, at: int) -> int | None:
    opened = max(text.rfind("(", 0, at), text.rfind("（", 0, at))
    closed = max(text.rfind(")", 0, at), text.rfind("）", 0, at))
    return opened if opened > closed else None


def _is_in_time(asked: Asked, amount: Amount, day: DateMention | None) -> bool:
    """Whether an amount is of a day, or needs none, and of the time that the question names."""
    if day is None:
        return amount.unit in _TIMELESS
    if day.until is not None or day.part == "decade":
        return False
    return not asked.dates or any(
        d.year == day.year and (d.month is None or d.month == day.month) for d in asked.dates
    )


def _same_amount(one: Claim, other: Claim) -> bool:
    first, second = one.value, other.value
    return agree(first, second) and not (_beyond(first, second) or _beyond(second, first))


def _beyond(bound: Amount, other: Amount) -> bool:
    """Whether an amount is so far over one that is at least so much that it would say so."""
    if bound.bound not in (Bound.AT_LEAST, Bound.MORE) or bound.unit in COUNTED or not bound.value:
        return False
    return other.interval[0] > bound.interval[0] * _BEYOND and other.value > bound.value * _BEYOND
