"""Folding for matching: what differs only in width, case or spacing becomes equal.

Folded text is compared, never shown; `Folded.span` leads back to the stored text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import add

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
# Those of them that are folded to one sign each, but for spaces, which are left out.
_PLAIN = re.compile("[\\n !-~\u3000-\u3029\u3041-\u3096\u30a1-\u30fe\u3400-\u9fff\uff01-\uff9d]*")
_SPACE = re.compile("[\\n \u3000]")
_SOLID = re.compile("[^\\n \u3000]+")
_RUN = re.compile(r"[^\W_]+")  # exactly the signs of which isalnum() holds


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, where the ones it came from begin and end."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that the folded span `start:end` (not empty) came from."""
        return self.starts[start], self.ends[end - 1]


@lru_cache(maxsize=8)
def fold(text: str) -> Folded:
    """NFKC, lower case, one form of dashes and quotes, no white space or invisible signs.

    Each code point is folded together with the combining marks after it, so が written as
    two code points meets が written as one. What was folded lately is kept, since a passage is
    folded for its names and again for its pairs.
    """
    if _ALONE.fullmatch(text):
        starts: Sequence[int] = range(len(text))
        if _PLAIN.fullmatch(text):
            if _SPACE.search(text):
                starts = [i for run in _SOLID.finditer(text) for i in range(*run.span())]
        else:
            lengths = map(len, map(_table.__getitem__, map(ord, text)))
            starts = [i for i, length in enumerate(lengths) for _ in range(length)]
        return Folded(text.translate(_table), starts, _ends(starts))
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


def folded_text(text: str) -> str:
    """What `fold` makes of a text, without where it came from."""
    return text.translate(_table) if _ALONE.fullmatch(text) else fold(text).text


def _ends(starts: Sequence[int]) -> Sequence[int]:
    if isinstance(starts, range):
        return range(1, len(starts) + 1)
    return [i + 1 for i in starts]


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
