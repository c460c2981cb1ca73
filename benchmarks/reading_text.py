"""Comparing two texts: edit distance, alignment of units in any order, order, n-grams.

All comparisons are of squeezed text: NFKC, without white space, bullets and signs of
private use, which stand for bullets in the symbol fonts of Word.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from kb.domain import BlockKind, Document

BODY = frozenset(
    {
        BlockKind.HEADING,
        BlockKind.PARAGRAPH,
        BlockKind.LIST_ITEM,
        BlockKind.TABLE,
        BlockKind.CAPTION,
        BlockKind.REFERENCE,
    }
)
_DROPPED = re.compile(r"[\s\u200b-\u200f\u00ad\ufeff•●○◯■□◆◇▪▫➢➤✓⚫\ue000-\uf8ff]+")
_KANA = re.compile(r"[\u3041-\u309f\u30a1-\u30ff\uff66-\uff9f]")
_KANJI = re.compile(r"[々〆\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
_SHORT = 10  # a unit shorter than this is no witness of order
_WORST = 0.5  # a unit that differs more from its best place is missing


def squeezed(text: str) -> str:
    """The text after NFKC without white space, bullets and signs of private use."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", text))


def japanese_characters(text: str) -> int:
    """How many kana and kanji the text has."""
    return len(_KANA.findall(text)) + len(_KANJI.findall(text))


def without_calls(document: Document, kinds: Iterable[BlockKind] = BODY) -> str:
    """The text of the blocks of these kinds without the calls of the notes."""
    wanted = frozenset(kinds)
    calls = sorted(b.call for b in document.blocks if b.call is not None)
    pieces = []
    for block in document.blocks:
        if block.kind not in wanted:
            continue
        at = block.start
        for start, end in calls:
            if block.start <= start and end <= block.end and start >= at:
                pieces.append(document.text[at:start])
                at = end
        pieces.append(document.text[at : block.end])
    return "".join(pieces)


def sentences(text: str) -> list[str]:
    """The text cut after each 。 that stands outside brackets."""
    out, start, depth = [], 0, 0
    for i, sign in enumerate(text):
        depth += (sign in "「『（([") - (sign in "」』）)]")
        if sign == "。" and depth <= 0:
            out.append(text[start : i + 1])
            start, depth = i + 1, 0
    return [s for s in (*out, text[start:]) if s]


def edit_distance(a: str, b: str) -> int:
    """The Levenshtein distance, by the bit-parallel columns of Myers (1999) and Hyyrö (2003).

    One Python integer holds a whole column, so that texts of 50,000 characters take seconds
    without a compiled dependency.
    """
    a, b = _without_common_ends(a, b)
    if not a or not b:
        return len(a) + len(b)
    return _columns(a, b, anywhere=False)[-1]


def best_span(pattern: str, text: str) -> tuple[int, int, int]:
    """Distance, start and end of the span of `text` that is most like `pattern`."""
    scores = _columns(pattern, text, anywhere=True)
    distance = min(scores)
    end = scores.index(distance)
    window = text[max(0, end - len(pattern) - distance) : end][::-1]
    backward = _columns(pattern[::-1], window, anywhere=False)
    length = backward.index(min(backward))
    return distance, end - length, end


def _without_common_ends(a: str, b: str) -> tuple[str, str]:
    start, shorter = 0, min(len(a), len(b))
    while start < shorter and a[start] == b[start]:
        start += 1
    a, b = a[start:], b[start:]
    end, shorter = 0, min(len(a), len(b))
    while end < shorter and a[-1 - end] == b[-1 - end]:
        end += 1
    return a[: len(a) - end], b[: len(b) - end]


def _columns(pattern: str, text: str, *, anywhere: bool) -> list[int]:
    """The distance of `pattern` to each prefix of `text`; with `anywhere`, to its best suffix."""
    size = len(pattern)
    where: dict[str, int] = {}
    for i, sign in enumerate(pattern):
        where[sign] = where.get(sign, 0) | 1 << i
    full, last = (1 << size) - 1, 1 << size - 1
    plus, minus, score = full, 0, size
    scores = [score]
    for sign in text:
        equal = where.get(sign, 0)
        across = (((equal & plus) + plus) ^ plus) | equal
        equal |= minus
        up = minus | (full & ~(across | plus))
        down = plus & across
        score += bool(up & last) - bool(down & last)
        scores.append(score)
        up = (up << 1 | (not anywhere)) & full
        down = down << 1 & full
        plus = down | (full & ~(equal | up))
        minus = up & equal
    return scores


