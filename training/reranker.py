"""Learns the weights of the reranker: ``python -m training.reranker --data ../shared/datasets``.

Questions of jaquad.train are searched among its passages; the weights of the lexical
features maximise the likelihood of the right passage among the candidates (a softmax over
each question's, with a small ridge). The nearness of meaning takes no part, since the
bundled encoder was trained on these very questions and would look better than it is; its
two weights are then tried out on questions that the encoder never saw, those written for
the shipped reports. Prints the JSON that kb/ranking/weights.json holds.
"""

from __future__ import annotations

import argparse
import json
import logging
import tempfile
from dataclasses import astuple, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.passages import Given, build, searcher
from kb.encoding.loading import load_encoder
from kb.indexing.owners import Owners
from kb.language.glossary.matching import load_glossary
from kb.ranking.reranking import Features
from training import sources

NAMES = tuple(field.name for field in fields(Features))
EVERY = 3  # of the questions is used
RIDGE = 1e-4
STEPS = 400
RATE = 0.1

_log = logging.getLogger("training")


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    features, right = collected(options.data)
    _log.info("%d questions with their passage among the candidates", len(right))
    weights = fitted(features, right)
    print(json.dumps(dict(zip(NAMES, np.round(weights, 2).tolist(), strict=True))))


def collected(data: Path) -> tuple[list[NDArray[np.float64]], list[int]]:
    """The features of each question's candidates, shape (candidates, features), and which of
    them is right.
    """
    encoder, glossary = load_encoder(), load_glossary()
    titles = {r["id"]: r["title"] for r in sources.rows(data / "jaquad.train.corpus.jsonl.gz")}
    found = sources.retrieval(data, "jaquad.train")
    with tempfile.TemporaryDirectory() as folder:
        passages = (Given(i, titles[i], text) for i, text in found.passages.items())
        build(Path(folder), passages, encoder, glossary)
        search = searcher(Path(folder), encoder, glossary)
        ids = Owners(search.store).of(range(1, len(found.passages) + 1))
        matrices, right = [], []
        for question, passage in found.questions[::EVERY]:
            rows = list(search.rank(question).features.items())
            at = next((k for k, (row, _) in enumerate(rows) if ids[row] == passage), None)
            if at is not None:
                matrices.append(np.array([astuple(f) for _, f in rows]))
                right.append(at)
    return matrices, right


def fitted(matrices: list[NDArray[np.float64]], right: list[int]) -> NDArray[np.float64]:
    """The weights by Adam (Kingma and Ba, 2015) on the mean log likelihood."""
    width = max(map(len, matrices))
    tensor = np.zeros((len(matrices), width, len(NAMES)))
    mask = np.full((len(matrices), width), -np.inf)
    for i, matrix in enumerate(matrices):
        tensor[i, : len(matrix)] = matrix
        mask[i, : len(matrix)] = 0.0
    scale = tensor[mask == 0.0].std(axis=0) + 1e-9
    tensor /= scale
    own = tensor[np.arange(len(right)), right].sum(axis=0)
    weights = np.zeros(len(NAMES))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = tensor @ weights + mask
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        gradient = (np.einsum("qk,qkf->f", shares, tensor) - own) / len(right) + RIDGE * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
    learned: NDArray[np.float64] = weights / scale
    return learned


if __name__ == "__main__":
    main()
