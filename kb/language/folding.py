"""Folding for matching: what differs only in width, case or spacing becomes equal.

Folded text is compared, never shown; `Folded.span` leads back to the stored text.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from operator import add, sub
from typing import overload

# Signs that scripts and converters write differently for the same thing.
_SAME = str.maketrans(
    {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "〜": "~", "～": "~",
     "“": '"', "”": '"', "‘": "'", "’": "'", "・": "·", "･": "·"}
)  # fmt: skip

# Signs of Japanese and Western text of which none clings to the one before; a text with any
# other is folded sign by sign.
_ALONE = re.compile(
    "[\0-\u02ff\u2010-\u2027\u2030-\u203e\u2100-\u22ff\u2460-\u25ff\u3000-\u3029\u3041-\u3096"
    "\u30a0-\u30ff\u3400-\u9fff\uff01-\uff9d]*"
)
# Those of them that are folded to one sign each, but for spaces, which are left out, and those of
# these that are folded to another one.
_PLAIN = re.compile(
    "[\\n !-~\u2010-\u2016\u2018-\u201f\u2190-\u21ff\u2500-\u25ff"
    "\u3000-\u3029\u3041-\u3096\u30a1-\u30fe\u3400-\u9fff\uff01-\uff9d]*"
)
_SPACE = re.compile("[\\n \u3000]")
_CHANGED = re.compile("[\\n A-Z\u2010-\u2015\u2018\u2019\u201c\u201d\u3000\u301c・\uff01-\uff9d]")
_LONGEST = 4096  # signs of a text that is kept when folded, with up to a hundred bytes for each
_RUN = re.compile(r"[^\W_]+")  # exactly the signs of which isalnum() holds


class Kept(Sequence[int]):
    """The places of a text whose signs stayed when those at `gaps` were left out, in their order,
    each moved `behind`; worked out when one is asked for, since few are.
    """

    def __init__(self, count: int, gaps: Sequence[int], *, behind: int = 0) -> None:
        self._count = count
        self._first = list(map(sub, gaps, range(len(gaps))))  # which stays behind each gap
        self._behind = behind

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[int]: ...
    def __getitem__(self, at: int | slice) -> int | Sequence[int]:
        if isinstance(at, slice):
            return [self[i] for i in range(self._count)[at]]
        if not 0 <= at < self._count:
            at = range(self._count)[at]
        return at + bisect_right(self._first, at) + self._behind

    def of(self, wanted: Sequence[int]) -> list[int]:
        """Those at some indexes that it has."""
        before = map(bisect_right, repeat(self._first), wanted)
        found = list(map(add, wanted, before))
        return [at + self._behind for at in found] if self._behind else found


def places(kept: Sequence[int], wanted: Sequence[int]) -> Sequence[int]:
    """Those of `Folded.starts` or `ends` at some indexes."""
    return kept.of(wanted) if isinstance(kept, Kept) else [kept[at] for at in wanted]


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, where the ones it came from begin and end."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that the folded span `start:end` (not empty) came from."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """NFKC, lower case, one form of dashes and quotes, no white space or invisible signs.

    Each code point is folded together with the combining marks after it, so が written as
    two code points meets が written as one. What was folded lately is kept, since passages are
    folded for their pairs, all of a document's beginning first, and again for their names.
    """
    return _lately(text) if len(text) <= _LONGEST else _fold(text)


def _fold(text: str) -> Folded:
    if _PLAIN.fullmatch(text):
        folded = _exchanged(text)
        if len(folded) == len(text):
            return Folded(folded, range(len(text)), range(1, len(text) + 1))
        gaps = [space.start() for space in _SPACE.finditer(text)]
        return Folded(folded, Kept(len(folded), gaps), Kept(len(folded), gaps, behind=1))
    if _ALONE.fullmatch(text):
        lengths = map(len, map(_table.__getitem__, map(ord, text)))
        starts = [i for i, length in enumerate(lengths) for _ in range(length)]
        return Folded(text.translate(_table), starts, [i + 1 for i in starts])
    out: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    i, n = 0, len(text)
    while i < n:
        j = i + 1
        while j < n and _clings(text[j]):
            j += 1
        for c in _folded_character(text[i:j]):
            out.append(c)
            begins.append(i)
            ends.append(j)
        i = j
    return Folded("".join(out), begins, ends)


_lately = lru_cache(maxsize=128)(_fold)


def folded_text(text: str) -> str:
    """What `fold` makes of a text, without where it came from."""
    if _PLAIN.fullmatch(text):
        return _exchanged(text)
    return text.translate(_table) if _ALONE.fullmatch(text) else fold(text).text


def _exchanged(text: str) -> str:
    """Plain text folded: as a rule few different signs of it are folded to others."""
    for sign in set(_CHANGED.findall(text)):
        text = text.replace(sign, _table[ord(sign)])
    return text


class _Table(dict[int, str]):
    """What each code point by itself is folded to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _folded_character(chr(code))
        return folded


_table = _Table()


@lru_cache(maxsize=65536)
def _clings(c: str) -> bool:
    """Whether a character makes one sign with the one before: a mark, ﾞ, a Hangul vowel."""
    first = unicodedata.normalize("NFKD", c)[0]
    return unicodedata.category(first).startswith("M") or "\u1160" <= first <= "\u11ff"


@lru_cache(maxsize=65536)
def _folded_character(character: str) -> str:
    """One code point with what clings to it, folded: mostly one character, or several, or none."""
    folded = unicodedata.normalize("NFKC", character).lower().translate(_SAME)
    return "".join(
        c for c in folded if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc")
    )


def bigrams(text: str) -> list[str]:
    """Character pairs of the folded runs of letters and digits; a run of one is itself."""
    grams: list[str] = []
    for run in _RUN.findall(fold(text).text):
        grams.extend(map(add, run, run[1:]) if len(run) > 1 else run)
    return grams
