"""Amounts that are ten, a hundred or a thousand times what their own share of the whole comes to.

「埋蔵量は5万7,000トンで世界の6.3%」 against 「世界の埋蔵量は9,086万トン」: 6.3% of it is 572万トン.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from kb.answering.disagreement.how_much import ABOUT_ENDS, amount_claims, day_of
from kb.answering.disagreement.said import Asked, Said, without_measured
from kb.answering.disagreement.sides import Claim, Conflict, Side
from kb.answering.disagreement.vocabulary import quantities
from kb.language.amounts import Amount, Bound, amounts_in

_SHARES = re.compile(
    r"世界(?:全体)?(?:の[^、。]{0,10})?に占める(?:割合|比率|シェア)は|世界(?:全体)?の(?=約?[0-9０-９])"
)
_WHOLE = re.compile(r"世界(?:全体)?の[^、。]{0,8}$")
_NEAR = Decimal("0.1")  # how far from a power of ten the ratio may be


def slip_conflicts(
    asked: Asked, sentences: Sequence[Said], categories: Mapping[str, str]
) -> Iterator[Conflict]:
    """Where an amount that is asked about does not go with its share of the whole."""
    asked = without_measured(asked)
    for said in sentences:
        if not _SHARES.search(said.text):
            continue
        for claim in amount_claims(asked, said, categories):
            share = _share_of(claim)
            if share is None:
                continue
            for whole in _wholes(claim, sentences):
                if (found := _slip(asked, claim, share, whole)) is not None:
                    yield found
                    return


def _share_of(claim: Claim) -> Claim | None:
    """The share of the whole that the same sentence gives for an amount."""
    text = claim.said.text
    cue = _SHARES.search(text, claim.end)
    if cue is None or claim.value.unit == "%":
        return None
    found = amounts_in(text)
    levels = [a for a in found if a.end <= cue.start() and a.unit == claim.value.unit]
    shares = [a for a in found if a.start >= cue.end() and a.unit == "%"]
    if len(levels) != len(shares):
        return None  # it is not said which share is of which amount
    share = shares[[a.start for a in levels].index(claim.value.start)]
    return replace(claim, start=share.start, end=share.end, value=share)


def _wholes(claim: Claim, sentences: Sequence[Said]) -> Iterator[Claim]:
    """What sentences give for the whole of which the amount of a claim is a part."""
    _, quantity, _, _, _, year, *_ = claim.key
    for said in sentences:
        if "世界" not in said.text or said is claim.said:
            continue
        heads = [(start, end) for start, end, name in quantities(said.text) if name == quantity]
        for amount in amounts_in(said.text):
            before = [head for head in heads if head[1] <= amount.start <= head[1] + 3]
            day = day_of(said, amount)
            if (
                before
                and _WHOLE.search(said.text[: before[-1][0]])
                and amount.measure == claim.value.measure
                and day is not None
                and day.year == year
            ):
                yield Claim(said, amount.start, amount.end, claim.key, amount, 0, "世界全体")


def _slip(asked: Asked, part: Claim, share: Claim, whole: Claim) -> Conflict | None:
    amounts: tuple[Amount, ...] = (part.value, share.value, whole.value)
    if any(a.until is not None or a.bound not in (Bound.EXACT, Bound.ABOUT) for a in amounts):
        return None
    size, percent, total = (a.value for a in amounts)
    if not size or not percent or part.value.unit != whole.value.unit:
        return None
    ratio = size / (total * percent / 100)
    power = round(ratio.log10())
    if power == 0 or abs(ratio.scaleb(-power) - 1) > _NEAR:
        return None
    times = f"{10**power}倍" if power > 0 else f"{10**-power}分の1"
    sides = (
        Side((replace(part, note=f"割合から計算した量の{times}"),)),
        Side((replace(share, note="世界に占める割合"), whole)),
    )
    return Conflict(asked.about(ABOUT_ENDS), sides)
