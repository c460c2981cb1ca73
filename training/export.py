"""Last stage: rounds the vectors to bytes and writes a directory that can be shipped.

The tensors carry the names that sentence-transformers' own StaticEmbedding reads for quantized
vectors (``embeddings`` times ``weights``), so that the directory loads there without custom code.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray
from tokenizers import Tokenizer

NAME = "kido-static-256"

_MODULES = [
    {
        "idx": 0,
        "name": "0",
        "path": "",
        "type": "sentence_transformers.sentence_transformer.modules.StaticEmbedding",
    },
    {
        "idx": 1,
        "name": "1",
        "path": "1_Normalize",
        "type": "sentence_transformers.base.modules.Normalize",
    },
]
_SETTINGS = {
    "model_type": "SentenceTransformer",
    "prompts": {"query": "", "document": ""},
    "default_prompt_name": None,
    "similarity_fn_name": "cosine",
}
_NORMALIZE = {"module_input_name": "sentence_embedding", "module_output_name": "sentence_embedding"}


def quantize(vectors: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Signed bytes and the factor of each row that turns them back."""
    factors = np.abs(vectors).max(axis=1) / 127.0
    safe = np.where(factors > 0, factors, 1.0)
    packed = np.rint(vectors / safe[:, None]).astype(np.int8)
    return packed, factors.astype(np.float32)


def export(vectors: NDArray[np.float32], tokenizer: Tokenizer, directory: Path) -> None:
    """Writes everything but the model card."""
    (directory / "1_Normalize").mkdir(parents=True, exist_ok=True)
    packed, factors = quantize(vectors)
    weights = safetensors.numpy.save({"embeddings": packed, "weights": factors})
    vocabulary = tokenizer.to_str(pretty=False).encode("utf-8")
    (directory / "model.safetensors").write_bytes(weights)
    (directory / "tokenizer.json").write_bytes(vocabulary)
    manifest = {
        "name": NAME,
        "dimensions": int(vectors.shape[1]),
        "sha256": {
            "model.safetensors": hashlib.sha256(weights).hexdigest(),
            "tokenizer.json": hashlib.sha256(vocabulary).hexdigest(),
        },
    }
    _write_json(directory / "encoder.json", manifest)
    _write_json(directory / "modules.json", _MODULES)
    _write_json(directory / "config_sentence_transformers.json", _SETTINGS)
    _write_json(directory / "1_Normalize" / "config.json", _NORMALIZE)


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
