"""The files of `training.packing`, and the numbers of the signs that it adds to the pieces."""

from __future__ import annotations

import io
import lzma
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Packed: TypeAlias = dict[str, NDArray[Any]]

PAD, CLS, SEP, MASK = range(4)
"""Numbered behind the pieces of the tokenizer, in this order."""


def special(size: int) -> tuple[int, int, int, int]:
    """Padding, beginning, separator and mask behind a tokenizer of so many pieces."""
    return size + PAD, size + CLS, size + SEP, size + MASK


def load(path: Path) -> Packed:
    """The arrays of a packed file."""
    with lzma.open(path) as stream, np.load(io.BytesIO(stream.read())) as arrays:
        return {name: arrays[name] for name in arrays.files}
