"""What each step of preparing a document costs, in processor time, beside Sudachi alone.

    python -m benchmarks.ingest_cost [--articles 700]

Each step runs by itself in one thread, over the parts of laws of `benchmarks.ingest`; time is
that of the thread, which other work on the machine disturbs less than the clock. Steps that use
another step's result (concepts and facts use the words) find it made.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from benchmarks.ingest import tokenized
from benchmarks.laws import write_parts
from benchmarks.machine import machine_size
from kb.encoding.loading import load_encoder
from kb.indexing.finished import Finished
from kb.ingest.duplicates import sketch_of
from kb.ingest.finish import Finisher
from kb.ingest.prepare import prepare
from kb.language.glossary.matching import load_glossary
from kb.language.tokens import analyse, analysed
from kb.reading.files import read_bytes, read_document
from kb.reading.sandbox import Sandbox

A = TypeVar("A")
B = TypeVar("B")


def main() -> None:
    """Print microseconds a character for each step, and the share of Sudachi in all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=700)
    options = parser.parse_args()
    print(f"machine             {machine_size()}")
    with tempfile.TemporaryDirectory() as folder:
        _, characters = write_parts(Path(folder), options.articles)
        files = sorted(Path(folder).iterdir())
        texts = [path.read_text(encoding="utf-8") for path in files]
        read = [(path.name, read_bytes(path, max_bytes=1 << 30)) for path in files]
    encoder, glossary = load_encoder(), load_glossary()
    finisher = Finisher(encoder, glossary, Sandbox(children=1))
    warm = read_document(*read[0], {})
    finisher.finish(warm)  # what is loaded once is loaded

    def clocked(name: str, step: Callable[[A], B], over: Iterable[A]) -> tuple[float, list[B]]:
        began = time.thread_time()
        found = [step(one) for one in over]
        took = 1e6 * (time.thread_time() - began) / characters
        print(f"{name:20}{took:6.2f} us a character", flush=True)
        return took, found

    pieces = [text[i : i + 400] for text in texts for i in range(0, len(text), 400)]
    alone, _ = clocked("Sudachi alone", lambda piece: tokenized([piece], False), pieces)
    forms, _ = clocked("with forms read", lambda piece: tokenized([piece], True), pieces)
    clocked("words as indexed", lambda piece: analysed(piece).words and None, pieces)
    reading, documents = clocked("reading", lambda file: read_document(*file, {}), read)
    analyse.cache_clear()
    clocked(
        "passages, words, facts",
        lambda d: prepare(d, encoder_name="", glossary=glossary),
        documents,
    )
    clocked("sketch", sketch_of, documents)
    analyse.cache_clear()
    all_of_it, finished = clocked("all but reading", finisher.finish, documents)
    passing, _ = clocked("to bytes and back", lambda f: Finished.from_bytes(f.to_bytes()), finished)
    total = reading + all_of_it + passing
    print(f"preparing has {alone / total:.0%} of the rate of Sudachi alone,")
    print(f"and {forms / total:.0%} of its rate with forms read")


if __name__ == "__main__":
    main()
