"""Trains the bundled encoder from the data sets: ``python -m training.train``.

Each stage leaves its result in the work directory and is skipped when that is already there, so
that an interrupted run goes on where it stopped. Remove a result to have its stage done again,
and those after it with it.
"""

from __future__ import annotations

import argparse
import json
import logging
import pickle
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from training import contrastive, corpus, export, similarity, sources, vectors, vocabulary

PIECES = 46_000
DIMENSIONS = 256

_log = logging.getLogger("training")


class Stages:
    """The results in the work directory, and what makes each of them."""

    def __init__(self, data: Path, work: Path, seed: int, threads: int) -> None:
        self.data = data
        self.work = work
        self.seed = seed
        self.threads = threads
        work.mkdir(parents=True, exist_ok=True)

    def run(self, out: Path) -> None:
        """Every stage that is not done yet, then both exports.

        Those are the model and, in the work directory, the word vectors alone for comparison.
        """
        steps: list[tuple[str, Callable[[Path], None]]] = [
            ("texts.txt", self._texts),
            ("pairs.jsonl", self._pairs),
            ("counts.pickle", self._counts),
            ("tokenizer.json", self._tokenizer),
            ("frequencies.npz", self._tokens),
            ("words.npy", self._words),
            ("contrastive.npy", self._contrastive),
            ("similarity.npy", self._similarity),
        ]
        fresh = False
        for name, make in steps:
            path = self.work / name
            if path.exists() and not fresh:
                _log.info("%s is there", name)
                continue
            fresh = True
            started = time.monotonic()
            # The name appears only once the result is whole.
            partial = self.work / f"partial.{name}"
            make(partial)
            partial.replace(path)
            _log.info("%s made in %.0f s", name, time.monotonic() - started)
        tokenizer = self._read_tokenizer()
        export.export(self._weighted(), tokenizer, self.work / "words-only")
        export.export(np.load(self.work / "similarity.npy"), tokenizer, out)
        _log.info("written: %s", out)

    def _texts(self, path: Path) -> None:
        corpus.write_texts(self.data, path)

    def _pairs(self, path: Path) -> None:
        counts = corpus.write_pairs(self.data, path, self.seed)
        _log.info("pairs: %s", json.dumps(counts))

    def _counts(self, path: Path) -> None:
        counts = vocabulary.count(self.work / "texts.txt", self.threads)
        with path.open("wb") as stream:
            pickle.dump(counts, stream)

    def _tokenizer(self, path: Path) -> None:
        with (self.work / "counts.pickle").open("rb") as stream:
            counts = pickle.load(stream)
        required = vocabulary.required_pieces(sources.domain_terms())
        first = vocabulary.build(vocabulary.choose(counts, PIECES, required))
        used = vocabulary.recount(first, self.work / "texts.txt", required)
        _log.info("%d pieces, %d kept", first.get_vocab_size(), len(used) + 1)
        vocabulary.build(used).save(str(path), pretty=False)

    def _tokens(self, path: Path) -> None:
        found = vectors.write_tokens(
            self._read_tokenizer(), self.work / "texts.txt", self.work / "tokens.txt"
        )
        with path.open("wb") as stream:
            np.savez(stream, lines=found.lines, document=found.document, total=found.total)

    def _words(self, path: Path) -> None:
        learnt = vectors.learn(
            self.work / "tokens.txt",
            self._read_tokenizer(),
            dimensions=DIMENSIONS,
            seed=self.seed,
            threads=self.threads,
        )
        with path.open("wb") as stream:
            np.save(stream, learnt)

    def _contrastive(self, path: Path) -> None:
        tokenizer = self._read_tokenizer()
        pairs = contrastive.read_pairs(self.work / "pairs.jsonl", tokenizer)
        trained = contrastive.train(self._weighted(), pairs, seed=self.seed, threads=self.threads)
        with path.open("wb") as stream:
            np.save(stream, trained)

    def _similarity(self, path: Path) -> None:
        tokenizer = self._read_tokenizer()
        pairs = contrastive.read_pairs(self.work / "pairs.jsonl", tokenizer, similarity.EVERY)
        judged = similarity.read_judged(sources.jsts_training(self.data), tokenizer)
        vectors = np.load(self.work / "contrastive.npy")
        trained = similarity.train(vectors, pairs, judged, seed=self.seed, threads=self.threads)
        with path.open("wb") as stream:
            np.save(stream, trained)

    def _weighted(self) -> np.typing.NDArray[np.float32]:
        stored = np.load(self.work / "frequencies.npz")
        frequencies = vectors.Frequencies(int(stored["lines"]), stored["document"], stored["total"])
        words = np.load(self.work / "words.npy")
        return vectors.weighted(words, frequencies, self.seed)

    def _read_tokenizer(self) -> Tokenizer:
        return Tokenizer.from_file(str(self.work / "tokenizer.json"))


def main() -> None:
    """Reads the command line and runs the stages."""
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="directory of the data sets")
    parser.add_argument("--out", type=Path, required=True, help="directory of the model")
    parser.add_argument(
        "--work",
        type=Path,
        default=Path(tempfile.gettempdir()) / "kido-training",
        help="directory of the results between stages (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--threads", type=int, default=2, help="1 gives the same model every time (default: 2)"
    )
    arguments = parser.parse_args()
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO)
    logging.getLogger("gensim").setLevel(logging.WARNING)
    stages = Stages(arguments.data, arguments.work, arguments.seed, arguments.threads)
    stages.run(arguments.out)


if __name__ == "__main__":
    main()
