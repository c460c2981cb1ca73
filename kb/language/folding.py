"""Folding for matching: what differs only in width, case or spacing becomes equal.

Folded text is compared, never shown; `Folded.span` leads back to the stored text.
"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Signs that scripts and converters write differently for the same thing.
_SAME = str.maketrans(
    {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "〜": "~", "～": "~",
     "“": '"', "”": '"', "‘": "'", "’": "'", "・": "·", "･": "·"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, where the ones it came from begin and end."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that the folded span `start:end` (not empty) came from."""
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> Folded:
    """NFKC, lower case, one form of dashes and quotes, no white space or invisible signs.

    Each code point is folded together with the combining marks after it, so が written as
    two code points meets が written as one.
    """
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    i, n = 0, len(text)
    while i < n:
        j = i + 1
        while j < n and _clings(text[j]):
            j += 1
        for c in _folded_character(text[i:j]):
            out.append(c)
            starts.append(i)
            ends.append(j)
        i = j
    return Folded("".join(out), tuple(starts), tuple(ends))


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
    run: list[str] = []
    for c in fold(text).text + " ":
        if c.isalnum() or c == "ー":
            run.append(c)
            continue
        if len(run) == 1:
            grams.append(run[0])
        grams.extend(a + b for a, b in itertools.pairwise(run))
        run.clear()
    return grams
