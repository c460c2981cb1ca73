"""How fast the encoder is on one core: passages a second, and the time of one query.

    python -m benchmarks.encoding --index DIR [--encoder NAME] [--passages 4000] [--rounds 5]

The texts are passages of an index, as they stand in their documents, and beginnings of their
sentences as queries. Times are processor time, which other work on the machine disturbs less than
the clock, of the quickest round; with one thread they are those of one core.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from itertools import cycle, islice
from pathlib import Path

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "RAYON_NUM_THREADS": "1",
              "TOKENIZERS_PARALLELISM": "false"}  # fmt: skip
QUERIES = 200


def main() -> None:
    """Print how many passages were encoded, and how fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--index", type=Path, required=True)
    parser.add_argument("--encoder", default="bundled")
    parser.add_argument("--passages", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ.update(ONE_THREAD)  # read when the libraries are imported
    from benchmarks.machine import machine_size
    from kb.encoding.loading import load_encoder

    texts = passages(options.index, options.passages)
    queries = [text[:40].split("。")[0] for text in texts[:QUERIES]]
    encoder = load_encoder(options.encoder)
    encoder.encode_passages(texts[:1])  # unpacks the model
    seconds = quickest(lambda: encoder.encode_passages(texts), options.rounds)
    each = quickest(lambda: [encoder.encode_queries([q]) for q in queries], options.rounds)
    characters = sum(map(len, texts)) / len(texts)
    print(f"machine       {machine_size()}")
    print(f"encoder       {encoder.name}")
    print(f"passages      {len(texts):,} of {characters:.0f} characters")
    print(f"passages/s    {len(texts) / seconds:,.0f} on one core")
    print(f"query         {1e3 * each / len(queries):.3f} ms")


def passages(index: Path, count: int) -> list[str]:
    """So many texts of passages of an index, again from the start where there are fewer."""
    from kb.indexing.generation import open_current
    from kb.indexing.store import Store

    store = Store(open_current(index, verify=False).store)
    total = store.counts()[1]
    rows = [1 + i * total // min(count, total) for i in range(min(count, total))]
    found = [text for _, text in store.passages(rows).values()]
    store.close()
    return list(islice(cycle(found), count))


def quickest(work: Callable[[], object], rounds: int) -> float:
    """The processor seconds of the quickest of some rounds."""
    times = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times)


if __name__ == "__main__":
    main()
