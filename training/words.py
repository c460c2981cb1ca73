"""Makes the table of words of the web: ``python -m training.words --vectors DIR [--out FILE]``.

DIR is the folder `vocab` of the package ja-ginza (5.3.0; MIT), which holds the word vectors
chiVe 1.1 (Apache-2.0), learned by skip-gram from a hundred million web pages
(https://github.com/WorksApplications/chiVe): 480,443 words, each with the nearest of 20,000
vectors. Reading them wants `spacy`:

    pip install spacy && pip download --no-deps ja-ginza==5.3.0
    unzip ja_ginza-5.3.0-py3-none-any.whl -d ginza
    python -m training.words --vectors ginza/ja_ginza/ja_ginza-5.3.0/vocab

Kept are the words that Sudachi knows as one short unit in its normalized form. The vectors are
centred, turned onto their principal axes, of which the first 128 stay, and rounded to signed bytes.
"""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
import safetensors.numpy
from numpy.typing import NDArray

from kb.encoding.words import CHECKSUM, TABLE, TENSORS, checksum_of, digest_of
from kb.language.tokens import analyse, known_share

AXES = 128

_log = logging.getLogger("training")


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=Path, required=True, help="folder vocab of ja-ginza")
    parser.add_argument("--out", type=Path, default=TABLE, help="file to write")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    words, vectors = read(options.vectors)
    kept = {word: row for word, row in words.items() if is_unit(word)}
    _log.info("%d of %d words kept", len(kept), len(words))
    write(options.out, kept, on_axes(vectors))


def read(folder: Path) -> tuple[dict[str, int], NDArray[np.float32]]:
    """The row of each word, and the vectors."""
    from spacy.strings import StringStore
    from spacy.vectors import Vectors

    found = Vectors()
    found.from_disk(folder)
    names = StringStore().from_disk(folder / "strings.json")
    rows = {name: found.key2row.get(names[name]) for name in names}
    return {name: int(row) for name, row in rows.items() if row is not None}, found.data


def is_unit(word: str) -> bool:
    """Whether Sudachi knows a word as one short unit with meaning, in its normalized form."""
    found = analyse(word).words
    return [t.form for t in found if t.content] == [word] and known_share(word) == 1.0


def on_axes(vectors: NDArray[np.float32]) -> NDArray[np.int8]:
    """Unit vectors, centred, on their first principal axes, as signed bytes."""
    unit = vectors / np.maximum(1e-9, np.linalg.norm(vectors, axis=1, keepdims=True))
    unit = unit - unit.mean(axis=0)
    turned = unit @ np.linalg.svd(unit, full_matrices=False)[2][:AXES].T
    largest = np.maximum(1e-9, np.abs(turned).max(axis=1, keepdims=True))
    rounded: NDArray[np.int8] = np.round(turned * (127.0 / largest)).astype(np.int8)
    return rounded


def write(path: Path, words: dict[str, int], vectors: NDArray[np.int8]) -> None:
    """Write the table; equal words and vectors give equal bytes."""
    placed = sorted((digest_of(word), row) for word, row in words.items())
    digests = np.array([digest for digest, _ in placed], np.uint64)
    if len(np.unique(digests)) != len(digests):
        raise ValueError("two words have one digest: take more bits")
    rows, meanings = np.unique([row for _, row in placed], return_inverse=True)
    tensors: dict[str, NDArray[np.generic]] = {
        "digests": digests,
        "meanings": meanings.astype(np.uint16),
        "vectors": np.ascontiguousarray(vectors[rows]),
    }
    # One entry: the order of several varies from file to file.
    header = {CHECKSUM: checksum_of(tensors[name] for name in TENSORS)}
    safetensors.numpy.save_file(tensors, path, header)


if __name__ == "__main__":
    main()
