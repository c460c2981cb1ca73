"""Vectors of single words: those of an encoder beside those that were learned from the web.

The encoder's training texts hold few everyday words often. For some hundred thousand Japanese
words a table has besides which of 20,000 meanings of chiVe each is nearest to (`training.words`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from kb.encoding.encoder import Encoder
from kb.errors import EncoderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

TABLE = Path(__file__).parent / "words.safetensors"
OWN = 0.5  # of the cosine of two words that the table has, what the encoder says of them

TENSORS = ("digests", "meanings", "vectors")
CHECKSUM = "sha256"  # of the bytes of the tensors in this order, in the file's header


def digest_of(word: str) -> int:
    """The number by which the table knows a normalized word: 64 bits of its BLAKE2b."""
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")


def checksum_of(tensors: Iterable[NDArray[np.generic]]) -> str:
    """The SHA-256 of the bytes of some tensors, one after the other."""
    found = hashlib.sha256()
    for tensor in tensors:
        found.update(tensor.tobytes())
    return found.hexdigest()


class WordTable:
    """The vectors of words of the web, read when the first is asked for.

    `digests` are sorted, `meanings` the row of each in `vectors`, which are signed bytes.
    """

    def __init__(self, path: Path = TABLE) -> None:
        self._path = path

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return int(self._tensors[2].shape[1])

    def rows(self, words: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of normalized words, of length 1, shape (words, dimensions); zeros for words
        that the table has not.

        Raises EncoderError where the table cannot be read.
        """
        import numpy as np

        digests, meanings, vectors = self._tensors
        asked = np.array(list(map(digest_of, words)), np.uint64)
        places = np.searchsorted(digests, asked).clip(max=len(digests) - 1)
        known = digests[places] == asked
        rows = np.zeros((len(words), vectors.shape[1]), np.float32)
        rows[known] = vectors[meanings[places[known]]]
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
        rows /= np.where(lengths, lengths, np.float32(1.0))[:, None]
        return rows

    @cached_property
    def _tensors(self) -> tuple[NDArray[np.uint64], NDArray[np.uint16], NDArray[np.int8]]:
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(self._path, "np") as file:
                said = (file.metadata() or {}).get(CHECKSUM)
                digests, meanings, vectors = map(file.get_tensor, TENSORS)
        except OSError as error:
            raise EncoderError(f"encoder file unreadable: {self._path}: {error}") from None
        except SafetensorError:
            raise EncoderError(f"encoder file damaged: {self._path} holds no words") from None
        if said != checksum_of((digests, meanings, vectors)):
            raise EncoderError(f"encoder file damaged: {self._path} differs from its checksum")
        return digests, meanings, vectors


class WordEncoder:
    """Vectors of single normalized words: an encoder's, and the table's behind them, each of
    length 1 or 0. One instance serves any number of threads.
    """

    def __init__(self, encoder: Encoder, table: WordTable) -> None:
        self._encoder = encoder
        self._table = table

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return self._encoder.dimensions + self._table.dimensions

    def encode(self, words: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of words, shape (words, dimensions)."""
        import numpy as np

        return np.concatenate((self._encoder.encode_passages(words), self._table.rows(words)), 1)

    def cosines(
        self, some: NDArray[np.float32], others: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """How near in meaning words are, from their vectors: shape (some, others).

        Of two words that the table has it is what both say of them, half and half; of others
        what the encoder says.
        """
        import numpy as np

        at = self._encoder.dimensions
        own = some[:, :at] @ others[:, :at].T
        web = some[:, at:] @ others[:, at:].T
        both = np.outer(some[:, at:].any(axis=1), others[:, at:].any(axis=1))
        found: NDArray[np.float32] = np.where(both, OWN * own + (1.0 - OWN) * web, own)
        return found
