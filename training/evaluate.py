"""Measures an encoder on data that training never read: ``python -m training.evaluate``."""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.encoding.encoder import Encoder
from kb.encoding.loading import load_encoder
from training import metrics, sources

ENGLISH_QUESTIONS = 2_000


def evaluate(encoder: Encoder, data: Path) -> dict[str, float]:
    """Every measure by name, in the order in which they are printed."""
    found: dict[str, float] = {}
    for name in ("jaquad.dev", "jsquad.valid"):
        _add_ranking(found, name, _question_ranks(encoder, sources.retrieval(data, name)))
    pairs = sources.kyoto_held_out_pairs(data, ENGLISH_QUESTIONS)
    _add_ranking(found, "kyoto English to Japanese", _translation_ranks(encoder, pairs))
    scored = sources.jsts_held_out(data)
    likeness = _likeness(encoder, [(pair.first, pair.second) for pair in scored])
    people = [pair.score for pair in scored]
    found["jsts held out Spearman"] = metrics.spearman(list(likeness), people)
    found["jsts held out Pearson"] = metrics.pearson(list(likeness), people)
    labelled = sources.jsick(data)
    likeness = _likeness(encoder, [(first, second) for first, second, _ in labelled])
    labels = np.array([label for _, _, label in labelled])
    found["jsick entailment over neutral AUC"] = metrics.area(
        list(likeness[labels == "entailment"]), list(likeness[labels == "neutral"])
    )
    return found


def _question_ranks(encoder: Encoder, questions: sources.Retrieval) -> NDArray[np.int64]:
    place = {number: index for index, number in enumerate(questions.passages)}
    right = np.array([place[passage] for _, passage in questions.questions])
    return metrics.ranks(
        encoder.encode_queries([text for text, _ in questions.questions]),
        encoder.encode_passages(list(questions.passages.values())),
        right,
    )


def _translation_ranks(encoder: Encoder, pairs: list[tuple[str, str]]) -> NDArray[np.int64]:
    return metrics.ranks(
        encoder.encode_queries([english for _, english in pairs]),
        encoder.encode_passages([japanese for japanese, _ in pairs]),
        np.arange(len(pairs)),
    )


def _likeness(encoder: Encoder, pairs: list[tuple[str, str]]) -> NDArray[np.float64]:
    left = encoder.encode_passages([first for first, _ in pairs])
    right = encoder.encode_passages([second for _, second in pairs])
    likeness: NDArray[np.float64] = np.einsum("ij,ij->i", left, right, dtype=np.float64)
    return likeness


def _add_ranking(found: dict[str, float], name: str, places: NDArray[np.int64]) -> None:
    measured = metrics.ranking(places)
    found[f"{name} R@1"] = measured.first
    found[f"{name} R@10"] = measured.ten
    found[f"{name} nDCG@10"] = measured.ndcg


def main() -> None:
    """Reads the command line and prints one measure a line."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__)
    parser.add_argument("model", help="model directory, or a sentence-transformers model name")
    parser.add_argument("--data", type=Path, required=True, help="directory of the data sets")
    arguments = parser.parse_args()
    encoder = load_encoder(arguments.model)
    print(encoder.name)
    for name, value in evaluate(encoder, arguments.data).items():
        print(f"{name:36} {value:.3f}")


if __name__ == "__main__":
    main()
