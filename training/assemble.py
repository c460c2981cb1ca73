"""Puts together what an accelerator sent back: ``python -m training.assemble PARTS OUT``.

The encoder of `training.contextual` becomes a directory that `SentenceTransformer(path)` and
`--encoder` load.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import safetensors.numpy
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Pooling, Transformer
from transformers import PreTrainedTokenizerFast

from kb.encoding.loading import BUNDLED_DIRECTORY
from training.contextual import new_body, static_vectors


def main() -> None:
    """Write the model in its directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    parts: Path = options.parts
    state = safetensors.numpy.load_file(parts / "encoder-rest.safetensors")
    halves = [safetensors.numpy.load_file(parts / f"encoder-words{i}.safetensors") for i in (1, 2)]
    state["embeddings.word_embeddings.weight"] = np.concatenate([h["words"] for h in halves])
    body = new_body(static_vectors(BUNDLED_DIRECTORY / "model.safetensors")).cpu()
    tensors = {name: torch.from_numpy(value.astype(np.float32)) for name, value in state.items()}
    body.load_state_dict(tensors, strict=False)  # the numbers of the places are not learned
    network = options.out / "network"
    body.save_pretrained(network)
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(BUNDLED_DIRECTORY / "tokenizer.json"))
    tokenizer.add_special_tokens(
        {"pad_token": "[PAD]", "cls_token": "[CLS]", "sep_token": "[SEP]", "mask_token": "[MASK]"}
    )
    tokenizer.save_pretrained(network)
    layers = Transformer(str(network), max_seq_length=body.config.max_position_embeddings)
    pooling = Pooling(layers.get_embedding_dimension(), pooling_mode="mean")
    SentenceTransformer(modules=[layers, pooling]).save(str(options.out))


if __name__ == "__main__":
    main()
