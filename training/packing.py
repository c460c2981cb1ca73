"""Packs the data sets as numbers of pieces, to be carried to a machine with an accelerator.

    python -m training.packing --data ../shared/datasets --out DIR

`texts.npz.xz` holds running text for masked-language training, `pairs.npz.xz` a part of the weak
pairs of `training.corpus`. Everything held out of the other training is left out here too.
"""

from __future__ import annotations

import argparse
import io
import json
import logging
import lzma
import random
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from kb.encoding.loading import BUNDLED_DIRECTORY
from kb.language.sentences import sentence_spans
from training import sources
from training.corpus import LONGEST_LAW, write_pairs
from training.packed import SEP, special

LAWS = 60_000
PAIRS = 330_000
LONGEST_SIDE = 110
_CHUNK = 5_000
_log = logging.getLogger("training")

Pieces = NDArray[np.uint16]


def main() -> None:
    """Write the two files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(BUNDLED_DIRECTORY / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    for name, make in (("texts", texts), ("pairs", pairs)):
        path = options.out / f"{name}.npz.xz"
        if not path.exists():
            _write(path, make(options.data, tokenizer))


def texts(data: Path, tokenizer: Tokenizer) -> dict[str, NDArray[Any]]:
    """Running text: sentences with a separator behind each, and where each text ends."""
    generator = random.Random(0)
    laws: list[str] = []
    found: list[str] = list(sources.retrieval(data, "jaquad.train").passages.values())
    for section in sources.sections(data):
        text = "\n".join((section.title, *section.headings[-1:], section.text[:20_000]))
        if section.source == "law":
            laws.append(text[:LONGEST_LAW])
        else:
            found.append(text)
    found += generator.sample(laws, min(LAWS, len(laws)))
    generator.shuffle(found)
    separator = special(tokenizer.get_vocab_size())[SEP]
    pieces: list[Pieces] = []
    for start in range(0, len(found), _CHUNK):
        chunk = found[start : start + _CHUNK]
        split = [[text[s:e] for s, e in sentence_spans(text)] for text in chunk]
        every = [sentence for sentences in split for sentence in sentences]
        encoded = iter(tokenizer.encode_batch_fast(every, add_special_tokens=False))
        for sentences in split:
            numbers = [next(encoded).ids for _ in sentences]
            pieces.append(
                np.array([n for ids in numbers if ids for n in (*ids, separator)], np.uint16)
            )
    return _flat("text", pieces)


def pairs(data: Path, tokenizer: Tokenizer) -> dict[str, NDArray[Any]]:
    """Some of the weak pairs, at most `LONGEST_SIDE` pieces a side, with their kinds."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "pairs.jsonl"
        counts = write_pairs(data, path, 1)
        share = min(1.0, PAIRS / sum(counts.values()))
        generator = random.Random(1)
        with path.open(encoding="utf-8") as stream:
            rows = [json.loads(line) for line in stream if generator.random() < share]
    kinds = {kind: number for number, kind in enumerate(counts)}
    left, right = (_encode(tokenizer, [row[side] for row in rows], LONGEST_SIDE) for side in (1, 2))
    kept = [i for i in range(len(rows)) if len(left[i]) and len(right[i])]
    _log.info("pairs: %s, of which %d", counts, len(kept))
    return {
        **_flat("left", [left[i] for i in kept]),
        **_flat("right", [right[i] for i in kept]),
        "kind": np.array([kinds[rows[i][0]] for i in kept], np.uint8),
    }


def _encode(tokenizer: Tokenizer, given: Sequence[str], most: int) -> list[Pieces]:
    found: list[Pieces] = []
    for start in range(0, len(given), _CHUNK):
        chunk = list(given[start : start + _CHUNK])
        for encoding in tokenizer.encode_batch_fast(chunk, add_special_tokens=False):
            found.append(np.array(encoding.ids[:most], np.uint16))
    return found


def _flat(name: str, texts: Sequence[Pieces]) -> dict[str, NDArray[Any]]:
    ends = np.cumsum([len(text) for text in texts], dtype=np.int32)
    return {name: np.concatenate(texts), f"{name}_ends": ends}


def _write(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    path.write_bytes(lzma.compress(buffer.getvalue(), preset=4))
    _log.info("%s: %.1f MB", path.name, path.stat().st_size / 1e6)


if __name__ == "__main__":
    main()
