"""Learns which Japanese words stand for an English one: ``python -m training.word_table``.

IBM Model 1 (Brown et al., "The Mathematics of Statistical Machine Translation", 1993) on
sentence pairs of the NICT Kyoto corpus and of the Python documentation, in NumPy: the
expectation of each link in a pair is its probability over the sum of all of that pair's,
and the probabilities are the expectations summed and normalised. Each English word keeps
the few Japanese words with the highest probability × inverse document frequency.
"""

from __future__ import annotations

import argparse
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from kb.language.tokens import analyse
from kb.language.word_table import english_words, write_table
from training import sources

ITERATIONS = 6
LONGEST = 40  # words of a sentence; in longer ones nearly everything links with everything
FEWEST = 3  # sentences that a word must stand in
KEPT = 6  # translations of a word
SMALLEST = 0.02  # probability of a translation that is kept
_BATCH = 20_000  # pairs whose links are made at once

_log = logging.getLogger("training")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--out", type=Path, required=True, help="the table (.tsv.gz)")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    english, japanese = _Words(), _Words()
    pairs = list(_encoded(_sentences(options.data), english, japanese))
    _log.info("%d pairs, %d and %d words", len(pairs), len(english), len(japanese))
    probabilities = learn(pairs, len(english), len(japanese))
    table = best(*probabilities, english, japanese, len(pairs))
    write_table(options.out, table)
    _log.info("%d words, %d bytes", len(table), options.out.stat().st_size)


def _sentences(data: Path) -> Iterator[tuple[str, str]]:
    yield from sources.kyoto_training_pairs(data)
    yield from sources.python_pairs(data)


class _Words:
    """Numbers of words, 0 for no word at all, and in how many sentences each stands."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {"": 0}
        self.counts: Counter[int] = Counter()

    def __len__(self) -> int:
        return len(self.numbers)

    def encode(self, words: Iterable[str]) -> list[int]:
        found = sorted({self.numbers.setdefault(word, len(self.numbers)) for word in words})
        self.counts.update(found)
        return found


def _encoded(
    sentences: Iterable[tuple[str, str]], english: _Words, japanese: _Words
) -> Iterator[tuple[list[int], list[int]]]:
    for source, target in sentences:
        words = [t.form for t in analyse(source).words if t.content]
        others = english_words(target)
        if 0 < len(words) <= LONGEST and 0 < len(others) <= LONGEST:
            yield english.encode(others), japanese.encode(words)


def learn(
    pairs: list[tuple[list[int], list[int]]], english: int, japanese: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Keys `e * japanese + j` of all links and the probability of j given e.

    Word 0 of English stands in every sentence: what no English word explains is its.
    """
    keys, ends = _links(pairs, japanese)
    distinct, links = np.unique(keys, return_inverse=True)
    links = links.astype(np.int32)
    del keys
    targets = np.repeat(np.arange(len(ends), dtype=np.int32), np.diff(ends, prepend=0))
    sources_ = (distinct // japanese).astype(np.int32)
    probabilities = np.full(len(distinct), 1.0)
    for iteration in range(ITERATIONS):
        expected = probabilities[links]
        totals = np.bincount(targets, weights=expected, minlength=len(ends))
        expected /= totals[targets]
        sums = np.bincount(links, weights=expected, minlength=len(distinct))
        probabilities = sums / np.bincount(sources_, weights=sums, minlength=english)[sources_]
        _log.info("iteration %d", iteration + 1)
    return distinct, probabilities


def _links(
    pairs: list[tuple[list[int], list[int]]], japanese: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The keys of all links, those of one Japanese word together, and where each group ends."""
    keys: list[NDArray[np.int64]] = []
    sizes: list[int] = []
    for start in range(0, len(pairs), _BATCH):
        found: list[int] = []
        for others, words in pairs[start : start + _BATCH]:
            candidates = [0, *others]
            for word in words:
                found.extend(other * japanese + word for other in candidates)
            sizes.extend([len(candidates)] * len(words))
        keys.append(np.array(found, dtype=np.int64))
    return np.concatenate(keys), np.cumsum(np.array(sizes, dtype=np.int64))


def best(
    keys: NDArray[np.int64],
    probabilities: NDArray[np.float64],
    english: _Words,
    japanese: _Words,
    sentences: int,
) -> dict[str, dict[str, float]]:
    """For each English word its translations with their probabilities, the best first."""
    words = list(japanese.numbers)
    others = list(english.numbers)
    found: dict[int, list[tuple[float, int, float]]] = {}
    likely = np.flatnonzero(probabilities >= SMALLEST)
    for key, probability in zip(keys[likely], probabilities[likely], strict=True):
        other, word = divmod(int(key), len(japanese))
        if other and min(english.counts[other], japanese.counts[word]) >= FEWEST:
            rarity = np.log(sentences / japanese.counts[word])
            entry = (float(probability) * float(rarity), word, float(probability))
            found.setdefault(other, []).append(entry)
    return {
        others[other]: {words[w]: p for _, w, p in sorted(entries, reverse=True)[:KEPT]}
        for other, entries in sorted(found.items(), key=lambda item: others[item[0]])
    }


if __name__ == "__main__":
    main()
