"""Files of corpus/ with damage, read in the sandbox: what becomes of them, and of who asks.

    python -m benchmarks.fuzz [--pdf N] [--html N] [--docx N] [--text N] [--seed S]

Each file is one of the corpus with one to eight mutations, by a generator with a seed: bits
turned, bytes replaced, spans cut, doubled or taken from another file, numbers made huge. It is
read or rejected; what may not happen is an error of another kind, or that reading ends later
than the limits allow (three times, for a busy machine). Ends with 1 if that happens.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import random
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.machine import machine_size
from kb.errors import RejectedFile
from kb.reading.files import FileBytes
from kb.reading.sandbox import Job, Sandbox

CORPUS = Path(__file__).parents[1] / "corpus"
SUFFIXES = {"pdf": (".pdf",), "html": (".html",), "docx": (".docx",), "text": (".md", ".txt")}
_HUGE = (b"0", b"-1", b"65536", b"2147483648", b"99999999999999999999")


def main() -> int:
    """Read the files and print one line a kind; 1 when the parent was harmed."""
    parser = argparse.ArgumentParser(description=__doc__)
    for kind in SUFFIXES:
        parser.add_argument(f"--{kind}", type=int, default=50, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    print(f"machine   {machine_size()}")
    harmed = 0
    for kind in SUFFIXES:
        began = time.perf_counter()
        outcomes = campaign(kind, getattr(options, kind), options.seed)
        harmed += outcomes["harmed"] + outcomes["late"]
        told = ", ".join(f"{name} {count}" for name, count in outcomes.most_common())
        print(f"{kind:10}{told} ({time.perf_counter() - began:.0f} s)", flush=True)
    print(f"parent    crashes and hangs: {harmed}")
    return 1 if harmed else 0


def campaign(kind: str, count: int, seed: int) -> Counter[str]:
    """How many damaged files of a kind were read, and how many rejected for each reason.

    "harmed" counts errors that are no rejection, "late" files that took longer than allowed.
    """
    outcomes: Counter[str] = Counter()
    box = Sandbox(stays=True)
    try:
        for job in damaged(kind, count, seed):
            began = time.monotonic()
            try:
                box.read(job.path, job.data, job.metadata)
                outcomes["read"] += 1
            except RejectedFile as rejection:
                outcomes[rejection.reason] += 1
            except Exception as error:  # what must not happen is counted, with its file
                outcomes["harmed"] += 1
                print(f"{job.path} of {kind}, seed {seed}: {error!r}", file=sys.stderr)
            # A first and a second attempt, on a machine that may be busy.
            late = 3 * box.limits.for_file(len(job.data.data)).wall
            outcomes["late"] += time.monotonic() - began > late
    finally:
        box.close()
    return +outcomes


def damaged(kind: str, count: int, seed: int) -> Iterator[Job]:
    """So many damaged files of a kind, the same for the same seed."""
    files = sorted(path for path in CORPUS.rglob("*") if path.suffix in SUFFIXES[kind])
    originals = [path.read_bytes() for path in files]
    for number in range(count):
        chance = random.Random(f"{kind} {seed} {number}")
        which = chance.randrange(len(files))
        # Damage that a first look notices is not all: four in five are whole on the outside.
        shallow = chance.random() < 0.2
        if shallow or kind == "pdf":
            data = _mutated(originals[which], chance, originals)
        elif kind == "docx":
            data = _repacked(originals[which], chance, originals)
        else:
            data = _mutated(originals[which], chance, originals).decode("utf-8", "ignore").encode()
        held = FileBytes(data, hashlib.sha256(data).hexdigest())
        yield Job(f"{number}{files[which].suffix}", held, {})


def _mutated(original: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    data = bytearray(original)
    for _ in range(chance.randint(1, 8)):
        _damage(data, chance, chance.choice(others))
    return bytes(data)


def _repacked(original: bytes, chance: random.Random, others: list[bytes]) -> bytes:
    """A DOCX file with damage inside of one of its parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(original)) as source, zipfile.ZipFile(out, "w") as target:
        names = source.namelist()
        struck = chance.choice([n for n in names if n.endswith((".xml", ".rels"))])
        for name in names:
            data = source.read(name)
            target.writestr(
                zipfile.ZipInfo(name),
                _mutated(data, chance, [data, *others]) if name == struck else data,
            )
    return out.getvalue()


def _damage(data: bytearray, chance: random.Random, other: bytes) -> None:
    """One mutation in place."""
    if not data:
        data += b"x"
    at = chance.randrange(len(data))
    length = min(1 << chance.randint(0, 14), len(data) - at)
    match chance.randrange(7):
        case 0:
            data[at] ^= 1 << chance.randrange(8)
        case 1:
            data[at : at + length] = chance.randbytes(length)
        case 2:
            del data[at : at + length]
        case 3:
            data[at:at] = data[at : at + length] * chance.randint(1, 20)
        case 4:
            start = chance.randrange(len(other))
            data[at:at] = other[start : start + length]
        case 5:
            del data[at:]
        case _:
            numbers = list(re.finditer(rb"\d+", data))
            if numbers:
                found = chance.choice(numbers)
                data[found.start() : found.end()] = chance.choice(_HUGE)


if __name__ == "__main__":
    sys.exit(main())
