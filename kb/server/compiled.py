"""Templates in compiled form, kept beside them as Python keeps its modules: in `__pycache__`."""

from __future__ import annotations

import hashlib
import marshal
import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import CodeType

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

FOLDER = "__pycache__"
_DIGEST = 32  # bytes


class Compiled(BytecodeCache):
    """What the templates of a folder compile to.

    A file holds what its code is bound to (source, options, version of Jinja), the code's digest
    and the code; what is bound to anything else or damaged counts as none. Where the folder cannot
    be written to, templates are compiled at each start.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """The name of a file, which names the version of Python as those of its modules do."""
        return f"{name}.{sys.implementation.cache_tag}.jinja"

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with the code that is kept for it, if there is any."""
        try:
            held = (self._folder / bucket.key).read_bytes()
        except OSError:
            return
        bound, digest, code = held[:_DIGEST], held[_DIGEST : 2 * _DIGEST], held[2 * _DIGEST :]
        if bound == _bound(bucket) and digest == hashlib.sha256(code).digest():
            loaded = marshal.loads(code)  # noqa: S302  # who writes here may write the templates
            bucket.code = loaded if isinstance(loaded, CodeType) else None

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled, where that is possible; readers see all of it or nothing."""
        code = marshal.dumps(bucket.code)
        held = _bound(bucket) + hashlib.sha256(code).digest() + code
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            made = self._folder / f"{bucket.key}.{os.getpid()}-{threading.get_ident()}"
            try:
                made.write_bytes(held)
                made.replace(self._folder / bucket.key)
            except OSError:
                made.unlink(missing_ok=True)
                raise


def _bound(bucket: Bucket) -> bytes:
    """What a compiled form is bound to, in so many bytes as a digest has."""
    made_by = bucket.environment
    options = made_by.autoescape, made_by.trim_blocks, made_by.lstrip_blocks
    said = f"{jinja2.__version__} {options} {bucket.checksum}"
    return hashlib.sha256(said.encode()).digest()
