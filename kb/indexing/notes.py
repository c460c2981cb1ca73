"""Notes beside the generations that save work: damaged or lost, they count for nothing."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from pathlib import Path
from typing import Any


def read_note(path: Path) -> Any:
    """The values that were noted; None where there are none that are whole."""
    with suppress(OSError):
        path.with_suffix(".new").unlink(missing_ok=True)
    try:
        digest, _, body = path.read_bytes().partition(b"\n")
        return json.loads(body) if _digest(body) == digest else None
    except (OSError, ValueError):
        return None


def write_note(path: Path, values: object) -> None:
    """Note values that JSON has, as far as the disk takes them."""
    body = json.dumps(values).encode()
    temporary = path.with_suffix(".new")
    with suppress(OSError):
        temporary.write_bytes(_digest(body) + b"\n" + body)
        temporary.replace(path)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()
