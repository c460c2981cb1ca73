"""The pieces of many texts, as the tokenizer of the bundled encoder takes them, but sooner.

The tokenizer looks for the likeliest pieces of each run between spaces and punctuation. No piece
goes on where two characters meet that are neighbours in none of the vocabulary; what stands between
two such places is cut the same whatever is around it. Those stretches are short (one or two
characters of Japanese) and come again and again, so their pieces are kept.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

_MOST = 65_536  # stretches whose pieces are kept: some 10 MB
_LONGEST = 16  # characters of one that is kept
# Characters of which none clings to the one before, so that each is normalized by itself; texts
# with any other go to the tokenizer as they are.
_ALONE = re.compile(
    "[\0-\u02ff\u2010-\u2027\u2030-\u203e\u2100-\u22ff\u2460-\u25ff\u3000-\u3029\u3041-\u3096"
    "\u30a0-\u30ff\u3400-\u9fff\uff01-\uff9d]*"
)
_CODES = 0x10000  # all of them, and what they are normalized to, are below
_UNSEEN = -1
_END = ord("\n")


class Pieces:
    """Finds the pieces of texts; safe for use from several threads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        pieces = "\n".join(tokenizer.get_vocab())
        codes = np.frombuffer(pieces.encode("utf-32-le"), np.uint32).astype(np.int64)
        firsts, seconds = codes[:-1], codes[1:]
        pairs = (firsts != _END) & (seconds != _END) & (firsts < _CODES) & (seconds < _CODES)
        # Characters that are the first, and the second, of a pair have numbers from 1.
        self._firsts, self._seconds = _numbered(firsts[pairs]), _numbered(seconds[pairs])
        self._width = int(self._seconds.max()) + 1
        at = np.unique(self._firsts[firsts[pairs]] * self._width + self._seconds[seconds[pairs]])
        # Which pairs stand in a piece: a bit for each two characters.
        self._bits = np.zeros(int(at.max(initial=0)) // 8 + self._width, np.uint8)
        np.bitwise_or.at(self._bits, at >> 3, (1 << (at & 7)).astype(np.uint8))
        # By the code of a character as it is written: the numbers of the last and of the first of
        # the characters that it is normalized to.
        self._as_first = np.full(_CODES, _UNSEEN, np.int64)
        self._as_second = np.full(_CODES, _UNSEEN, np.int64)
        self._kept: dict[str, tuple[int, ...]] = {}

    def of(self, texts: Sequence[str]) -> list[list[int]]:
        """The numbers of the pieces of each text, in their order.

        Unknown characters that follow each other are one piece to the tokenizer, and here may be
        several.
        """
        plain = [text for text in texts if _ALONE.fullmatch(text)]
        found = iter(self._of_plain(plain))
        if len(plain) == len(texts):
            return list(found)
        return [
            next(found)
            if _ALONE.fullmatch(text)
            else self._tokenizer.encode(text, add_special_tokens=False).ids
            for text in texts
        ]

    def _of_plain(self, texts: Sequence[str]) -> list[list[int]]:
        joined = "\n".join(texts)  # a space, where every piece ends
        ends = self._ends(joined)
        cuts = ends.tolist()
        stretches = list(map(joined.__getitem__, map(slice, [0, *cuts], [*cuts, len(joined)])))
        pieces = list(map(self._kept.get, stretches))
        if None in pieces:
            pieces = [
                self._pieces(stretch) if found is None else found
                for stretch, found in zip(stretches, pieces, strict=True)
            ]
        # Which stretch each text begins with: the last of each is the space behind it.
        starts = np.cumsum([0, *(len(text) + 1 for text in texts)])
        firsts = (np.searchsorted(ends, starts[:-1], side="right")).tolist()
        slices = map(slice, firsts, [*firsts[1:], len(pieces)])
        return [list(chain.from_iterable(pieces[one])) for one in slices]  # type: ignore[arg-type]

    def _ends(self, text: str) -> NDArray[np.intp]:
        """Where stretches end but for the last."""
        codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
        # In this order, as `_see` of another thread may be at it: whose second is known is known.
        seconds, firsts = self._as_second.take(codes), self._as_first.take(codes)
        if (unseen := seconds == _UNSEEN).any():
            for code in np.unique(codes[unseen]).tolist():
                self._see(code)
            seconds, firsts = self._as_second.take(codes), self._as_first.take(codes)
        at = firsts[:-1] * self._width + seconds[1:]
        within = self._bits.take(at >> 3) >> (at & 7) & 1
        return np.flatnonzero(within == 0) + 1

    def _see(self, code: int) -> None:
        """Take in a character that was not met yet."""
        normalized = self._normalized(chr(code))
        self._as_first[code] = self._firsts[ord(normalized[-1])]
        self._as_second[code] = self._seconds[ord(normalized[0])]

    def _normalized(self, character: str) -> str:
        """What a character is normalized to, with spaces for spaces and punctuation."""
        normalized = self._tokenizer.normalizer.normalize_str(character)
        split = self._tokenizer.pre_tokenizer.pre_tokenize_str
        return "".join(c if split(c) else " " for c in normalized)

    def _pieces(self, stretch: str) -> tuple[int, ...]:
        """The pieces of a stretch, which are kept."""
        words = "".join(map(self._normalized, stretch)).split(" ")
        tokenize = self._tokenizer.model.tokenize
        found = tuple(token.id for word in words if word for token in tokenize(word))
        if len(stretch) <= _LONGEST:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[stretch] = found
        return found


def _numbered(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """By code, the numbers of some characters from 1; 0 for others."""
    numbers = np.zeros(_CODES, np.int64)
    known = np.unique(codes)
    numbers[known] = np.arange(1, len(known) + 1)
    return numbers
