"""Learns the weights of the reranker: ``python -m training.reranker --data ../shared/datasets``.

Three kinds of questions are searched: those of jaquad.train as they are (with `--reworded` also
with words that they share with their passage replaced or left out, see `rewording`); and
sentences of the Kyoto corpus that no encoder was trained on, in English and put into Japanese
word by word, among the sentences around them. The weights maximise the likelihood of the right
passage among the candidates (a softmax over each question's, with a small ridge), each kind
counting the same.

What the encoder says of the questions of jaquad.train is left out, since it was trained on
them and would look better than it is: the weights of the nearness of meaning come from the
Kyoto sentences alone. Prints the JSON that kb/ranking/weights.json holds.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.passages import Given, build, searcher
from benchmarks.quality_sets import rows_of
from kb.encoding.loading import load_encoder
from kb.language.glossary.matching import load_glossary
from kb.language.word_table import english_vocabulary
from kb.ranking.reranking import Features, failing
from training import sources
from training.rewording import Rewording, word_by_word

NAMES = (*Features._fields, "dense", "dense_when_words_fail")
SEEN = ("dense", "dense_when_words_fail")  # what says too much of questions the encoder saw
ASKED = 3000  # questions of jaquad.train
WINDOWS = 1500  # sentences of the Kyoto corpus
LONGEST = 25  # words of an English sentence that are asked for
WHOLE = ("lexical", "coverage", "adjacent", "sentence", "in_context")
LOGIT = 6.0  # what the best of these come to, so that scores keep apart and comparable
RIDGE = 1e-3
STEPS = 600
RATE = 0.05
SEED = 1

_log = logging.getLogger("training")


@dataclass(frozen=True, slots=True)
class Candidates:
    """The features of a question's candidates, shape (candidates, features), and which is right."""

    features: NDArray[np.float64]
    right: int


def main() -> None:
    """Print the weights."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument(
        "--share", type=float, default=1.0, help="of the questions, for a quick look (default: 1)"
    )
    parser.add_argument(
        "--reworded", action="store_true", help="learn from the reworded questions of jaquad.train"
    )
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    kinds: dict[str, list[Candidates]] = {}
    for passages, questions in (
        _jaquad(options.data, int(ASKED * options.share), reworded=options.reworded),
        _kyoto(options.data, int(WINDOWS * options.share)),
    ):
        for kind, found in collected(passages, questions).items():
            seen = kind in ("asked", "reworded")
            kinds[kind] = [_without_nearness(c) for c in found] if seen else found
            _log.info("%s: %d with their passage among the candidates", kind, len(found))
    weights = fitted(list(kinds.values()))
    weights *= LOGIT / sum(weights[NAMES.index(name)] for name in WHOLE)
    print(json.dumps(dict(zip(NAMES, np.round(weights, 2).tolist(), strict=True))))


_Questions = dict[str, list[tuple[str, str]]]


def _jaquad(data: Path, count: int, *, reworded: bool) -> tuple[list[Given], _Questions]:
    chance = random.Random(SEED)
    titles = {r["id"]: r["title"] for r in rows_of(data / "jaquad.train.corpus.jsonl.gz")}
    found = sources.retrieval(data, "jaquad.train")
    passages = {i: Given(i, titles[i], text) for i, text in found.passages.items()}
    asked = chance.sample(found.questions, count)
    if not reworded:
        return list(passages.values()), {"asked": asked}
    rewording = Rewording(sources.synonyms(data), english_vocabulary())
    glossary = load_glossary()
    others = [
        (other, right)
        for question, right in asked
        if (
            other := rewording.reworded(
                question, f"{titles[right]}\n{found.passages[right]}", glossary, chance
            )
        )
    ]
    return list(passages.values()), {"asked": asked, "reworded": others}


def _kyoto(data: Path, count: int) -> tuple[list[Given], _Questions]:
    chance = random.Random(SEED)
    windows = sources.kyoto_windows(data)
    passages = [Given(number, "", text) for number, text, _, _ in windows]
    chosen = chance.sample(windows, count)
    english = [(" ".join(e.split()[:LONGEST]), number) for number, _, _, e in chosen]
    japanese = [
        (text, number) for number, _, j, e in chosen if (text := word_by_word(e, j, chance))
    ]
    return passages, {"english": english, "word by word": japanese}


def collected(passages: Sequence[Given], questions: _Questions) -> dict[str, list[Candidates]]:
    """The candidates of the questions of each kind that have the right one among them."""
    encoder, glossary = load_encoder(), load_glossary()
    found: dict[str, list[Candidates]] = {}
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), passages, encoder, glossary)
        search = searcher(Path(folder), encoder, glossary)
        for kind, asked in questions.items():
            found[kind] = []
            for question, right in asked:
                ranked = search.rank(question)
                rows = list(ranked.features)
                at = next((k for k, row in enumerate(rows) if ranked.owners[row] == right), None)
                if at is None:
                    continue
                lacking = failing(ranked.features.values())
                values = [(*ranked.features[row], ranked.dense.get(row, 0.0)) for row in rows]
                features = np.array([(*v, lacking * v[-1]) for v in values])
                found[kind].append(Candidates(features, at))
    return found


def _without_nearness(candidates: Candidates) -> Candidates:
    features = candidates.features.copy()
    features[:, [NAMES.index(name) for name in SEEN]] = 0.0
    return replace(candidates, features=features)


def fitted(kinds: Sequence[Sequence[Candidates]]) -> NDArray[np.float64]:
    """The weights by Adam (Kingma and Ba, 2015) on the mean log likelihood."""
    questions = [found for kind in kinds for found in kind]
    share = np.concatenate([np.full(len(kind), 1.0 / len(kind)) for kind in kinds]) / len(kinds)
    width = max(len(found.features) for found in questions)
    tensor = np.zeros((len(questions), width, len(NAMES)))
    mask = np.full((len(questions), width), -np.inf)
    for i, found in enumerate(questions):
        tensor[i, : len(found.features)] = found.features
        mask[i, : len(found.features)] = 0.0
    scale = tensor[mask == 0.0].std(axis=0) + 1e-9
    tensor /= scale
    right = np.array([found.right for found in questions])
    own = share @ tensor[np.arange(len(right)), right]
    weights = np.zeros(len(NAMES))
    first, second = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, STEPS + 1):
        logits = tensor @ weights + mask
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        gradient = np.einsum("q,qk,qkf->f", share, shares, tensor) - own + RIDGE * weights
        first = 0.9 * first + 0.1 * gradient
        second = 0.999 * second + 0.001 * gradient**2
        weights -= RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-9)
    learned: NDArray[np.float64] = weights / scale
    return learned


if __name__ == "__main__":
    main()