@dataclass(slots=True)
class Alignment:
    """The units of a true text, each at its place in a text that was read.

    `missing` counts the edits inside the units, and the whole of a unit without a place;
    `extra` counts the characters that no unit claims; `places` are the starts, in the order
    of the truth, of the units that witness the order.
    """

    characters: int = 0
    missing: int = 0
    extra: int = 0
    places: list[int] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unclaimed: list[str] = field(default_factory=list)

    @property
    def error_rate(self) -> float:
        """The character error rate, whatever the order of the units."""
        return (self.missing + self.extra) / max(1, self.characters)

    @property
    def out_of_order(self) -> int:
        """How many units must move before the others stand in the true order."""
        return len(self.places) - longest_rising(self.places)


def align(units: Sequence[str], text: str) -> Alignment:
    """Give each squeezed unit its place in the squeezed `text`.

    Whole units that stand there letter for letter claim their places first, the longest
    first; then the sentences of the others; what is left takes the most similar span that
    nobody claims. Short units come last, so that they take no piece out of a long one.
    """
    alignment = Alignment(characters=sum(map(len, units)))
    alignment.places = [
        text.find(u) for u in units if len(u) >= _SHORT and text.count(u) == 1 == units.count(u)
    ]
    claimed = bytearray(len(text))
    long = _claim_exact((u for u in units if len(u) >= _SHORT), text, claimed)
    pieces = [piece for unit in long for piece in sentences(unit)]
    rest = _claim_exact((p for p in pieces if len(p) >= _SHORT), text, claimed)
    distances = [(piece, _claim_similar(piece, text, claimed)) for piece in rest]
    short = [p for p in (*pieces, *units) if len(p) < _SHORT]
    distances += [(piece, len(piece)) for piece in _claim_exact(short, text, claimed)]
    alignment.missing = sum(distance for _, distance in distances)
    alignment.lost = [piece for piece, distance in distances if distance]
    alignment.unclaimed = [text[start:end] for start, end in _free_runs(claimed)]
    alignment.extra = sum(map(len, alignment.unclaimed))
    return alignment


def _claim_exact(units: Iterable[str], text: str, claimed: bytearray) -> list[str]:
    """Claim the places of the units that stand in the text; the others are returned."""
    others = []
    searched_to: dict[str, int] = {}
    for unit in sorted(filter(None, units), key=len, reverse=True):
        at = text.find(unit, searched_to.get(unit, 0))
        while at >= 0 and any(claimed[at : at + len(unit)]):
            at = text.find(unit, at + 1)
        if at < 0:
            others.append(unit)
            continue
        claimed[at : at + len(unit)] = b"\1" * len(unit)
        searched_to[unit] = at + len(unit)
    return others


def _claim_similar(unit: str, text: str, claimed: bytearray) -> int:
    """Claim the span most like the unit; the distance, all of the unit where none is like it."""
    best = (len(unit), 0, 0)
    for start, end in _free_runs(claimed):
        if end - start < len(unit) * _WORST:
            continue
        distance, first, last = best_span(unit, text[start:end])
        best = min(best, (distance, start + first, start + last))
    distance, first, last = best
    if distance > len(unit) * _WORST:
        return len(unit)
    claimed[first:last] = b"\1" * (last - first)
    return distance


def _free_runs(claimed: bytearray) -> list[tuple[int, int]]:
    return [m.span() for m in re.finditer(rb"\0+", bytes(claimed))]


def longest_rising(numbers: Sequence[int]) -> int:
    """The length of the longest rising subsequence."""
    tails: list[int] = []
    for number in numbers:
        at = bisect_left(tails, number)
        tails[at : at + 1] = [number]
    return len(tails)


@dataclass(frozen=True, slots=True)
class Score:
    """Precision and recall of what was found against what is true."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Their harmonic mean."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0


def score(found: Counter[str], true: Counter[str]) -> Score:
    """Precision and recall of two bags of words; nothing of nothing is perfect."""
    common = (found & true).total()
    return Score(
        common / found.total() if found else float(not true),
        common / true.total() if true else 1.0,
    )


def trigrams(text: str) -> Counter[str]:
    """The bag of the runs of three characters of the squeezed text."""
    text = squeezed(text)
    return Counter(text[i : i + 3] for i in range(len(text) - 2))
