"""Folding for matching: what differs only in width, case or spacing becomes equal.

Folded text is compared, never shown; `Folded.span` leads back to the stored text.
"""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import dataclass

# Signs that scripts and converters write differently for the same thing.
_SAME = str.maketrans(
    {"‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "〜": "~", "～": "~",
     "“": '"', "”": '"', "‘": "'", "’": "'", "・": "·", "･": "·"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text and, for each of its characters, the offset it came from.

    `origins` has one more entry than `text`: the length of the original.
    """

    text: str
    origins: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original that the folded span `start:end` (not empty) came from."""
        return self.origins[start], self.origins[end - 1] + 1


def fold(text: str) -> Folded:
    """NFKC, lower case, one form of dashes and quotes, no white space or invisible signs.

    Each code point is folded together with the combining marks after it, so が written as
    two code points meets が written as one.
    """
    out: list[str] = []
    origins: list[int] = []
    i, n = 0, len(text)
    while i < n:
        j = i + 1
        while j < n and (unicodedata.combining(text[j]) or text[j] in "ﾞﾟ"):
            j += 1
        for c in unicodedata.normalize("NFKC", text[i:j]).lower().translate(_SAME):
            if not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc"):
                out.append(c)
                origins.append(i)
        i = j
    return Folded("".join(out), (*origins, n))


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
