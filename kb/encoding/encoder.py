"""What every text encoder does, whatever model stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Encoder(Protocol):
    """Turns texts into vectors whose dot product says how near their meanings are.

    Rows have length 1. A text in which the model knows nothing (empty, or only signs that it has
    no vector for) gives a row of zeros, which is equally far from everything. A row depends on
    its text alone, not on the other texts of the call. An empty list gives shape (0, dimensions).
    """

    @property
    def name(self) -> str:
        """Stable identity: vectors of two encoders may be compared only if the names agree."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, shape (len(texts), dimensions)."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, shape (len(texts), dimensions)."""
        ...
