"""Checksums of the files of an index: SHA-256 of the SHA-256 of each 4 MiB, on all cores.

A large file would keep one core busy for long, and opening an index waits for it.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from kb import cores

_BLOCK = 4 << 20  # bytes
_ALONE = 4 * _BLOCK  # bytes in all up to which no threads are started


def digest(path: Path) -> str:
    """The checksum of a file. Raises OSError."""
    return digests([path])[0]


def digests(paths: Sequence[Path]) -> list[str]:
    """The checksums of some files, in their order. Raises OSError."""
    with ExitStack() as held:
        files = [held.enter_context(path.open("rb", buffering=0)).fileno() for path in paths]
        sizes = [os.fstat(file).st_size for file in files]
        blocks = [(file, at) for file, size in zip(files, sizes, strict=True)
                  for at in range(0, max(size, 1), _BLOCK)]  # fmt: skip
        if sum(sizes) <= _ALONE:
            found = [_of_block(*block) for block in blocks]
        else:
            with ThreadPoolExecutor(cores.available()) as threads:
                found = list(threads.map(lambda block: _of_block(*block), blocks))
    results, at = [], 0
    for size in sizes:
        count = len(range(0, max(size, 1), _BLOCK))
        results.append(hashlib.sha256(b"".join(found[at : at + count])).hexdigest())
        at += count
    return results


def digests_read(paths: Sequence[Path]) -> list[str | None]:
    """The same; None for those that cannot be read, as where a disk has lost a part of them."""
    try:
        return list[str | None](digests(paths))
    except OSError:
        return [_digest_read(path) for path in paths]


def _digest_read(path: Path) -> str | None:
    try:
        return digest(path)
    except OSError:
        return None


def _of_block(file: int, at: int) -> bytes:
    return hashlib.sha256(os.pread(file, _BLOCK, at)).digest()
