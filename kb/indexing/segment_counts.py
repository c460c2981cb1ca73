"""How many tokens a segment of tantivy has of each field, read from its files and written to them.

BM25 compares the length of a passage with the mean of all, which comes from these numbers. Where
tantivy merges a segment of which passages were deleted, it adds up the lengths of those that are
left as it keeps them, rounded; so the numbers of a merged segment are set to the exact ones.

The layout is that of tantivy 0.27 (index format 7): parts of fields one after the other; where
each begins (numbers of variable length); the length of that list; a line of JSON with the checksum
of all before it; its length and a mark. In `.idx` the part of a field begins with the number of
its tokens, in `.fieldnorm` it has the rounded length of each passage in a byte.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.indexing.kept_lengths import LENGTHS

_MARK = 1337
_FORMAT = 7
_NUMBER = struct.Struct("<Q")
_TAIL = struct.Struct("<II")


class OtherLayout(Exception):
    """A file is not laid out as this module knows it."""


class Counts:
    """The numbers of tokens in an `.idx` file, which has no part of a field without any.

    Raises OtherLayout.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._data, self._begins, _, self._footer = _parts(path)

    def of(self, field: int) -> int:
        """How many tokens a field has, by its number in the schema."""
        begin = self._begins.get(field)
        return 0 if begin is None else int(_NUMBER.unpack_from(self._data, begin)[0])

    def set(self, field: int, count: int) -> None:
        """Set the number of a field's tokens. Raises OtherLayout where it has no part."""
        if count != self.of(field):
            if field not in self._begins:
                raise OtherLayout(f"{self._path} has no field {field}")
            _NUMBER.pack_into(self._data, self._begins[field], count)

    def write(self) -> None:
        """Write the file with the numbers that were set. Raises OSError."""
        self._footer["crc"] = zlib.crc32(self._data)
        line = json.dumps(self._footer, separators=(",", ":")).encode()
        self._path.write_bytes(self._data + line + _TAIL.pack(len(line), _MARK))


def length_bytes(path: Path, field: int) -> NDArray[np.uint8]:
    """The rounded lengths of a segment's passages in a field, from its `.fieldnorm` file; none
    where it has no part of the field. Raises OtherLayout.
    """
    data, begins, end, _ = _parts(path)
    begin = begins.get(field, end)
    following = min((b for b in begins.values() if b > begin), default=end)
    return np.frombuffer(data, dtype=np.uint8, count=following - begin, offset=begin)


def bounds(lengths: NDArray[np.uint8]) -> tuple[int, int]:
    """The least and the greatest number of tokens that passages with these bytes may have."""
    counts = np.bincount(lengths, minlength=len(_LENGTHS))
    least = int(counts @ _LENGTHS)
    return least, int(counts[:-1] @ (_LENGTHS[1:] - 1)) + int(counts[-1]) * int(_LENGTHS[-1])


_LENGTHS: NDArray[np.int64] = np.array(LENGTHS, dtype=np.int64)


def _parts(path: Path) -> tuple[bytearray, dict[int, int], int, dict[str, object]]:
    """All before the line of JSON, where each field begins, where the last ends, and the JSON."""
    data = bytearray(path.read_bytes())
    try:
        length, mark = _TAIL.unpack(data[-_TAIL.size :])
        footer = json.loads(data[-_TAIL.size - length : -_TAIL.size])
        known = mark == _MARK and footer["version"]["index_format_version"] == _FORMAT
        del data[-_TAIL.size - length :]
        (listed,) = struct.unpack("<I", data[-4:])
        end = len(data) - 4 - listed
        numbers = iter(data[end:-4])
        begins, at = {}, 0
        for _ in range(_variable(numbers)):
            at += _variable(numbers)
            (field,) = struct.unpack("<I", bytes(next(numbers) for _ in range(4)))
            if _variable(numbers):
                raise OtherLayout(f"{path} has a second part of field {field}")
            begins[field] = at
    except (struct.error, ValueError, LookupError, TypeError, StopIteration, RuntimeError) as error:
        raise OtherLayout(f"{path} is laid out in another way ({error})") from error
    if not known or zlib.crc32(data) != footer["crc"]:
        raise OtherLayout(f"{path} is laid out in another way")
    return data, begins, end, footer


def _variable(numbers: Iterator[int]) -> int:
    """A number of seven bits a byte, the lowest first; the last byte has the eighth bit."""
    value = shift = 0
    while True:
        byte = next(numbers)
        value |= (byte & 127) << shift
        if byte & 128:
            return value
        shift += 7
