"""The bundled encoder: averages token vectors with NumPy alone, no PyTorch.

NumPy and the reading of the files are imported when the first text is encoded: an index that is up
to date needs the name of its encoder only.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from kb.errors import EncoderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from kb.encoding.pieces import Pieces

    _Model: TypeAlias = tuple[Tokenizer, NDArray[np.float32]]

LONGEST_TEXT = 1_000_000
"""Characters of a text that count; what follows is left out. Passages are far shorter."""

_CHUNK = 64  # texts whose pieces are looked for at once
_FEW = 200  # characters of them, up to which the tokenizer alone is quicker
_WORTH = 100_000  # characters, after which it is worth it to make ready what is quicker for many
_WEIGHTS = "model.safetensors"
_TOKENIZER = "tokenizer.json"
_MANIFEST = "encoder.json"


@dataclass(frozen=True)
class _Manifest:
    """What encoder.json says of the other two files."""

    name: str
    dimensions: int
    sha256: dict[str, str]


class StaticEncoder:
    """Average of one vector a token, brought to length 1.

    One instance serves any number of threads.
    """

    def __init__(self, name: str, dimensions: int, model: Callable[[], _Model]) -> None:
        self._name = name
        self._dimensions = dimensions
        self._unpack = model
        self._met = 0  # characters that were encoded

    @classmethod
    def load(cls, directory: Path) -> StaticEncoder:
        """The encoder in a directory; raises EncoderError if a file is missing or damaged.

        The files are read and checked now and unpacked when the first text is encoded, since
        an index that is up to date needs the name of its encoder only.
        """
        manifest = _read_manifest(directory / _MANIFEST)
        weights = _read_checked(directory / _WEIGHTS, manifest)
        vocabulary = _read_checked(directory / _TOKENIZER, manifest)
        digest = hashlib.sha256(weights + vocabulary).hexdigest()

        def model() -> _Model:
            vectors = _unpack(directory / _WEIGHTS, weights, manifest.dimensions)
            tokenizer = _parse_tokenizer(directory / _TOKENIZER, vocabulary)
            if tokenizer.get_vocab_size() != len(vectors):
                raise EncoderError(
                    f"{directory / _WEIGHTS} has {len(vectors)} rows for the "
                    f"{tokenizer.get_vocab_size()} tokens of {directory / _TOKENIZER}"
                )
            return tokenizer, vectors

        return cls(f"{manifest.name}@{digest[:12]}", manifest.dimensions, model)

    @cached_property
    def _model(self) -> _Model:
        """The tokenizer and one vector a token, unpacked once; threads that race get equal ones."""
        return self._unpack()

    @cached_property
    def _pieces(self) -> Pieces | None:
        """What finds the pieces of many texts, made when there are many.

        None for another kind of tokenizer than it was made for, and where it matters how many
        pieces unknown characters are.
        """
        from kb.encoding.pieces import Pieces

        tokenizer, vectors = self._model
        model = json.loads(tokenizer.to_str())["model"]
        if model["type"] != "Unigram" or vectors[model["unk_id"]].any():
            return None
        return Pieces(tokenizer)

    @property
    def name(self) -> str:
        """Name of the model and the beginning of the digest of its weights and tokenizer."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return self._dimensions

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions: the same as those of passages."""
        return self._encode(texts)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages."""
        return self._encode(texts)

    def _encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        tokenizer, vectors = self._model
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        for start in range(0, len(texts), _CHUNK):
            chunk = [_encodable(text) for text in texts[start : start + _CHUNK]]
            size = sum(map(len, chunk))
            self._met += size  # threads may lose some, which only makes them wait for longer
            finder = None if size < _FEW or self._met < _WORTH else self._pieces
            if finder is None:
                encodings = tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
                pieces = [encoding.ids for encoding in encodings]
            else:
                pieces = finder.of(chunk)
            for offset, numbers in enumerate(pieces):
                if numbers:
                    rows[start + offset] = vectors.take(numbers, axis=0).sum(axis=0)
        lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows, dtype=np.float64))
        lengths[lengths == 0.0] = 1.0
        unit: NDArray[np.float32] = (rows / lengths[:, None]).astype(np.float32)
        return unit


def _encodable(text: str) -> str:
    """The text within the limit; lone surrogates, which have no UTF-8, become unknown signs."""
    return text[:LONGEST_TEXT].encode("utf-8", "replace").decode("utf-8")


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise EncoderError(f"encoder file missing: {path}") from None
    except OSError as error:
        raise EncoderError(f"encoder file unreadable: {path}: {error.strerror}") from None


def _read_manifest(path: Path) -> _Manifest:
    try:
        content = json.loads(_read(path))
        digests = {str(name): str(digest) for name, digest in content["sha256"].items()}
        return _Manifest(str(content["name"]), int(content["dimensions"]), digests)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise EncoderError(f"encoder file damaged: {path} is no encoder manifest") from None


def _read_checked(path: Path, manifest: _Manifest) -> bytes:
    content = _read(path)
    if hashlib.sha256(content).hexdigest() != manifest.sha256.get(path.name):
        raise EncoderError(f"encoder file damaged: {path} differs from its sha256 in {_MANIFEST}")
    return content


def _unpack(path: Path, content: bytes, dimensions: int) -> NDArray[np.float32]:
    """The float vectors: signed bytes times one factor a row."""
    import numpy as np
    import safetensors.numpy
    from safetensors import SafetensorError

    try:
        tensors = safetensors.numpy.load(content)
        packed, factors = tensors["embeddings"], tensors["weights"]
    except (SafetensorError, KeyError):
        raise EncoderError(f"encoder file damaged: {path} holds no token vectors") from None
    if packed.dtype != np.int8 or packed.shape[1:] != (dimensions,):
        raise EncoderError(
            f"encoder file damaged: {path} holds {packed.dtype} vectors of shape {packed.shape}, "
            f"not int8 of {dimensions} dimensions"
        )
    if factors.shape != (len(packed),):
        raise EncoderError(f"encoder file damaged: {path} needs one factor a row")
    vectors: NDArray[np.float32] = packed * factors.astype(np.float32)[:, None]
    return vectors


def _parse_tokenizer(path: Path, content: bytes) -> Tokenizer:
    from tokenizers import Tokenizer

    try:
        tokenizer = Tokenizer.from_str(content.decode("utf-8"))
    except Exception:  # the library raises nothing narrower
        raise EncoderError(f"encoder file damaged: {path} is no tokenizer") from None
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer
