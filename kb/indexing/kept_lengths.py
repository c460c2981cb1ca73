"""The numbers of tokens of a passage that tantivy tells apart: it keeps each in one byte.

Up to 40 they are exact; of what is above 24, four bits and how far they are shifted.
"""

from __future__ import annotations

from bisect import bisect_right

_EXACT = 24  # lengths that have bytes of their own; beyond, three bits after the first


def _length_of(byte: int) -> int:
    if byte < _EXACT:
        return byte
    bits, shift = (byte - _EXACT) & 7, ((byte - _EXACT) >> 3) - 1
    return _EXACT + (bits if shift < 0 else (bits | 8) << shift)


LENGTHS = tuple(_length_of(byte) for byte in range(256))
"""What each byte stands for: the least of the lengths that are kept in it."""


def kept_length(length: int) -> int:
    """A number of tokens as it is kept: cut off to one that can be told apart."""
    return LENGTHS[bisect_right(LENGTHS, length) - 1]
