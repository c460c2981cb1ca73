"""What each step of preparing a document costs, in processor time, beside Sudachi alone.

    python -m benchmarks.ingest_cost [--articles 700]

Each step runs by itself in one thread, over the parts of laws of `benchmarks.ingest`; time is
that of the thread, which other work on the machine disturbs less than the clock, and of the
quickest of some rounds. What comes after the words in a step of several includes them; `all but
reading` is what one document takes, encoded and compared. Writing is not in it.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from benchmarks.ingest import tokenized
from benchmarks.laws import write_parts
from benchmarks.machine import machine_size
from kb.domain import Document
from kb.encoding.loading import load_encoder
from kb.indexing.finished import Finished
from kb.ingest.duplicates import sketch_of
from kb.ingest.finish import Finisher
from kb.ingest.prepare import prepare
from kb.language.glossary.matching import load_glossary
from kb.language.tokens import analysed
from kb.reading.files import read_bytes, read_document
from kb.reading.passing import dumped, loaded
from kb.reading.sandbox import Sandbox

A = TypeVar("A")
B = TypeVar("B")


def main() -> None:
    """Print microseconds a character for each step, and the share of Sudachi in all of them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=700)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    os.environ["TOKENIZERS_PARALLELISM"] = "false"  # what other threads do is not counted
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

    def clocked(name: str, step: Callable[[A], B], over: Sequence[A]) -> tuple[float, list[B]]:
        took: list[float] = []
        for _ in range(options.rounds):
            began = time.thread_time()
            found = [step(one) for one in over]
            took.append(1e6 * (time.thread_time() - began) / characters)
        print(f"{name:24}{min(took):6.2f} us a character", flush=True)
        return min(took), found

    pieces = [text[i : i + 400] for text in texts for i in range(0, len(text), 400)]
    alone, _ = clocked("Sudachi alone", lambda piece: tokenized([piece], False), pieces)
    forms, _ = clocked("with forms read", lambda piece: tokenized([piece], True), pieces)
    clocked("words as indexed", indexed, pieces)
    reading, documents = clocked("reading", lambda file: read_document(*file, {}), read)
    _, prepared = clocked(
        "passages, words, facts",
        lambda d: prepare(d, encoder_name="", glossary=glossary),
        documents,
    )
    clocked("sketch", sketch_of, documents)
    clocked("vectors", lambda one: encoder.encode_passages(one.encoded) is None, prepared)
    all_of_it, finished = clocked("all but reading", finisher.finish, documents)
    sent, dumps = clocked("out of the sandbox", dumped, documents)
    taken, _ = clocked("checked when it comes", received, dumps)
    given, packed = clocked("to bytes", lambda f: f.to_bytes(), finished)
    back, _ = clocked("and back", Finished.from_bytes, packed)
    total = reading + sent + taken + all_of_it + given + back
    print(f"{'all of it':24}{total:6.2f} us a character")
    print(f"preparing has {alone / total:.0%} of the rate of Sudachi alone,")
    print(f"and {forms / total:.0%} of its rate with forms read")


def indexed(piece: str) -> bool:
    """What an index asks for of the words of a text."""
    words = analysed(piece)
    return bool(words.forms and words.long_forms and words.starts and words.ends and words.stops)


def received(data: bytes) -> Document:
    """A document that came from another process."""
    return loaded(data, path="law.txt", sha256="", format="text", metadata={})


if __name__ == "__main__":
    main()
