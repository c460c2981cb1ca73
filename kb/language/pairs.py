"""The character pairs of texts as an index keeps them, those of many texts in one go.

What `folding.bigrams` gives one by one; apart from it, since a query needs no NumPy for its few.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from kb.language.folding import bigrams, fold

_BASIC = 0x10000  # signs of two bytes in UTF-16
_BETWEEN = "\n"  # no folded text has one


def joined_bigrams(texts: Sequence[str]) -> list[str]:
    """The pairs of `folding.bigrams` of each text, parted by spaces."""
    folded = _BETWEEN.join([fold(text).text for text in texts])
    data = folded.encode("utf-16-le", "surrogatepass")
    if len(data) != 2 * len(folded) or not folded:  # a sign of four bytes
        return [" ".join(bigrams(text)) for text in texts]
    signs = np.frombuffer(data, dtype="<u2")
    letter = np.zeros(len(signs) + 2, dtype=bool)  # none stands before or behind the text
    letter[1:-1] = _letters().take(signs)
    pair = letter[:-1] & letter[1:]  # with the sign before it
    alone = letter[1:-1] & ~(pair[:-1] | pair[1:])
    between = signs == ord(_BETWEEN)
    rows = np.full((len(signs), 3), ord(" "), dtype="<u2")
    rows[:, 0] = signs
    rows[:-1, 1] = signs[1:]
    rows[alone, 1] = 0
    rows[between, 1:] = 0
    kept = rows.compress(pair[1:] | alone | between, axis=0).ravel()
    joined = kept.compress(kept != 0).tobytes().decode("utf-16-le")
    return [pairs[:-1] for pairs in joined.split(_BETWEEN)]


@cache
def _letters() -> NDArray[np.bool_]:
    """Which signs are letters or digits, by their codes."""
    return np.fromiter(map(str.isalnum, map(chr, range(_BASIC))), dtype=bool, count=_BASIC)
