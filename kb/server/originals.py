"""A file as it was read, sent in pieces, so that large ones do not fill the memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

PIECE = 256 * 1024  # bytes


class ChangedMeanwhile(Exception):
    """A file was written to while it was sent: what was sent so far ends before its end."""


def pieces(path: Path, sha256: str) -> Iterator[bytes]:
    """The bytes of a file; the last of them only where all together have the digest.

    Raises ChangedMeanwhile, OSError.
    """
    digest, held = hashlib.sha256(), b""
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            digest.update(piece)
            if held:
                yield held
            held = piece
    if digest.hexdigest() != sha256:
        raise ChangedMeanwhile(f"{path} was changed while it was sent")
    yield held
