"""Any sentence-transformers model as an encoder; PyTorch is imported only when one is loaded."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kb.errors import EncoderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from sentence_transformers import SentenceTransformer

_PREFIXES = {
    "e5": ("query: ", "passage: "),
    "ruri-v3": ("検索クエリ: ", "検索文書: "),
    "bge-m3": ("", ""),
}
_NETWORK_SECONDS = 10.0
_BATCH = 32


def default_prefixes(model: str) -> tuple[str, str]:
    """What the family of a model was trained to see before a query and before a passage."""
    name = Path(model).name.lower()
    for family, prefixes in _PREFIXES.items():
        if re.search(rf"(^|[-_]){family}([-_]|$)", name):
            return prefixes
    return "", ""


class TransformerEncoder:
    """A sentence-transformers model, with the prefixes that it expects.

    A row may differ in its last digits with the other texts of the call: padding changes the
    order of additions. PyTorch modules are not made for concurrent calls, so calls take turns.
    """

    def __init__(
        self, name: str, model: SentenceTransformer, query_prefix: str, passage_prefix: str
    ) -> None:
        self._name = f"{name}|{query_prefix}|{passage_prefix}"
        self._model = model
        self._query_prefix = query_prefix
        self._passage_prefix = passage_prefix
        self._lock = threading.Lock()
        dimensions = model.get_embedding_dimension()
        if not dimensions:
            raise EncoderError(f"encoder model {name!r} does not say how long its vectors are")
        self._dimensions = int(dimensions)

    @classmethod
    def load(
        cls, model: str, *, query_prefix: str | None = None, passage_prefix: str | None = None
    ) -> TransformerEncoder:
        """The model of a directory or, by name, of the local cache or the Hugging Face hub."""
        query_default, passage_default = default_prefixes(model)
        return cls(
            model,
            _load_model(model),
            query_default if query_prefix is None else query_prefix,
            passage_default if passage_prefix is None else passage_prefix,
        )

    @property
    def name(self) -> str:
        """Name or path of the model and both prefixes."""
        return self._name

    @property
    def dimensions(self) -> int:
        """Length of a row."""
        return self._dimensions

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of questions, each behind the query prefix."""
        return self._encode(texts, self._query_prefix)

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Vectors of passages, each behind the passage prefix."""
        return self._encode(texts, self._passage_prefix)

    def _encode(self, texts: Sequence[str], prefix: str) -> NDArray[np.float32]:
        import numpy as np

        rows = np.zeros((len(texts), self._dimensions), np.float32)
        known = [number for number, text in enumerate(texts) if text.strip()]
        if known:
            with self._lock:
                rows[known] = self._model.encode(
                    [prefix + texts[number] for number in known],
                    batch_size=_BATCH,
                    normalize_embeddings=True,
                    convert_to_numpy=True,
                    show_progress_bar=False,
                )
        return rows


def _load_model(model: str) -> SentenceTransformer:
    """Loads a model; whatever goes wrong, from the network too, becomes one line."""
    try:
        import huggingface_hub
        from sentence_transformers import SentenceTransformer
    except ImportError:
        raise EncoderError(
            f"encoder model {model!r} needs the package sentence-transformers"
        ) from None
    path = Path(model)
    if (path.is_absolute() or model.startswith(".")) and not path.is_dir():
        raise EncoderError(f"encoder model directory missing: {model}")
    try:
        # What is on this machine needs no network, and is not checked against it.
        return SentenceTransformer(model, local_files_only=True)
    except Exception as error:  # hub, network and file errors share no base class
        if path.is_dir():
            raise EncoderError(_line(model, error)) from None
    try:
        # Fails at once without a network; the download would retry for more than a minute.
        huggingface_hub.model_info(model, timeout=_NETWORK_SECONDS)
        return SentenceTransformer(model)
    except Exception as error:
        raise EncoderError(_line(model, error)) from None


def _line(model: str, error: Exception) -> str:
    """The first line of what a library says."""
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    return f"encoder model {model!r} cannot be loaded: {reason[:200]}"
